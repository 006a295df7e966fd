import numpy as np
import pytest

from backend.models.record_summary import heart_rate_bpm, summarise_record
from tests.models.made_classified import made_classified


def test_beats_are_counted_by_class_and_by_certainty():
    found = summarise_record(*made_classified())
    assert found.n_detected == 6
    assert found.n_cut_by_edges == 1
    assert found.by_class == {"normal": 4, "PVC": 1}
    assert (found.n_uncertain, found.n_ood, found.n_artifacts) == (2, 1, 1)
    assert found.duration_s == 10.0


def test_the_mean_rate_is_that_of_the_mean_interval_without_pauses():
    # Intervals of 0.9, 1.0, 0.5 and 1.5 s; the one of 4 s is a gap as often as a pause.
    assert summarise_record(*made_classified()).mean_rate_bpm == pytest.approx(60 / ((0.9 + 1.0 + 0.5 + 1.5) / 4))


def test_without_a_reference_the_summary_has_no_agreement():
    assert summarise_record(*made_classified(reference=False)).agreement is None


def test_the_rate_at_a_beat_is_that_of_the_interval_before_it():
    rates = heart_rate_bpm(np.array([0, 100, 150, 500]), 100.0)
    np.testing.assert_allclose(rates, [np.nan, 60.0, 120.0, np.nan])


@pytest.mark.parametrize("r_peaks", [[], [100]])
def test_fewer_than_two_beats_have_no_rate(r_peaks):
    assert np.isnan(heart_rate_bpm(np.array(r_peaks, dtype=np.int64), 100.0)).all()
