from dataclasses import replace
from itertools import pairwise, permutations

import numpy as np
import pytest

from backend.records.record import RecordRefused
from backend.records.samples.library import open_sample
from backend.windows.beats.corrections import (
    NEAR_S,
    SNAP_S,
    Correction,
    apply_corrections,
    find_beat_near,
    find_r_peak_near,
    manual_beats,
    move_beat,
)
from backend.windows.beats.detection import DETECTORS, find_beats
from backend.windows.signal.filtering import bandpass, fill_gaps
from tests.made_records import made_record, simulated_record

SEEDS = range(12)


@pytest.fixture(scope="module")
def heart():
    record, truth = simulated_record()
    return record, find_beats(record), truth


def between(beats, index):
    """A place in the middle of two beats."""
    return int(beats.r_peaks[index] + beats.r_peaks[index + 1]) // 2


def independent_corrections(beats, seed):
    """Some of each kind, each at a beat or a pause of its own."""
    rng = np.random.default_rng(seed)
    chosen = np.sort(rng.choice(np.arange(2, len(beats.r_peaks) - 2, 2), size=6, replace=False))
    makers = (
        lambda index: Correction("add", between(beats, index)),
        lambda index: Correction("delete", int(beats.r_peaks[index])),
        lambda index: Correction("move", int(beats.r_peaks[index]), int(beats.r_peaks[index]) + 7),
    )
    return [makers[kind](index) for kind, index in zip(rng.permutation([0, 0, 1, 1, 2, 2]), chosen, strict=True)]


def test_no_corrections_change_nothing(heart):
    record, beats, _ = heart
    assert np.array_equal(apply_corrections(beats, (), record).r_peaks, beats.r_peaks)


def test_each_kind_of_correction_leaves_the_other_beats_unchanged(heart):
    record, beats, _ = heart
    place, third, fifth = between(beats, 1), int(beats.r_peaks[3]), int(beats.r_peaks[5])
    corrections = [Correction("add", place), Correction("delete", third), Correction("move", fifth, fifth - 20)]
    expected = (set(beats.r_peaks.tolist()) | {place, fifth - 20}) - {third, fifth}
    found = apply_corrections(beats, corrections, record).r_peaks
    assert found.tolist() == sorted(expected)
    assert found.dtype == np.int64


def test_the_detected_beats_themselves_are_not_changed(heart):
    record, beats, _ = heart
    before = beats.r_peaks.copy()
    after = apply_corrections(beats, [Correction("delete", int(before[0]))], record)
    assert np.array_equal(beats.r_peaks, before)
    assert replace(after, r_peaks=beats.r_peaks).__dict__ == beats.__dict__


@pytest.mark.parametrize("seed", SEEDS)
def test_adding_and_deleting_a_beat_restores_the_beats(heart, seed):
    record, beats, _ = heart
    rng = np.random.default_rng(seed)
    index = int(rng.integers(len(beats.r_peaks) - 1))
    place, found = between(beats, index), int(beats.r_peaks[index])
    there_and_back = [
        [Correction("add", place), Correction("delete", place)],
        [Correction("delete", found), Correction("add", found)],
        [Correction("move", found, place), Correction("move", place, found)],
    ]
    for corrections in there_and_back:
        assert np.array_equal(apply_corrections(beats, corrections, record).r_peaks, beats.r_peaks)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_corrections_of_different_beats_does_not_matter(heart, seed):
    record, beats, _ = heart
    corrections = independent_corrections(beats, seed)
    outcomes = {apply_corrections(beats, order, record).r_peaks.tobytes() for order in permutations(corrections, 6)}
    assert len(outcomes) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_leaving_out_the_last_correction_undoes_it(heart, seed):
    record, beats, _ = heart
    corrections = independent_corrections(beats, seed)
    steps = [apply_corrections(beats, corrections[:count], record) for count in range(len(corrections) + 1)]
    for last, (before, after) in zip(corrections, pairwise(steps), strict=True):
        assert np.array_equal(apply_corrections(before, [last], record).r_peaks, after.r_peaks)
        assert not np.array_equal(before.r_peaks, after.r_peaks)


@pytest.mark.parametrize("seed", SEEDS)
def test_beats_stay_ascending_and_unique(heart, seed):
    record, beats, _ = heart
    assert (np.diff(apply_corrections(beats, independent_corrections(beats, seed), record).r_peaks) > 0).all()


def test_a_beat_can_be_moved_by_one_sample_and_past_a_neighbour(heart):
    record, beats, _ = heart
    first, second = (int(sample) for sample in beats.r_peaks[:2])
    moved = apply_corrections(beats, [Correction("move", first, first + 1)], record).r_peaks
    assert moved.tolist()[:2] == [first + 1, second]
    past = apply_corrections(beats, [Correction("move", first, between(beats, 1))], record).r_peaks
    assert past.tolist()[:2] == [second, between(beats, 1)]


def test_beats_can_be_added_to_an_empty_list():
    record = made_record(np.random.default_rng(0).normal(0, 0.02, size=(720, 2)))
    none = replace(find_beats(record), r_peaks=np.zeros(0, dtype=np.int64))
    assert apply_corrections(none, [Correction("add", 400), Correction("add", 100)], record).r_peaks.tolist() == [
        100,
        400,
    ]


def test_corrections_that_no_longer_apply_are_refused_with_a_remedy(heart):
    record, beats, _ = heart
    found_anew = replace(beats, r_peaks=beats.r_peaks + 1)
    place = int(beats.r_peaks[4])
    for correction in (Correction("delete", place), Correction("move", place, between(beats, 4))):
        with pytest.raises(RecordRefused, match=rf"No beat lies at {place / 360:.3f} s\. .*earlier detections"):
            apply_corrections(found_anew, [correction], record)


def test_a_beat_is_deleted_once_only(heart):
    record, beats, _ = heart
    twice = [Correction("delete", int(beats.r_peaks[4]))] * 2
    with pytest.raises(RecordRefused, match="No beat lies at"):
        apply_corrections(beats, twice, record)


@pytest.mark.parametrize("distance", [-35, -1, 0, 1, 35])
def test_no_beat_is_added_within_a_tenth_of_a_second_of_another(heart, distance):
    record, beats, _ = heart
    there, other = int(beats.r_peaks[4]), int(beats.r_peaks[6])
    for correction in (Correction("add", there + distance), Correction("move", other, there + distance)):
        with pytest.raises(RecordRefused, match=r"A beat at .* is within 0\.1 s"):
            apply_corrections(beats, [correction], record)
    assert there + 36 in apply_corrections(beats, [Correction("add", there + 36)], record).r_peaks


@pytest.mark.parametrize("sample", [-1, 10**9])
def test_a_sample_outside_the_record_is_refused(heart, sample):
    record, beats, _ = heart
    corrections = (Correction("add", sample), Correction("move", int(beats.r_peaks[0]), sample))
    for correction in corrections:
        with pytest.raises(RecordRefused, match="outside the record"):
            apply_corrections(beats, [correction], record)
    with pytest.raises(RecordRefused, match="outside the record"):
        find_r_peak_near(record, beats, sample)


def test_a_sample_in_a_gap_or_on_a_flat_line_is_refused():
    record = open_sample("sim_dropouts")
    beats = find_beats(record)
    for stretches, name in ((beats.artifacts.gaps, "a gap"), (beats.artifacts.flat, "a flat line")):
        start, end = (int(edge) for edge in stretches[0])
        for sample in (start, end - 1):
            with pytest.raises(RecordRefused, match=name):
                apply_corrections(beats, [Correction("add", sample)], record)
    with pytest.raises(RecordRefused, match="has a gap at"):
        find_r_peak_near(record, beats, int(beats.artifacts.gaps[0, 0]))


@pytest.mark.parametrize(
    "wrong", [("remove", 5), ("move", 5), ("add", 5, 6), ("delete", 5, 6)], ids=lambda wrong: " ".join(map(str, wrong))
)
def test_an_invalid_correction_is_refused(wrong):
    with pytest.raises(RecordRefused):
        Correction(*wrong)


@pytest.mark.parametrize("turned", [1, -1], ids=["upright", "upside down"])
@pytest.mark.parametrize("rate", [50, 250, 1000])
def test_a_click_near_a_beat_selects_its_r_peak(rate, turned):
    upright, truth = simulated_record(sampling_rate=rate)
    record = made_record(turned * upright.signals, sampling_rate=rate)
    beats = find_beats(record, "mlii")
    normal = np.flatnonzero(truth.labels == np.array("N"))[1:-1:5]
    for r_peak in truth.r_peaks[normal]:
        for aside_s in (-0.03, 0.0, 0.03):
            snapped = find_r_peak_near(record, beats, int(r_peak) + round(aside_s * rate))
            assert abs(snapped - r_peak) <= max(1, 0.012 * rate)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_r_peak_is_an_extremum_of_the_whole_lead_filtered_at_once(seed):
    record = open_sample("sim_dropouts")
    beats = find_beats(record)
    samples = record.signals[:, 0]
    passed = bandpass(fill_gaps(samples), record.sampling_rate)
    reach = round(SNAP_S * record.sampling_rate)
    clicks = np.flatnonzero(~np.isnan(samples))
    edges = [0, 3, len(samples) - 1] if seed == 0 else []
    for click in [*edges, *np.random.default_rng(seed).choice(clicks, 20).tolist()]:
        found = find_r_peak_near(record, beats, click)
        assert abs(found - click) <= reach
        around = np.arange(max(0, click - reach), min(len(samples), click + reach + 1))
        recorded = passed[around][~np.isnan(samples[around])]
        assert min(abs(passed[found] - recorded.max()), abs(passed[found] - recorded.min())) < 1e-3


@pytest.mark.parametrize("detector", DETECTORS)
@pytest.mark.parametrize("name", ["sim_bigeminy", "sim_left_bundle_branch_block", "sim_paced"])
def test_a_deleted_beat_can_be_added_again_at_its_sample(name, detector):
    record = open_sample(name)
    beats = find_beats(record, detector=detector)
    for r_peak in beats.r_peaks[1:-1:7].tolist():
        without = apply_corrections(beats, [Correction("delete", r_peak)], record)
        assert abs(find_r_peak_near(record, without, r_peak) - r_peak) <= 2


def test_repeated_nudges_of_a_beat_are_one_move():
    corrections = (Correction("delete", 50),)
    for sample in (100, 104, 108):
        corrections = move_beat(corrections, sample, sample + 4)
    assert corrections == (Correction("delete", 50), Correction("move", 100, 112))
    assert move_beat(corrections, 112, 100) == (Correction("delete", 50),)


def test_a_nudged_added_beat_is_added_at_its_new_sample():
    assert move_beat((Correction("add", 100),), 100, 104) == (Correction("add", 104),)


def test_moving_another_beat_is_a_correction_of_its_own():
    moved = (Correction("move", 100, 104),)
    assert move_beat(moved, 300, 304) == (*moved, Correction("move", 300, 304))
    assert move_beat((), 300, 304) == (Correction("move", 300, 304),)


def test_manual_beats_are_the_added_or_moved_ones_that_still_exist():
    corrections = [
        Correction("add", 500),
        Correction("move", 100, 104),
        Correction("move", 104, 108),
        Correction("add", 900),
        Correction("delete", 900),
        Correction("delete", 700),
    ]
    assert manual_beats(corrections).tolist() == [108, 500]
    assert manual_beats(()).tolist() == []


def test_a_click_selects_the_nearest_beat_or_is_refused(heart):
    record, beats, _ = heart
    fourth, fifth = beats.r_peaks[4:6]
    assert find_beat_near(beats, record, int(fourth) + 20) == fourth
    assert find_beat_near(beats, record, int(fifth) - 20) == fifth
    far = int(beats.r_peaks[0]) - round(1.1 * NEAR_S * record.sampling_rate)
    with pytest.raises(RecordRefused, match="Click nearer to a beat"):
        find_beat_near(beats, record, far)
    with pytest.raises(RecordRefused, match="Click nearer to a beat"):
        find_beat_near(replace(beats, r_peaks=beats.r_peaks[:0]), record, 100)
