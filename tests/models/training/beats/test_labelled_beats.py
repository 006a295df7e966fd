from collections import Counter
from dataclasses import fields, replace

import numpy as np
import pytest

from backend.models.training.beats.beat_inputs import compose_inputs
from backend.models.training.beats.ecg_beat import ECG_BEAT
from backend.models.training.beats.labelled_beats import LabelledBeats, load_beats, margin_steps
from backend.models.training.beats.labelled_records import DATABASES, labelled_records
from backend.records.record import RecordRefused
from backend.records.samples.library import open_sample
from backend.windows.beats.beat_windows import BeatWindow, cut_beats
from backend.windows.beats.detection import find_beats
from backend.windows.beats.rhythm import RHYTHM_VARIABLES, measure_rhythm
from tests.made_records import beat_marks, made_record
from tests.models.made_databases import SIMULATED, copy_samples, simulated_beats, write_index

WINDOW = ECG_BEAT.window
NO_EXTRA = {"pacemaker": "", "extra_beats": ""}


def assert_same_beats(some: LabelledBeats, others: LabelledBeats) -> None:
    for field in fields(LabelledBeats):
        np.testing.assert_array_equal(getattr(some, field.name), getattr(others, field.name), field.name)


def test_every_labelled_beat_has_its_window_with_a_margin_on_either_side():
    beats = simulated_beats("sim_bigeminy")
    assert (WINDOW.steps, margin_steps(WINDOW), margin_steps(BeatWindow())) == (108, 6, 18)
    assert beats.tracings.shape == beats.usual.shape == (len(beats), 120, 3)
    assert beats.rhythm.shape == (len(beats), len(RHYTHM_VARIABLES))
    assert not beats.tracings[:, :, 2].any()
    assert np.isnan(beats.usual[:, :, 2]).all()
    assert np.isfinite(beats.usual[5:, :, :2]).all()


def test_beats_for_a_model_of_one_lead_have_that_lead_in_mv_and_neither_usual_beat_nor_rhythm():
    beats = simulated_beats("sim_bigeminy", window=BeatWindow())
    assert beats.tracings.shape == (len(beats), 252, 1)
    assert np.isnan(beats.usual).all()
    assert beats.rhythm.shape == (len(beats), 0)


def test_the_rhythm_is_that_of_all_detected_beats():
    beats, record = simulated_beats("sim_bigeminy"), open_sample("sim_bigeminy")
    detected = find_beats(record)
    measured = measure_rhythm(detected.r_peaks, record.sampling_rate)
    labels = labels_of(record, detected.r_peaks)
    has_label = np.flatnonzero(np.array(labels) != "")
    first = next(at for at in has_label if np.array_equal(measured[at], beats.rhythm[0]))
    assert first <= 2
    np.testing.assert_array_equal(beats.rhythm, measured[has_label[has_label >= first]][: len(beats)])


def test_the_digest_is_that_of_the_beats_and_their_labels_in_order_and_not_of_the_last_bits_of_the_windows():
    beats = simulated_beats("sim_bigeminy")
    others = (
        beats.select(np.arange(len(beats)) != 3),
        beats.select(np.arange(len(beats))[::-1]),
        replace(beats, labels=np.full(len(beats), "PVC")),
        replace(beats, records=np.full(len(beats), "100")),
        replace(beats, patients=np.full(len(beats), "mitdb-100")),
        replace(beats, r_peaks=beats.r_peaks + 1),
    )
    assert len({beats.digest, *(own.digest for own in others)}) == 1 + len(others)
    assert replace(beats, tracings=np.nextafter(beats.tracings, np.float32(1))).digest == beats.digest


def test_labels_are_those_of_the_reference():
    labels = Counter(simulated_beats("sim_bigeminy").labels.tolist())
    record = open_sample("sim_bigeminy")
    windows = cut_beats(record, find_beats(record), BeatWindow())
    reference = Counter(windows.reference)
    assert set(labels) == set(reference) - {""}
    assert all(0 <= reference[name] - labels[name] <= 2 for name in labels)


def test_every_symbol_has_its_label_and_a_detection_without_an_annotation_is_no_beat():
    r_peaks = np.arange(1, 13) * 400
    marks = beat_marks(r_peaks[:-1], list("NaJSEejnFfQ"))
    assert labels_of(made_record(np.zeros((6000, 1)), annotations={"atr": marks}), r_peaks) == (
        *("normal", "atrial premature", "atrial premature", "atrial premature", "ventricular escape"),
        *("escape", "escape", "escape", "fusion", "paced fusion", "unclassifiable", "no beat"),
    )


def test_a_detection_in_flutter_has_no_label():
    flutter = {"atr": beat_marks([400, 900, 2900, 3200], ["N", "[", "]", "N"])}
    assert labels_of(made_record(np.zeros((4000, 1)), annotations=flutter), np.array([400, 1500, 3200, 3600])) == (
        *("normal", "", "normal", "no beat"),
    )


def labels_of(record, r_peaks) -> tuple[str, ...]:
    return DATABASES["mitdb"](SIMULATED)[0].label(record, r_peaks)


def test_the_sinus_beats_of_svdb_are_conducted_since_their_bundle_branches_are_not_known(tmp_path):
    copy_samples(["sim_bigeminy"], tmp_path / "svdb")
    beats = load_beats(tmp_path, "svdb", WINDOW)
    assert set(beats.labels.tolist()) - {"no beat"} == {"conducted", "PVC"}
    assert set(beats.patients.tolist()) == {"svdb-sim_bigeminy"}


@pytest.mark.parametrize(
    ("codes", "labels"),
    [
        ("426783006", {"normal"}),
        ("164889003,59118001", {"RBBB"}),
        ("733534002", {"LBBB"}),
        ("164867002,10370003", {"paced"}),
        ("713427006,713426002", set()),
        ("59118001,164909002", set()),
        ("59118001,427172004", set()),
        ("426783006,284470004", set()),
        ("426783006,445118002", set()),
        ("59118001,445118002", {"RBBB"}),
        ("270492004", set()),
    ],
)
def test_cinc_2021_beats_have_the_single_diagnosis_that_holds_for_every_beat(tmp_path, codes, labels):
    rows = [("sim_normal", "Georgia", codes), ("sim_paced", "PTB-XL", "426783006"), ("Q0048", "CPSC-Extra", "59118001")]
    (tmp_path / "cinc2021").mkdir()
    write_index(tmp_path / "cinc2021", [{"record": r, "database": d, "dx_snomed": dx} for r, d, dx in rows])
    listed = labelled_records(tmp_path, "cinc2021")
    assert {label for record in listed for label in record.label(None, np.zeros(1))} == labels
    assert {record.patient for record in listed} <= {"cinc2021-sim_normal"}


def test_patients_and_records_are_named_by_database():
    beats = simulated_beats("sim_normal", "sim_paced")
    assert set(beats.records.tolist()) == {"sim_normal", "sim_paced"}
    assert set(beats.patients.tolist()) == {"mitdb-sim_normal", "mitdb-sim_paced"}


def test_concatenated_parts_are_the_whole():
    beats = simulated_beats("sim_normal")
    odd = np.arange(len(beats)) % 2 == 1
    joined = LabelledBeats.concatenate([beats.select(~odd), beats.select(odd)])
    order = np.argsort(np.r_[np.flatnonzero(~odd), np.flatnonzero(odd)])
    assert_same_beats(joined.select(order), beats)


@pytest.fixture
def ptbxl(tmp_path):
    copy_samples(["sim_normal", "sim_paced", "sim_left_bundle_branch_block", "sim_bigeminy"], tmp_path / "ptbxl")
    return tmp_path


def codes_used(folder, codes: str, **changed: str) -> set[str]:
    """The labels that a record with these codes gets."""
    row = {"record": "sim_normal", "patient": "7", "scp_codes": codes, **NO_EXTRA, **changed}
    sure = {"record": "sim_paced", "patient": "8", "scp_codes": "PACE:100", **NO_EXTRA}
    write_index(folder / "ptbxl", [row, sure])
    beats = load_beats(folder, "ptbxl", WINDOW)
    return set(beats.labels[beats.patients == "ptbxl-7"].tolist())


@pytest.mark.parametrize(
    ("codes", "labels"),
    [
        ("NORM:80 SR:0", {"normal"}),
        ("AFIB:0", {"normal"}),
        ("CLBBB:100 SR:0", {"LBBB"}),
        ("CRBBB:100 LAFB:100", {"RBBB"}),
        ("PACE:100", {"paced"}),
        ("CRBBB:35", set()),
        ("NORM:35", set()),
        ("NORM:80 PVC:0", set()),
        ("CLBBB:100 PVC:100", set()),
        ("CLBBB:100 BIGU:0", set()),
        ("CLBBB:100 CRBBB:100", set()),
        ("NORM:80 IRBBB:100", set()),
        ("MI:100", set()),
    ],
)
def test_ptbxl_beats_have_the_single_diagnosis_that_holds_for_every_beat(ptbxl, codes, labels):
    assert codes_used(ptbxl, codes) == labels


def test_ptbxl_records_with_extra_beats_and_normal_ones_with_a_pacemaker_are_excluded(ptbxl):
    assert codes_used(ptbxl, "CLBBB:100", extra_beats="VES") == set()
    assert codes_used(ptbxl, "NORM:80", pacemaker="ja, pacemaker") == set()


def test_each_cpsc_record_counts_as_a_patient_and_other_diagnoses_are_excluded(tmp_path):
    copy_samples(["sim_normal", "sim_left_bundle_branch_block", "sim_bigeminy"], tmp_path / "cpsc2018")
    rows = [("sim_normal", "Normal"), ("sim_left_bundle_branch_block", "LBBB"), ("sim_bigeminy", "PVC")]
    write_index(tmp_path / "cpsc2018", [{"record": name, "dx": dx} for name, dx in rows])
    beats = load_beats(tmp_path, "cpsc2018", WINDOW)
    assert set(zip(beats.patients.tolist(), beats.labels.tolist(), strict=True)) == {
        ("cpsc2018-sim_normal", "normal"),
        ("cpsc2018-sim_left_bundle_branch_block", "LBBB"),
    }


@pytest.mark.parametrize("database", DATABASES)
def test_a_folder_without_the_database_is_refused_with_what_to_give(tmp_path, database):
    with pytest.raises(RecordRefused, match="Give the folder that holds the databases"):
        load_beats(tmp_path, database, WINDOW)


def test_a_beat_on_one_lead_is_what_a_record_of_that_lead_alone_gives():
    beats = simulated_beats("sim_right_bundle_branch_block")
    record = open_sample("sim_right_bundle_branch_block")
    alone = made_record(record.signals[:, :1], ("MLII",), annotations=record.annotations)
    read, cut = compose_inputs(beats.on_one_lead(), WINDOW), cut_beats(alone, find_beats(alone), WINDOW)
    of_cut = {values.tobytes() for values in cut.values}
    assert len(read) >= len(cut.values) - 2
    assert all(values.tobytes() in of_cut for values in read)


def test_a_record_without_the_first_place_keeps_its_first_recorded_lead():
    beats = simulated_beats("sim_bigeminy")
    moved = replace(beats, tracings=np.roll(beats.tracings, 1, axis=2), usual=np.roll(beats.usual, 1, axis=2))
    alone = moved.on_one_lead()
    np.testing.assert_array_equal(alone.tracings[:, :, 1], beats.tracings[:, :, 0])
    assert not alone.tracings[:, :, [0, 2]].any()
    assert np.isnan(alone.usual[:, :, [0, 2]]).all()
    np.testing.assert_array_equal(alone.usual[:, :, 1], beats.usual[:, :, 0])
    np.testing.assert_array_equal(alone.rhythm, beats.rhythm)
