import numpy as np
import pytest

from backend.explain.fills import deleted, fill_values
from tests.toys import summing_bundle

WINDOW = np.array([[1.0, 10.0], [3.0, 30.0]], dtype=np.float32)
PLAIN = summing_bundle((1.0, 1.0))
THREE_COLUMNS = summing_bundle((1.0, 1.0, 1.0), sources=("pressure", "pulse", "pressure"))


def test_a_number_stands_for_every_variable():
    assert fill_values(PLAIN, WINDOW, 0.5).tolist() == [0.5, 0.5]


def test_the_mean_is_each_variables_own():
    assert fill_values(PLAIN, WINDOW, "mean").tolist() == [2.0, 20.0]


def test_not_measured_is_what_the_model_reads_of_a_sensor_that_is_off():
    assert fill_values(PLAIN, WINDOW, "not measured").tolist() == PLAIN.window.absent.tolist() == [-1.0, -1.0]


@pytest.mark.parametrize(("fill", "instead"), [(0.0, (0.0, 0.0)), ("mean", (2.0, 4.0)), ("not measured", (-1.0, -1.0))])
def test_a_source_is_deleted_in_all_of_its_columns_and_no_other(fill, instead):
    window = np.array([[1.0, 7.0, 3.0], [3.0, 8.0, 5.0]], dtype=np.float32)
    hidden = np.zeros((2, 2, 2), dtype=bool)
    hidden[0, 1, 0] = True  # the pressure's two columns, in the second step
    gone, kept = deleted(THREE_COLUMNS, window, hidden, fill)
    assert gone.tolist() == [[1.0, 7.0, 3.0], [instead[0], 8.0, instead[1]]]
    assert kept.tolist() == window.tolist()
