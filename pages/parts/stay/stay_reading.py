"""Choosing a stay in the side bar."""

from backend.kinds.stay_kind import STAY
from backend.records.record import Record
from backend.workbench import StayReading
from pages.parts.app import url_state
from pages.parts.sidebar.reading_choice import choose_reading, forget_target
from pages.parts.sidebar.record_choice import choose_model
from pages.parts.stay.stay_edits import edits_of
from pages.parts.stay.unit_choice import ask_units

__all__ = ["choose_stay"]


def choose_stay() -> StayReading:
    """Draw the side bar and return the chosen stay with its edits; ends the run, with a hint, where none is open."""
    return choose_reading(STAY, _forget_record, _choose)


def _choose(record: Record) -> StayReading:
    record = ask_units(record)
    model = choose_model(STAY.name, lambda last: forget_target())
    return StayReading(record, model, edits_of(record))


def _forget_record() -> None:
    url_state.choose(variable=None, target=None)
