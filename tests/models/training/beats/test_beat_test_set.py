import os
from pathlib import Path

import numpy as np
import pytest

from backend.models.bundle import bundle_names, load_bundle
from backend.models.training.beats.beat_test_set import BeatTestSet
from backend.models.training.beats.ecg_beat import ECG_BEAT
from backend.models.training.beats.labelled_beats import load_beats
from backend.records.opening import open_record
from backend.records.record import RecordRefused
from backend.windows.beats.beat_windows import BeatWindow, cut_beats
from backend.windows.beats.detection import find_beats
from backend.windows.beats.shifts import choose_shifts
from backend.windows.waves.delineation import find_waves
from tests.cohort.made_models import CLASSES, RECORDS, write_data, write_toy

DATA = os.environ.get("BEATLIGHT_DATA")


@pytest.fixture(scope="module", params=[BeatWindow(), ECG_BEAT.window], ids=["one lead", "in context"])
def folder(request, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("beats")
    write_toy(folder, request.param)
    write_data(folder)
    return folder


@pytest.fixture(scope="module")
def found(folder) -> BeatTestSet:
    return BeatTestSet.read(load_bundle("toy", folder), folder)


def test_only_test_patients_and_classes_of_the_model_are_there(found):
    assert set(found.patients) == {f"mitdb-{name}" for name in RECORDS}
    assert set(found.labels) == set(CLASSES)


def test_the_beats_are_those_that_training_would_have_tested(found, folder):
    trained = load_beats(folder, "mitdb", load_bundle("toy", folder).window)
    kept = trained.select(np.isin(trained.patients, list(set(found.patients))) & np.isin(trained.labels, CLASSES))
    assert found.labels.tolist() == kept.labels.tolist()
    assert found.patients.tolist() == kept.patients.tolist()


def test_windows_and_marks_are_those_of_the_chosen_beats(found, folder):
    last_of_first = int((found.patients == "mitdb-sim_bigeminy").sum()) - 1
    cases = found.cases(np.array([4, last_of_first, last_of_first + 3]))
    for name, position, row in (("sim_bigeminy", 4, 0), ("sim_bigeminy", last_of_first, 1), ("sim_normal", 3, 2)):
        record, window = open_record(folder / "mitdb" / name), load_bundle("toy", folder).window
        beats = find_beats(record)
        windows = cut_beats(record, beats, window)
        labelled = np.flatnonzero(np.isin(windows.reference, CLASSES))
        (number,) = [one for one in labelled if (windows.values[one] == cases.values[row]).all()]
        assert number - position <= 2
        assert cases.labels[row] == windows.reference[number]
        assert cases.variables[row] == windows.variables
        beat = int(np.flatnonzero(beats.r_peaks == windows.anchor[number])[0])
        own = find_waves(record, beats).beat(beat)
        assert cases.marks[row]["r_peak"] == cases.anchor_step == window.steps_before
        after_peak = round((own["qrs_end"] - own["r_peak"]) / window.stride)
        assert cases.marks[row]["qrs_end"] == window.steps_before + after_peak


def test_a_shifted_window_is_that_of_the_moved_r_peak(found, folder):
    window, chosen = load_bundle("toy", folder).window, np.array([2, 200, 300])
    cases, shifted = found.cases(chosen), found.shifted(chosen)
    assert set(shifted) == set(choose_shifts(window))
    for shift, moved in shifted.items():
        assert moved.shape == cases.values.shape
        first, end = max(shift, 0), min(window.steps, window.steps + shift)
        unmoved = cases.values[:, first:end, 0]
        np.testing.assert_allclose(moved[:, first - shift : end - shift, 0], unmoved, atol=1e-4)


def test_the_digest_changes_with_any_window_label_or_patient(found):
    cases = found.cases(np.array([0, 1, 2]))
    assert cases.digest == found.cases(np.array([0, 1, 2])).digest
    assert cases.digest != found.cases(np.array([0, 1, 3])).digest


def test_a_folder_that_holds_none_of_the_patients_is_refused(folder, tmp_path):
    with pytest.raises(RecordRefused, match="has no folder mitdb"):
        BeatTestSet.read(load_bundle("toy", folder), tmp_path)


@pytest.mark.skipif(not DATA, reason="needs the databases: set BEATLIGHT_DATA")
@pytest.mark.parametrize("name", bundle_names("beat"))
def test_of_a_bundled_model_they_are_as_many_as_its_card_says(name):
    bundle = load_bundle(name)
    whole = BeatTestSet.read(bundle, Path(DATA))
    labels, counts = np.unique(whole.labels, return_counts=True)
    assert dict(zip(labels.tolist(), counts.tolist(), strict=True)) == bundle.card["test_set"]["beats"]
    assert sorted(set(whole.patients)) == bundle.card["test_set"]["patients"]
