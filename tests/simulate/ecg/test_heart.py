"""A simulated record and what is true of it."""

from collections import Counter

import numpy as np
import pytest

from backend.simulate.bundled_samples import SAMPLES, simulate_sample
from backend.simulate.ecg.heart import simulate
from backend.simulate.ecg.noise import Gap, Noise
from backend.simulate.ecg.rhythm import Stretch
from backend.simulate.ecg.truth import TRUE_MARKS

RECORDS = {plan.name: simulate_sample(plan) for plan in SAMPLES}


@pytest.fixture(params=RECORDS)
def record(request):
    return RECORDS[request.param]


def test_the_same_seed_gives_an_identical_record():
    plan = (Stretch(20, extra={5.0: "V", 10.0: "A"}),)
    first, second = simulate(plan, 7), simulate(plan, 7)
    assert first.signals.tobytes() == second.signals.tobytes()
    assert first.labels == second.labels
    for mark in TRUE_MARKS:
        np.testing.assert_array_equal(getattr(first.waves, mark), getattr(second.waves, mark))


def test_each_planned_ectopic_beat_is_present():
    record = simulate((Stretch(60, extra={10.0: "V", 20.0: "VV", 30.0: "A", 40.0: "AA", 50.0: "I"}),), seed=3)
    counts = Counter(record.labels)
    assert counts["V"] == 4
    assert counts["A"] == 3


def test_the_marks_of_a_beat_are_in_order(record):
    waves = record.waves
    order = [waves.qrs_onset, waves.r_peak, waves.qrs_end, waves.t_onset, waves.t_peak, waves.t_end]
    steps = np.diff(np.array(order), axis=0)
    assert (steps >= 0).all()
    assert (steps[[0, 1, 3, 4]] > 0).all()
    with_p = np.isfinite(waves.p_peak)
    p_order = np.array([waves.p_onset, waves.p_peak, waves.p_end, waves.qrs_onset])[:, with_p]
    assert (np.diff(p_order, axis=0)[:2] > 0).all()
    assert (p_order[2] <= p_order[3]).all()


def test_a_wave_has_all_its_marks_or_none(record):
    p_marks = np.array([record.waves.p_onset, record.waves.p_peak, record.waves.p_end])
    assert set(np.isfinite(p_marks).sum(axis=0)) <= {0, 3}


def test_marks_lie_within_the_record(record):
    for mark in TRUE_MARKS:
        samples = getattr(record.waves, mark)
        there = samples[np.isfinite(samples)]
        assert ((there >= 0) & (there < len(record.signals))).all()


def test_ventricular_and_paced_beats_have_no_p_wave(record):
    without = np.isin(record.labels, ["V", "/"])
    assert np.isnan(record.waves.p_peak[without]).all()


def test_sinus_and_atrial_beats_have_their_p_wave_outside_fibrillation():
    for name in ("sim_normal", "sim_atrial_premature", "sim_left_bundle_branch_block"):
        conducted = np.isin(RECORDS[name].labels, ["N", "A", "L"])
        assert np.isfinite(RECORDS[name].waves.p_peak[conducted]).all()


def test_fibrillation_has_no_p_waves_and_irregular_beats():
    record = RECORDS["sim_atrial_fibrillation"]
    start, end = record.rhythm_samples[list(record.rhythm_notes).index("(AFIB")], record.rhythm_samples[-1]
    inside = (record.r_peaks > start) & (record.r_peaks < end)
    assert inside.sum() > 100
    assert np.isnan(record.waves.p_peak[inside]).all()
    rr_s = np.diff(record.r_peaks[inside]) / 360
    assert rr_s.std() / rr_s.mean() > 0.12


def test_the_r_mark_lies_on_the_largest_deflection_of_a_conducted_qrs_in_mlii():
    record = RECORDS["sim_normal"]
    for r_peak in record.r_peaks:
        around = record.clean[r_peak - 20 : r_peak + 20, 0]
        assert abs(int(np.argmax(around)) - 20) <= 1


def test_the_p_wave_of_an_atrial_beat_differs_from_the_sinus_ones():
    record = RECORDS["sim_atrial_premature"]
    peaks = record.waves.p_peak.astype(int)
    heights = record.clean[peaks, 0]
    premature = np.array(record.labels) == "A"
    assert abs(np.median(heights[premature]) - np.median(heights[~premature])) > 0.05


def test_every_paced_beat_follows_its_spike_within_a_tenth_of_a_second():
    for name in ("sim_paced", "sim_paced_on_demand"):
        record = RECORDS[name]
        paced = record.r_peaks[np.array(record.labels) == "/"]
        assert len(record.spikes) == len(paced)
        assert ((paced - record.spikes > 0) & (paced - record.spikes < 36)).all()


def test_a_spike_is_steeper_than_any_wave():
    record = RECORDS["sim_paced_on_demand"]
    steps = np.abs(np.diff(record.clean[:, 0]))
    at_spikes = [steps[spike - 2 : spike + 3].max() for spike in record.spikes]
    own_beats = record.r_peaks[np.array(record.labels) == "N"]
    at_beats = [steps[r_peak - 30 : r_peak + 30].max() for r_peak in own_beats]
    assert min(at_spikes) > 2 * max(at_beats)


def test_atria_are_dissociated_from_a_pacemaker():
    record = RECORDS["sim_paced"]
    assert len(record.lone_p) > len(record.r_peaks)
    assert (np.diff(record.lone_p, axis=1) > 0).all()
    nearest = [np.min(np.abs(record.r_peaks - peak)) for peak in record.lone_p[:, 1]]
    assert np.std(nearest) / 360 > 0.05


def test_the_signal_without_noise_and_gaps_is_the_clean_one():
    quiet = Noise(breathing_mv=0, wander_mv=0, muscle_mv=0, mains_mv=0)
    record = simulate((Stretch(20),), 1, noise=quiet)
    np.testing.assert_array_equal(record.signals, record.clean)


def test_beats_hidden_by_a_gap_in_both_leads_are_not_labelled():
    plan = (Stretch(30),)
    hidden, seen = (simulate(plan, 2, gaps=(Gap(10, 5, "missing", leads),)) for leads in ((0, 1), (0,)))
    assert not ((hidden.r_peaks > 10 * 360) & (hidden.r_peaks < 15 * 360)).any()
    assert ((seen.r_peaks > 10 * 360) & (seen.r_peaks < 15 * 360)).sum() >= 4


def test_other_sampling_rates_give_the_same_heart():
    slow, fast = (simulate((Stretch(20),), 5, sampling_rate=rate) for rate in (250.0, 500.0))
    np.testing.assert_allclose(slow.r_peaks / 250, fast.r_peaks / 500, atol=0.005)
