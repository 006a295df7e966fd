"""Wave marks against waves that are known: the simulator's own, and where the databases are, the cardiologists'."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import wfdb

from backend.records.channels.artifacts import find_artifacts
from backend.records.opening import open_record
from backend.records.record import Channel, Record, RecordRefused
from backend.records.samples.library import open_sample
from backend.windows.beats.detection import Beats, find_beats
from backend.windows.waves.delineation import find_qrs, find_waves
from backend.windows.waves.marks import MARKS, Waves

SIMULATED = Path(__file__).parents[3] / "sample_records" / "simulated"
NAMES = sorted(path.stem for path in SIMULATED.glob("*.hea"))
DATA = os.environ.get("BEATLIGHT_DATA")

needs_data = pytest.mark.skipif(DATA is None, reason="BEATLIGHT_DATA names no folder of databases")


@pytest.fixture(scope="module")
def marked():
    """Record, beats and waves of each simulated sample."""
    found = {}
    for name in NAMES:
        record = open_record(SIMULATED / name)
        beats = find_beats(record)
        found[name] = record, beats, find_waves(record, beats)
    return found


def record_of(samples: np.ndarray, sampling_rate: float = 360.0) -> Record:
    return Record("made", samples[:, np.newaxis].astype(np.float32), sampling_rate, (Channel.named("II", "mV"),))


def waves_of(samples: np.ndarray, r_peaks: list[int] | np.ndarray, sampling_rate: float = 360.0) -> Waves:
    artifacts = find_artifacts(samples.astype(np.float32), sampling_rate)
    beats = Beats("II", np.asarray(r_peaks, dtype=np.int64), artifacts)
    return find_waves(record_of(samples, sampling_rate), beats)


QRS_BUMPS = ((-0.025, 0.007, -0.1), (0.0, 0.01, 1.2), (0.025, 0.008, -0.25))


def beat_train(
    r_times_s: np.ndarray, sampling_rate: float, seconds: float, with_p: bool = True, qrs=QRS_BUMPS
) -> np.ndarray:
    """Gaussian P, QRS and T (centre and width in s, height in mV) around each R peak in mV."""
    times = np.arange(int(seconds * sampling_rate)) / sampling_rate
    bumps = [*qrs, (0.27, 0.04, 0.3)]
    if with_p:
        bumps.append((-0.16, 0.02, 0.15))
    lead = np.zeros_like(times)
    for r in r_times_s:
        for centre, width, height in bumps:
            lead += height * np.exp(-((times - r - centre) ** 2) / (2 * width**2))
    return lead + np.random.default_rng(0).normal(0, 0.005, len(times))


def truth_of(name: str) -> dict[str, np.ndarray]:
    """Onset, peak and end of every true wave, shape = (n, 3), by wave.

    The waves are written in three overlapping series: a bracket belongs to the wave that its num names.
    """
    annotation = wfdb.rdann(str(SIMULATED / name), "tru")
    number, symbol = np.asarray(annotation.num), np.asarray(annotation.symbol)
    found = {}
    for wave, num, peak in (("p", 0, "p"), ("qrs", 1, "N"), ("t", 2, "t")):
        own = [annotation.sample[(number == num) & (symbol == each)] for each in ("(", peak, ")")]
        found[wave] = np.stack(own, axis=1)
    return found


def errors_ms(waves: Waves, truth: np.ndarray, wave: str, edge: str) -> np.ndarray:
    """The error of an edge at every true wave whose peak (for QRS: R) lies within 40 samples of a marked one."""
    peaks = waves.r_peak if wave == "qrs" else getattr(waves, f"{wave}_peak")
    known = np.flatnonzero(~np.isnan(peaks))
    nearest = known[np.abs(peaks[known] - truth[:, 1:2]).argmin(axis=1)]
    near = np.abs(peaks[nearest] - truth[:, 1]) < 40
    edges = getattr(waves, f"{wave}_{edge}")[nearest] - truth[:, {"onset": 0, "end": 2}[edge]]
    return edges[near & ~np.isnan(edges)] * 1000 / 360


# Measured at 360 Hz: means from -5 to +12 ms, deviations from 1 to 8 ms, in which the simulator's rule (5 % of the
# wave's height) differs from a cardiologist's eye. Left out: sim_paced, whose P waves run free of QRS; the onset of T.
CLEAN = ["sim_normal", "sim_atrial_premature", "sim_bigeminy", "sim_right_bundle_branch_block"]


@pytest.mark.parametrize("name", CLEAN)
@pytest.mark.parametrize(
    ("wave", "edge"), [("p", "onset"), ("p", "end"), ("qrs", "onset"), ("qrs", "end"), ("t", "end")]
)
def test_marks_lie_within_milliseconds_of_the_simulated_waves(marked, name, wave, edge):
    truth = truth_of(name)[wave]
    errors = errors_ms(marked[name][2], truth, wave, edge)
    assert len(errors) > 0.98 * len(truth)
    assert abs(errors.mean()) < 15
    assert errors.std() < 12


def test_a_broad_qrs_of_left_bundle_branch_block_ends_before_st(marked):
    errors = errors_ms(
        marked["sim_left_bundle_branch_block"][2], truth_of("sim_left_bundle_branch_block")["qrs"], *("qrs", "end")
    )
    assert abs(errors.mean()) < 15


def test_ventricular_ectopic_beats_get_a_wide_qrs_and_no_p(marked):
    record, beats, waves = marked["sim_bigeminy"]
    labels = record.annotations["atr"]
    ventricular = labels.samples[[symbol == "V" for symbol in labels.symbols]]
    is_ectopic = np.abs(beats.r_peaks[:, np.newaxis] - ventricular).min(axis=1) < 54
    widths_ms = (waves.qrs_end - waves.qrs_onset) / 0.36
    assert is_ectopic.sum() > 40
    assert np.nanmedian(widths_ms[is_ectopic]) > 120
    assert np.nanmedian(widths_ms[~is_ectopic]) < 110
    assert np.isnan(waves.p_peak[is_ectopic]).mean() > 0.95
    assert (~np.isnan(waves.p_peak[~is_ectopic])).mean() > 0.98


def test_atrial_fibrillation_has_no_p(marked):
    _, beats, waves = marked["sim_atrial_fibrillation"]
    true_p = truth_of("sim_atrial_fibrillation")["p"][:, 1]
    fibrillating = np.abs(beats.r_peaks[:, np.newaxis] - true_p).min(axis=1) > 2 * 360
    assert fibrillating.sum() > 100
    assert np.isnan(waves.p_peak[fibrillating]).mean() > 0.8


@pytest.mark.parametrize("name", NAMES)
def test_marks_are_in_physiological_order(marked, name):
    assert_in_order(marked[name][2])


def assert_in_order(waves: Waves) -> None:
    strict = [("p_onset", "p_peak"), ("p_peak", "p_end"), ("qrs_onset", "r_peak"), ("r_peak", "qrs_end")]
    strict += [("t_onset", "t_peak"), ("t_peak", "t_end")]
    for earlier, later in strict:
        before, after = getattr(waves, earlier), getattr(waves, later)
        both = ~(np.isnan(before) | np.isnan(after))
        assert (before[both] < after[both]).all(), (earlier, later)
    for earlier, later in [("p_end", "qrs_onset"), ("qrs_end", "t_onset")]:
        before, after = getattr(waves, earlier), getattr(waves, later)
        both = ~(np.isnan(before) | np.isnan(after))
        assert (before[both] <= after[both]).all(), (earlier, later)
    deflections = np.stack([waves.q_peak, waves.r_wave, waves.s_peak])
    assert not (deflections < waves.qrs_onset).any()
    assert not (deflections > waves.qrs_end).any()
    assert not (waves.q_peak >= waves.r_wave).any()
    assert not (waves.r_wave >= waves.s_peak).any()
    assert not (np.isnan(waves.r_wave) & ~np.isnan(waves.s_peak)).any()
    assert not (waves.p_onset[1:] < waves.qrs_end[:-1]).any()
    assert not (waves.t_end[:-1] > waves.qrs_onset[1:]).any()
    assert not (np.isnan(waves.p_peak) & ~(np.isnan(waves.p_onset) & np.isnan(waves.p_end))).any()
    assert not (np.isnan(waves.t_peak) & ~(np.isnan(waves.t_onset) & np.isnan(waves.t_end))).any()


@pytest.mark.parametrize("sampling_rate", [50.0, 100.0, 250.0, 257.3, 500.0, 1000.0, 5000.0])
def test_marks_fall_at_the_same_moments_at_every_sampling_rate(sampling_rate):
    r_times = np.arange(1.0, 12.0, 0.9)
    waves = waves_of(beat_train(r_times, sampling_rate, 13.0), np.round(r_times * sampling_rate), sampling_rate)
    assert_in_order(waves)
    from_r_ms = {mark: (getattr(waves, mark) - waves.r_peak)[1:-1] * 1000 / sampling_rate for mark in MARKS}
    # Half of the waves' Gaussians above 5 % is 2.45 of their widths; a sample at 50 Hz is 20 ms, as long as a whole q.
    expected = {
        "p_onset": -209,
        "p_peak": -160,
        "p_end": -111,
        "qrs_onset": -38,
        "qrs_end": 42,
        "t_peak": 270,
        "t_end": 368,
    }
    for mark, at in expected.items():
        assert np.nanmean(from_r_ms[mark]) == pytest.approx(at, abs=14 + 1000 / sampling_rate), mark


SHAPES = {
    "qRs": (((-0.028, 0.008, -0.2), (0.0, 0.01, 1.2), (0.027, 0.008, -0.25)), {"Q": -28, "R": 0, "S": 28}),
    "Rs": (((0.0, 0.01, 1.2), (0.03, 0.01, -0.3)), {"R": 0, "S": 31}),
    "qR": (((-0.028, 0.008, -0.2), (0.0, 0.011, 1.0)), {"Q": -30, "R": 0}),
    "R": (((0.0, 0.012, 1.0),), {"R": 0}),
    "R that runs into a raised ST": (((0.0, 0.01, 1.2), (0.12, 0.06, 0.5)), {"R": 0}),
    "QS": (((0.0, 0.015, -1.0),), {"QS": 0}),
    "QS that runs into a raised ST": (((0.0, 0.012, -1.2), (0.12, 0.06, 0.5)), {"QS": 0}),
    "a broad QS": (((0.0, 0.03, -1.5),), {"QS": 0}),
    "rS": (((-0.03, 0.008, 0.25), (0.0, 0.012, -1.2)), {"R": -33, "S": 0}),
    "Qr": (((0.0, 0.012, -1.2), (0.04, 0.01, 0.3)), {"Q": 0, "R": 41}),
    "rSR'": (((-0.04, 0.008, 0.3), (-0.015, 0.008, -0.4), (0.02, 0.012, 0.8)), {"R": -41, "S": -16}),
}
"""The Gaussians of each QRS, and where the sum of them turns, in ms from the sample that the detector gives."""


@pytest.mark.parametrize("sampling_rate", [250.0, 360.0, 1000.0])
@pytest.mark.parametrize("shape", SHAPES)
def test_q_r_and_s_are_the_deflections_of_a_known_qrs(shape, sampling_rate):
    bumps, turns_ms = SHAPES[shape]
    r_times = np.arange(1.0, 12.0, 0.9)
    lead = beat_train(r_times, sampling_rate, 13.0, qrs=bumps)
    waves = waves_of(lead, np.round(r_times * sampling_rate), sampling_rate)
    assert_in_order(waves)
    for index, r_time in enumerate(r_times):
        found = waves.deflections(index)
        assert list(found) == list(turns_ms)
        for letter, at_ms in turns_ms.items():
            assert (found[letter] / sampling_rate - r_time) * 1000 == pytest.approx(at_ms, abs=6), letter


@pytest.mark.parametrize("moved_ms", [-30, -8, 8, 28])
def test_the_marks_do_not_depend_on_the_deflection_that_the_detector_chose(moved_ms):
    r_times = np.arange(1.0, 20.0, 0.9)
    lead = beat_train(r_times, 360.0, 21.0, qrs=SHAPES["qRs"][0])
    there, elsewhere = (waves_of(lead, np.round((r_times + moved) * 360)) for moved in (0.0, moved_ms / 1000))
    for mark in MARKS[1:]:
        apart_ms = (getattr(elsewhere, mark) - getattr(there, mark)) / 0.36
        assert np.nanmedian(np.abs(apart_ms)) <= (12 if mark == "r_wave" else 3), mark
        assert (np.isnan(getattr(elsewhere, mark)) == np.isnan(getattr(there, mark))).mean() > 0.9, mark


def test_marks_of_a_clean_regular_lead_are_certain():
    r_times = np.arange(1.0, 29.0, 0.85)
    waves = waves_of(beat_train(r_times, 360.0, 30.0), np.round(r_times * 360))
    assert {mark: waves.is_uncertain(mark).sum() for mark in MARKS} == dict.fromkeys(MARKS, 0)


def test_a_t_that_is_late_in_a_single_beat_is_uncertain():
    r_times = np.arange(1.0, 29.0, 0.85)
    lead = beat_train(r_times, 360.0, 30.0)
    times = np.arange(len(lead)) / 360
    for centre, height in ((0.27, -0.3), (0.36, 0.3)):
        lead += height * np.exp(-((times - r_times[15] - centre) ** 2) / (2 * 0.04**2))
    waves = waves_of(lead, np.round(r_times * 360))
    assert "t_peak" in waves.uncertain_marks(15)
    assert "t_end" in waves.uncertain_marks(15)
    assert waves.is_uncertain("t_peak").sum() == 1


@pytest.mark.parametrize(("late_s", "is_uncertain"), [(0.0, False), (0.19, True)])
def test_a_t_with_an_implausible_qt_is_uncertain(late_s, is_uncertain):
    r_times = np.arange(1.0, 39.0, 1.0)
    lead = beat_train(r_times, 360.0, 40.0)
    lead += 0.3 * (bumps(r_times, 360.0, len(lead), 0.27 + late_s, 0.05) - bumps(r_times, 360.0, len(lead), 0.27, 0.04))
    waves = waves_of(lead, np.round(r_times * 360))
    qtc_s = (waves.t_end - waves.qrs_onset)[1:-1] / 360
    assert (np.nanmedian(qtc_s) > 0.55) == is_uncertain
    for mark in ("t_peak", "t_end"):
        assert (waves.is_uncertain(mark)[1:-1] == is_uncertain).mean() > 0.9, mark


def test_the_edges_of_a_qrs_in_noise_are_uncertain():
    r_times = np.arange(1.0, 59.0, 0.85)
    lead = beat_train(r_times, 360.0, 60.0, qrs=((0.0, 0.012, 0.15),))
    drowned = lead + np.random.default_rng(3).normal(0, 0.05, len(lead))
    waves = waves_of(drowned, np.round(r_times * 360))
    for mark in ("qrs_onset", "qrs_end"):
        assert waves.is_uncertain(mark).mean() > 0.5, mark


def test_a_very_low_t_or_p_is_uncertain():
    r_times = np.arange(1.0, 29.0, 0.85)
    waves = waves_of(0.18 * beat_train(r_times, 360.0, 30.0, qrs=((0.0, 0.01, 6.0),)), np.round(r_times * 360))
    for wave in ("p", "t"):
        is_there = ~np.isnan(getattr(waves, f"{wave}_peak"))
        assert is_there.mean() > 0.9
        assert waves.is_uncertain(f"{wave}_peak")[is_there].mean() > 0.9


@pytest.mark.parametrize("with_p", [True, False])
def test_a_wide_beat_has_a_p_if_one_similar_to_its_neighbours_precedes_it(with_p):
    r_times = np.arange(1.0, 39.0, 0.85)
    is_broad = np.arange(len(r_times)) % 5 == 2
    lead = beat_train(r_times[~is_broad], 360.0, 40.0)
    lead += beat_train(r_times[is_broad], 360.0, 40.0, with_p=False, qrs=((0.0, 0.03, 1.4), (0.08, 0.03, -0.5)))
    if with_p:
        # Its QRS begins early, so that the P, which comes when it is due, stands nearer to it than the others do.
        times = np.arange(len(lead)) / 360
        lead += sum(0.15 * np.exp(-((times - r + 0.16) ** 2) / (2 * 0.02**2)) for r in r_times[is_broad])
    waves = waves_of(lead, np.round(r_times * 360))
    assert (np.nanmedian((waves.qrs_onset - waves.r_peak)[is_broad]) / 0.36) < -70
    has_p = ~np.isnan(waves.p_peak)
    assert has_p[~is_broad].all()
    assert has_p[is_broad].mean() == (1 if with_p else 0)


def test_a_p_without_neighbours_is_uncertain():
    waves = waves_of(beat_train(np.array([1.0, 1.9]), 360.0, 3.0), [360, 684])
    assert waves.uncertain_marks(1)[:3] == ("p_onset", "p_peak", "p_end")


def test_a_single_beat_has_all_marks():
    waves = waves_of(beat_train(np.array([1.5]), 360.0, 3.0, qrs=SHAPES["qRs"][0]), [540])
    assert not any(np.isnan(getattr(waves, mark)).any() for mark in MARKS)
    assert waves.beat(0)["p_peak"] == pytest.approx(540 - 58, abs=4)


def test_no_beats_give_no_waves():
    waves = waves_of(np.zeros(1080), [])
    assert [len(getattr(waves, mark)) for mark in MARKS] == [0] * len(MARKS)


def test_beats_without_p_have_no_p_marks():
    r_times = np.arange(1.0, 29.0, 0.85)
    waves = waves_of(beat_train(r_times, 360.0, 30.0, with_p=False), np.round(r_times * 360))
    assert np.isnan(waves.p_peak).mean() > 0.95
    assert not np.isnan(waves.t_peak).any()


def test_a_small_p_at_a_constant_position_is_marked_in_noise():
    r_times = np.arange(1.0, 59.0, 0.85)
    noise = np.random.default_rng(1).normal(0, 0.03, 360 * 60)
    waves = waves_of(beat_train(r_times, 360.0, 60.0) + noise, np.round(r_times * 360))
    assert (~np.isnan(waves.p_peak)).mean() > 0.95
    assert np.nanstd((waves.p_onset - waves.r_peak) / 0.36) < 15


def test_waves_cut_by_the_ends_of_the_record_are_absent():
    r_times = np.array([0.05, 0.9, 1.75])
    waves = waves_of(beat_train(r_times, 360.0, 1.8), np.round(r_times * 360))
    assert np.isnan([waves.p_peak[0], waves.t_peak[2]]).all()
    assert not np.isnan([waves.t_peak[0], waves.p_peak[1], waves.t_peak[1], waves.p_peak[2]]).any()


def test_nothing_is_marked_inside_a_gap_or_a_flat_line(marked):
    record, _, waves = marked["sim_dropouts"]
    lead = record.signals[:, 0]
    flat = np.zeros(len(lead), dtype=bool)
    for start, end in find_artifacts(lead, 360.0).flat:
        flat[start + 36 : end - 36] = True
    for mark in MARKS:
        found = getattr(waves, mark)
        samples = found[~np.isnan(found)].astype(int)
        assert not np.isnan(lead[samples]).any()
        assert not flat[samples].any()


@pytest.mark.parametrize("seed", range(8))
def test_random_signals_are_marked_in_order_or_not_at_all(seed):
    rng = np.random.default_rng(seed)
    sampling_rate = float(rng.choice([50, 128, 360, 999, 5000]))
    samples = rng.normal(0, rng.choice([1e-6, 1, 1e4]), int(4 * sampling_rate))
    samples[rng.random(len(samples)) < 0.2] = np.nan
    samples[: len(samples) // 5] = 0
    r_peaks = np.unique(rng.integers(0, len(samples), rng.integers(1, 30)))
    waves = waves_of(samples, r_peaks, sampling_rate)
    assert_in_order(waves)
    assert (waves.r_peak == r_peaks).all()


def test_a_lead_of_gaps_has_beats_without_waves():
    waves = waves_of(np.full(1080, np.nan), [400, 700])
    assert all(np.isnan(getattr(waves, mark)).all() for mark in MARKS if mark != "r_peak")


def test_baseline_wander_moves_no_mark_far(marked):
    record, beats, waves = marked["sim_normal"]
    times = np.arange(len(record.signals)) / 360
    lead = record.signals[:, record.channel_index(beats.lead)] + 0.5 * np.sin(2 * np.pi * 0.2 * times)
    wandering = waves_of(lead, beats.r_peaks)
    for mark in ("p_onset", "p_end", "qrs_onset", "qrs_end", "t_end"):
        moved = (getattr(wandering, mark) - getattr(waves, mark)) / 0.36
        assert np.nanpercentile(np.abs(moved), 95) < 20, mark


def test_an_inverted_lead_has_the_same_marks(marked):
    record, beats, waves = marked["sim_normal"]
    lead = -record.signals[:, record.channel_index(beats.lead)]
    turned = waves_of(lead, beats.r_peaks)
    for mark in set(MARKS) - {"q_peak", "r_wave", "s_peak"}:
        assert np.array_equal(getattr(turned, mark), getattr(waves, mark), equal_nan=True), mark


def bumps(r_times_s: np.ndarray, sampling_rate: float, n_samples: int, centre_s: float, width_s: float) -> np.ndarray:
    times = np.arange(n_samples) / sampling_rate
    return sum(np.exp(-((times - r - centre_s) ** 2) / (2 * width_s**2)) for r in r_times_s)


def two_leads(first: np.ndarray, second: np.ndarray) -> Record:
    signals = np.column_stack([first, second]).astype(np.float32)
    return Record("made", signals, 360.0, (Channel.named("II", "mV"), Channel.named("V5", "mV")))


def test_other_leads_show_which_candidate_is_t_where_it_is_low_in_one_lead():
    r_times = np.arange(1.0, 39.0, 0.9)
    plain = beat_train(r_times, 360.0, 40.0)
    # In the first lead T is a third as high as in the second, and lower than U.
    low = plain - 0.2 * bumps(r_times, 360.0, len(plain), 0.27, 0.04)
    low += 0.2 * bumps(r_times, 360.0, len(plain), 0.41, 0.045)
    record, beats = (
        two_leads(low, plain),
        Beats("II", np.round(r_times * 360).astype(np.int64), find_artifacts(low, 360.0)),
    )
    alone, together = find_waves(record_of(low), beats), find_waves(record, beats)
    assert np.nanmedian(alone.t_peak - alone.r_peak) / 0.36 == pytest.approx(410, abs=15)
    assert np.nanmedian(together.t_peak - together.r_peak) / 0.36 == pytest.approx(270, abs=15)
    assert not np.isnan(together.t_end).any()


def test_movement_in_another_lead_does_not_move_the_marks():
    r_times = np.arange(1.0, 119.0, 0.9)
    first, second = beat_train(r_times, 360.0, 120.0), beat_train(r_times, 360.0, 120.0)
    moved = np.cumsum(np.random.default_rng(5).normal(0, 0.15, 40 * 360))
    second[40 * 360 : 80 * 360] += moved - np.linspace(0, moved[-1], len(moved))
    beats = Beats("II", np.round(r_times * 360).astype(np.int64), find_artifacts(first, 360.0))
    still, moving = find_waves(record_of(first), beats), find_waves(two_leads(first, second), beats)
    for mark in ("t_peak", "t_end"):
        apart_ms = np.abs(getattr(moving, mark) - getattr(still, mark)) / 0.36
        assert (apart_ms <= 8).mean() > 0.97, mark


def test_a_dead_lead_has_no_influence():
    r_times = np.arange(1.0, 29.0, 0.9)
    lead = beat_train(r_times, 360.0, 30.0)
    beats = Beats("II", np.round(r_times * 360).astype(np.int64), find_artifacts(lead, 360.0))
    alone = find_waves(record_of(lead), beats)
    for dead in (np.zeros(len(lead)), np.full(len(lead), np.nan)):
        beside = find_waves(two_leads(lead, dead), beats)
        for mark in MARKS:
            np.testing.assert_array_equal(getattr(beside, mark), getattr(alone, mark))


@pytest.mark.parametrize("sampling_rate", [250.0, 360.0])
def test_a_long_record_has_the_same_marks_in_pieces_as_in_one(monkeypatch, sampling_rate):
    sample = open_sample("sim_ventricular_premature")
    long = replace(sample, signals=np.tile(sample.signals, (4, 1)), sampling_rate=sampling_rate, annotations={})
    beats = find_beats(long)
    whole, whole_qrs = find_waves(long, beats), find_qrs(long, beats)
    monkeypatch.setattr("backend.windows.waves.delineation.BLOCK_BEATS", 70)
    monkeypatch.setattr("backend.windows.waves.delineation.PIECE_S", 50.0)
    pieces, pieces_qrs = find_waves(long, beats), find_qrs(long, beats)
    assert len(beats.r_peaks) > 300
    np.testing.assert_array_equal(pieces_qrs, whole_qrs)
    for mark in MARKS:
        np.testing.assert_array_equal(getattr(pieces, mark), getattr(whole, mark))
        np.testing.assert_array_equal(pieces.is_uncertain(mark), whole.is_uncertain(mark))


def test_an_unknown_lead_is_refused():
    samples = np.zeros(1080)
    with pytest.raises(RecordRefused, match="aVF"):
        find_waves(record_of(samples), Beats("aVF", np.array([500]), find_artifacts(samples, 360.0)))


@pytest.fixture(scope="module")
def cases():
    from tests.benchmarks.waves import qtdb_cases

    return qtdb_cases(Path(DATA) / "qtdb")


@needs_data
@pytest.mark.parametrize("records", ["all", "odd"])
def test_the_errors_in_the_qt_database_stay_within_their_limits(cases, records):
    from tests.benchmarks.waves import ours, qtdb_rows

    # The aims, met with 1 to 3 ms to spare; there is none for the peaks and the onset of T.
    most_ms = {
        "p_onset": 15,
        "p_end": 13,
        "qrs_onset": 8,
        "qrs_end": 9,
        "t_end": 19,
        "p_peak": 11,
        "t_onset": 31,
        "t_peak": 14,
    }
    every_row, _, failures = qtdb_rows(cases, {"Beatlight": ours})
    rows = {row.mark: row for row in every_row if row.records == records and row.leads == "better"}
    assert failures == {"Beatlight": 0}
    for mark, most in most_ms.items():
        assert rows[mark].deviation_in_record <= most, mark
    for mark, row in rows.items():
        assert abs(row.mean) <= 8, mark
        # A low P in an irregular rhythm (sel40, sel46, sel821) is not probable enough to be marked.
        assert row.found >= (97 if mark.startswith("p_") else 99), mark


@needs_data
def test_uncertain_marks_have_larger_errors(cases):
    from tests.benchmarks.waves import unsure_rows

    for row in unsure_rows(cases):
        assert 5 < row.share < 25, row
        assert row.far[0] > 1.5 * row.far[1], row
        # Where T begins, pen and slope may disagree in any beat (45 of 100 unsure onsets more than 60 ms off, 25 of the
        # others): the deviations, 73 and 57 ms, tell less, and nothing is claimed of them.
        assert row.mark == "t_onset" or row.deviation[0] > 1.4 * row.deviation[1], row


@needs_data
def test_few_beats_without_p_have_a_p_mark_in_mitdb():
    from tests.benchmarks.waves import mitdb_p

    rows, _ = mitdb_p(Path(DATA) / "mitdb")
    given, sure = {row.beats: row.with_p for row in rows}, {row.beats: row.with_sure_p for row in rows}
    assert given["V"] <= 5
    assert given["in AFIB or AFL"] <= 5
    assert given["N in sinus rhythm"] >= 98
    assert sure["V"] <= 3.5
    assert sure["in AFIB or AFL"] <= 1.5
    assert sure["N in sinus rhythm"] >= 85


def test_find_qrs_equals_the_qrs_of_find_waves():
    record = open_sample("sim_ventricular_premature")
    beats = find_beats(record)
    waves = find_waves(record, beats)
    onset, end = find_qrs(record, beats)
    np.testing.assert_array_equal(onset, waves.qrs_onset)
    np.testing.assert_array_equal(end, waves.qrs_end)
    assert [len(edge) for edge in find_qrs(record, replace(beats, r_peaks=np.zeros(0, dtype=np.int64)))] == [0, 0]
