"""What a person changed of a stay's charted values: kept in the session alone, for each stay."""

import streamlit as st

from backend.records.record import Record
from backend.records.stays import Edit

__all__ = ["edits_of", "forget_edits", "keep_edits"]


def edits_of(record: Record) -> tuple[Edit, ...]:
    """What was changed of this stay, in this order."""
    return _kept().get(record.digest, ())


def keep_edits(record: Record, edits: tuple[Edit, ...]) -> None:
    """Make these the changes of a stay."""
    _kept()[record.digest] = edits


def forget_edits(record: Record) -> None:
    """Nothing is kept of a stay that a person has removed."""
    _kept().pop(record.digest, None)


def _kept() -> dict[str, tuple[Edit, ...]]:
    return st.session_state.setdefault("edits", {})
