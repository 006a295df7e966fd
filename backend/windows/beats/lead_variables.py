"""The names of the variables of a beat's window that hold leads."""

from collections.abc import Sequence

__all__ = ["difference_variable", "lead_columns", "lead_of", "lead_variable", "missing_lead_variable"]

_PREFIX = "lead "
_DIFFERENCE_PREFIX = "difference "
_MISSING_PREFIX = "no "


def lead_variable(lead: str) -> str:
    """Return the name of the variable that holds a lead: ``lead II`` for the lead II."""
    return _PREFIX + lead


def difference_variable(lead: str) -> str:
    """Return the name of the variable that holds the difference of a lead from the patient's usual beat."""
    return _DIFFERENCE_PREFIX + lead


def missing_lead_variable(place: str) -> str:
    """Return the name of the variable of a place from which the record has no lead: ``no right precordial lead``."""
    return f"{_MISSING_PREFIX}{place} lead"


def lead_of(variable: str) -> str | None:
    """Return the lead that a variable holds; None for a difference, a measurement and a missing lead."""
    return variable.removeprefix(_PREFIX) if variable.startswith(_PREFIX) else None


def lead_columns(variables: Sequence[str]) -> list[int]:
    """Return the columns of the variables that are leads of the record; only they have waves."""
    return [column for column, variable in enumerate(variables) if lead_of(variable) is not None]
