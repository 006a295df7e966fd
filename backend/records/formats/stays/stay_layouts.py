"""Which columns of a text hold the times, the names and the values of a stay."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from backend.records.channels.lead_names import is_lead_name
from backend.records.formats.stays.moments import duration_minutes, moment_seconds
from backend.records.formats.stays.parameter_names import (
    PRESSURE_NAMES,
    coma_part_named,
    fold_name,
    parameter_and_unit,
    parameter_named,
)
from backend.records.formats.tables.cells import is_clock, is_missing, is_number, parse_number
from backend.records.formats.tables.dialect import BLANKS, Dialect, is_comment, split_line
from backend.records.stay_units import unit_of_parameter
from backend.records.stays import STATICS

__all__ = ["FlowLayout", "LongLayout", "StayLayout", "WideLayout", "find_stay_layout", "is_pressure", "pressure_named"]

_SEPARATORS = (",", ";", "\t", "|")
_MOST_PREAMBLE = 40
_N_SAMPLED = 200
_FEWEST_KNOWN = 0.5
_FEWEST_COLUMNS, _SURE_COLUMNS = 2, 3

_TIME_NAMES = (
    *("charttime", "time", "chartoffset", "observationoffset", "labresultoffset", "nursingchartoffset", "offset"),
    *("intakeoutputoffset", "respchartoffset", "minutes", "hours", "hour", "minute", "iculos", "timestamp", "datetime"),
    *("zeit", "zeitpunkt", "zeitstempel", "uhrzeit", "relativetime", "timeoffset", "elapsedtime", "elapsed", "t"),
    *(
        "measuredat",
        "observationtime",
        "measurementdatetime",
        "measurementtime",
        "recordtime",
        "eventtime",
        "starttime",
    ),
    *("chartdate", "date", "stunde", "stunden", "minuten", "timehours", "timeminutes", "hoursin", "chartedat", "heure"),
    *("icuhour", "icuhours", "hoursincadmission", "hourssinceadmission", "minutessinceadmission", "timesinceadmission"),
)
_NAME_NAMES = (
    *("parameter", "label", "variable", "labname", "measurement", "name", "param", "item", "concept", "vital", "test"),
    *(
        "itemname",
        "variablename",
        "parametername",
        "messgrosse",
        "bezeichnung",
        "feature",
        "signal",
        "analyte",
        "itemid",
    ),
    *("nursingchartcelltypevalname", "celllabel", "testname", "conceptname", "code", "measurementname", "observation"),
)
_VALUE_NAMES = (
    *("valuenum", "value", "labresult", "result", "val", "wert", "messwert", "resultvalue", "numericvalue", "valeur"),
    *(
        "nursingchartvalue",
        "cellvaluenumeric",
        "valuenumeric",
        "valueasnumber",
        "reading",
        "measurementvalue",
        "amount",
    ),
)
_UNIT_NAMES = (
    *("valueuom", "unit", "units", "uom", "einheit", "labmeasurenameinterface", "labmeasurenamesystem", "valueunit"),
    *("unitname", "unitofmeasure", "measurementunit", "resultunit", "amountuom"),
)
_STAY_IDS = (
    *("recordid", "stayid", "icustayid", "patientunitstayid", "encounterid", "caseid", "icustay", "visitid"),
    *(
        "patid",
        "patientnr",
        "patientno",
        "patientname",
        "patientcode",
        "patnr",
        "fallnr",
        "fallid",
        "case",
        "casenumber",
    ),
    *("caseno", "uniquepid", "hospitalid", "subject", "stay", "encounter", "icuid", "aufenthaltsid", "patientenid"),
    *("hadmid", "subjectid", "patientid", "patient", "mrn", "pid", "admissionid", "fallnummer", "patientnummer", "id"),
)
_DATE_NAMES = ("date", "chartdate", "datum", "tag", "day", "measurementdate", "observationdate", "obsdate")
_CLOCK_NAMES = (
    *("time", "charttime", "zeit", "uhrzeit", "measurementtime", "observationtime", "clock", "clocktime", "obstime"),
    *("hour", "stunde"),
)
_ORIGINS = ("intime", "icuintime", "admittime", "admissiontime", "icuadmissiontime", "icuadmittime", "aufnahmezeit")
_FLUIDS = ("fluid", "specimen", "specimentype", "sampletype", "material", "probenmaterial", "probe")
_TIME_WORDS = (
    *("time", "zeit", "zeitpunkt", "hour", "hours", "stunde", "stunden", "minute", "minutes", "min", "offset", "hrs"),
    *("timestamp", "datetime", "datum", "date", "heure", "charttime", "tijd", "elapsed", "effectivedatetime"),
)
_NO_TIME_WORDS = ("store", "storetime", "end", "endtime", "hosp", "los", "adm", "verify", "entry", "birth", "death")
_MOST_TIMES = 3000


@dataclass(frozen=True)
class LongLayout:
    """One row for each charted value; the columns by their places, -1 for a column that is missing.

    Attributes
    ----------
    time, date : int
        The date is -1 where the times hold it, or count from admission.
    origin : int
        The moment of admission, repeated in each row.
    fluid : int
        What was measured: blood, urine, ...
    """

    dialect: Dialect
    first_row: int
    time: int
    name: int
    value: int
    other_value: int
    unit: int
    stay_ids: tuple[int, ...]
    time_heading: str
    n_columns: int
    date: int = -1
    origin: int = -1
    fluid: int = -1


@dataclass(frozen=True)
class WideLayout:
    """One row for each time, one column for each parameter.

    Attributes
    ----------
    parameters : tuple of (int, str, str, str)
        Place, heading, parameter and unit of each column that is a parameter.
    unknown : tuple of (int, str)
        Place and heading of the others.
    """

    dialect: Dialect
    first_row: int
    time: int
    parameters: tuple[tuple[int, str, str, str], ...]
    unknown: tuple[tuple[int, str], ...]
    stay_ids: tuple[int, ...]
    time_heading: str
    n_columns: int
    date: int = -1
    origin: int = -1


@dataclass(frozen=True)
class FlowLayout:
    """One row for each parameter, one column for each time.

    Attributes
    ----------
    times : tuple of str
        The headings of the columns from ``first_time`` on.
    unit : int
        The column of units, -1 without one.
    """

    dialect: Dialect
    first_row: int
    first_time: int
    times: tuple[str, ...]
    unit: int
    n_columns: int


StayLayout = LongLayout | WideLayout | FlowLayout


def find_stay_layout(lines: Sequence[str]) -> StayLayout | None:
    """Return the layout of a stay in the first lines of a text; None if they are not a stay."""
    held = [(index, line) for index, line in enumerate(lines) if line.strip() and not is_comment(line)]
    if not held:
        return None
    for place, (index, line) in enumerate(held[:_MOST_PREAMBLE]):
        dialect = Dialect(_separator_of(line, [own for _, own in held[place : place + 20]]))
        cells = split_line(line[:20_000], dialect)
        if len(cells) < 2:
            continue
        below = [split_line(own[:20_000], dialect) for _, own in held[place + 1 :][:_N_SAMPLED]]
        layout = _from_headings(cells, dialect, index + 1, below)
        if layout is not None:
            return layout
    return _without_headings(held)


def _separator_of(line: str, lines: Sequence[str]) -> str:
    """Return the separator that divides a line and those below it alike, into the most cells; else blanks."""
    counts = {separator: line.count(separator) for separator in _SEPARATORS}
    found = [own for own in _SEPARATORS if counts[own] and all(own in other for other in lines)]
    if found:
        return max(found, key=lambda own: counts[own])
    is_aligned = not any(counts.values()) and len({len(own.split()) for own in lines}) == 1 and len(line.split()) > 2
    return BLANKS if is_aligned else ","


def _from_headings(
    cells: Sequence[str], dialect: Dialect, first_row: int, below: Sequence[Sequence[str]]
) -> StayLayout | None:
    if any(is_number(cell) and parameter_named(cell) is None for cell in cells):
        return None
    folded = [fold_name(cell) for cell in cells]
    ids = tuple(index for index, own in enumerate(folded) if own in _STAY_IDS)
    name, value = _place(folded, _NAME_NAMES), _place(folded, _VALUE_NAMES)
    time = _time_place(cells, folded, (name, value, *ids), below)
    if name >= 0 and value >= 0 and time >= 0 and _names_parameters(below, name):
        others = [index for index, own in enumerate(folded) if own in _VALUE_NAMES and index != value]
        return LongLayout(
            dialect,
            first_row,
            time,
            name,
            value,
            others[0] if others else -1,
            _place(folded, _UNIT_NAMES),
            ids,
            cells[time],
            len(cells),
            _date_place(folded, time),
            _place(folded, _ORIGINS),
            _place(folded, _FLUIDS),
        )
    return _flow(cells, folded, dialect, first_row, below) or _wide(cells, folded, dialect, first_row, time, ids, below)


def _time_place(cells: Sequence[str], folded: Sequence[str], but: Sequence[int], below: Sequence[Sequence[str]]) -> int:
    """Return the place of the times: by an exact name, a word in a name, or without a name by content; -1 if none."""
    exact = _place(folded, _TIME_NAMES, but)
    if exact >= 0:
        return exact
    for index, cell in enumerate(cells):
        words = "".join(letter if letter.isalnum() else " " for letter in cell.casefold()).split()
        is_named = any(word in _TIME_WORDS for word in words) and not any(word in _NO_TIME_WORDS for word in words)
        if index not in but and is_named and parameter_named(cell) is None and _holds_times(below, index, True):
            return index
    return 0 if not folded[0] and 0 not in but and _holds_times(below, 0, False) else -1


def _holds_times(below: Sequence[Sequence[str]], index: int, may_be_numbers: bool) -> bool:
    held = [row[index] for row in below if index < len(row) and not is_missing(row[index])]
    times = [own for own in held if is_time(own) or (may_be_numbers and is_number(own))]
    return bool(held) and len(times) >= 0.8 * len(held)


def _date_place(folded: Sequence[str], time: int) -> int:
    return _place(folded, _DATE_NAMES, (time,)) if folded[time] in _CLOCK_NAMES else -1


def _flow(
    cells: Sequence[str], folded: Sequence[str], dialect: Dialect, first_row: int, below: Sequence[Sequence[str]]
) -> FlowLayout | None:
    """Return the layout of a flow sheet: times as headings, names of parameters in the first column."""
    unit = _place(folded, _UNIT_NAMES)
    first_time = next((index for index, cell in enumerate(cells) if index and index != unit and cell), len(cells))
    times = [cell for cell in cells[first_time:] if cell]
    if len(times) < _FEWEST_COLUMNS or len(times) > _MOST_TIMES or not all(map(is_time, times)):
        return None
    names = [row[0] for row in below if row and row[0]]
    if sum(parameter_and_unit(name)[0] is not None for name in names) < max(1, _FEWEST_KNOWN * len(names)):
        return None
    return FlowLayout(dialect, first_row, first_time, tuple(cells[first_time:]), unit, len(cells))


def _place(folded: Sequence[str], names: Sequence[str], but: Sequence[int] = ()) -> int:
    """Return the place of the column whose name comes first in a list; -1 if none does."""
    for name in names:
        for index, own in enumerate(folded):
            if own == name and index not in but:
                return index
    return -1


def _names_parameters(below: Sequence[Sequence[str]], name: int) -> bool:
    """Return whether a column holds names; an empty table may."""
    held = [row[name] for row in below if name < len(row) and row[name]]
    return not held or any(parameter_and_unit(cell)[0] or fold_name(cell) == "recordid" for cell in held)


def _wide(
    cells: Sequence[str],
    folded: Sequence[str],
    dialect: Dialect,
    first_row: int,
    time: int,
    ids: tuple[int, ...],
    below: Sequence[Sequence[str]],
) -> WideLayout | None:
    if time < 0:
        return None
    date, origin = _date_place(folded, time), _place(folded, _ORIGINS)
    others = (time, date, origin, *ids)
    units = _row_of_units(cells, time, below)
    known = []
    for index, cell in enumerate(cells):
        parameter, unit = (None, "") if index in others else parameter_and_unit(cell)
        if parameter is None and index not in others:
            parameter = coma_part_named(cell) or pressure_named(cell, [row[index] for row in below if index < len(row)])
        if parameter:
            known.append((index, cell, parameter, unit or (units[index] if index < len(units) else "")))
    measured = {own[2] for own in known if own[2] not in STATICS}
    if len(measured) < _FEWEST_COLUMNS or any(_is_lead(cell) for cell in cells):
        return None
    if len(measured) < _SURE_COLUMNS and not _is_charted(folded[time], [row[time] for row in below if time < len(row)]):
        return None
    places = {own[0] for own in known}
    unknown = tuple(
        (index, cell) for index, cell in enumerate(cells) if index not in places and index not in others and cell
    )
    first_row += 1 if units else 0
    return WideLayout(dialect, first_row, time, tuple(known), unknown, ids, cells[time], len(cells), date, origin)


def _row_of_units(cells: Sequence[str], time: int, below: Sequence[Sequence[str]]) -> Sequence[str]:
    """Return the units below the headings; empty if the first row holds values."""
    first = below[0] if below else []
    if time >= len(first) or is_time(first[time]) or any(is_number(own) for own in first):
        return ()
    named = [(parameter_and_unit(cell)[0], own) for cell, own in zip(cells, first, strict=False) if own]
    known = [own for parameter, own in named if parameter and unit_of_parameter(parameter, own)]
    return first if len(known) >= max(1, _FEWEST_KNOWN * sum(parameter is not None for parameter, _ in named)) else ()


def pressure_named(name: str, cells: Sequence[str]) -> str | None:
    """Return the name of a pressure of which some cells hold two, ``120/80``; None if it is none."""
    folded = fold_name(name)
    return folded if folded in PRESSURE_NAMES and any(map(is_pressure, cells)) else None


def is_pressure(cell: str) -> bool:
    """Return whether a cell holds a systolic and a diastolic pressure: ``120/80``, ``120/80 (93)``."""
    first, sign, others = cell.partition("/")
    return bool(sign) and is_number(first.strip()) and others.strip()[:1].isdigit()


def is_time(cell: str) -> bool:
    """Return whether a cell holds a clock time, a duration or a date."""
    return is_clock(cell) or np.isfinite(duration_minutes(cell)) or bool(np.isfinite(moment_seconds([cell])[0]))


def _is_lead(cell: str) -> bool:
    return is_lead_name(cell) and parameter_named(cell) is None


def _is_charted(time_name: str, cells: Sequence[str]) -> bool:
    """Return whether times are those of charted values rather than of samples: half a minute apart or more."""
    if time_name not in ("time", "t", "timestamp"):
        return True
    held = [cell for cell in cells if not is_missing(cell)]
    if held and all(":" in cell and is_clock(cell) for cell in held):
        return len(set(held)) > 1 and not any("." in cell for cell in held)
    numbers = [own for own in map(parse_number, held) if own is not None]
    steps = [abs(after - before) for before, after in pairwise(numbers)]
    return bool(steps) and sorted(steps)[len(steps) // 2] >= 1


def _without_headings(held: Sequence[tuple[int, str]]) -> LongLayout | None:
    """Return the layout of rows of three cells or more of which one is a clock time, one a name, one a number."""
    sample = [line for _, line in held[:_N_SAMPLED]]
    dialect = Dialect(_separator_of(sample[0], sample[:20]))
    rows = [split_line(line[:2000], dialect) for line in sample]
    n_columns = Counter(map(len, rows)).most_common(1)[0][0]
    rows = [row for row in rows if len(row) == n_columns]
    if n_columns < 3:
        return None

    def share(index: int, test: object) -> float:
        own = [row[index] for row in rows if row[index]]
        return sum(bool(test(cell)) for cell in own) / len(own) if own and callable(test) else 0.0

    columns = range(n_columns)
    names = [
        index for index in columns if share(index, lambda own: not is_number(own) and parameter_and_unit(own)[0]) >= 0.5
    ]
    times = [index for index in columns if share(index, lambda own: ":" in own and is_clock(own)) >= _FEWEST_KNOWN]
    values = [index for index in columns if index not in times + names and share(index, is_number) >= _FEWEST_KNOWN]
    if not (names and times and values):
        return None
    return LongLayout(dialect, held[0][0], times[0], names[0], values[-1], -1, -1, (), "", n_columns)
