"""The doors for alarms and stays: computed once, apart for each alarm and each edit, which stay in their session."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from backend import workbench
from backend.records.alarms import Alarm, find_alarms
from backend.records.samples.library import open_sample
from backend.workbench import AlarmReading, StayReading

CLASSIFYING = {"alarm": "classify_alarms", "stay": "classify_stay"}


pytestmark = pytest.mark.usefixtures("empty_stores")


def alarm_reading() -> AlarmReading:
    record = open_sample("sim_alarm_vt_pulse")
    return AlarmReading(record, "icu-alarm", find_alarms(record)[0])


def stay_reading() -> StayReading:
    return StayReading(open_sample("sim_stay_septic_shock"), "icu-mortality")


READINGS = {"alarm": alarm_reading, "stay": stay_reading}
COMPUTED = {
    "score_over_time": lambda reading, target: workbench.over_time(reading, 0),
    "what_if": lambda reading, target: workbench.with_deleted(reading, 0, (3, 9), "not measured", None),
    "explain": lambda reading, target: workbench.explanation(reading, 0, "occlusion", target, {}),
    "measure_faithfulness": lambda reading, target: workbench.faithfulness_of(reading, 0, "occlusion", target, {}),
    "check_stability": lambda reading, target: workbench.stability_of(reading, 0, "derivative", target, {}),
    "rank_features": lambda reading, target: workbench.ranking(reading, 0, target),
    "measure_pairs": lambda reading, target: workbench.pairs(reading, 0, target),
}


def target_of(reading) -> str:
    return workbench.model(reading.model).classes[0]


@pytest.mark.parametrize("name", COMPUTED)
@pytest.mark.parametrize("kind", READINGS)
def test_a_second_view_of_an_alarm_or_a_stay_takes_no_computation(counted, kind, name):
    reading = READINGS[kind]()
    calls, classified = counted(name), counted(CLASSIFYING[kind])
    for _ in range(2):
        COMPUTED[name](reading, target_of(reading))
        assert (len(calls), len(classified)) == (1, 1)


def test_another_alarm_of_the_same_record_is_another_window(counted):
    calls, reading = counted("classify_alarms"), alarm_reading()
    workbench.classified(reading)
    other = workbench.classified(replace(reading, alarm=Alarm("asystole", reading.alarm.sample)))
    earlier = workbench.classified(replace(reading, alarm=Alarm(reading.alarm.kind, 9_999)))
    assert len(calls) == 3
    assert other.windows.reference == ("",)
    assert earlier.windows.anchor.tolist() == [9_999]


def edit_and_look() -> None:
    """A screen that edits a stay and takes the edit back; runs as a streamlit script."""
    from dataclasses import replace

    from backend import workbench
    from backend.records.stays import Edit
    from tests.workbench.test_icu_doors import stay_reading

    reading = stay_reading()
    before = workbench.classified(reading).windows.values
    after = workbench.classified(replace(reading, edits=(Edit("GCS", 2_700, 3.0),))).windows.values
    assert (after != before).any()
    assert (workbench.classified(reading).windows.values == before).all()


def test_an_edit_of_a_stay_changes_what_the_model_reads_and_without_it_all_is_as_before(counted):
    calls = counted("classify_stay")
    assert not AppTest.from_function(edit_and_look, default_timeout=60).run().exception
    assert len(calls) == 2


def test_a_whole_sensor_can_be_deleted():
    reading = alarm_reading()
    last = workbench.model(reading.model).window.steps - 1
    without = workbench.with_deleted(reading, 0, (0, last), "not measured", ("ABP",))
    drop = without.scores_before[0] - without.scores_after[0]
    ranked = {own.variable: own.drop for own in workbench.ranking(reading, 0, without.classes[0], "not measured")}
    assert drop == pytest.approx(ranked["ABP"], abs=1e-4)


def test_each_kind_of_screen_is_offered_its_own_models_and_samples():
    assert "icu-alarm" in workbench.model_names("alarm")
    assert "icu-mortality" in workbench.model_names("stay")
    names = [set(workbench.model_names(kind)) for kind in ("beat", "alarm", "stay")]
    assert len(set.union(*names)) == sum(map(len, names))
    for kind in ("ecg", "alarm", "stay"):
        assert {sample.kind for sample in workbench.sample_list(kind)} == {kind}


def ask_of_a_stay(source: str, is_edited: bool, visitor: str) -> None:
    """A screen that asks the doors about one stay; runs as a streamlit script."""
    from dataclasses import replace

    from streamlit.runtime.scriptrunner import get_script_run_ctx

    from backend import workbench
    from backend.records.stays import Edit
    from tests.workbench.test_icu_doors import COMPUTED, stay_reading

    # Streamlit's test runner gives all its scripts one session; a browser's tabs have one each.
    get_script_run_ctx().session_id = visitor
    reading = stay_reading()
    edits = (Edit("GCS", 2_700, 3.0),) if is_edited else ()
    reading = replace(reading, record=replace(reading.record, source=source), edits=edits)
    for ask in COMPUTED.values():
        ask(reading, "death")
    workbench.classified(reading)


@pytest.mark.parametrize(
    ("source", "is_edited", "computed"),
    [("simulated", False, 1), ("simulated", True, 2), (workbench.UPLOADED, False, 2)],
)
def test_a_samples_results_serve_everyone_an_uploads_and_an_edited_stays_one_session(
    counted, source, is_edited, computed
):
    calls = {name: counted(name) for name in (*COMPUTED, "classify_stay")}
    for _ in range(2):
        for visitor in ("first", "second"):
            given = {"source": source, "is_edited": is_edited, "visitor": visitor}
            assert not AppTest.from_function(ask_of_a_stay, kwargs=given, default_timeout=60).run().exception
        assert {name: len(made) for name, made in calls.items()} == dict.fromkeys(calls, computed)
