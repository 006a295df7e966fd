import numpy as np
import pytest

from backend.models.metrics.cluster_bootstrap import bootstrap_means


def test_means_are_over_the_windows_that_have_the_quantity():
    quantities = np.array([[1.0, np.nan], [3.0, 4.0], [8.0, np.nan]])
    means = bootstrap_means(quantities, np.array(["a", "a", "b"]))
    assert means.values.tolist() == [4.0, 4.0]
    assert means.counts.tolist() == [3, 1]


def test_a_quantity_of_fewer_than_five_patients_has_no_interval():
    quantities = np.array([[1.0, 1.0], [3.0, 3.0], [5.0, 5.0], [2.0, 2.0], [2.0, np.nan]])
    means = bootstrap_means(quantities, np.array(list("abcde")))
    assert means.values == pytest.approx([2.6, 2.75])
    assert np.isfinite([means.low[0], means.high[0]]).all()
    assert np.isnan([means.low[1], means.high[1]]).all()
    same = bootstrap_means(quantities[:, :1], np.array(["a"] * 5))
    assert np.isnan([same.low[0], same.high[0]]).all()


def test_a_quantity_of_no_window_has_no_mean():
    means = bootstrap_means(np.array([[np.nan], [np.nan]]), np.array(["a", "b"]))
    assert np.isnan(means.values).all()
    assert means.counts.tolist() == [0]


def test_intervals_have_their_nominal_coverage_with_few_patients():
    rng, held = np.random.default_rng(4), 0
    for _ in range(400):
        means = bootstrap_means(rng.normal(size=(7, 1)), np.array(list("abcdefg")))
        held += means.low[0] <= 0.0 <= means.high[0]
    assert 0.92 < held / 400 < 0.98


def test_intervals_are_over_patients_rather_than_windows():
    rng = np.random.default_rng(5)
    patients = np.repeat([f"p{number}" for number in range(20)], 500)
    of_patient = np.repeat(rng.normal(0.0, 1.0, 20), 500)
    means = bootstrap_means((of_patient + rng.normal(0.0, 1.0, 10_000))[:, np.newaxis], patients)
    deviation = np.std(of_patient[::500]) / np.sqrt(20)
    assert 0.8 < (means.high[0] - means.low[0]) / (2 * 1.96 * deviation) < 1.2


def test_the_same_windows_always_give_the_same_interval():
    quantities = np.random.default_rng(0).normal(size=(60, 3))
    patients = np.array([f"p{number % 7}" for number in range(60)])
    first, second = bootstrap_means(quantities, patients), bootstrap_means(quantities, patients)
    assert first.low.tolist() == second.low.tolist()
    assert first.high.tolist() == second.high.tolist()
