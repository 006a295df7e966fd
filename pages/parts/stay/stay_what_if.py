"""What if a value had been different or not charted: edits of a stay and the new risk."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from backend import workbench
from backend.charts.axes.hour_axis import HOUR_MIN
from backend.charts.stay.course import Course
from backend.charts.style.number_format import format_hours_minutes, format_percent
from backend.records.record import Record, RecordRefused
from backend.records.stays import LAST_MINUTE, PARAMETERS, Edit, Parameter
from backend.workbench import StayReading
from pages.parts.app.widgets import go_button
from pages.parts.stay import stay_edits, stay_text
from pages.parts.stay.stay_measurement import chosen_measurement, take_up

__all__ = ["show_what_if"]

_ALL, _NEW = "all", "new"
_REFUSED = "edit_refused"


def show_what_if(reading: StayReading, variable: str, course: Course | None) -> None:
    """Draw the choices for editing one variable, the edits so far, and the new risk beside the old."""
    parameter = PARAMETERS[variable]
    st.markdown(f"**What if?** {parameter.label}", help=stay_text.WHAT_IF_HELP)
    which = _choose_which(reading.record, parameter, course)
    value = _ask_value(reading.record, parameter, course, which)
    minutes = _minutes(reading.record, parameter, course, which)
    with st.container(horizontal=True, gap="small"):
        go_button("Add" if which == _NEW else "Change", True, _do, reading.record, variable, minutes, value)
        go_button("Delete", which != _NEW, _do, reading.record, variable, minutes, None)
    if _REFUSED in st.session_state:
        st.error(st.session_state.pop(_REFUSED), icon=":material/block:")
    _show_new_risk(reading)
    _list_acts(reading.record)


def _choose_which(record: Record, parameter: Parameter, course: Course | None) -> int | str:
    """Draw the choice of a measurement, and return its minute, all of them, or a new one."""
    minutes = [] if course is None else [int(minute) for minute in course.minutes]
    labels: dict[int | str, str] = {_ALL: f"All {len(minutes)} values", _NEW: "A new value"}
    if course is not None:
        for minute, value in _values(course):
            labels[minute] = f"{format_hours_minutes(minute)}: {course.format_with_unit(value)}"
    options: list[int | str] = [_ALL, _NEW, *minutes] if len(minutes) > 1 else [*minutes, _NEW]
    chosen = chosen_measurement(record, parameter.name)
    # Another stay starts from its values.
    key = f"which {record.digest} {parameter.name}"
    if chosen in options or st.session_state.get(key) not in options:
        st.session_state[key] = chosen if chosen in options else options[0]

    def picked() -> None:
        which = st.session_state[key]
        take_up(record, parameter.name, which if isinstance(which, int) else None)

    which = st.selectbox("Charted value", options, key=key, on_change=picked, format_func=labels.__getitem__)
    return options[0] if which is None else which


def _values(course: Course | None) -> list[tuple[int, float]]:
    if course is None:
        return []
    return [(int(minute), float(value)) for minute, value in zip(course.minutes, course.measured, strict=True)]


def _ask_value(record: Record, parameter: Parameter, course: Course | None, which: int | str) -> float:
    """Draw the input of the new value, at first the present one, and return it."""
    values = dict(_values(course))
    last = list(values.values())[-1] if values else _usual(parameter)
    present = round(values.get(which, last) if isinstance(which, int) else last, 4)
    # Another stay, another place or another act begins from what stands there.
    key = f"value {record.digest} {parameter.name} {which} {len(stay_edits.acts_of(record))}"
    if parameter.choices:
        codes = list(parameter.choices)
        return st.selectbox("New value", codes, codes.index(round(present)), parameter.choices.__getitem__, key=key)
    label = f"New value ({parameter.unit})" if parameter.unit else "New value"
    step = 1.0 if parameter.greatest - parameter.least >= 40 else 0.1 if parameter.greatest > 8 else 0.01
    return st.number_input(label, float(parameter.least), float(parameter.greatest), present, step, "%.4g", key)


def _usual(parameter: Parameter) -> float:
    bounds = [bound for bound in (parameter.normal_low, parameter.normal_high) if bound is not None]
    return sum(bounds) / len(bounds) if bounds else float(next(iter(parameter.choices), parameter.least))


def _minutes(record: Record, parameter: Parameter, course: Course | None, which: int | str) -> tuple[int, ...]:
    """The minutes whose values change."""
    if which == _NEW:
        key = f"hour {record.digest} {parameter.name}"
        hour = st.number_input("Hour", 0.0, LAST_MINUTE / HOUR_MIN, 24.0, 1.0, "%.4g", key)
        return (round(hour * HOUR_MIN),)
    if which == _ALL:
        return tuple(minute for minute, _ in _values(course))
    return (int(which),)


def _do(record: Record, variable: str, minutes: Sequence[int], value: float | None) -> None:
    try:
        stay_edits.do(record, tuple(Edit(variable, minute, value) for minute in minutes))
    except RecordRefused as refusal:
        st.session_state[_REFUSED] = str(refusal)


def _show_new_risk(reading: StayReading) -> None:
    if not reading.edits:
        return
    now, before = (_risk(version) for version in (reading, replace(reading, edits=())))
    st.markdown(f"Risk of death: **{format_percent(now)}** instead of {format_percent(before)}.")


def _risk(reading: StayReading) -> float:
    return float(
        workbench.classified(reading).scores.probabilities[0, workbench.model(reading.model).class_index("death")]
    )


def _list_acts(record: Record) -> None:
    acts = stay_edits.acts_of(record)
    if not acts:
        return
    st.markdown("\n".join(f"{place}. {_describe_act(act)}" for place, act in enumerate(acts, start=1)))
    with st.container(horizontal=True, gap="small"):
        go_button("Undo", True, stay_edits.undo, record, shortcut="Ctrl+Z")
        go_button("Clear", True, stay_edits.forget_edits, record)
    st.caption(stay_text.EDITS_HELP)


def _describe_act(act: Sequence[Edit]) -> str:
    first = act[0]
    parameter = PARAMETERS[first.parameter]
    values = (
        f"{parameter.label} at {format_hours_minutes(first.minute)}"
        if len(act) == 1
        else f"{parameter.label}, all {len(act)} values"
    )
    if first.value is None:
        return f"{values}: deleted"
    written = parameter.choices.get(round(first.value), f"{first.value:.4g} {parameter.unit}".strip())
    return f"{values}: now {written}"
