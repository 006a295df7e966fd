import numpy as np

from backend.explain.fills import fill_values

WINDOW = np.array([[1.0, 10.0], [3.0, 30.0]], dtype=np.float32)


def test_a_number_stands_for_every_variable():
    assert fill_values(WINDOW, 0.5).tolist() == [0.5, 0.5]


def test_the_mean_is_each_variables_own():
    assert fill_values(WINDOW, "mean").tolist() == [2.0, 20.0]
