import numpy as np

from backend.explain.salience import scale_above, scale_to_unit


def test_the_least_value_becomes_0_and_the_greatest_1():
    assert scale_to_unit(np.array([[-2.0], [0.0], [2.0]])).ravel().tolist() == [0.0, 0.5, 1.0]


def test_a_constant_array_becomes_0():
    assert not scale_to_unit(np.full((4, 2), 7.0)).any()


def test_a_scale_above_neutral_begins_there_even_where_all_lies_above():
    assert scale_above(np.array([[1.0], [2.0], [5.0]]), 1.0).ravel().tolist() == [0.0, 0.25, 1.0]
    assert scale_above(np.array([[2.0], [5.0]]), 1.0).ravel().tolist() == [0.25, 1.0]
    assert not scale_above(np.array([[-3.0], [1.0]]), 1.0).any()


def test_rounding_errors_above_neutral_become_0():
    neutral = 3130.0
    raw = np.array([[neutral + 1e-6], [neutral], [neutral + 1.0]])
    assert scale_above(raw, neutral).ravel().tolist() == [0.0, 0.0, 1.0]
