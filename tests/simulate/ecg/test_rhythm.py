"""Beats come when a heart of that rhythm would beat."""

import numpy as np
import pytest

from backend.simulate.ecg.rhythm import Stretch, plan_beats
from backend.simulate.ecg.variability import simulate_modulation


def planned(*stretches, seed=0):
    rng = np.random.default_rng(seed)
    swing = simulate_modulation(sum(stretch.duration_s for stretch in stretches), 15, rng)
    return plan_beats(stretches, swing, "paced", rng)


def intervals_around(beats, symbol):
    times_s = np.array([beat.time_s for beat in beats])
    places = [i for i, beat in enumerate(beats) if beat.symbol == symbol and 0 < i < len(beats) - 1]
    return np.array([(times_s[i] - times_s[i - 1], times_s[i + 1] - times_s[i]) for i in places])


STEADY = {"rate_per_min": 60, "irregularity": 0.0}
ALONE = [float(at) for at in range(5, 115, 5)]


def test_a_ventricular_beat_is_early_and_its_pause_compensates():
    before, after = intervals_around(planned(Stretch(120, extra=dict.fromkeys(ALONE, "V"), **STEADY)), "V").T
    assert before.min() > 0.5
    assert before.max() < 0.75
    np.testing.assert_allclose(before + after, 2.0, atol=1e-6)


def test_an_atrial_beat_is_early_and_its_pause_does_not_compensate():
    before, after = intervals_around(planned(Stretch(120, extra=dict.fromkeys(ALONE, "A"), **STEADY)), "A").T
    assert before.min() >= 0.6
    assert before.max() <= 0.8
    assert (after > 1.0).all()
    assert (before + after < 1.97).all()


def test_an_interpolated_beat_replaces_no_sinus_beat():
    before, after = intervals_around(planned(Stretch(120, extra=dict.fromkeys(ALONE, "I"), **STEADY)), "V").T
    np.testing.assert_allclose(before + after, 1.0, atol=1e-6)


def test_fibrillation_is_irregular_without_pattern_and_has_no_p_waves():
    beats = planned(Stretch(300, "fibrillation", rate_per_min=90, irregularity=0.17))
    rr_s = np.diff([beat.time_s for beat in beats])
    assert rr_s.std() / rr_s.mean() > 0.12
    assert abs(np.corrcoef(rr_s[:-1], rr_s[1:])[0, 1]) < 0.12
    assert {beat.atrial for beat in beats} == {""}


def test_a_pacemaker_is_regular():
    rr_s = np.diff([beat.time_s for beat in planned(Stretch(60, "paced", rate_per_min=75))])
    np.testing.assert_allclose(rr_s, 0.8, atol=0.012)


def test_a_demand_pacemaker_ends_only_long_pauses():
    beats = planned(Stretch(200, "paced on demand", rate_per_min=75, irregularity=0.17))
    before = {symbol: intervals_around(beats, symbol)[:, 0] for symbol in "N/"}
    assert before["N"].max() <= before["/"].min() + 1e-6
    assert np.ptp(before["/"]) < 1e-6


def test_a_stretch_has_its_rhythm():
    beats = planned(Stretch(30, extra={10.0: "VVVV", 20.0: "V-V-V-"}), Stretch(20, "fibrillation"))
    assert [beat.note for beat in beats if beat.symbol == "V"] == ["(VT"] * 4 + ["(B"] * 3
    assert {beat.note for beat in beats if beat.time_s > 31} == {"(AFIB"}


@pytest.mark.parametrize("stretch", [Stretch(10, "waltz"), Stretch(10, extra={2.0: "X"})])
def test_unknown_rhythms_and_beats_are_refused_with_the_known_ones(stretch):
    with pytest.raises(ValueError, match="Choose"):
        planned(stretch)


def test_a_ventricular_tachycardia_is_fast_and_almost_regular_without_p_waves():
    beats = planned(
        Stretch(20, rate_per_min=70), Stretch(20, "ventricular tachycardia", rate_per_min=180, irregularity=0.02)
    )
    fast = [beat for beat in beats if beat.time_s > 20.5]
    rr_s = np.diff([beat.time_s for beat in fast])
    np.testing.assert_allclose(rr_s, 1 / 3, rtol=0.1)
    assert {(beat.symbol, beat.atrial, beat.note) for beat in fast} == {("V", "", "(VT")}


def test_an_asystole_has_no_beats():
    beats = planned(Stretch(20, rate_per_min=70), Stretch(10, "standstill"), Stretch(20, rate_per_min=70))
    times_s = np.array([beat.time_s for beat in beats])
    assert not ((times_s > 20) & (times_s < 30)).any()
    assert (times_s < 20).sum() > 20
    assert (times_s > 30).sum() > 20
