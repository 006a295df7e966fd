"""What a person changed of a stay's charted values: kept in the session alone, for each stay.

One act may change many values, as when all of a variable are taken away; it is undone as one.
"""

import streamlit as st

from backend.records.record import Record
from backend.records.stays import Edit, apply_edits

__all__ = ["acts_of", "do", "edits_of", "forget_edits", "undo"]

Act = tuple[Edit, ...]


def acts_of(record: Record) -> tuple[Act, ...]:
    """What was done to this stay, in this order."""
    return _kept().get(record.digest, ())


def edits_of(record: Record) -> tuple[Edit, ...]:
    """What was changed of this stay, in this order."""
    return tuple(edit for act in acts_of(record) for edit in act)


def do(record: Record, act: Act) -> None:
    """Change some values of a stay.

    Raises
    ------
    RecordRefused
        If a value cannot be; nothing is changed then.
    """
    apply_edits(record, (*edits_of(record), *act))
    _kept()[record.digest] = (*acts_of(record), act)


def undo(record: Record) -> None:
    """Take the last act back."""
    _kept()[record.digest] = acts_of(record)[:-1]


def forget_edits(record: Record) -> None:
    """Take all acts back; nothing is kept of a stay that a person has removed."""
    _kept().pop(record.digest, None)


def _kept() -> dict[str, tuple[Act, ...]]:
    return st.session_state.setdefault("edits", {})
