"""Which columns of a text hold the times, the names and the values of a stay."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from backend.records.channels.lead_names import is_lead_name
from backend.records.formats.stays.parameter_names import fold_name, parameter_named
from backend.records.formats.tables.cells import is_clock, is_missing, is_number, parse_number
from backend.records.formats.tables.dialect import Dialect, is_comment, split_line
from backend.records.formats.tables.unit_names import split_name
from backend.records.stays import STATICS

__all__ = ["LongLayout", "StayLayout", "WideLayout", "find_stay_layout"]

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
    *("hadmid", "subjectid", "patientid", "patient", "mrn", "pid", "admissionid", "fallnummer", "patientnummer", "id"),
)


@dataclass(frozen=True)
class LongLayout:
    """One row for each charted value; the columns by their places, -1 for a column that is missing."""

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


StayLayout = LongLayout | WideLayout


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
    """Return the separator that divides a line and those below it alike, into the most cells."""
    counts = {separator: line.count(separator) for separator in _SEPARATORS}
    found = [own for own in _SEPARATORS if counts[own] and all(own in other for other in lines)]
    return max(found, key=lambda own: counts[own]) if found else ","


def _from_headings(
    cells: Sequence[str], dialect: Dialect, first_row: int, below: Sequence[Sequence[str]]
) -> StayLayout | None:
    if any(is_number(cell) for cell in cells):
        return None
    folded = [fold_name(cell) for cell in cells]
    ids = tuple(index for index, own in enumerate(folded) if own in _STAY_IDS)
    name, value = _place(folded, _NAME_NAMES), _place(folded, _VALUE_NAMES)
    time = _place(folded, _TIME_NAMES, but=(name, value))
    if name >= 0 and value >= 0 and time >= 0 and _names_parameters(below, name):
        others = [index for index, own in enumerate(folded) if own in _VALUE_NAMES and index != value]
        unit = _place(folded, _UNIT_NAMES)
        return LongLayout(
            dialect, first_row, time, name, value, others[0] if others else -1, unit, ids, cells[time], len(cells)
        )
    return _wide(cells, folded, dialect, first_row, ids, below)


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
    return not held or any(parameter_named(cell) or fold_name(cell) == "recordid" for cell in held)


def _wide(
    cells: Sequence[str],
    folded: Sequence[str],
    dialect: Dialect,
    first_row: int,
    ids: tuple[int, ...],
    below: Sequence[Sequence[str]],
) -> WideLayout | None:
    time = _place(folded, _TIME_NAMES)
    known = []
    for index, cell in enumerate(cells):
        parameter = parameter_named(cell)
        if parameter and index != time and index not in ids:
            known.append((index, cell, parameter, split_name(cell)[1]))
    measured = {own[2] for own in known if own[2] not in STATICS}
    if time < 0 or len(measured) < _FEWEST_COLUMNS or any(_is_lead(cell) for cell in cells):
        return None
    if len(measured) < _SURE_COLUMNS and not _is_charted(folded[time], [row[time] for row in below if time < len(row)]):
        return None
    places = {own[0] for own in known}
    unknown = tuple(
        (index, cell)
        for index, cell in enumerate(cells)
        if index not in places and index != time and index not in ids and cell
    )
    return WideLayout(dialect, first_row, time, tuple(known), unknown, ids, cells[time], len(cells))


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
    names = [index for index in columns if share(index, lambda own: not is_number(own) and parameter_named(own)) >= 0.5]
    times = [index for index in columns if share(index, lambda own: ":" in own and is_clock(own)) >= _FEWEST_KNOWN]
    values = [index for index in columns if index not in times + names and share(index, is_number) >= _FEWEST_KNOWN]
    if not (names and times and values):
        return None
    return LongLayout(dialect, held[0][0], times[0], names[0], values[-1], -1, -1, (), "", n_columns)
