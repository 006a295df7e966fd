from collections import Counter
from dataclasses import fields, replace

import numpy as np
import pytest

from backend.models.training.beats.beat_inputs import (
    RHYTHM_CLASSES,
    Augmentation,
    allowed_classes,
    augment,
    beat_examples,
    compose_inputs,
)
from backend.models.training.beats.ecg_beat import ECG_BEAT
from backend.models.training.beats.ecg_beat_2018 import ECG_BEAT_2018
from backend.models.training.beats.labelled_beats import LabelledBeats
from backend.models.training.beats.labelled_records import CONDUCTED
from backend.models.training.loop import Plan
from backend.records.samples.library import open_sample
from backend.windows.base import columns_of
from backend.windows.beats.beat_windows import OUTCOME_STEPS, cut_beats
from backend.windows.beats.compression import expand
from backend.windows.beats.detection import find_beats
from backend.windows.beats.rhythm import KNOWN_AFTER
from tests.models.made_databases import simulated_beats

CLASSES = ECG_BEAT.classes
WINDOW = ECG_BEAT.window
BEFORE = WINDOW.steps_before
NOTHING = Augmentation(**{field.name: 0 for field in fields(Augmentation)})
LEADS, DIFFERENCES, RHYTHM = slice(0, 3), slice(3, 6), slice(6, None)


def some_beats(label: str | None = None) -> LabelledBeats:
    beats = simulated_beats("sim_bigeminy")
    return beats if label is None else replace(beats, labels=np.full(len(beats), label))


def augmented(augmentation: Augmentation, beats: LabelledBeats | None = None, seed: int = 0):
    beats = some_beats() if beats is None else beats
    allowed = allowed_classes(beats.labels, CLASSES)
    return augment(beats, allowed, CLASSES, WINDOW, augmentation, np.random.default_rng(seed))


def changed(seed: int = 0, beats: LabelledBeats | None = None, **parameters) -> np.ndarray:
    return augmented(replace(NOTHING, **parameters), beats, seed)[0]


def unchanged() -> np.ndarray:
    return compose_inputs(some_beats(), WINDOW)


def expanded(values: np.ndarray) -> np.ndarray:
    """The windows with leads and differences in QRS amplitudes again."""
    return np.concatenate([expand(values[:, :, :6]), values[:, :, RHYTHM]], axis=2)


@pytest.mark.parametrize("recipe", [ECG_BEAT, ECG_BEAT_2018], ids=lambda recipe: recipe.name)
def test_training_reads_exactly_the_windows_that_the_product_cuts(recipe):
    window = recipe.window
    beats = simulated_beats("sim_bigeminy", window=window)
    record = open_sample("sim_bigeminy")
    windows = cut_beats(record, find_beats(record, detector=window.detector), window)
    # The margin leaves out beats near the edges, and beats of other kinds have no label.
    read = compose_inputs(beats, window)
    assert len(read) >= len(windows.values) - 2
    cut = {values.tobytes() for values in windows.values}
    assert all(values.tobytes() in cut for values in read)


def test_augmented_windows_have_the_shape_of_the_others():
    values, allowed = augmented(Augmentation())
    assert values.shape == unchanged().shape == (len(some_beats()), WINDOW.steps, len(WINDOW.variables))
    assert allowed.shape == (len(values), len(CLASSES))
    assert values.dtype == allowed.dtype == np.float32
    assert np.isfinite(values).all()


def test_an_augmentation_of_zero_changes_nothing():
    values, allowed = augmented(NOTHING)
    np.testing.assert_allclose(values, unchanged(), atol=1e-6)
    np.testing.assert_array_equal(allowed, allowed_classes(some_beats().labels, CLASSES))


@pytest.mark.parametrize("name", [field.name for field in fields(Augmentation)])
def test_every_parameter_changes_the_windows_in_the_same_way_from_the_same_seed(name):
    parameters = {name: 0.5 if name == "swap" else max(getattr(Augmentation(), name), 0.1)}
    first = changed(**parameters)
    assert not np.allclose(first, unchanged(), atol=1e-4)
    assert np.array_equal(first, changed(**parameters))
    assert not np.array_equal(first, changed(seed=1, **parameters))


@pytest.mark.parametrize("dropout", [0.35, 0.9, 1.0])
@pytest.mark.parametrize("lone", [0.0, 0.5, 1.0])
def test_every_window_keeps_at_least_one_lead(dropout, lone):
    values = changed(lead_dropout=dropout, lone_lead=lone)
    assert values[:, :, LEADS].any(axis=(1, 2)).all()


def test_a_window_with_one_lead_has_its_first_recorded_lead_or_its_last_and_the_difference_of_that_lead():
    values = changed(lone_lead=1.0)
    is_there = values[:, :, LEADS].any(axis=1)
    assert (is_there.sum(axis=1) == 1).all()
    assert is_there.mean(axis=0) == pytest.approx([0.75, 0.25, 0.0], abs=0.1)
    assert not values[:, :, DIFFERENCES].any(axis=1)[~is_there].any()
    beats = some_beats()
    without_limb = replace(beats, tracings=beats.tracings * np.array([0, 1, 1], dtype=np.float32))
    assert (changed(beats=without_limb, lone_lead=1.0)[:, :, LEADS].any(axis=1) == [False, True, False]).all()


@pytest.mark.parametrize(
    "name", ["noise", "wander", "mixing", "gain", "shift_s", "warp", "lead_dropout", "rhythm_noise", "rate_noise"]
)
def test_a_lead_that_was_not_recorded_stays_zero(name):
    values = changed(**{name: max(getattr(Augmentation(), name), 0.2)})
    assert not values[:, :, [2, 5]].any()


def test_swapped_leads_are_the_same_leads_with_their_differences_at_other_places():
    swapped, steady = changed(swap=1.0), unchanged()
    places = set()
    for own, other in zip(steady, swapped, strict=True):
        order = [next(at for at in range(3) if np.allclose(own[:, lead], other[:, at], atol=1e-6)) for lead in range(3)]
        np.testing.assert_allclose(other[:, [3 + at for at in order]], own[:, DIFFERENCES], atol=1e-6)
        np.testing.assert_array_equal(other[:, RHYTHM], own[:, RHYTHM])
        places.add(tuple(order))
    assert len(places) == 6


def test_mixed_leads_are_sums_of_the_recorded_ones_and_so_is_the_usual_beat():
    beats = some_beats().select(np.arange(20, 30))
    steady, mixed = expanded(compose_inputs(beats, WINDOW)), expanded(changed(beats=beats, mixing=0.2))
    for own, other in zip(steady, mixed, strict=True):
        for lead in range(2):
            rest = other[:, lead] - own[:, lead]
            share = rest @ own[:, 1 - lead] / (own[:, 1 - lead] @ own[:, 1 - lead])
            np.testing.assert_allclose(rest, share * own[:, 1 - lead], atol=1e-5)
            difference = own[:, 3 + lead] + share * own[:, 4 - lead]
            np.testing.assert_allclose(other[:, 3 + lead], difference, atol=1e-5)


def test_a_gain_scales_a_lead_and_its_difference_alike():
    steady, scaled = expanded(unchanged()[5:]), expanded(changed(gain=0.2)[5:])
    gains = scaled[:, :, LEADS].max(axis=1)[:, :2] / steady[:, :, LEADS].max(axis=1)[:, :2]
    np.testing.assert_allclose(scaled[:, :, 3:5], steady[:, :, 3:5] * gains[:, np.newaxis], atol=1e-5)
    assert np.log(gains).std() == pytest.approx(0.2, rel=0.2)


def test_white_noise_is_a_share_of_the_leads_own_deviation():
    steady, noisy = expanded(unchanged()), expanded(changed(noise=0.05))
    share = (noisy - steady)[:, :, :2].std(axis=1) / steady[:, :, :2].std(axis=1)
    # Exponentially distributed: its mean is its standard deviation.
    assert share.mean() == pytest.approx(0.05, rel=0.15)
    assert share.std() == pytest.approx(0.05, rel=0.3)


def test_baseline_wander_is_a_slow_wave():
    added = (expanded(changed(wander=0.1)) - expanded(unchanged()))[:, :, 0]
    assert np.abs(added).max(axis=1).mean() == pytest.approx(0.08, abs=0.03)
    # A wave of at most 1.2 Hz changes by no more than its amplitude times 2 pi 1.2 / 120 in a step.
    assert (np.abs(np.diff(added, axis=1)).max(axis=1) <= 0.07 * np.ptp(added, axis=1) + 1e-5).all()


def test_a_shift_moves_the_r_peak_by_no_more_than_its_bound():
    around = slice(BEFORE - 8, BEFORE + 9)
    steady = unchanged()[:, around, 0].argmax(axis=1)
    moved = changed(shift_s=0.0334)[:, around, 0].argmax(axis=1)
    assert np.abs(moved - steady).max() <= 5
    assert np.abs(moved - steady).max() >= 3


def test_a_warp_leaves_the_r_peak_where_it_is():
    around = slice(BEFORE - 4, BEFORE + 5)
    steady, warped = unchanged(), changed(warp=0.07)
    assert np.abs(warped[:, around, 0].argmax(axis=1) - steady[:, around, 0].argmax(axis=1)).max() <= 1


def test_an_unknown_usual_beat_leaves_no_difference_in_any_lead_and_changes_no_lead():
    steady, without = unchanged(), changed(no_usual_beat=0.5)
    is_known = without[:, :, DIFFERENCES].any(axis=(1, 2))
    had_one = steady[:, :, DIFFERENCES].any(axis=(1, 2))
    assert 0.4 < is_known[had_one].mean() < 0.6
    np.testing.assert_allclose(without[is_known], steady[is_known], atol=1e-6)
    np.testing.assert_allclose(without[:, :, LEADS], steady[:, :, LEADS], atol=1e-6)


def test_a_hidden_stretch_is_one_run_of_up_to_0_3_s_in_all_leads_or_in_one():
    beats = some_beats()
    beats = replace(beats, tracings=np.ones_like(beats.tracings), usual=np.zeros_like(beats.usual))
    values = changed(beats=beats, hidden=1.0)
    np.testing.assert_array_equal(values[:, :, DIFFERENCES], values[:, :, LEADS])
    np.testing.assert_array_equal(values[:, :, RHYTHM], unchanged()[:, :, RHYTHM])
    gone = values[:, :, LEADS] == 0
    # A run that begins before the window or ends after it is cut short; the others last 0.03 to 0.3 s.
    assert (np.abs(np.diff(gone.astype(int), axis=1)).sum(axis=1) <= 2).all()
    width = gone.sum(axis=1).max(axis=1)
    assert 0.25 * 120 < width.max() <= 0.3 * 120 + 1
    n_leads = gone.any(axis=1).sum(axis=1)
    assert set(n_leads.tolist()) <= {0, 1, 3}
    assert (n_leads == 3).sum() / (n_leads > 0).sum() == pytest.approx(0.6, abs=0.12)


def measured_sources(values: np.ndarray) -> np.ndarray:
    """Which measurements of the rhythm have a value, bool, shape = (n, sources)."""
    columns = columns_of(WINDOW.sources)[3:]
    return np.array([values[:, :, own].any(axis=(1, 2)) for own in columns]).T


def test_a_dropped_measurement_is_zero_in_all_its_columns_and_nothing_else_changes():
    steady, dropped = unchanged(), changed(measurement_dropout=0.5)
    had, has = measured_sources(steady), measured_sources(dropped)
    assert 0.4 < has[had].mean() < 0.6
    for source, columns in enumerate(columns_of(WINDOW.sources)[3:]):
        np.testing.assert_array_equal(dropped[has[:, source]][:, :, columns], steady[has[:, source]][:, :, columns])
    np.testing.assert_allclose(dropped[:, :, :6], steady[:, :, :6], atol=1e-6)


def test_a_window_without_rhythm_has_no_measurement_and_the_others_have_all():
    has = measured_sources(changed(no_rhythm=0.5))[4:-1]
    assert (has.all(axis=1) | ~has.any(axis=1)).all()
    assert 0.4 < has.any(axis=1).mean() < 0.6


@pytest.mark.parametrize(
    ("label", "borrows"),
    [("normal", True), ("LBBB", True), ("paced", True), (CONDUCTED, True), ("PVC", False), ("atrial premature", False)],
)
def test_beats_on_time_borrow_the_rhythm_of_one_another_and_premature_ones_keep_theirs(label, borrows):
    beats = some_beats(label)
    found = changed(beats=beats, borrowed_rhythm=1.0)[:, -1, RHYTHM]
    own = compose_inputs(beats, WINDOW)[:, -1, RHYTHM]
    assert (found != own).any() == borrows
    assert sorted(map(tuple, found)) == sorted(map(tuple, own))


def test_noise_on_the_measurements_is_the_same_at_every_step_and_what_is_unknown_stays_zero():
    steady, noisy = unchanged(), changed(rhythm_noise=0.1)
    added = (noisy - steady)[:, :, RHYTHM]
    assert np.ptp(added[:, :-OUTCOME_STEPS, ~KNOWN_AFTER], axis=1).max() < 1e-6
    assert added[:, 0][steady[:, 0, RHYTHM] != 0].std() == pytest.approx(0.1, rel=0.1)
    assert not noisy[:, :-OUTCOME_STEPS, RHYTHM][:, :, KNOWN_AFTER].any()
    assert not noisy[steady == 0].any()


@pytest.mark.parametrize(
    ("label", "flat"),
    [
        ("normal", {"normal"}),
        ("LBBB", {"normal"}),
        ("RBBB", {"normal"}),
        (CONDUCTED, {"normal"}),
        ("atrial premature", {"atrial premature"}),
        ("PVC", {"normal", "atrial premature"}),
        ("paced", {"normal", "atrial premature"}),
    ],
)
def test_a_window_with_flat_leads_allows_what_its_rhythm_can_show(label, flat):
    values, allowed = augmented(replace(NOTHING, no_tracing=0.5), some_beats(label))
    is_flat = ~values[:, :, :6].any(axis=(1, 2))
    assert 0.4 < is_flat.mean() < 0.6
    expected = np.where(
        is_flat[:, np.newaxis], np.isin(CLASSES, list(flat)), allowed_classes(np.array([label]), CLASSES)
    )
    np.testing.assert_array_equal(allowed, expected)
    np.testing.assert_array_equal(values[:, :, RHYTHM], unchanged()[:, :, RHYTHM])


@pytest.mark.parametrize("label", ["normal", "atrial premature", "PVC", CONDUCTED])
def test_a_window_without_tracing_and_measurement_is_normal(label):
    values, allowed = augmented(replace(NOTHING, no_tracing=1.0, no_rhythm=1.0), some_beats(label))
    assert not values.any()
    np.testing.assert_array_equal(allowed, np.isin(CLASSES, ["normal"]) * np.ones((len(values), 1)))


def test_the_label_changes_with_the_leads_alone():
    _, allowed = augmented(replace(Augmentation(), no_tracing=0.0))
    np.testing.assert_array_equal(allowed, allowed_classes(some_beats().labels, CLASSES))
    _, allowed = augmented(Augmentation())
    n_changed = (allowed != allowed_classes(some_beats().labels, CLASSES)).any(axis=1).sum()
    assert 0 < n_changed < 0.2 * len(allowed)


def test_a_conducted_beat_may_be_normal_or_blocked_and_every_other_label_is_one_class():
    allowed = allowed_classes(np.array(["PVC", CONDUCTED, "normal"]), CLASSES)
    named = [{name for name, is_allowed in zip(CLASSES, row, strict=True) if is_allowed} for row in allowed]
    assert named == [{"PVC"}, {"normal", "LBBB", "RBBB"}, {"normal"}]
    assert set(RHYTHM_CLASSES) <= set(CLASSES)


def test_beats_are_not_changed_in_place():
    beats = some_beats()
    before = [getattr(beats, name).copy() for name in ("tracings", "usual", "rhythm")]
    allowed = allowed_classes(beats.labels, CLASSES)
    augment(beats, allowed, CLASSES, WINDOW, Augmentation(), np.random.default_rng(0))
    for name, own in zip(("tracings", "usual", "rhythm"), before, strict=True):
        np.testing.assert_array_equal(getattr(beats, name), own)
    np.testing.assert_array_equal(allowed, allowed_classes(beats.labels, CLASSES))


def test_a_batch_is_augmented_only_with_an_augmentation():
    beats = some_beats()
    chosen = np.array([3, 1, 4])
    plain, allowed = beat_examples(beats, CLASSES, WINDOW, Plan()).make_batch(chosen, np.random.default_rng(0))
    np.testing.assert_array_equal(plain, compose_inputs(beats.select(chosen), WINDOW))
    np.testing.assert_array_equal(allowed, allowed_classes(beats.labels[chosen], CLASSES))
    examples = beat_examples(beats, CLASSES, WINDOW, Plan(augmentation=Augmentation()))
    values, _ = examples.make_batch(chosen, np.random.default_rng(0))
    again, _ = augmented(Augmentation(), beats.select(chosen))
    np.testing.assert_array_equal(values, again)
    assert not np.array_equal(values, plain)


def test_an_epoch_draws_all_beats_or_as_many_of_each_label_as_the_plan_says():
    beats = simulated_beats("sim_bigeminy", "sim_ventricular_premature")
    rng = np.random.default_rng(0)
    assert beat_examples(beats, CLASSES, WINDOW, Plan()).draw(rng).tolist() == list(range(len(beats)))
    drawn = beat_examples(beats, CLASSES, WINDOW, Plan(draw={"normal": 30, "PVC": 70})).draw(rng)
    assert Counter(beats.labels[drawn].tolist()) == {"normal": 30, "PVC": 70}
    assert len(set(beats.patients[drawn].tolist())) == 2
