"""A stay in intensive care: what was charted in its first 48 hours, as text files of three columns hold it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from types import MappingProxyType

import numpy as np

from backend.records.formats.sniffing import foreign_kind
from backend.records.record import Annotations, Channel, Record, RecordRefused, digest_of

__all__ = [
    "LAST_MINUTE",
    "OUTCOMES",
    "PARAMETERS",
    "STATICS",
    "Edit",
    "Parameter",
    "edited",
    "is_stay",
    "looks_like_stay",
    "read_stay",
    "with_outcome",
]

LAST_MINUTE = 48 * 60
"""The last minute of a stay that can be charted: 48:00."""

OUTCOMES = ("death", "survival")
"""In hospital, not in intensive care alone."""

STATICS = ("Age", "Gender", "Height", "ICUType", "Weight")
"""What is said of the person on admission; the others are measured."""

_CHARTED_ONCE = STATICS[:-1]
"""Of these a stay has one value, at 00:00; the weight is charted again and again."""


@dataclass(frozen=True)
class Parameter:
    """What can be charted.

    Attributes
    ----------
    name : str
        As the files of the challenge write it.
    label : str
        In plain words.
    unit : str
        Empty for a number without one.
    least, greatest : float
        A value outside is a slip of the keyboard or a sensor that was not on the patient, and counts as not measured.
    normal_low, normal_high : float or None
        Usual in healthy adults; None where the word makes no sense (the weight) or there is no bound on that side.
    choices : mapping of int to str
        What a coded value stands for; empty for a measured number. No other value is possible.
    """

    name: str
    label: str
    unit: str
    least: float
    greatest: float
    normal_low: float | None = None
    normal_high: float | None = None
    choices: Mapping[int, str] = field(default_factory=dict, hash=False)

    def is_possible(self, value: float) -> bool:
        """Whether a living adult can have this value."""
        return value in self.choices if self.choices else self.least <= value <= self.greatest


# Bounds of the possible: wide of the extremes that adults in intensive care were reported to survive or to die with,
# and such that the slips that files are known for fall outside: a pH of 735, a temperature of 0 or in Fahrenheit, a
# pressure of 0 from a line that is closed or zeroed, heights in inches or metres, an inspired share of oxygen in per
# cent, a troubled counter (leukocytes 12,500).
# Usual values: laboratory after Kratz et al. 2004, N Engl J Med 351(15):1548-63, rounded to what both sexes share;
# vital signs as bedside teaching has them. The challenge's page gives magnesium in mmol/L, but its median of 2.0 shows
# that it is mg/dL.
PARAMETERS: Mapping[str, Parameter] = MappingProxyType(
    {
        parameter.name: parameter
        for parameter in (
            Parameter("Age", "Age", "years", 15, 120),
            Parameter("Gender", "Sex", "", 0, 1, choices={0: "female", 1: "male"}),
            Parameter("Height", "Height", "cm", 120, 230),
            Parameter(
                "ICUType",
                "Kind of unit",
                "",
                1,
                4,
                choices={1: "coronary care", 2: "cardiac surgery recovery", 3: "medical", 4: "surgical"},
            ),
            Parameter("Weight", "Weight", "kg", 25, 350),
            Parameter("GCS", "Glasgow Coma Scale", "", 3, 15, 15, 15),
            Parameter("HR", "Heart rate", "/min", 10, 300, 60, 100),
            Parameter("SysABP", "Systolic pressure, arterial line", "mmHg", 20, 300, 90, 140),
            Parameter("DiasABP", "Diastolic pressure, arterial line", "mmHg", 8, 250, 60, 90),
            Parameter("MAP", "Mean pressure, arterial line", "mmHg", 10, 275, 70, 105),
            Parameter("NISysABP", "Systolic pressure, cuff", "mmHg", 20, 300, 90, 140),
            Parameter("NIDiasABP", "Diastolic pressure, cuff", "mmHg", 8, 250, 60, 90),
            Parameter("NIMAP", "Mean pressure, cuff", "mmHg", 10, 275, 70, 105),
            Parameter("RespRate", "Breaths", "/min", 1, 100, 12, 20),
            Parameter("Temp", "Temperature", "°C", 22, 45, 36.0, 37.8),
            Parameter("SaO2", "Oxygen saturation", "%", 20, 100, 95, 100),
            Parameter("MechVent", "Mechanical ventilation", "", 0, 1, choices={0: "no", 1: "yes"}),
            Parameter("FiO2", "Inspired share of oxygen", "", 0.2, 1.0),
            Parameter("PaO2", "Partial pressure of oxygen, arterial", "mmHg", 10, 700, 75, 105),
            Parameter("PaCO2", "Partial pressure of carbon dioxide, arterial", "mmHg", 5, 250, 35, 45),
            Parameter("pH", "pH, arterial", "", 6.3, 8.0, 7.35, 7.45),
            Parameter("HCO3", "Bicarbonate", "mmol/L", 1, 70, 22, 28),
            Parameter("Lactate", "Lactate", "mmol/L", 0.05, 50, 0.5, 2.0),
            Parameter("Urine", "Urine", "mL", 0, 5000),
            Parameter("BUN", "Urea nitrogen", "mg/dL", 0.5, 300, 8, 23),
            Parameter("Creatinine", "Creatinine", "mg/dL", 0.05, 45, 0.6, 1.3),
            Parameter("Na", "Sodium", "mmol/L", 90, 200, 136, 145),
            Parameter("K", "Potassium", "mmol/L", 1, 15, 3.5, 5.0),
            Parameter("Mg", "Magnesium", "mg/dL", 0.2, 15, 1.7, 2.4),
            Parameter("Glucose", "Glucose", "mg/dL", 5, 2500, 70, 140),
            Parameter("HCT", "Haematocrit", "%", 4, 75, 36, 52),
            Parameter("WBC", "Leukocytes", "/nL", 0.05, 600, 4.0, 11.0),
            Parameter("Platelets", "Platelets", "/nL", 1, 3000, 150, 400),
            Parameter("Albumin", "Albumin", "g/dL", 0.3, 8, 3.4, 5.0),
            Parameter("Bilirubin", "Bilirubin", "mg/dL", 0.05, 90, None, 1.2),
            Parameter("ALP", "Alkaline phosphatase", "IU/L", 1, 10000, 30, 120),
            Parameter("ALT", "Alanine aminotransferase", "IU/L", 0.5, 50000, None, 41),
            Parameter("AST", "Aspartate aminotransferase", "IU/L", 0.5, 50000, None, 38),
            Parameter("Cholesterol", "Cholesterol", "mg/dL", 10, 1500, None, 200),
            Parameter("TroponinI", "Troponin I", "µg/L", 0.001, 1000, None, 0.4),
            Parameter("TroponinT", "Troponin T", "µg/L", 0.001, 200, None, 0.03),
        )
    }
)

_CHANNELS = tuple(Channel(parameter.name, parameter.unit) for parameter in PARAMETERS.values())
_COLUMN = {name: index for index, name in enumerate(PARAMETERS)}
_BY_FOLDED_NAME = {name.casefold(): name for name in PARAMETERS}
_SAMPLING_RATE = 1 / 60
_RECORD_ID = "recordid"
_MISSING = -1.0
_HEADER = ("time", "parameter", "value")
_CLOCK = re.compile(r"(-?\d{1,6}):([0-5]\d)")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?", re.IGNORECASE)
_OUTCOME = re.compile(r"#+\s*outcome\s*[:=]\s*(\w+)", re.IGNORECASE)
_LARGEST_BYTES = 16 * 2**20  # some seven lines for each parameter and minute
_LOOKED_AT_BYTES = 4096
_MOST_NAMED = 5


@dataclass(frozen=True)
class Edit:
    """A charted value that is changed or added, or taken away (None), at a minute after admission."""

    parameter: str
    minute: int
    value: float | None


@dataclass(frozen=True)
class _Line:
    """One line of a file: where it stands, and its three cells."""

    number: int
    time: str
    parameter: str
    value: str


def looks_like_stay(path: Path) -> bool:
    """Whether the first lines of a file are of a stay: Time, Parameter, Value, or a clock time, a name and a number.

    The row of names may be another than it should be: `read_stay` says so.
    """
    with path.open("rb") as file:
        start = file.read(_LOOKED_AT_BYTES)
    if b"\0" in start:
        return False
    first_lines = list(islice(_lines(_decoded(start)), 2))
    return any(_is_header(line) or _reads_as_charted(line) for line in first_lines)


def read_stay(path: Path) -> Record:
    """Read the file of one stay: a line for each charted value, with the columns Time, Parameter and Value.

    This is the form of the PhysioNet challenge of 2012 (``00:07,HR,73``); a row of names on top may be missing, and
    comma, semicolon or tab part the cells. Lines that begin with ``#`` are comments; ``# Outcome: death`` (or
    ``survival``) says how the stay ended. Lines without a name of a parameter are skipped, since the challenge's files
    hold some, -1 means missing, and so does a value that is impossible; of two values of a parameter in one minute the
    later line counts. What is known on admission (age, sex, height, kind of unit) counts as charted at 00:00 whenever
    it was. The RecordID is not kept.

    Returns
    -------
    Record
        One sample for each minute from 00:00 to 48:00, one channel for each of PARAMETERS, NaN where nothing was
        charted. The annotations ``impossible`` name the values that were left out, ``outcome`` tells the end.

    Raises
    ------
    RecordRefused
        If the file is no such text, holds nothing but what is known on admission, names parameters that are not known,
        times before 00:00 or after 48:00, words for numbers, or more than one stay.
    OSError
        If the file cannot be opened.

    References
    ----------
    Silva et al. 2012, "Predicting in-hospital mortality of ICU patients: the PhysioNet/Computing in Cardiology
    challenge 2012", Computing in Cardiology 39:245-248.

    Examples
    --------
    >>> record = read_stay(Path("132539.txt"))  # doctest: +SKIP
    """
    text = _text(path)
    lines = [line for line in _lines(text) if not _is_header(line)]
    if not lines:
        raise RecordRefused(f"{path.name} holds no charted value; give a line 'Time,Parameter,Value' for each.")
    _check_first(path.name, lines[0])
    _check_one_stay(path.name, lines)
    charted = [line for line in lines if line.parameter and line.parameter.casefold() != _RECORD_ID]
    _check_names(path.name, charted)
    signals = np.full((LAST_MINUTE + 1, len(_CHANNELS)), np.nan, dtype=np.float32)
    impossible: list[tuple[int, str]] = []
    for line in charted:
        _chart(path.name, line, signals, impossible)
    _check_measured(path.name, signals, len(impossible))
    return _record(path.stem, signals, _annotations(impossible, text))


def is_stay(record: Record) -> bool:
    """Whether a record is a stay, and not a recording of signals."""
    return record.channels == _CHANNELS


def with_outcome(record: Record, outcome: str) -> Record:
    """The same stay with its end told: ``death`` or ``survival``."""
    return _record(
        record.name, record.signals, {**record.annotations, "outcome": _outcome_annotation(outcome)}, record.source
    )


def edited(record: Record, edits: Sequence[Edit]) -> Record:
    """The same stay with values changed, added or taken away, in the order given; its digest is another.

    Raises
    ------
    RecordRefused
        If the record is no stay, or an edit names a parameter that is not known, a minute outside 0 to 2880, or a value
        that is impossible.
    """
    if not is_stay(record):
        raise RecordRefused(f"{record.name} is no ICU stay, so it has no charted values to change; choose a stay.")
    if not edits:
        return record
    signals = record.signals.copy()
    for edit in edits:
        _check_edit(edit)
        minute = 0 if edit.parameter in _CHARTED_ONCE else edit.minute
        signals[minute, _COLUMN[edit.parameter]] = np.nan if edit.value is None else edit.value
    return _record(record.name, signals, record.annotations, record.source)


def _check_edit(edit: Edit) -> None:
    _check_known("The change", [edit.parameter])
    parameter = PARAMETERS.get(edit.parameter)
    if parameter is None:
        raise RecordRefused(f"Write the parameter {edit.parameter!r} as {_BY_FOLDED_NAME[edit.parameter.casefold()]}.")
    if not 0 <= edit.minute <= LAST_MINUTE:
        raise RecordRefused(f"Minute {edit.minute} lies outside the stay; give one from 0 to {LAST_MINUTE}.")
    if edit.value is not None and not parameter.is_possible(edit.value):
        raise RecordRefused(
            f"{parameter.label} cannot be {edit.value:g}{_spaced(parameter.unit)}; give {_possible_of(parameter)}."
        )


def _possible_of(parameter: Parameter) -> str:
    if parameter.choices:
        return " or ".join(f"{value} ({word})" for value, word in parameter.choices.items())
    return f"a value from {parameter.least:g} to {parameter.greatest:g}{_spaced(parameter.unit)}"


def _spaced(unit: str) -> str:
    return f" {unit}" if unit else ""


def _text(path: Path) -> str:
    n_bytes = path.stat().st_size
    if n_bytes > _LARGEST_BYTES:
        raise RecordRefused(
            f"{path.name} holds {n_bytes / 2**20:,.0f} MiB, far more than 48 hours of one stay; give the file of one."
        )
    content = path.read_bytes()
    if not content.strip():
        raise RecordRefused(f"{path.name} is empty; choose another file.")
    kind = foreign_kind(content) or ("no text in UTF-8" if b"\0" in content else None)
    if kind:
        raise RecordRefused(
            f"{path.name} is {kind}, not the text of a stay; save the columns Time, Parameter and Value as CSV."
        )
    return _decoded(content)


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _lines(text: str) -> Iterator[_Line]:
    """The lines that are no comment, cut into cells; what a line has too few of is empty, too many stay in the last."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            separator = next((mark for mark in ("\t", ";") if mark in line), ",")
            cells = [cell.strip().strip("\"'").strip() for cell in line.split(separator, 2)]
            yield _Line(number, *cells, *[""] * (3 - len(cells)))


def _is_header(line: _Line) -> bool:
    return (line.time.casefold(), line.parameter.casefold(), line.value.casefold()) == _HEADER


def _reads_as_charted(line: _Line) -> bool:
    is_named = bool(line.parameter) and not _NUMBER.fullmatch(line.parameter)
    return bool(_CLOCK.fullmatch(line.time)) and is_named and bool(_NUMBER.fullmatch(line.value))


def _check_first(name: str, line: _Line) -> None:
    if line.parameter and not re.search(r"\d", line.time + line.value):
        raise RecordRefused(
            f"{name}, line {line.number}: the columns are called {line.time[:20]!r}, {line.parameter[:20]!r} and "
            f"{line.value[:20]!r}; put them in the order Time, Parameter, Value and call them so."
        )


def _check_one_stay(name: str, lines: Sequence[_Line]) -> None:
    records = list(dict.fromkeys(line.value for line in lines if line.parameter.casefold() == _RECORD_ID))
    if len(records) > 1:
        raise RecordRefused(
            f"{name} holds {len(records)} stays (RecordID {', '.join(records[:_MOST_NAMED])}); give a file for each."
        )


def _check_names(name: str, lines: Sequence[_Line]) -> None:
    _check_known(name, list(dict.fromkeys(line.parameter for line in lines)))


def _check_known(name: str, parameters: Sequence[str]) -> None:
    unknown = [parameter for parameter in parameters if parameter.casefold() not in _BY_FOLDED_NAME]
    if unknown:
        more = f" and {len(unknown) - _MOST_NAMED} more" if len(unknown) > _MOST_NAMED else ""
        raise RecordRefused(
            f"{name} names parameters that are not known: "
            f"{', '.join(map(_with_likeness, unknown[:_MOST_NAMED]))}{more}; "
            f"rename them or leave them out. Known are {', '.join(PARAMETERS)}."
        )


def _with_likeness(unknown: str) -> str:
    """The name as it was written, with the known parameter that is written or called most alike."""
    called = {parameter.label.casefold(): parameter.name for parameter in PARAMETERS.values()} | _BY_FOLDED_NAME
    alike = get_close_matches(unknown.casefold()[:60], called, n=1, cutoff=0.7)
    return repr(unknown[:40]) + (f" (perhaps {called[alike[0]]})" if alike else "")


def _chart(name: str, line: _Line, signals: np.ndarray, impossible: list[tuple[int, str]]) -> None:
    """Write a line's value into ``signals``, or into ``impossible`` where no living adult can have it."""
    minute = _minute(name, line)
    if not _NUMBER.fullmatch(line.value):
        raise RecordRefused(
            f"{name}, line {line.number}: {line.value[:40]!r} is no number; write {line.parameter} as a number with a "
            f"decimal point, and leave the line out where nothing was measured."
        )
    value = float(line.value)
    parameter = PARAMETERS[_BY_FOLDED_NAME[line.parameter.casefold()]]
    if parameter.is_possible(value):
        signals[0 if parameter.name in _CHARTED_ONCE else minute, _COLUMN[parameter.name]] = value
    elif value != _MISSING:
        impossible.append((minute, f"{parameter.name} {line.value}"))


def _minute(name: str, line: _Line) -> int:
    clock = _CLOCK.fullmatch(line.time)
    if not clock:
        raise RecordRefused(
            f"{name}, line {line.number}: {line.time[:40]!r} is no time; write hours and minutes after admission, "
            f"as in 07:30."
        )
    if line.time.startswith("-"):
        raise RecordRefused(f"{name}, line {line.number}: {line.time} lies before admission; leave such lines out.")
    minute = int(clock[1]) * 60 + int(clock[2])
    if minute > LAST_MINUTE:
        raise RecordRefused(
            f"{name}, line {line.number}: {line.time} lies beyond 48:00; give the first 48 hours of the stay only."
        )
    return minute


def _check_measured(name: str, signals: np.ndarray, n_impossible: int) -> None:
    measured = [index for parameter, index in _COLUMN.items() if parameter not in STATICS]
    if not np.isfinite(signals[:, measured]).any():
        left_out = f" ({n_impossible} impossible values were left out)" if n_impossible else ""
        raise RecordRefused(
            f"{name} holds only what is known on admission and not one measurement{left_out}; "
            f"choose a stay with charted values."
        )


def _annotations(impossible: list[tuple[int, str]], text: str) -> dict[str, Annotations]:
    found = {}
    if impossible:
        minutes, notes = zip(*sorted(impossible), strict=True)
        found["impossible"] = Annotations(np.array(minutes, dtype=np.int64), ('"',) * len(notes), notes)
    outcome = next((match[1].casefold() for match in map(_OUTCOME.match, text.splitlines()) if match), None)
    if outcome in OUTCOMES:
        found["outcome"] = _outcome_annotation(outcome)
    return found


def _outcome_annotation(outcome: str) -> Annotations:
    if outcome not in OUTCOMES:
        raise ValueError(f"the outcome is {' or '.join(OUTCOMES)}, not {outcome!r}")
    return Annotations(np.array([LAST_MINUTE], dtype=np.int64), ('"',), (outcome,))


def _record(name: str, signals: np.ndarray, annotations: Mapping[str, Annotations], source: str = "file") -> Record:
    return Record(
        name=name,
        signals=signals,
        sampling_rate=_SAMPLING_RATE,
        channels=_CHANNELS,
        annotations=dict(annotations),
        digest=digest_of(signals, _SAMPLING_RATE, _CHANNELS, annotations),
        source=source,
    )
