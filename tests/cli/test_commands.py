"""The command line: what it prints, and that it never ends in a traceback."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from backend.explain.api import TECHNIQUES
from backend.models.bundle import bundle_names, load_bundle
from backend.models.classification import classify_beats
from backend.records.opening import open_record
from backend.records.samples.catalogue import SAMPLE_RECORDS
from backend.windows.beats.detection import DETECTORS, find_beats
from backend.windows.waves.intervals import INTERVALS
from tests.records.edf_files import Edf, Own
from tests.records.well_formed import RATE, synthetic_ecg, write_wfdb

ROOT = Path(__file__).parents[2]
SIMULATED = SAMPLE_RECORDS / "simulated"
NORMAL, BIGEMINY = str(SIMULATED / "sim_normal"), str(SIMULATED / "sim_bigeminy")
QUICKLY = {"occlusion": ["--width_steps", "11"], "mask": ["--steps", "3"], "fade": ["--steps", "3"]}
"""Parameters that make a technique quick, or differ from its defaults."""
MARKS = ("p_onset", "p_peak", "p_end", "qrs_onset", "qrs_end", "t_onset", "t_peak", "t_end")


def is_sample(value) -> bool:
    return type(value) is int and value >= 0


def test_detect_gives_record_lead_rate_and_r_peaks(documents):
    status, (found,) = documents("detect", NORMAL)
    assert status == 0
    assert set(found) >= {"record", "lead", "sampling_rate", "r_peaks"}
    assert (found["record"], found["lead"], found["sampling_rate"]) == (NORMAL, "MLII", 360)
    assert found["r_peaks"] == find_beats(open_record(NORMAL)).r_peaks.tolist()
    assert all(map(is_sample, found["r_peaks"]))


@pytest.mark.parametrize("detector", DETECTORS)
def test_the_detector_can_be_chosen_and_is_said(documents, detector):
    for command in (["detect"], ["waves"], ["classify"], ["explain", "--beat", "3"]):
        status, (found,) = documents(*command[:1], BIGEMINY, *command[1:], "--detector", detector)
        assert status == 0
        assert found["detector"] == detector
    status, (found,) = documents("detect", BIGEMINY, "--detector", detector)
    assert found["r_peaks"] == find_beats(open_record(BIGEMINY), detector=detector).r_peaks.tolist()


@pytest.mark.parametrize("model", bundle_names("beat"))
def test_a_model_reads_beats_of_the_detector_that_it_was_trained_with_unless_told_otherwise(documents, model):
    status, (found,) = documents("classify", BIGEMINY, "--model", model)
    assert status == 0
    assert found["detector"] == load_bundle(model).window.detector


def test_waves_gives_the_marks_of_each_beat_null_where_absent(documents):
    status, (found,) = documents("waves", BIGEMINY)
    assert status == 0
    assert set(found) >= {"record", "lead", "sampling_rate", "r_peaks", "beats"}
    assert [beat["r_peak"] for beat in found["beats"]] == found["r_peaks"]
    for beat in found["beats"]:
        assert set(beat) >= {"r_peak", *MARKS}
        assert all(beat[mark] is None or is_sample(beat[mark]) for mark in MARKS)
        assert set(beat["unsure"]) <= set(MARKS)
        assert tuple(beat["intervals"]) == INTERVALS
        if beat["qrs_end"] is not None and beat["qrs_onset"] is not None:
            assert beat["intervals"]["qrs_ms"] == pytest.approx((beat["qrs_end"] - beat["qrs_onset"]) / 0.36)
    assert any(beat["p_peak"] is None for beat in found["beats"])
    assert any(beat["p_peak"] is not None for beat in found["beats"])


@pytest.mark.parametrize("model", bundle_names("beat"))
def test_classify_gives_label_probabilities_doubt_and_reference_of_each_beat(documents, model):
    status, (found,) = documents("classify", BIGEMINY, "--model", model)
    bundle = load_bundle(model)
    classified = classify_beats(bundle, open_record(BIGEMINY))
    assert status == 0
    assert set(found) >= {"record", "lead", "beats"}
    assert [beat["label"] for beat in found["beats"]] == list(classified.scores.labels)
    assert {beat["reference"] for beat in found["beats"]} == {"normal", "PVC"}
    for beat in found["beats"]:
        assert set(beat) >= {"r_peak", "label", "probabilities", "uncertain", "reference"}
        assert tuple(beat["probabilities"]) == bundle.classes
        assert sum(beat["probabilities"].values()) == pytest.approx(1.0, abs=1e-5)
        assert beat["label"] == max(beat["probabilities"], key=beat["probabilities"].get)
        assert type(beat["uncertain"]) is bool


def test_without_annotations_the_reference_is_null(documents, tmp_path):
    write_wfdb(tmp_path)
    _, (found,) = documents("classify", str(tmp_path / "rec"))
    assert {beat["reference"] for beat in found["beats"]} == {None}


@pytest.mark.parametrize(("technique", "parameters"), [(name, QUICKLY.get(name, [])) for name in TECHNIQUES])
def test_explain_gives_the_window_the_scores_and_the_salience(documents, technique, parameters):
    status, (found,) = documents("explain", BIGEMINY, "--beat", "7", "--technique", technique, *parameters)
    bundle = load_bundle()
    classified = classify_beats(bundle, open_record(BIGEMINY))
    assert status == 0
    assert set(found) >= {
        *("technique", "parameters", "target", "window"),
        *("scores", "salience", "raw", "seconds"),
    }
    assert set(found["window"]) >= {"start_sample", "sampling_rate", "variables", "values"}
    assert found["technique"] == technique
    assert found["target"] == classified.scores.labels[7]
    assert found["window"]["start_sample"] == classified.windows.anchor[7] - 180
    assert found["window"]["sampling_rate"] == 120
    values, salience, raw = (np.array(part) for part in (found["window"]["values"], found["salience"], found["raw"]))
    assert values.shape == salience.shape == raw.shape == (108, len(found["window"]["variables"]))
    np.testing.assert_allclose(values, classified.windows.values[7], atol=1e-6)
    assert salience.min() >= 0
    assert salience.max() <= 1
    assert tuple(found["scores"]) == bundle.classes
    assert found["seconds"] >= 0


def test_explain_gives_the_drop_of_each_measurement_and_the_share_of_the_tracing(documents, said):
    status, (found,) = documents("explain", BIGEMINY, "--beat", "7")
    assert status == 0
    assert [own["measurement"] for own in found["measurements"]] == list(load_bundle().window.whole_sources)
    assert set(found["tracing_share"]) == {"tracing", "measurements", "share"}
    _, out, _ = said("explain", BIGEMINY, "--beat", "7")
    assert f"RR before {found['measurements'][0]['drop']:+.2f}" in out
    assert f"tracing {found['tracing_share']['tracing']:+.2f}" in out
    _, (lead_alone,) = documents("explain", BIGEMINY, "--beat", "7", "--model", "ecg-beat-2018")
    assert lead_alone.keys().isdisjoint({"measurements", "tracing_share"})


def test_a_techniques_parameters_and_the_class_to_explain_are_taken_by_name(documents):
    ask = ("explain", BIGEMINY, "--beat", "7", "--target", "pvc")
    _, (found,) = documents(*ask, "--width_steps=9", "--fill", "mean")
    assert found["target"] == "PVC"
    assert found["parameters"]["width_steps"] == 9
    assert found["parameters"]["fill"] == "mean"
    _, (dashed,) = documents(*ask, "--width-steps", "9", "--fill", "mean")
    assert dashed["raw"] == found["raw"]


@pytest.mark.parametrize("lead", ["V1", "v1", " v1"])
def test_a_lead_is_named_in_any_case(documents, lead):
    status, (found,) = documents("detect", NORMAL, "--lead", lead)
    assert status == 0
    assert found["lead"] == "V1"


@pytest.mark.parametrize("command", [["detect"], ["waves"], ["classify"], ["explain", "--beat", "0"]])
def test_each_record_has_one_line_and_one_that_is_refused_does_not_stop_the_others(documents, tmp_path, command):
    (tmp_path / "broken.hea").write_text("broken 2 360 1000\nbroken.dat 212 200\nbroken.dat 212 200\n")
    broken, absent = str(tmp_path / "broken"), str(tmp_path / "absent")
    name, *options = command
    status, found = documents(name, broken, NORMAL, absent, BIGEMINY, *options)
    assert status == 2
    assert [document["record"] for document in found] == [broken, NORMAL, absent, BIGEMINY]
    assert set(found[0]) == set(found[2]) == {"record", "error"}
    assert all(document["error"].endswith(".") for document in (found[0], found[2]))
    assert "error" not in found[1]
    assert "error" not in found[3]


def test_each_refusal_names_what_there_is(documents):
    asks = {
        ("detect", NORMAL, "--lead", "V6"): "MLII, V1",
        ("detect", NORMAL, "--detector", "pan"): "hamilton, biosppy",
        ("classify", NORMAL, "--model", "nope"): "ecg-beat",
        ("explain", NORMAL, "--beat", "9999"): "Choose one from 0 to",
        ("explain", NORMAL, "--beat", "-1"): "Choose one from 0 to",
        ("explain", NORMAL, "--beat", "1", "--target", "VT"): "normal, LBBB",
        ("explain", NORMAL, "--beat", "1", "--nope", "3"): "width_steps",
        ("explain", NORMAL, "--beat", "1", "--width_steps", "wide"): "whole number",
        ("explain", NORMAL, "--beat", "1", "--width_steps", "0"): "width_steps cannot be 0",
        ("explain", NORMAL, "--beat", "1", "--width_steps"): "width_steps cannot be",
        ("explain", NORMAL, "--beat", "1", "--technique", "lime"): "occlusion, mask, derivative",
    }
    for ask, sentence in asks.items():
        status, (found,) = documents(*ask)
        assert status == 2, ask
        assert set(found) == {"record", "error"}, ask
        assert sentence in found["error"], ask


def test_an_edf_a_csv_and_a_wfdb_header_are_records_too(documents, tmp_path):
    lines = "\n".join(f"{one:.4f},{two:.4f}" for one, two in synthetic_ecg())
    (tmp_path / "ecg.csv").write_text(f"II,V1\n{lines}\n")
    status, (found,) = documents("detect", str(tmp_path / "ecg.csv"), "--sampling-rate", str(RATE), "--unit", "mV")
    assert status == 0
    assert (found["lead"], found["sampling_rate"]) == ("II", RATE)
    assert len(found["r_peaks"]) > 8
    assert documents("detect", f"{NORMAL}.hea")[1][0]["r_peaks"] == documents("detect", NORMAL)[1][0]["r_peaks"]


def test_a_csv_file_that_does_not_say_its_rate_is_refused_until_it_is_said(documents, tmp_path):
    (tmp_path / "ecg.csv").write_text("II\n" + "\n".join(f"{value:.4f}" for value in synthetic_ecg()[:, 0]))
    status, (found,) = documents("detect", str(tmp_path / "ecg.csv"))
    assert status == 2
    assert "rate" in found["error"]


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        (["detect", NORMAL], "lead MLII, detector hamilton: 131 beats, samples at 360 Hz"),
        (["waves", NORMAL], "qrs_onset"),
        (["classify", NORMAL], "normal"),
        (["explain", NORMAL, "--beat", "3"], "occlusion for normal"),
    ],
)
def test_answers_are_text_for_a_person_too(said, command, shown):
    status, out, err = said(*command)
    assert status == 0
    assert shown in out
    assert err == ""


def test_what_was_understood_of_a_file_is_said(said, documents, tmp_path):
    ecg = np.tile(synthetic_ecg()[:, 0], 2)
    signals = [Own("EEG C3", ecg), Own("X2", ecg), Own("-", 0 * ecg, "", ("0",) * 4)]
    path = Edf(signals, 20).write(tmp_path / "night.edf")
    path.write_bytes(path.read_bytes()[:-10])
    understood = documents("detect", str(path))[1][0]["understood"]
    assert understood == {
        "format": "EDF",
        "sampling_rate": 250,
        "sampling_rate_from": "header",
        "unit_from": "header",
        "leads": ["X2"],
        "leads_from": "by heartbeats",
        "gaps_s": [],
        "left_out": [{"name": "-", "reason": "no range of values in the header"}],
        "notices": [
            "The file is cut; it was read to its last whole data record, at 19 s.",
            "No channel is named as an ECG; X2 shows heartbeats and is read as one.",
        ],
    }
    _, out, _ = said("detect", str(path), "--lead-channel", "EEG C3", "--sampling-rate", "500", "--unit", "uV")
    assert out.startswith("Read as EDF; 500 Hz (stated); leads EEG C3 (stated).\nLeft out: - (no range of values")


def test_a_refusal_as_text_goes_to_standard_error_and_the_others_to_standard_output(said):
    status, out, err = said("detect", "nowhere/absent", NORMAL)
    assert status == 2
    assert "131 beats" in out
    assert "absent" not in out
    assert err.startswith("nowhere/absent: ")


def test_models_lists_every_bundle_with_what_it_is(said):
    status, out, _ = said("models")
    assert status == 0
    for name in bundle_names():
        assert f"{name}: {load_bundle(name).card['title']}" in out


@pytest.mark.parametrize("name", bundle_names())
def test_models_name_gives_the_whole_card(said, documents, name):
    card = load_bundle(name).card
    assert json.loads(said("models", name)[1]) == card
    assert documents("models", name) == (0, [card])


def test_all_cards_as_json_are_one_a_line(documents):
    status, cards = documents("models")
    assert status == 0
    assert [card["name"] for card in cards] == list(bundle_names())


def test_simulate_writes_the_samples_that_are_committed(said, tmp_path):
    status, out, _ = said("simulate", "--into", str(tmp_path / "new"))
    assert status == 0
    written = {path.name: path.read_bytes() for path in (tmp_path / "new").iterdir()}
    committed = {path.name: path.read_bytes() for path in SIMULATED.iterdir()}
    assert written == committed
    assert set(out.split()) == {name.partition(".")[0] for name in committed}


@pytest.mark.parametrize(
    "command",
    [
        ["models", "nope"],
        ["train", "nope", "--data", "."],
        ["train", "ecg-beat-2018", "--data", "nowhere"],
        ["simulate", "--into", f"{__file__}/under/a/file"],
        ["detect", str(SIMULATED)],
        ["detect", ""],
        ["detect", "\0"],
        ["detect", "x" * 5000],
        ["explain", NORMAL],
        ["classify", NORMAL, "--alarm", "asystole"],
        ["classify", NORMAL, "--at", "12"],
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence_with_status_2(said, command):
    status, out, err = said(*command)
    assert status == 2
    assert out == ""
    assert err.strip().endswith(".")
    assert len(err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "command",
    [[], ["nope"], ["detect"], ["detect", NORMAL, "--width_steps", "3"], ["train", "ecg-beat"]],
)
def test_a_command_that_is_not_one_is_answered_with_its_usage_and_status_2(said, command):
    status, _, err = said(*command)
    assert status == 2
    assert "usage:" in err


def test_a_mirror_that_holds_no_database_is_refused_in_a_sentence(said, tmp_path):
    status, _, err = said("samples", "--from", str(tmp_path))
    assert status == 2
    assert "mitdb. Give the folder that does" in err


def run_for_real(*arguments: str, **given) -> subprocess.CompletedProcess:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [sys.executable, "-m", "backend", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        **given,
    )


def test_python_m_backend_answers_with_one_line_of_json_and_its_exit_status(tmp_path):
    shutil.copy(f"{NORMAL}.hea", tmp_path)
    alone = str(tmp_path / "sim_normal")
    ended = run_for_real("classify", NORMAL, alone, "--json")
    assert ended.returncode == 2
    good, refused = map(json.loads, ended.stdout.splitlines())
    assert len(good["beats"]) > 100
    assert refused["record"] == alone
    assert "Traceback" not in ended.stderr


def test_a_reader_that_has_seen_enough_is_no_error():
    command = f"{sys.executable} -m backend waves {NORMAL} {BIGEMINY} --json | head -c 100"
    ended = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0
    assert ended.stderr == ""


def test_the_help_of_explain_names_every_technique(said):
    _, out, _ = said("explain", "--help")
    assert f"{', '.join(list(TECHNIQUES)[:-1])} or {list(TECHNIQUES)[-1]} (default" in " ".join(out.split())


@pytest.mark.parametrize("command", ["detect", "waves", "classify", "explain"])
def test_the_help_of_a_command_names_every_detector(said, command):
    status, out, _ = said(command, "--help")
    assert status == 0
    assert all(detector in out for detector in DETECTORS)
