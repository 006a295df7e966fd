"""The doors that the screens call: each result is computed once, and an upload's goes no further than its session."""

from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from backend import workbench
from backend.explain.progress import Cancelled
from backend.records.record import RecordRefused
from backend.records.samples import library
from backend.windows.beats.corrections import Correction
from backend.windows.beats.detection import DETECTORS
from backend.workbench import BeatReading, caching, windows
from tests.made_records import simulated_record
from tests.records.well_formed import write_wfdb

MODEL = "ecg-beat"
DETECTOR = "biosppy"


pytestmark = pytest.mark.usefixtures("empty_stores")


@pytest.fixture(scope="module")
def record():
    return replace(simulated_record()[0], source="simulated")


@pytest.fixture(scope="module")
def reading(record):
    return BeatReading(record, MODEL, None, DETECTOR)


def of_another_record(reading: BeatReading, digest: str = "another") -> BeatReading:
    record = reading.record
    return replace(reading, record=replace(record, signals=-record.signals, digest=digest))


COMPUTED = {
    "find_beats": workbench.found,
    "classify_detected": workbench.classified,
    "summarise_record": workbench.summary,
    "find_waves": workbench.waves,
    "measure_intervals": workbench.intervals,
    "summarise_intervals": workbench.intervals_of_record,
    "score_over_time": lambda reading: workbench.over_time(reading, 3),
    "what_if": lambda reading: workbench.with_deleted(reading, 3, (60, 90), 0.0),
    "explain": lambda reading: workbench.explanation(reading, 3, "occlusion", "normal", {"width_steps": 11}),
    "measure_faithfulness": lambda reading: workbench.faithfulness_of(
        reading, 3, "occlusion", "normal", {"width_steps": 11}
    ),
    "measure_random_drops": lambda reading: workbench.by_chance(reading, 3, "normal", 0.0),
    "check_stability": lambda reading: workbench.stability_of(reading, 3, "derivative", "normal", {}),
}


@pytest.mark.parametrize("name", COMPUTED)
def test_a_second_view_of_the_same_takes_no_computation(counted, reading, name):
    calls, beats = counted(name), counted("classify_detected")
    first = COMPUTED[name](reading)
    done = len(calls), len(beats)
    again = COMPUTED[name](reading)
    assert (len(calls), len(beats)) == done
    assert done[0] == 1
    assert type(again) is type(first)


@pytest.mark.parametrize("name", COMPUTED)
def test_another_record_is_not_mistaken_for_the_first(counted, reading, name):
    calls = counted(name)
    COMPUTED[name](reading)
    COMPUTED[name](of_another_record(reading))
    assert len(calls) == 2


def test_all_that_is_asked_about_a_beat_rests_on_one_classification(counted, reading):
    calls = counted("classify_detected")
    for ask in COMPUTED.values():
        ask(reading)
    assert len(calls) == 1


@pytest.mark.parametrize(
    "ask",
    [
        ("V1", 3, "occlusion", "normal", {"width_steps": 11}),
        (None, 4, "occlusion", "normal", {"width_steps": 11}),
        (None, 3, "derivative", "normal", {}),
        (None, 3, "occlusion", "PVC", {"width_steps": 11}),
        (None, 3, "occlusion", "normal", {"width_steps": 13}),
    ],
)
def test_another_lead_beat_technique_class_or_parameter_is_another_explanation(counted, reading, ask):
    calls = counted("explain")
    COMPUTED["explain"](reading)
    lead, *how = ask
    workbench.explanation(replace(reading, lead=lead), *how)
    assert len(calls) == 2


def test_another_detector_finds_classifies_and_explains_anew(counted, reading):
    calls = {name: counted(name) for name in COMPUTED}
    for detector in DETECTORS:
        for ask in COMPUTED.values():
            ask(replace(reading, detector=detector))
    assert {name: len(made) for name, made in calls.items()} == dict.fromkeys(COMPUTED, len(DETECTORS))


def test_another_model_reads_the_same_beats_and_the_same_waves(counted, reading):
    calls = counted("find_beats"), counted("find_waves")
    for model in workbench.model_names("beat"):
        workbench.classified(replace(reading, model=model))
        workbench.waves(replace(reading, model=model))
    assert [len(made) for made in calls] == [1, 1]


def test_a_correction_that_does_not_fit_the_beats_is_refused(reading):
    with pytest.raises(RecordRefused, match="No beat lies at"):
        workbench.found(replace(reading, corrections=(Correction("delete", 1),)))


def test_parameters_as_text_and_as_numbers_are_the_same_explanation(counted, reading):
    calls = counted("explain")
    COMPUTED["explain"](reading)
    workbench.explanation(reading, 3, "occlusion", "normal", {"width_steps": "11"})
    assert len(calls) == 1


def test_an_explanation_is_known_to_be_there_once_it_is(reading):
    ask = (reading, 3, "derivative", "normal", {})
    assert not workbench.is_explained(*ask)
    salience = workbench.explanation(*ask)
    assert workbench.is_explained(*ask)
    assert workbench.explanation(*ask) is salience


def test_an_explanation_that_was_stopped_is_not_kept(reading):
    ask = (reading, 3, "mask", "normal", {"steps": 5})
    with pytest.raises(Cancelled):
        workbench.explanation(*ask, on_step=lambda done, steps: False)
    assert not workbench.is_explained(*ask)
    assert workbench.explanation(*ask).parameters["steps"] == 5


def test_another_version_of_a_model_is_another_key(counted, reading, monkeypatch):
    calls = counted("classify_detected")
    workbench.classified(reading)
    newer = replace(workbench.model(MODEL), digest="newer")
    for caller in (caching, windows):
        monkeypatch.setattr(caller, "model", lambda name: newer)
    workbench.classified(reading)
    assert len(calls) == 2


def test_what_is_kept_has_a_bound_and_the_oldest_goes_first(counted, reading):
    calls = counted("classify_detected")
    for number in range(30):
        workbench.classified(of_another_record(reading, str(number)))
    assert len(calls) == 30
    workbench.classified(of_another_record(reading, "29"))
    assert len(calls) == 30
    workbench.classified(of_another_record(reading, "0"))
    assert len(calls) == 31


def test_explanations_have_a_bound_too(reading):
    ask = ("derivative", "normal", {})
    first = of_another_record(reading, "first")
    workbench.explanation(first, 3, *ask)
    for number in range(1100):
        workbench.is_explained(of_another_record(reading, str(number)), 3, *ask)
    assert not workbench.is_explained(first, 3, *ask)


def test_samples_are_read_once(monkeypatch):
    opened = []
    original = library.open_sample
    monkeypatch.setattr(library, "open_sample", lambda name: opened.append(name) or original(name))
    assert workbench.sample("sim_normal").digest == workbench.sample("sim_normal").digest
    assert opened == ["sim_normal"]


def test_a_refusal_is_given_anew_each_time(reading):
    for _ in range(2):
        with pytest.raises(RecordRefused, match="MLII, V1"):
            workbench.classified(replace(reading, lead="V6"))


def test_an_upload_is_read_and_nothing_of_it_stays_on_disk(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setattr("tempfile.tempdir", None)
    (tmp_path / "temporary").mkdir()
    write_wfdb(tmp_path)
    read = workbench.upload({name: (tmp_path / name).read_bytes() for name in ("rec.hea", "rec.dat")})
    assert read.source == workbench.UPLOADED
    assert list((tmp_path / "temporary").iterdir()) == []
    with pytest.raises(RecordRefused):
        workbench.upload({"rec.hea": b"nothing"})
    assert list((tmp_path / "temporary").iterdir()) == []


def ask_everything(source: str, corrected: bool, visitor: str) -> None:
    """A screen that asks every door about one record; runs as a streamlit script."""
    from dataclasses import replace

    from streamlit.runtime.scriptrunner import get_script_run_ctx

    from backend import workbench
    from backend.windows.beats.corrections import Correction
    from tests.made_records import simulated_record

    # Streamlit's test runner gives all its scripts one session; a browser's tabs have one each.
    get_script_run_ctx().session_id = visitor
    reading = workbench.BeatReading(replace(simulated_record()[0], source=source), "ecg-beat", None, "biosppy")
    if corrected:
        first = int(workbench.found(reading).r_peaks[0])
        reading = replace(reading, corrections=(Correction("delete", first),))
    workbench.classified(reading)
    workbench.summary(reading)
    workbench.waves(reading)
    workbench.intervals_of_record(reading)
    workbench.over_time(reading, 3)
    workbench.with_deleted(reading, 3, (60, 90), 0.0)
    workbench.explanation(reading, 3, "derivative", "normal", {})
    workbench.faithfulness_of(reading, 3, "derivative", "normal", {})
    workbench.by_chance(reading, 3, "normal", 0.0)
    workbench.stability_of(reading, 3, "derivative", "normal", {})


def session(visitor: str, source: str, corrected: bool = False) -> AppTest:
    given = {"source": source, "corrected": corrected, "visitor": visitor}
    return AppTest.from_function(ask_everything, kwargs=given, default_timeout=60)


@pytest.mark.parametrize(("source", "computed"), [("simulated", 1), (workbench.UPLOADED, 2)])
def test_a_samples_results_serve_every_session_and_an_uploads_its_own_alone(counted, source, computed):
    calls = {name: counted(name) for name in COMPUTED}
    for _ in range(2):
        for visitor in ("first", "second"):
            assert not session(visitor, source).run().exception
        assert {name: len(made) for name, made in calls.items()} == dict.fromkeys(COMPUTED, computed)


def test_corrected_beats_are_classified_anew_for_who_corrects_them_and_found_but_once(counted):
    calls = {name: counted(name) for name in COMPUTED}
    for _ in range(2):
        assert not session("neither", "simulated").run().exception
        for visitor in ("first", "second"):
            assert not session(visitor, "simulated", corrected=True).run().exception
        assert {name: len(made) for name, made in calls.items()} == dict.fromkeys(COMPUTED, 3) | {"find_beats": 1}


def test_what_is_given_out_can_be_changed_without_harm_to_what_is_kept(reading):
    first = workbench.over_time(reading, 3)
    kept = first.scores.copy()
    first.scores[:] = 0.0
    assert np.array_equal(workbench.over_time(reading, 3).scores, kept)


def test_faithfulness_rests_on_the_explanation_that_is_kept_and_is_worked_out_once(counted, reading):
    explained, judged = counted("explain"), counted("measure_faithfulness")
    ask = (reading, 3, "derivative", "normal", {})
    workbench.explanation(*ask)
    first = workbench.faithfulness_of(*ask)
    assert workbench.faithfulness_of(*ask).comprehensiveness == first.comprehensiveness
    assert (len(explained), len(judged)) == (1, 1)


def test_what_deleted_values_become_is_that_of_the_explanation_unless_it_is_said(counted, reading):
    calls = counted("measure_faithfulness")
    ask = (reading, 3, "occlusion", "normal", {"fill": "mean"})
    of_explanation = workbench.faithfulness_of(*ask)
    assert workbench.faithfulness_of(*ask, fill="mean").area == of_explanation.area
    assert len(calls) == 1
    assert workbench.faithfulness_of(*ask, fill=0.5).area != of_explanation.area


def test_a_beat_is_tried_moved_both_ways_and_its_stability_is_known_once_it_is_there(reading):
    ask = (reading, 3, "derivative", "normal", {})
    assert not workbench.is_stability_known(*ask)
    found = workbench.stability_of(*ask)
    assert workbench.is_stability_known(*ask)
    assert workbench.stability_of(*ask) is found
    assert len(found.correlations["shift"]) >= 2
    assert set(found.correlations["shift"]) != {1.0}


def test_a_stability_that_was_stopped_is_not_kept(reading):
    ask = (reading, 3, "mask", "normal", {"steps": 5})
    with pytest.raises(Cancelled):
        workbench.stability_of(*ask, on_step=lambda done, steps: False)
    assert not workbench.is_stability_known(*ask)
