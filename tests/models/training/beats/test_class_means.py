import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from backend.models.bundle import bundle_names, load_bundle, save_bundle
from backend.models.training.beats.beat_recipes import RECIPES
from backend.models.training.beats.class_means import add_class_means, class_means
from backend.models.training.beats.labelled_beats import MARGIN_STEPS, WINDOW_STEPS, LabelledBeats, load_mitdb
from backend.models.training.splits import mitdb_patient
from backend.records.record import RecordRefused
from backend.windows.beats.beat_windows import BeatWindow
from tests.models.made_databases import copy_samples
from tests.toys import published_size_bundle

DATA = os.environ.get("BEATLIGHT_DATA")
OF_2018 = "ecg-beat-2018"


def beats(*told: tuple[str, str, float]) -> LabelledBeats:
    """Beats of (patient, label, level): the chosen lead lies at that level."""
    patients, labels, levels = (np.array(own) for own in zip(*told, strict=True))
    flat = np.ones((len(told), WINDOW_STEPS + 2 * MARGIN_STEPS), dtype=np.float32)
    chosen = flat * levels[:, np.newaxis].astype(np.float32)
    blank = np.zeros((len(told), 5), dtype=np.float32)
    return LabelledBeats(chosen, np.zeros((*flat.shape, 3), np.float32), blank, blank[:, 0], labels, patients, patients)


def test_each_patient_weighs_the_same_however_many_beats_it_has():
    of_two = beats(("a", "N", 1.0), ("a", "N", 3.0), ("a", "N", 2.0), ("b", "N", 10.0), ("b", "V", -4.0))
    means = class_means(of_two, ("V", "N"), BeatWindow())
    assert means.shape == (2, WINDOW_STEPS, 1)
    assert means.dtype == np.float32
    assert (means[0] == -4.0).all()
    assert (means[1] == 6.0).all()


@pytest.mark.parametrize("name", bundle_names("beat"))
def test_every_bundle_of_beats_knows_a_mean_window_of_each_class(name):
    bundle = load_bundle(name)
    shape = (len(bundle.classes), bundle.window.steps, len(bundle.window.variables))
    assert bundle.class_means.shape == shape
    assert np.isfinite(bundle.class_means).all()
    apart = np.abs(bundle.class_means[:, np.newaxis] - bundle.class_means).max(axis=(2, 3))
    assert (apart[~np.eye(len(apart), dtype=bool)] > 0.1).all()


def test_databases_other_than_those_of_the_card_are_refused(tmp_path):
    copy_samples(["sim_normal"], tmp_path / "mitdb")
    with pytest.raises(RecordRefused, match="give the databases that it was trained on"):
        add_class_means(OF_2018, tmp_path)


def test_what_is_added_is_the_mean_of_the_training_beats_and_all_else_stays(tmp_path):
    copy_samples(["sim_normal", "sim_ventricular_premature"], tmp_path / "mitdb")
    toy, classes = published_size_bundle(), ("normal", "PVC")
    found = load_mitdb(tmp_path, "biosppy")
    found = found.only(np.isin(found.labels, classes) & (found.patients != "mitdb-sim_normal"))
    counts = {name: int((found.labels == name).sum()) for name in classes}
    told = {"patients": ["mitdb-sim_ventricular_premature"], "beats": counts}
    card = {"classes": list(classes), "temperature": 1.5, "certain_from": 0.8, "training": told}
    save_bundle(OF_2018, toy.network, None, RECIPES[OF_2018].window, card, tmp_path / "bundles")
    before = load_bundle(OF_2018, tmp_path / "bundles")
    after = add_class_means(OF_2018, tmp_path, tmp_path / "bundles")
    assert before.class_means is None
    assert np.array_equal(after.class_means, class_means(found, classes, BeatWindow()))
    assert after.card == before.card
    for name, weights in before.network.state_dict().items():
        assert np.array_equal(after.network.state_dict()[name], weights)


@pytest.mark.skipif(DATA is None, reason="BEATLIGHT_DATA names no folder with the databases")
def test_the_mean_paced_beat_is_that_of_the_training_patients(tmp_path):
    bundle = load_bundle(OF_2018)
    own = [
        header
        for header in sorted((Path(DATA) / "mitdb").glob("*.hea"))
        if header.stem in ("102", "104", "107", "217")
        and f"mitdb-{mitdb_patient(header.stem)}" in bundle.card["training"]["patients"]
    ]
    (tmp_path / "mitdb").mkdir()
    for path in (part for header in own for part in header.parent.glob(f"{header.stem}.*")):
        shutil.copy(path, tmp_path / "mitdb")
    paced = load_mitdb(tmp_path, "biosppy")
    paced = paced.only(paced.labels == "paced")
    assert len(paced) == bundle.card["training"]["beats"]["paced"]
    (mean,) = class_means(paced, ("paced",), BeatWindow())
    assert bundle.class_means[bundle.class_index("paced")] == pytest.approx(mean, abs=1e-6)
