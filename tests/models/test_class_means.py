import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from backend.models.bundle import bundle_names, load_bundle
from backend.models.class_means import class_means
from backend.models.splits import mitdb_patient
from backend.models.training_beats import MARGIN_STEPS, WINDOW_STEPS, LabelledBeats, load_mitdb
from backend.windows.beats import BeatWindow

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
