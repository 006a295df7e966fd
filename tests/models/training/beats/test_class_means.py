import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from backend.models.bundle import bundle_names, load_bundle
from backend.models.training.beats.class_means import compute_class_means
from backend.models.training.beats.labelled_beats import LabelledBeats, load_beats, margin_steps
from backend.models.training.splits import mitdb_patient
from backend.windows.beats.beat_windows import BeatWindow

DATA = os.environ.get("BEATLIGHT_DATA")
OF_2018 = "ecg-beat-2018"
WINDOW = BeatWindow()


def beats(*rows: tuple[str, str, float]) -> LabelledBeats:
    """Return beats of (patient, label, level) whose lead is constant at that level."""
    patients, labels, levels = (np.array(column) for column in zip(*rows, strict=True))
    flat = np.ones((len(rows), WINDOW.steps + 2 * margin_steps(WINDOW), 1), dtype=np.float32)
    tracings = flat * levels[:, np.newaxis, np.newaxis].astype(np.float32)
    rhythm = np.zeros((len(rows), 0), dtype=np.float32)
    return LabelledBeats(tracings, np.nan * flat, rhythm, labels, patients, patients, np.arange(len(rows)))


def test_every_patient_has_the_same_weight_whatever_its_number_of_beats():
    of_two = beats(("a", "N", 1.0), ("a", "N", 3.0), ("a", "N", 2.0), ("b", "N", 10.0), ("b", "V", -4.0))
    means = compute_class_means(of_two, ("V", "N"), WINDOW)
    assert means.shape == (2, WINDOW.steps, 1)
    assert means.dtype == np.float32
    assert (means[0] == -4.0).all()
    assert (means[1] == 6.0).all()


@pytest.mark.parametrize("name", bundle_names("beat"))
def test_every_beat_bundle_has_a_mean_window_of_each_class(name):
    bundle = load_bundle(name)
    shape = (len(bundle.classes), bundle.window.steps, len(bundle.window.variables))
    assert bundle.class_means.shape == shape
    assert np.isfinite(bundle.class_means).all()
    apart = np.abs(bundle.class_means[:, np.newaxis] - bundle.class_means).max(axis=(2, 3))
    assert (apart[~np.eye(len(apart), dtype=bool)] > 0.1).all()


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
    paced = load_beats(tmp_path, "mitdb", bundle.window)
    paced = paced.select(paced.labels == "paced")
    assert len(paced) == bundle.card["training"]["beats"]["paced"]
    (mean,) = compute_class_means(paced, ("paced",), bundle.window)
    assert bundle.class_means[bundle.class_index("paced")] == pytest.approx(mean, abs=1e-6)
