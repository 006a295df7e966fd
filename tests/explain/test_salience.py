import numpy as np

from backend.explain.salience import max_by_source, scale_above, scale_to_unit, spread_over_columns
from tests.toys import PlainWindow

LEAD = PlainWindow(("lead",))
MEASURED = PlainWindow(("lead", "RR before", "lead"), ("RR before",))
"""A lead of two columns, and a measurement between them."""


def test_the_least_value_becomes_0_and_the_greatest_1():
    assert scale_to_unit(np.array([[-2.0], [0.0], [2.0]]), LEAD).ravel().tolist() == [0.0, 0.5, 1.0]


def test_a_constant_array_becomes_0():
    assert not scale_to_unit(np.full((4, 1), 7.0), LEAD).any()
    assert not scale_to_unit(np.array([[7.0, 1.0, 7.0], [7.0, 3.0, 7.0]]), MEASURED).any()


def test_a_measurement_neither_counts_in_the_scale_nor_has_a_salience():
    raw = np.array([[1.0, 90.0, 3.0], [5.0, -90.0, 2.0]])
    assert scale_to_unit(raw, MEASURED).tolist() == [[0.0, 0.0, 0.5], [1.0, 0.0, 0.25]]
    assert scale_above(raw, 1.0, MEASURED).tolist() == [[0.0, 0.0, 0.5], [1.0, 0.0, 0.25]]
    assert not scale_above(np.zeros((2, 3)), 0.0, MEASURED).any()
    assert scale_above(np.full((2, 3), -4.0), -5.0, MEASURED).tolist() == [[1.0, 0.0, 1.0]] * 2


def test_a_scale_above_neutral_begins_there_even_where_all_lies_above():
    assert scale_above(np.array([[1.0], [2.0], [5.0]]), 1.0, LEAD).ravel().tolist() == [0.0, 0.25, 1.0]
    assert scale_above(np.array([[2.0], [5.0]]), 1.0, LEAD).ravel().tolist() == [0.25, 1.0]
    assert not scale_above(np.array([[-3.0], [1.0]]), 1.0, LEAD).any()


def test_rounding_errors_above_neutral_become_0():
    neutral = 3130.0
    raw = np.array([[neutral + 1e-6], [neutral], [neutral + 1.0]])
    assert scale_above(raw, neutral, LEAD).ravel().tolist() == [0.0, 0.0, 1.0]


def test_a_source_has_the_greatest_salience_of_its_columns_and_a_measurement_none():
    assert max_by_source(np.array([[0.1, 0.9, 0.3], [0.4, 0.9, 0.2]]), MEASURED).tolist() == [[0.3], [0.4]]


def test_columns_without_a_group_are_0():
    groups = np.array([[True, False, False, True], [False, True, False, False]])
    assert spread_over_columns(np.array([[1.0, 2.0]]), groups).tolist() == [[1.0, 2.0, 0.0, 1.0]]
