from collections import Counter

import numpy as np
import pytest

from backend.models.training.beats.augmentation import RHYTHM_CLASSES, Augmentation, augment
from backend.models.training.beats.beat_inputs import allowed_classes, beat_examples, compose_inputs
from backend.models.training.beats.ecg_beat import ECG_BEAT
from backend.models.training.beats.ecg_beat_2018 import ECG_BEAT_2018
from backend.models.training.beats.labelled_records import CONDUCTED
from backend.models.training.loop import Plan
from backend.records.samples.library import open_sample
from backend.windows.beats.beat_windows import cut_beats
from backend.windows.beats.detection import find_beats
from tests.models.made_databases import simulated_beats

CLASSES = ECG_BEAT.classes
WINDOW = ECG_BEAT.window


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


def test_a_conducted_beat_may_be_normal_or_blocked_and_every_other_label_is_one_class():
    allowed = allowed_classes(np.array(["PVC", CONDUCTED, "normal"]), CLASSES)
    named = [{name for name, is_allowed in zip(CLASSES, row, strict=True) if is_allowed} for row in allowed]
    assert named == [{"PVC"}, {"normal", "LBBB", "RBBB"}, {"normal"}]
    assert set(RHYTHM_CLASSES) <= set(CLASSES)


def test_a_batch_is_augmented_only_with_an_augmentation():
    beats = simulated_beats("sim_bigeminy")
    chosen = np.array([3, 1, 4])
    plain, allowed = beat_examples(beats, CLASSES, WINDOW, Plan()).make_batch(chosen, np.random.default_rng(0))
    np.testing.assert_array_equal(plain, compose_inputs(beats.select(chosen), WINDOW))
    np.testing.assert_array_equal(allowed, allowed_classes(beats.labels[chosen], CLASSES))
    examples = beat_examples(beats, CLASSES, WINDOW, Plan(augmentation=Augmentation()))
    values, _ = examples.make_batch(chosen, np.random.default_rng(0))
    again, _ = augment(beats.select(chosen), allowed, CLASSES, WINDOW, Augmentation(), np.random.default_rng(0))
    np.testing.assert_array_equal(values, again)
    assert not np.array_equal(values, plain)


def test_an_epoch_draws_all_beats_or_as_many_of_each_label_as_the_plan_says():
    beats = simulated_beats("sim_bigeminy", "sim_ventricular_premature")
    rng = np.random.default_rng(0)
    assert beat_examples(beats, CLASSES, WINDOW, Plan()).draw(rng).tolist() == list(range(len(beats)))
    drawn = beat_examples(beats, CLASSES, WINDOW, Plan(draw={"normal": 30, "PVC": 70})).draw(rng)
    assert Counter(beats.labels[drawn].tolist()) == {"normal": 30, "PVC": 70}
    assert len(set(beats.patients[drawn].tolist())) == 2
