"""The units that a person chose for a stay's parameters: kept in the session alone, for each stay."""

from functools import partial

import streamlit as st

from backend.records.record import Record
from backend.records.stay_units import convert_unit, unit_doubts
from backend.records.stays import PARAMETERS

__all__ = ["ask_units", "forget_units", "in_chosen_units"]


def ask_units(record: Record) -> Record:
    """Draw a choice of unit for each parameter whose unit is in doubt, and return the stay so read."""
    chosen = _kept().get(record.digest, {})
    for doubt in unit_doubts(record):
        parameter = PARAMETERS[doubt.parameter]
        units = (parameter.unit, *doubt.alternatives)
        key = _key(record.digest, doubt.parameter)
        st.selectbox(
            f"Unit: {parameter.label}",
            units,
            units.index(chosen.get(doubt.parameter, parameter.unit)),
            key=key,
            help=doubt.sentence(),
            on_change=partial(_keep, record.digest, doubt.parameter, key),
        )
    return in_chosen_units(record)


def in_chosen_units(record: Record) -> Record:
    """Return a stay with its parameters read in the units that a person chose."""
    for parameter, unit in _kept().get(record.digest, {}).items():
        record = convert_unit(record, parameter, unit)
    return record


def forget_units(record: Record) -> None:
    """Read all parameters in their own units again."""
    for parameter in _kept().pop(record.digest, {}):
        st.session_state.pop(_key(record.digest, parameter), None)


def _keep(digest: str, parameter: str, key: str) -> None:
    _kept().setdefault(digest, {})[parameter] = st.session_state[key]


def _key(digest: str, parameter: str) -> str:
    return f"unit of {parameter} {digest}"


def _kept() -> dict[str, dict[str, str]]:
    return st.session_state.setdefault("chosen units", {})
