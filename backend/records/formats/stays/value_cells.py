"""What the cells of charted values hold: a number in some unit, a word, a limit, or nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from backend.records.formats.stays.parameter_names import KNOWN_UNITS, UREA_NAMES, fold_name, parameter_and_unit
from backend.records.formats.tables.cells import is_missing, parse_number
from backend.records.stay_units import fold_unit, recognise_unit, to_own_unit, unit_of_parameter
from backend.records.stays import PARAMETERS

__all__ = ["NO_VALUE", "ReadValues", "decimals_of", "read_values", "without_groups"]

NO_VALUE = "no value"

_MISSING = -1.0
_LONGEST_CELL = 60
_OF_NUMBERS = "+-0123456789., \u00a0"
_MARKS = (
    "h",
    "l",
    "hh",
    "ll",
    "*",
    "**",
    "+",
    "++",
    "!",
    "(h)",
    "(l)",
    "[h]",
    "[l]",
    "high",
    "low",
    "\u2191",
    "\u2193",
)
_SEXES = {"m": 1.0, "male": 1.0, "mannlich": 1.0, "man": 1.0, "homme": 1.0, "hombre": 1.0, "maschio": 1.0}
_SEXES |= {"f": 0.0, "w": 0.0, "female": 0.0, "weiblich": 0.0, "woman": 0.0, "femme": 0.0, "mujer": 0.0, "femmina": 0.0}
_UNITS_OF_CARE = {"ccu": 1.0, "coronarycareunit": 1.0, "csru": 2.0, "cvicu": 2.0, "cardiacsurgeryrecoveryunit": 2.0}
_UNITS_OF_CARE |= {"micu": 3.0, "medicalicu": 3.0, "medical": 3.0, "sicu": 4.0, "surgicalicu": 4.0, "surgical": 4.0}
_ANSWERS = {"yes": 1.0, "y": 1.0, "true": 1.0, "ja": 1.0, "no": 0.0, "n": 0.0, "false": 0.0, "nein": 0.0}
_WORDS = {"Gender": _SEXES, "ICUType": _UNITS_OF_CARE, "MechVent": _ANSWERS}


@dataclass(frozen=True, eq=False)
class ReadValues:
    """Cells of one parameter as read, one entry each.

    Attributes
    ----------
    cells : sequence of str
    values : float64 array
        In the parameter's unit; NaN without a value.
    reasons : list of str
        Why a value is missing; empty with one, or where -1 says that it is missing.
    units : list of str
        The unit that a value was converted from; empty for the parameter's own.
    unknown_unit : str
        The stated unit if it is none of the parameter's.
    is_unitless_urea : bool
        Whether urea without a unit was read as BUN.
    """

    cells: Sequence[str]
    values: np.ndarray
    reasons: list[str]
    units: list[str]
    unknown_unit: str
    is_unitless_urea: bool


def read_values(parameter: str, written_name: str, unit: str, cells: Sequence[str]) -> ReadValues:
    """Return the values in distinct cells of a parameter.

    Parameters
    ----------
    written_name : str
        The name in the file, which may tell a unit.
    unit : str
        As written beside the values, empty if not stated.
    """
    folded = fold_name(written_name)
    stated = "" if is_missing(unit) else unit
    told = KNOWN_UNITS.get(folded, "") or parameter_and_unit(written_name)[1]
    known = unit_of_parameter(parameter, stated) or fold_unit(stated) if stated else told
    is_urea = folded in UREA_NAMES
    known = "mg/dL urea" if is_urea and known == "mg/dL" else known
    is_other = bool(known) and known != PARAMETERS[parameter].unit
    is_unknown = is_other and to_own_unit(parameter, 1.0, known) is None
    values, reasons, units = np.full(len(cells), np.nan), [], []
    has_number = False
    for place, cell in enumerate(cells):
        number, beside, reason = _number(parameter, cell)
        reasons.append(reason)
        used = ""
        if number is not None:
            has_number = True
            values[place], used = _in_own_unit(parameter, number, beside or (known if not is_unknown else ""))
        units.append(used)
    return ReadValues(
        cells,
        values,
        reasons,
        units,
        known[:20] if is_unknown and has_number else "",
        is_urea and not known and has_number,
    )


def _number(parameter: str, cell: str) -> tuple[float | None, str, str]:
    """Return the number in a cell and the unit beside it, or why it is missing; -1 is missing by convention."""
    if is_missing(cell):
        return None, "", NO_VALUE
    words = _WORDS.get(parameter)
    value = words.get(fold_name(cell)) if words else None
    value = parse_number(cell) if value is None else value
    unit = ""
    if value is None:
        value, unit = _number_with_unit(parameter, cell)
    if value is None:
        return None, "", "a limit, not a value" if cell[:1] in "<>≤≥" else "not a number"
    return (None if value == _MISSING else value), unit, ""


def _number_with_unit(parameter: str, cell: str) -> tuple[float | None, str]:
    """Return the number and the unit in a cell such as ``38.5 °C``; marks of a laboratory (``7.1 L``) count as none."""
    text = cell[:_LONGEST_CELL].strip()
    end = next((place for place, letter in enumerate(text) if letter not in _OF_NUMBERS), len(text))
    number, after = parse_number(text[:end]), text[end:].strip()
    if number is None or not after:
        return None, ""
    unit = unit_of_parameter(parameter, after)
    if unit or (after.casefold() in _MARKS and parameter != "Urine"):
        return number, unit
    return None, ""


def decimals_of(cells: Iterable[str], separator: str) -> str:
    """Return the decimal sign of the numbers in some cells; empty if they do not tell.

    A sign before three digits may group them instead. Between commas, a cell with a comma is quoted as a number with
    groups is.
    """
    signs = set()
    for cell in cells:
        for sign in ".,":
            if cell.count(sign) == 1 and parse_number(cell) is not None and not _grouped(cell, sign):
                signs.add(sign)
    if len(signs) == 1:
        return signs.pop()
    return "." if separator == "," and not signs else ""


def without_groups(cells: Sequence[str], decimal: str) -> list[str]:
    """Return cells with ``1,250`` (or ``1.250``, where commas begin decimals) as 1250."""
    if not decimal:
        return list(cells)
    sign = "," if decimal == "." else "."
    return [cell.replace(sign, "") if sign in cell and _grouped(cell, sign) else cell for cell in cells]


def _grouped(cell: str, sign: str) -> bool:
    first, *others = cell.split(sign)
    return (
        1 <= len(first) <= 3
        and first.isdigit()
        and first[:1] != "0"
        and bool(others)
        and all(len(own) == 3 and own.isdigit() for own in others)
    )


def _in_own_unit(parameter: str, value: float, unit: str) -> tuple[float, str]:
    """Return a value in the parameter's unit, and the unit that it was converted from (empty if none)."""
    is_plausible = PARAMETERS[parameter].is_possible
    converted = to_own_unit(parameter, value, unit) if unit not in ("", PARAMETERS[parameter].unit) else None
    # A column can be headed °F and hold °C: a value that is plausible only as it is stays as it is.
    if converted is not None and (is_plausible(converted) or not is_plausible(value)):
        return converted, unit
    recognised = recognise_unit(parameter, value)
    if recognised is not None:
        return to_own_unit(parameter, value, recognised) or value, recognised
    return value, ""
