import numpy as np

from backend.cohort.patient_means import means_over_patients


def test_means_are_those_over_the_windows_that_tell():
    quantities = np.array([[1.0, np.nan], [3.0, 4.0], [8.0, np.nan]])
    means = means_over_patients(quantities, np.array(["a", "a", "b"]))
    assert means.values.tolist() == [4.0, 4.0]
    assert means.counts.tolist() == [3, 1]


def test_what_one_patient_alone_tells_of_has_no_interval():
    means = means_over_patients(np.array([[1.0], [3.0], [5.0]]), np.array(["a", "a", "a"]))
    assert means.values.tolist() == [3.0]
    assert np.isnan([means.low[0], means.high[0]]).all()
    half = means_over_patients(np.array([[1.0], [np.nan]]), np.array(["a", "b"]))
    assert np.isnan([half.low[0], half.high[0]]).all()


def test_what_no_window_tells_of_has_no_mean():
    means = means_over_patients(np.array([[np.nan], [np.nan]]), np.array(["a", "b"]))
    assert np.isnan(means.values).all()
    assert means.counts.tolist() == [0]


def test_two_patients_give_the_interval_from_one_of_them_to_the_other():
    # Of two patients, each draw is both, or one of them twice with a chance of a quarter each.
    means = means_over_patients(np.array([[0.0], [0.0], [6.0]]), np.array(["a", "a", "b"]))
    assert (means.low[0], means.high[0]) == (0.0, 6.0)


def test_intervals_are_those_of_patients_not_of_windows():
    rng = np.random.default_rng(5)
    patients = np.repeat([f"p{number}" for number in range(20)], 500)
    of_patient = np.repeat(rng.normal(0.0, 1.0, 20), 500)
    means = means_over_patients((of_patient + rng.normal(0.0, 1.0, 10_000))[:, np.newaxis], patients)
    deviation = np.std(of_patient[::500]) / np.sqrt(20)
    assert 0.8 < (means.high[0] - means.low[0]) / (2 * 1.96 * deviation) < 1.2


def test_the_same_windows_always_give_the_same_interval():
    quantities = np.random.default_rng(0).normal(size=(60, 3))
    patients = np.array([f"p{number % 7}" for number in range(60)])
    first, second = means_over_patients(quantities, patients), means_over_patients(quantities, patients)
    assert first.low.tolist() == second.low.tolist()
    assert first.high.tolist() == second.high.tolist()
