from dataclasses import fields, replace

import numpy as np
import pytest

from backend.models.training.beats.beat_augmentation import Augmentation, augmented_inputs, inputs
from backend.models.training.beats.beat_recipes import RECIPES
from backend.models.training.beats.labelled_beats import LabelledBeats
from backend.records.samples.library import open_sample
from backend.windows.beats.beat_windows import cut_beats
from backend.windows.beats.detection import find_beats
from tests.models.made_databases import simulated_beats

WINDOW = RECIPES["ecg-beat"].window
NOTHING = Augmentation(**{field.name: 0 for field in fields(Augmentation)})


def some_beats() -> LabelledBeats:
    return simulated_beats("sim_bigeminy")


def changed(seed: int = 0, beats: LabelledBeats | None = None, **parameters) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return augmented_inputs(beats or some_beats(), WINDOW, replace(NOTHING, **parameters), rng)


@pytest.mark.parametrize("name", RECIPES)
def test_training_reads_exactly_what_the_product_cuts(name):
    window = RECIPES[name].window
    beats = simulated_beats("sim_bigeminy")
    record = open_sample("sim_bigeminy")
    windows = cut_beats(record, find_beats(record), window)
    # The margin leaves out beats near the edges, and beats of other kinds have no label.
    read = inputs(beats, window)
    assert len(read) >= len(windows.values) - 2
    cut = {values.tobytes() for values in windows.values}
    assert all(values.tobytes() in cut for values in read)


def test_augmented_inputs_have_the_shape_of_unchanged_ones():
    beats = some_beats()
    values = augmented_inputs(beats, WINDOW, Augmentation(), np.random.default_rng(0))
    assert values.shape == inputs(beats, WINDOW).shape == (len(beats), 216, 8)
    assert values.dtype == np.float32
    assert np.isfinite(values).all()


def test_augmentation_by_nothing_changes_nothing():
    np.testing.assert_allclose(changed(), inputs(some_beats(), WINDOW), atol=1e-6)


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
def test_every_parameter_changes_windows_and_the_same_seed_changes_them_the_same_way(parameters):
    unchanged = inputs(some_beats(), WINDOW)
    first = changed(**parameters)
    assert not np.allclose(first, unchanged, atol=1e-4)
    assert np.array_equal(first, changed(**parameters))
    assert not np.array_equal(first, changed(seed=1, **parameters))


@pytest.mark.parametrize("dropout", [0.35, 0.9, 1.0])
@pytest.mark.parametrize("lone", [0.0, 0.5, 1.0])
def test_at_least_one_lead_always_stays(dropout, lone):
    values = changed(lead_dropout=dropout, lone_lead=lone)
    assert values[:, :, :3].any(axis=(1, 2)).all()


def test_a_window_that_keeps_one_lead_keeps_the_first_that_it_has():
    values = changed(lone_lead=1.0)
    assert values[:, :, 0].any(axis=1).all()
    assert not values[:, :, 1:3].any()
    beats = some_beats()
    without_limb = replace(beats, leads=beats.leads * np.array([0, 1, 1], dtype=np.float32))
    values = changed(beats=without_limb, lone_lead=1.0)
    assert not values[:, :, 0].any()
    assert values[:, :, 1].any(axis=1).all()


def test_a_lead_that_was_not_recorded_is_never_made_up():
    assert not augmented_inputs(some_beats(), WINDOW, Augmentation(), np.random.default_rng(0))[:, :, 2].any()


def test_a_shift_moves_the_r_peak_by_no_more_than_its_bound():
    steady = inputs(some_beats(), WINDOW)[:, 60:85, 0].argmax(axis=1)
    moved = changed(shift_steps=5)[:, 60:85, 0].argmax(axis=1)
    assert np.abs(moved - steady).max() <= 6
    assert np.abs(moved - steady).max() >= 3


def test_a_warp_leaves_the_r_peak_where_it_is():
    steady, warped = inputs(some_beats(), WINDOW), changed(warp=0.07)
    assert np.abs(warped[:, 60:85, 0].argmax(axis=1) - steady[:, 60:85, 0].argmax(axis=1)).max() <= 1


def test_a_measurement_that_is_lost_is_zero_at_every_step_and_nothing_else_changes():
    steady, lost = inputs(some_beats(), WINDOW), changed(measurement_dropout=0.5)
    told, gone = steady[:, 0, 3:], ~lost[:, :, 3:].any(axis=1)
    assert 0.4 < gone[told != 0].mean() < 0.6
    assert np.array_equal(lost[:, 0, 3:][~gone], told[~gone])
    np.testing.assert_allclose(lost[:, :, :3], steady[:, :, :3], atol=1e-6)


def test_noise_on_the_measurements_is_the_same_at_every_step_of_a_window():
    steady, noisy = inputs(some_beats(), WINDOW), changed(measurement_noise=0.1)
    added = (noisy - steady)[:, :, 3:]
    assert np.ptp(added, axis=1).max() < 1e-6
    assert added.std() == pytest.approx(0.1, rel=0.1)


def test_beats_are_not_changed_in_place():
    beats = some_beats()
    before = beats.digest
    augmented_inputs(beats, WINDOW, Augmentation(), np.random.default_rng(0))
    assert beats.digest == before
