"""Names of columns with their units: ``II (mV)``, ``ecg_mv``, ``Time [ms]``, ``ECG / µV``."""

import re

from backend.records.channels.units import millivolts_per
from backend.records.formats.tables.vocabulary import OTHER_UNITS

__all__ = ["is_unit", "seconds_per", "split_name"]

_SECONDS = {
    1.0: "s sec secs second seconds sekunde sekunden sek seg segundo segundos secondes seconde secondi sekunder",
    1e-3: "ms msec msecs milli millis millisec millisecs millisecond milliseconds millisekunden millisecondes "
    "milisegundos millisecondi",
    1e-6: "us µs μs usec usecs micros microsec microsecond microseconds mikrosekunden microsecondes microsegundos",
    1e-9: "ns nsec nsecs nanos nanosec nanosecond nanoseconds nanosekunden nanosecondes nanosegundos",
    60.0: "min mins minute minutes minuten minutos",
    3600.0: "h hr hrs hour hours std stunden heures horas",
    86400.0: "d day days tage jours dias",
}
_SECONDS_PER = {word: seconds for seconds, words in _SECONDS.items() for word in words.split()}
_TIME_FORMAT = re.compile(r"[ymdhs:./' 0fT-]{5,30}", re.IGNORECASE)
_LONGEST_NAME = 200
_BRACKETS = {")": "(", "]": "[", "}": "{", ">": "<"}


def seconds_per(unit: str) -> float | None:
    """Return the seconds in one unit of time (``ms``, ``seconds``, ``µs``); None if it is not one."""
    return _SECONDS_PER.get(unit.strip(" .()[]").casefold())


def is_unit(cell: str) -> bool:
    """Return whether a cell of a row of units can be one: ``mV``, ``seconds``, ``hh:mm:ss.mmm``, ``CAL``, ``bpm``."""
    text = cell.strip(" ()[]").casefold()
    if text in OTHER_UNITS or seconds_per(text) is not None or millivolts_per(text) is not None:
        return True
    return ":" in text and len(text) <= 30 and _TIME_FORMAT.fullmatch(text) is not None


def split_name(cell: str) -> tuple[str, str]:
    """Return the name and the unit in the heading of a column; the unit is empty if it has none.

    Examples
    --------
    >>> split_name("ECG / mV"), split_name("time_in_s"), split_name("II (mV)"), split_name("aVF")
    (('ECG', 'mV'), ('time', 's'), ('II', 'mV'), ('aVF', ''))
    """
    text = " ".join(cell[:_LONGEST_NAME].split()).strip()
    bracketed = _split_bracket(text)
    if bracketed is not None:
        return bracketed
    for separator in ("/", ",", ";", ":", "|", " - ", " in ", "_in_", "_", " ", "."):
        name, found, unit = text.rpartition(separator)
        if found and name.strip() and _is_known(unit, name):
            return name.strip(" _-"), unit.strip()
    return text, ""


def _split_bracket(text: str) -> tuple[str, str] | None:
    opening = _BRACKETS.get(text[-1:])
    if opening is None:
        return None
    name, found, unit = text[:-1].rpartition(opening)
    if not found or len(unit) > 30:
        return None
    return name.strip(" _-"), unit.strip()


def _is_known(unit: str, name: str) -> bool:
    text = unit.strip()
    if len(text) < 2 and not (text == "s" or (text == "V" and name.isupper())):
        return False
    return millivolts_per(text) is not None or (seconds_per(text) is not None and text.casefold() not in ("d", "h"))
