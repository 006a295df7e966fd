from dataclasses import fields, replace

import numpy as np
import pytest

from backend.models.training.beats.beat_inputs import (
    Augmentation,
    augment,
    beat_examples,
    class_indices,
    compose_inputs,
    digest_inputs,
)
from backend.models.training.beats.ecg_beat import ECG_BEAT
from backend.models.training.beats.ecg_beat_2018 import ECG_BEAT_2018
from backend.models.training.beats.labelled_beats import LabelledBeats
from backend.records.samples.library import open_sample
from backend.windows.beats.beat_windows import cut_beats
from backend.windows.beats.detection import find_beats
from tests.models.made_databases import simulated_beats

CLASSES = ("normal", "PVC")
WINDOW = ECG_BEAT.window
NOTHING = Augmentation(**{field.name: 0 for field in fields(Augmentation)})


def some_beats() -> LabelledBeats:
    return simulated_beats("sim_bigeminy")


def changed(seed: int = 0, beats: LabelledBeats | None = None, **parameters) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return augment(beats or some_beats(), WINDOW, replace(NOTHING, **parameters), rng)


@pytest.mark.parametrize("recipe", [ECG_BEAT, ECG_BEAT_2018], ids=lambda recipe: recipe.name)
def test_training_reads_exactly_the_windows_that_the_product_cuts(recipe):
    window = recipe.window
    beats = simulated_beats("sim_bigeminy")
    record = open_sample("sim_bigeminy")
    windows = cut_beats(record, find_beats(record), window)
    # The margin leaves out beats near the edges, and beats of other kinds have no label.
    read = compose_inputs(beats, window)
    assert len(read) >= len(windows.values) - 2
    cut = {values.tobytes() for values in windows.values}
    assert all(values.tobytes() in cut for values in read)


def test_augmented_windows_have_the_shape_of_the_others():
    beats = some_beats()
    values = augment(beats, WINDOW, Augmentation(), np.random.default_rng(0))
    assert values.shape == compose_inputs(beats, WINDOW).shape == (len(beats), 216, 8)
    assert values.dtype == np.float32
    assert np.isfinite(values).all()


def test_an_augmentation_of_zero_changes_nothing():
    np.testing.assert_allclose(changed(), compose_inputs(some_beats(), WINDOW), atol=1e-6)


@pytest.mark.parametrize(
    "parameters",
    [
        {"shift_steps": 5},
        {"warp": 0.07},
        {"mixing": 0.15},
        {"noise": 0.03},
        {"lone_lead": 0.4},
        {"lead_dropout": 0.35},
        {"measurement_noise": 0.1},
        {"measurement_dropout": 0.5},
    ],
)
def test_every_parameter_changes_the_windows_in_the_same_way_from_the_same_seed(parameters):
    unchanged = compose_inputs(some_beats(), WINDOW)
    first = changed(**parameters)
    assert not np.allclose(first, unchanged, atol=1e-4)
    assert np.array_equal(first, changed(**parameters))
    assert not np.array_equal(first, changed(seed=1, **parameters))


@pytest.mark.parametrize("dropout", [0.35, 0.9, 1.0])
@pytest.mark.parametrize("lone", [0.0, 0.5, 1.0])
def test_every_window_keeps_at_least_one_lead(dropout, lone):
    values = changed(lead_dropout=dropout, lone_lead=lone)
    assert values[:, :, :3].any(axis=(1, 2)).all()


def test_a_window_with_one_lead_has_its_first_recorded_lead():
    values = changed(lone_lead=1.0)
    assert values[:, :, 0].any(axis=1).all()
    assert not values[:, :, 1:3].any()
    beats = some_beats()
    without_limb = replace(beats, leads=beats.leads * np.array([0, 1, 1], dtype=np.float32))
    values = changed(beats=without_limb, lone_lead=1.0)
    assert not values[:, :, 0].any()
    assert values[:, :, 1].any(axis=1).all()


def test_a_lead_that_was_not_recorded_stays_zero():
    assert not augment(some_beats(), WINDOW, Augmentation(), np.random.default_rng(0))[:, :, 2].any()


def test_a_shift_moves_the_r_peak_by_no_more_than_its_bound():
    steady = compose_inputs(some_beats(), WINDOW)[:, 60:85, 0].argmax(axis=1)
    moved = changed(shift_steps=5)[:, 60:85, 0].argmax(axis=1)
    assert np.abs(moved - steady).max() <= 6
    assert np.abs(moved - steady).max() >= 3


def test_a_warp_leaves_the_r_peak_where_it_is():
    steady, warped = compose_inputs(some_beats(), WINDOW), changed(warp=0.07)
    assert np.abs(warped[:, 60:85, 0].argmax(axis=1) - steady[:, 60:85, 0].argmax(axis=1)).max() <= 1


def test_a_dropped_measurement_is_zero_at_every_step_and_nothing_else_changes():
    steady, dropped = compose_inputs(some_beats(), WINDOW), changed(measurement_dropout=0.5)
    measured, gone = steady[:, 0, 3:], ~dropped[:, :, 3:].any(axis=1)
    assert 0.4 < gone[measured != 0].mean() < 0.6
    assert np.array_equal(dropped[:, 0, 3:][~gone], measured[~gone])
    np.testing.assert_allclose(dropped[:, :, :3], steady[:, :, :3], atol=1e-6)


def test_noise_on_the_measurements_is_the_same_at_every_step_of_a_window():
    steady, noisy = compose_inputs(some_beats(), WINDOW), changed(measurement_noise=0.1)
    added = (noisy - steady)[:, :, 3:]
    assert np.ptp(added, axis=1).max() < 1e-6
    assert added.std() == pytest.approx(0.1, rel=0.1)


def test_beats_are_not_changed_in_place():
    beats = some_beats()
    before = digest_inputs(beats, WINDOW)
    augment(beats, WINDOW, Augmentation(), np.random.default_rng(0))
    assert digest_inputs(beats, WINDOW) == before


def test_the_digest_changes_with_the_order_and_with_any_value_or_label():
    beats = some_beats()
    fewer = beats.select(np.arange(len(beats)) != 3)
    reversed_ = beats.select(np.arange(len(beats))[::-1])
    relabelled = replace(beats, labels=np.full(len(beats), "PVC"))
    assert digest_inputs(some_beats(), WINDOW) == digest_inputs(beats, WINDOW)
    assert len({digest_inputs(own, WINDOW) for own in (beats, fewer, reversed_, relabelled)}) == 4


def test_the_digest_covers_what_the_model_reads_and_nothing_else():
    beats = some_beats()
    remeasured = replace(beats, measurements=beats.measurements + 1.0)
    other_lead = replace(beats, chosen=beats.chosen + 1.0)
    for window, other, same in ((WINDOW, remeasured, other_lead), (ECG_BEAT_2018.window, other_lead, remeasured)):
        assert digest_inputs(same, window) == digest_inputs(beats, window)
        assert digest_inputs(other, window) != digest_inputs(beats, window)


def test_targets_are_the_positions_of_the_labels_among_the_classes():
    beats = some_beats()
    targets = class_indices(beats, CLASSES)
    assert [CLASSES[target] for target in targets] == beats.labels.tolist()


def test_a_batch_is_augmented_only_with_an_augmentation():
    beats = some_beats()
    chosen = np.array([3, 1, 4])
    plain, targets = beat_examples(beats, CLASSES, WINDOW).batch(chosen, np.random.default_rng(0))
    np.testing.assert_array_equal(plain, compose_inputs(beats.select(chosen), WINDOW))
    augmented = beat_examples(beats, CLASSES, WINDOW, augmentation=Augmentation())
    changed, same_targets = augmented.batch(chosen, np.random.default_rng(0))
    assert not np.array_equal(changed, plain)
    assert same_targets.tolist() == targets.tolist()


def test_an_epoch_draws_at_most_the_bound_of_each_class_of_each_patient():
    beats = simulated_beats("sim_bigeminy", "sim_ventricular_premature")
    drawn = beat_examples(beats, CLASSES, WINDOW, n_per_group=3).draw(np.random.default_rng(0))
    groups = list(zip(beats.patients[drawn].tolist(), beats.labels[drawn].tolist(), strict=True))
    assert {group: groups.count(group) for group in set(groups)} == {
        (patient, label): 3 for patient in set(beats.patients.tolist()) for label in CLASSES
    }
