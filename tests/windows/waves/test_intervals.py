from dataclasses import replace

import numpy as np
import pytest

from backend.records.channels.artifacts import Artifacts
from backend.simulate.ecg.rhythm import Stretch
from backend.windows.beats.detection import Beats, find_beats
from backend.windows.waves.delineation import find_waves
from backend.windows.waves.intervals import (
    INTERVALS,
    NORMAL_RANGES,
    Spread,
    compare_with_normal,
    explain_absence,
    measure_intervals,
    summarise_intervals,
)
from backend.windows.waves.marks import MARKS, Waves
from tests.made_records import simulated_record

RATE = 500.0
NO_STRETCH = np.zeros((0, 2), dtype=np.int64)


def made_beats(r_peaks, clipped=NO_STRETCH):
    artifacts = Artifacts(NO_STRETCH, NO_STRETCH, np.asarray(clipped, dtype=np.int64), 100_000)
    return Beats("MLII", np.asarray(r_peaks, dtype=np.int64), artifacts)


def made_waves(beats, **marks_from_r_ms):
    """Marks so many ms from each R peak, one number for all beats or one for each; the others absent."""
    r = beats.r_peaks.astype(np.float64)
    waves = Waves(**{mark: np.full(len(r), np.nan) for mark in MARKS})
    placed = {mark: r + np.asarray(offset_ms) * RATE / 1000 for mark, offset_ms in marks_from_r_ms.items()}
    return replace(waves, r_peak=r, **placed)


def usual_waves(beats, **changed):
    marks = {"p_onset": -200, "p_peak": -150, "qrs_onset": -40, "qrs_end": 50, "t_peak": 280, "t_end": 340}
    return made_waves(beats, **(marks | changed))


def measured(beats, waves):
    return measure_intervals(beats, waves, RATE)


def test_intervals_lie_between_the_marks_that_name_them():
    beats = made_beats([500, 1000, 1405])
    intervals = measured(beats, usual_waves(beats))
    assert intervals.pr_ms == pytest.approx([160, 160, 160])
    assert intervals.qrs_ms == pytest.approx([90, 90, 90])
    assert intervals.qt_ms == pytest.approx([380, 380, 380])
    assert intervals.rr_ms == pytest.approx([np.nan, 1000, 810], nan_ok=True)


def test_qt_is_corrected_by_the_root_of_the_interval_before_the_beat_in_seconds():
    beats = made_beats([500, 1000, 1000 + 256, 1256 + 405])
    intervals = measured(beats, usual_waves(beats))
    assert intervals.qtc_fridericia_ms == pytest.approx([np.nan, 380, 475, 407.659], abs=0.01, nan_ok=True)
    assert intervals.qtc_bazett_ms == pytest.approx([np.nan, 380, 531.066, 422.222], abs=0.01, nan_ok=True)


def test_both_corrections_leave_qt_as_it_is_at_60_per_minute_and_lengthen_it_at_higher_rates():
    slow, fast = (measured(beats, usual_waves(beats)) for beats in (made_beats([0, 500]), made_beats([0, 300])))
    assert slow.qtc_fridericia_ms[1] == slow.qtc_bazett_ms[1] == slow.qt_ms[1]
    assert fast.qtc_bazett_ms[1] > fast.qtc_fridericia_ms[1] > fast.qt_ms[1]


@pytest.mark.parametrize(("rr_samples", "is_corrected"), [(99, False), (100, True), (1500, True), (1501, False)])
def test_qt_is_not_corrected_for_an_implausible_rr_interval(rr_samples, is_corrected):
    beats = made_beats([500, 500 + rr_samples])
    waves = usual_waves(beats)
    intervals = measured(beats, waves)
    assert intervals.rr_ms[1] == rr_samples * 2
    for name in ("qtc_fridericia_ms", "qtc_bazett_ms"):
        assert np.isfinite(getattr(intervals, name)[1]) == is_corrected
        assert ("is outside 0.2 to 3 s" in explain_absence(name, intervals, waves, 1)) != is_corrected


@pytest.mark.parametrize(
    ("mark", "lost"),
    [
        ("p_onset", {"pr_ms"}),
        ("qrs_onset", {"pr_ms", "qrs_ms", "qt_ms", "qtc_fridericia_ms", "qtc_bazett_ms"}),
        ("qrs_end", {"qrs_ms"}),
        ("t_end", {"qt_ms", "qtc_fridericia_ms", "qtc_bazett_ms"}),
    ],
)
def test_an_interval_without_one_of_its_marks_is_absent_with_a_reason(mark, lost):
    beats = made_beats([500, 1000])
    waves = usual_waves(beats, **{mark: [0, np.nan]})
    intervals = measured(beats, waves)
    assert {name for name, length_ms in intervals.beat(1).items() if length_ms is None} == lost
    for name in INTERVALS:
        assert bool(explain_absence(name, intervals, waves, 1)) == (name in lost)


def test_a_reason_distinguishes_a_missing_wave_from_a_missing_edge():
    beats = made_beats([500, 1000])
    waves = usual_waves(beats, p_onset=np.nan, p_peak=[-150, np.nan], t_end=np.nan)
    intervals = measured(beats, waves)
    assert explain_absence("pr_ms", intervals, waves, 0) == "onset of P not marked"
    assert explain_absence("pr_ms", intervals, waves, 1) == "no P wave marked"
    assert explain_absence("qtc_bazett_ms", intervals, waves, 0) == "end of T not marked"


@pytest.mark.parametrize(
    ("mark", "uncertain"),
    [
        ("p_onset", ("pr_ms",)),
        ("qrs_onset", ("pr_ms", "qrs_ms", "qt_ms", "qtc_fridericia_ms", "qtc_bazett_ms")),
        ("qrs_end", ("qrs_ms",)),
        ("t_end", ("qt_ms", "qtc_fridericia_ms", "qtc_bazett_ms")),
        ("t_peak", ()),
    ],
)
def test_an_interval_with_an_uncertain_mark_keeps_its_length(mark, uncertain):
    beats = made_beats([500, 1000])
    certain = usual_waves(beats)
    intervals = measured(beats, replace(certain, uncertain={mark: np.array([False, True])}))
    assert intervals.uncertain_intervals(0) == ()
    assert intervals.uncertain_intervals(1) == uncertain
    assert intervals.beat(1) == measured(beats, certain).beat(1)


def test_an_absent_interval_is_not_uncertain():
    beats = made_beats([500, 1000])
    waves = replace(usual_waves(beats, t_end=np.nan), uncertain={"qrs_onset": np.array([True, True])})
    assert measured(beats, waves).uncertain_intervals(1) == ("pr_ms", "qrs_ms")


def test_the_first_beat_has_no_rr_interval_and_therefore_no_corrected_qt():
    beats = made_beats([500, 1000])
    waves = usual_waves(beats)
    intervals = measured(beats, waves)
    for name in ("rr_ms", "qtc_fridericia_ms", "qtc_bazett_ms"):
        assert np.isnan(getattr(intervals, name)[0])
        assert explain_absence(name, intervals, waves, 0) == "no previous beat"


def test_the_rr_interval_across_an_unusable_segment_is_absent():
    beats = made_beats([500, 1000, 1500, 2000], clipped=[(0, 50), (1200, 1250), (1990, 2010), (2300, 2400)])
    waves = usual_waves(beats)
    intervals = measured(beats, waves)
    assert np.isnan(intervals.rr_ms).tolist() == [True, False, True, False]
    assert "unusable signal" in explain_absence("rr_ms", intervals, waves, 2)
    assert "unusable signal" in explain_absence("qtc_bazett_ms", intervals, waves, 2)


@pytest.mark.parametrize("n_beats", [0, 1])
def test_a_record_with_no_or_one_beat_has_intervals(n_beats):
    beats = made_beats([500] * n_beats, clipped=[(10, 20)])
    intervals = measured(beats, usual_waves(beats))
    assert all(len(getattr(intervals, name)) == n_beats for name in INTERVALS)
    assert summarise_intervals(intervals)["rr_ms"] == Spread(0, None, None, None)


@pytest.mark.parametrize(
    ("name", "length_ms", "said"),
    [
        ("pr_ms", 119.9, "below"),
        ("pr_ms", 120.0, "within"),
        ("pr_ms", 200.0, "within"),
        ("pr_ms", 200.1, "above"),
        ("qrs_ms", 20.0, "within"),
        ("qrs_ms", 110.0, "within"),
        ("qrs_ms", 111.0, "above"),
        ("qtc_bazett_ms", 359.0, "below"),
        ("qtc_fridericia_ms", 455.0, "within"),
        ("qtc_fridericia_ms", 461.0, "above"),
        ("rr_ms", 599.0, "below"),
        ("rr_ms", 1001.0, "above"),
        ("rr_ms", None, "absent"),
        ("qrs_ms", float("nan"), "absent"),
    ],
)
def test_an_interval_is_below_within_or_above_its_normal_range_or_absent(name, length_ms, said):
    assert compare_with_normal(name, length_ms) == said


def test_every_normal_range_has_a_source_and_qt_has_no_range():
    assert set(INTERVALS) - set(NORMAL_RANGES) == {"qt_ms"}
    assert all(normal.source for normal in NORMAL_RANGES.values())


def test_the_summary_gives_the_median_and_range_of_the_beats_with_the_interval():
    beats = made_beats(500 * np.arange(1, 103))
    intervals = measured(beats, usual_waves(beats, p_onset=np.append(-np.arange(100.0, 201.0), np.nan)))
    spread = summarise_intervals(intervals)["pr_ms"]
    assert spread.n_beats == 101
    assert (spread.low_ms, spread.median_ms, spread.high_ms) == pytest.approx((65, 110, 155))


def test_the_intervals_of_a_simulated_heart_are_its_true_ones():
    record, truth = simulated_record((Stretch(60, rate_per_min=66),))
    beats = find_beats(record)
    found = summarise_intervals(measure_intervals(beats, find_waves(record, beats), record.sampling_rate))
    to_ms = 1000 / record.sampling_rate
    true_ms = {
        "rr_ms": np.median(np.diff(truth.r_peaks)) * to_ms,
        "pr_ms": np.nanmedian(truth.waves.qrs_onset - truth.waves.p_onset) * to_ms,
        "qrs_ms": np.nanmedian(truth.waves.qrs_end - truth.waves.qrs_onset) * to_ms,
        "qt_ms": np.nanmedian(truth.waves.t_end - truth.waves.qrs_onset) * to_ms,
    }
    for name, tolerance_ms in (("rr_ms", 3), ("pr_ms", 20), ("qrs_ms", 20), ("qt_ms", 40)):
        assert found[name].median_ms == pytest.approx(true_ms[name], abs=tolerance_ms), name
        assert found[name].n_beats >= 0.9 * len(beats.r_peaks)


def spreads_of(stretch):
    record, _ = simulated_record((stretch,))
    beats = find_beats(record)
    return summarise_intervals(measure_intervals(beats, find_waves(record, beats), record.sampling_rate))


def test_few_beats_in_atrial_fibrillation_have_a_pr_interval():
    spreads = spreads_of(Stretch(60, "fibrillation", rate_per_min=92, irregularity=0.14))
    assert spreads["pr_ms"].n_beats < 0.2 * spreads["qrs_ms"].n_beats


def test_qrs_is_wide_in_bundle_branch_block_only():
    blocked, normal = spreads_of(Stretch(40, conduction="left block")), spreads_of(Stretch(40))
    assert compare_with_normal("qrs_ms", blocked["qrs_ms"].median_ms) == "above"
    assert compare_with_normal("qrs_ms", normal["qrs_ms"].median_ms) == "within"
