"""What the lines above a table state: the sampling rate, the unit, the names of the columns."""

import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from backend.records.channels.units import millivolts_per
from backend.records.formats.tables.cells import parse_number
from backend.records.formats.tables.unit_names import seconds_per, split_name
from backend.records.formats.tables.vocabulary import INTERVAL_WORDS, NAME_WORDS, RATE_WORDS, UNIT_WORDS

__all__ = ["Statements", "is_statement", "read_statements"]

_LONGEST_LINE = 4000
_MOST_LINES = 500
_LONGEST_JSON = 2**16


@dataclass(frozen=True)
class Statements:
    """What was stated above a table.

    Attributes
    ----------
    sampling_rate : float or None
        Hz.
    unit : str
        Of the ECG; empty if not stated.
    names : tuple of str
        Of the columns, in their order; may be empty, and may be fewer than the columns.
    """

    sampling_rate: float | None = None
    unit: str = ""
    names: tuple[str, ...] = ()


def is_statement(cells: Sequence[str], may_name: bool = False) -> bool:
    """Return whether the cells of a row state something rather than name columns: ``Sample Rate,512 hertz``.

    With ``may_name``, a name counts as well: ``Lead,Lead I``, which above two columns would be their names.
    """
    held = [cell for cell in cells if cell]
    if len(held) != 2:
        return False
    word = _folded(held[0])
    if word in RATE_WORDS | INTERVAL_WORDS:
        return _leading_number(held[1]) is not None
    if may_name and word in NAME_WORDS:
        return _leading_number(held[1]) is None
    return word in UNIT_WORDS and millivolts_per(held[1]) is not None


def read_statements(lines: Iterable[str], separator: str) -> Statements:
    """Return what the lines above a table state, comments among them; the first statement of a thing counts.

    Understood are ``word: value`` with colon, equals sign or the separator of the table, in several languages, the JSON
    of OpenSignals, and a remark such as ``sampled at 250 Hz``.
    """
    rate: float | None = None
    unit, names = "", tuple[str, ...]()
    for line in list(lines)[:_MOST_LINES]:
        text = line.strip().lstrip("#%/! \t").strip()
        if text.startswith("{") and len(text) <= _LONGEST_JSON:
            found = _read_open_signals(text)
            rate, names = rate or found.sampling_rate, names or found.names
            continue
        text = text[:_LONGEST_LINE].strip("\"'")
        word, value = _split_statement(text, separator)
        if word in RATE_WORDS and rate is None:
            rate = _read_rate(value, text)
        elif word in INTERVAL_WORDS and rate is None:
            rate = _read_interval(value, text)
        elif word in UNIT_WORDS and not unit:
            unit = value if millivolts_per(value) is not None else ""
        elif word in NAME_WORDS and not names and value and _leading_number(value) is None:
            names = tuple(own.strip(" []'\"") for own in _split_names(value, separator))
        elif rate is None:
            rate = _read_remark(text)
    return Statements(rate, unit, names)


def _folded(word: str) -> str:
    """Return the letters and digits of a word without case, accents and a unit of frequency at its end."""
    decomposed = unicodedata.normalize("NFKD", word[:80].casefold())
    bare = "".join(letter for letter in decomposed if letter.isalnum())
    for unit in ("inkhz", "inhz", "khz", "hertz", "hz"):
        if bare.endswith(unit) and bare != unit:
            return bare.removesuffix(unit)
    return bare


def _split_statement(text: str, separator: str) -> tuple[str, str]:
    """Return the folded word and the value of a statement; two empty texts if it is none."""
    for sign in (":=", "=", ":", separator.strip(), ",", ";", "\t"):
        word, found, value = text.partition(sign) if sign else ("", "", "")
        if found:
            name, unit = split_name(word.strip(" \"'"))
            value = value.strip(" \t\"':=,;")
            return _folded(name), f"{value} {unit}" if unit and _leading_number(value) is not None else value
    word, _, value = text.rpartition(" ")
    return _folded(word), value


def _split_names(value: str, separator: str) -> list[str]:
    for sign in ("\t", ";", ",", separator.strip()):
        if sign and sign in value:
            return value.split(sign)
    return [value]


def _leading_number(value: str) -> float | None:
    text = value.strip()
    end = 0
    while end < min(len(text), 40) and (text[end] in "0123456789.,+-" or (text[end] in "eE" and text[:end].strip())):
        end += 1
    while end and text[end - 1] in "eE.,+-":
        end -= 1
    return parse_number(text[:end])


def _read_rate(value: str, text: str) -> float | None:
    number = _leading_number(value)
    if number is None or number <= 0:
        return None
    return number * (1000.0 if "khz" in text.casefold() else 1.0)


def _read_interval(value: str, text: str) -> float | None:
    """Return the rate of a sampling interval with its unit; without a unit it is not known."""
    number = _leading_number(value)
    words = value.casefold().replace("(", " ").replace(")", " ").split()
    seconds = next((own for own in map(seconds_per, words[1:]) if own is not None), None)
    if seconds is None:
        digits_end = value.strip().lstrip("0123456789.,+-eE")
        seconds = seconds_per(digits_end)
    if number is None or number <= 0 or seconds is None:
        return None
    return round(1 / (number * seconds), 6)


def _read_remark(text: str) -> float | None:
    """Return the rate in a remark on sampling: the number before its only Hz."""
    folded = text.casefold()
    if not any(word in folded for word in ("sampl", "abtast", "abgetastet", "echantillon", "échantillon", "muestre")):
        return None
    words = folded.replace("(", " ").replace(")", " ").replace(",", " ").split()
    for place, word in enumerate(words[1:], start=1):
        if word.rstrip(".;") in ("hz", "hertz", "khz"):
            number = parse_number(words[place - 1])
            return None if number is None else number * (1000.0 if word.startswith("k") else 1.0)
    glued = next((word for word in words if word.rstrip(".;").endswith("hz") and word[:1].isdigit()), None)
    if glued is None:
        return None
    return _read_rate(glued, glued)


def _read_open_signals(text: str) -> Statements:
    """Return the statements of an OpenSignals header: devices by address, each with its columns and sensors.

    References
    ----------
    PLUX biosignals, "OpenSignals (r)evolution: File formats"; the keys ``sampling rate``, ``column``, ``label`` and
    ``sensor`` were taken from public recordings.
    """
    try:
        devices: Any = json.loads(text)
    except (ValueError, RecursionError):
        return Statements()
    if not isinstance(devices, dict):
        return Statements()
    rate: float | None = None
    names: list[str] = []
    for device in [devices, *devices.values()]:
        if not isinstance(device, dict):
            continue
        stated = device.get("sampling rate", device.get("sampling_rate", device.get("samplingRate")))
        if rate is None and isinstance(stated, (int, float)) and not isinstance(stated, bool):
            rate = float(stated)
        names += _column_names(device)
    return Statements(rate, "", tuple(names))


def _column_names(device: dict[str, Any]) -> list[str]:
    """Return the columns of a device, each analog one by its sensor if that says more than the input's number."""
    columns, sensors, labels = (device.get(key) for key in ("column", "sensor", "label"))
    if not isinstance(columns, list):
        return []
    names = [str(column)[:80] for column in columns]
    if isinstance(sensors, list) and isinstance(labels, list) and len(sensors) == len(labels):
        by_label = {str(label): str(sensor)[:40] for label, sensor in zip(labels, sensors, strict=True)}
        return [f"{by_label[name]} {name}" if by_label.get(name, "RAW") not in ("RAW", "") else name for name in names]
    return names
