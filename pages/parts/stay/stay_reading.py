"""Choosing a stay in the side bar."""

import streamlit as st

from backend.kinds.stay_kind import STAY
from backend.records.record import Record
from backend.records.stay_units import convert_unit, unit_doubts
from backend.records.stays import PARAMETERS
from backend.workbench import StayReading
from pages.parts.app import url_state
from pages.parts.sidebar.reading_choice import choose_reading, forget_target
from pages.parts.sidebar.record_choice import choose_model
from pages.parts.stay.stay_edits import edits_of

__all__ = ["choose_stay"]


def choose_stay() -> StayReading:
    """Draw the side bar and return the chosen stay with its edits; ends the run, with a hint, where none is open."""
    return choose_reading(STAY, _forget_record, _choose)


def _choose(record: Record) -> StayReading:
    record = _in_chosen_units(record)
    model = choose_model(STAY.name, lambda last: forget_target())
    return StayReading(record, model, edits_of(record))


def _in_chosen_units(record: Record) -> Record:
    """Draw a choice of unit for each parameter with improbable values, and return the stay so read."""
    for doubt in unit_doubts(record):
        parameter = PARAMETERS[doubt.parameter]
        units = (parameter.unit, *doubt.alternatives)
        key = f"unit of {doubt.parameter} {record.name}"
        unit = st.selectbox(f"Unit: {parameter.label}", units, key=key, help=doubt.sentence())
        record = convert_unit(record, doubt.parameter, unit)
    return record


def _forget_record() -> None:
    url_state.choose(variable=None, target=None)
