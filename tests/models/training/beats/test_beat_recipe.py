from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from backend.models.calibration.class_offsets import fit_class_offsets
from backend.models.network.lstm import score_with_features
from backend.models.training.beats.beat_inputs import allowed_classes, compose_inputs
from backend.models.training.beats.beat_recipe import BeatSplits
from backend.models.training.beats.beat_split import BeatSplit
from backend.models.training.beats.ecg_beat import ECG_BEAT
from backend.models.training.beats.ecg_beat_2018 import ECG_BEAT_2018
from backend.models.training.beats.labelled_records import CONDUCTED
from backend.models.training.beats.outliers.outlier_windows import Outliers, OutlierWindows
from backend.models.training.beats.protocols.reference_totals import ReferenceTotals
from backend.windows.signal.filtering import BAND_HZ
from tests.models.made_databases import simulated_beats

either_recipe = pytest.mark.parametrize("recipe", [ECG_BEAT, ECG_BEAT_2018], ids=lambda recipe: recipe.name)


@either_recipe
def test_the_parts_of_a_recipe_agree(recipe):
    assert recipe.architecture.variables == len(recipe.window.variables)
    assert recipe.architecture.classes == len(recipe.classes)
    assert recipe.window.steps % recipe.architecture.steps_per_read == 0
    assert recipe.databases[0] == "mitdb"
    assert recipe.plan.augmentation is None or recipe.window.in_context


@either_recipe
def test_a_recipe_states_what_its_model_must_not_be_used_for(recipe):
    assert "not a medical device" in " ".join(recipe.text.not_for)
    assert all(line.endswith(".") for line in recipe.text.not_for)


def test_the_recipe_of_2018_has_the_published_settings():
    recipe = ECG_BEAT_2018
    plan, network, window = recipe.plan, recipe.architecture, recipe.window
    assert recipe.classes == ("normal", "RBBB", "PVC", "paced")
    assert recipe.databases == ("mitdb",)
    assert (network.hidden, network.layers, network.pooling, network.dropout) == (128, 1, "last", 0.1)
    assert network.steps_per_read == 1
    assert (plan.batch, plan.learning_rate, plan.weight_decay, plan.epochs) == (200, 0.001, 0.001, 100)
    assert (plan.augmentation, plan.averaging, plan.label_smoothing, plan.draw) == (None, 0.0, 0.0, None)
    assert (plan.decay, plan.max_gradient, plan.replication, recipe.is_merged) == (0.0, 0.0, 0.0, False)
    assert not plan.balanced_validation
    assert (window.steps, window.sampling_rate, window.band_hz, window.in_context) == (216, 360.0, BAND_HZ, False)


def test_the_default_recipe_has_six_classes_from_five_databases():
    recipe = ECG_BEAT
    assert recipe.classes == ("normal", "LBBB", "RBBB", "atrial premature", "PVC", "paced")
    assert recipe.databases == ("mitdb", "svdb", "ptbxl", "cpsc2018", "cinc2021")
    assert set(recipe.plan.draw) == {*recipe.classes, CONDUCTED}


TOY = replace(
    ECG_BEAT,
    name="toy",
    classes=("normal", "atrial premature", "PVC"),
    architecture=replace(ECG_BEAT.architecture, classes=3, hidden=5),
    plan=replace(ECG_BEAT.plan, epochs=2, batch=64, draw={"normal": 100, "PVC": 100, "atrial premature": 50}),
    databases=("mitdb",),
    further_seeds=(4, 9),
)


@pytest.fixture(scope="module")
def split() -> BeatSplits:
    """Two records of training patients, one for validation and one for the test."""
    named = ("sim_ventricular_premature", "sim_atrial_premature"), ("sim_bigeminy",), ("sim_normal",)
    kept = (beats.select(np.isin(beats.labels, TOY.classes)) for beats in (simulated_beats(*names) for names in named))
    return BeatSplits(BeatSplit(*kept), {}, (), ReferenceTotals({}, {}, {}), white_noise())


def white_noise() -> Outliers:
    """Windows of white noise as the only outliers."""
    values = np.random.default_rng(0).standard_normal((100, TOY.window.steps, len(TOY.window.variables)))
    names = np.array([f"artificial-{number}" for number in range(100)])
    artificial = OutlierWindows(values.astype(np.float32), np.full(100, "white noise"), names)
    nothing = artificial.select(np.zeros(0, dtype=np.int64))
    return Outliers(nothing, artificial, nothing)


def one_start(split: BeatSplits, seed: int, runs: Path) -> tuple[np.ndarray, float]:
    """Scores of the validation beats by the network of one seed alone, as trained, and its lowest validation loss."""
    network, history = TOY._train(seed, split.published, runs / f"alone{seed}.pt")
    values = compose_inputs(split.published.validation, TOY.window)
    return score_with_features(network, values)[0], min(history.validation)


@pytest.mark.parametrize("is_merged", [True, False])
def test_the_published_network_gives_the_mean_scores_of_all_starts_or_is_the_best_one(tmp_path, split, is_merged):
    recipe = replace(TOY, is_merged=is_merged)
    trained = recipe.fit(split, tmp_path)
    seeds = (TOY.plan.seed, 4, 9)
    scores, losses = zip(*(one_start(split, seed, tmp_path) for seed in seeds), strict=True)
    assert {seed: min(own.validation) for seed, own in trained.histories.items()} == dict(
        zip(seeds, losses, strict=True)
    )
    assert len(set(losses)) == 3
    values = compose_inputs(split.published.validation, TOY.window)
    published, _ = score_with_features(trained.network, values)
    expected = np.mean(scores, axis=0) if is_merged else scores[int(np.argmin(losses))]
    validation = split.published.validation
    offsets = fit_class_offsets(expected, allowed_classes(validation.labels, TOY.classes), validation.patients)
    np.testing.assert_allclose(published, expected + offsets, rtol=2e-5, atol=1e-5)
    assert trained.network.architecture.hidden == (15 if is_merged else 5)
