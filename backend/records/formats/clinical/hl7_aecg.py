"""HL7 annotated ECG (aECG, the FDA's format): sequences of digits in XML."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from xml.etree.ElementTree import Element

from backend.records.channels.lead_names import is_lead_name
from backend.records.channels.units import millivolts_per
from backend.records.formats.clinical.lead_codes import lead_of_mdc_name, lead_of_number, number_of_mdc_code
from backend.records.formats.clinical.timeline import Piece, record_of_pieces, scale_steps
from backend.records.formats.clinical.xml_tree import parse_numbers, parse_xml, positive_number
from backend.records.formats.sniffing import refuse_errors
from backend.records.record import Channel, Record, RecordRefused
from backend.records.understanding import Stated, Understanding

__all__ = ["AECG_ROOT", "read_hl7_aecg"]

AECG_ROOT = "AnnotatedECG"

_SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6}
_TIME_CODES = ("TIME_ABSOLUTE", "TIME_RELATIVE")


@dataclass(frozen=True, eq=False)
class _Set:
    """Sequences that share one time axis."""

    interval_s: float
    start_s: float
    sequences: tuple[Element, ...]


def read_hl7_aecg(path: Path, stated: Stated) -> Record:
    """Return the rhythm series of an annotated ECG; sets recorded one after the other are one record with gaps.

    Representative beats (derived series), annotations and everything about the subject are left out.

    Raises
    ------
    RecordRefused
        If the file is damaged, or states no sampling interval, scale or ECG lead.

    References
    ----------
    HL7 Version 3 Standard: Annotated ECG, Release 1 (2004), and its implementation guide of 2005.
    """
    name = path.name
    sets = [_set(name, own) for series in _series(name, parse_xml(path)) for own in series.iter("sequenceSet")]
    if not sets:
        raise RecordRefused(f"{name} holds no rhythm waveform. Export the ECG again.")
    interval_s = _interval(sets)
    sampling_rate = stated.sampling_rate or round(1 / interval_s, 6)
    kept = [own for own in sets if math.isclose(own.interval_s, interval_s, rel_tol=1e-6)]
    first_s = min(own.start_s for own in kept)
    pieces = [
        piece for own in kept for piece in _pieces(name, own, round((own.start_s - first_s) * sampling_rate), stated)
    ]
    others = {_code(sequence) for own in sets if own not in kept for sequence in own.sequences}
    understanding = Understanding(
        format="HL7 annotated ECG",
        rate_from="stated" if stated.sampling_rate else "sampling interval of the time sequence",
        unit_from="stated" if stated.unit else "scale of each sequence",
        ignored=tuple((code, "another sampling rate") for code in sorted(others)),
    )
    return record_of_pieces(path, pieces, sampling_rate, stated, understanding)


def _series(name: str, root: Element) -> list[Element]:
    """Return the series that were recorded; those derived from them lie deeper."""
    series = root.findall("component/series")
    rhythms = [own for own in series if _own_code(own) in ("RHYTHM", "")]
    if series and not rhythms:
        raise RecordRefused(f"{name} holds only representative beats. Export the ECG with its rhythm.")
    recorded = []
    for own in rhythms:
        for derivation in own.findall("derivation"):
            own.remove(derivation)
        recorded.append(own)
    return recorded


def _set(name: str, sequence_set: Element) -> _Set:
    sequences = [component.find("sequence") for component in sequence_set.findall("component")]
    known = [own for own in sequences if own is not None]
    times = [own for own in known if _code(own) in _TIME_CODES]
    value = times[0].find("value") if times else None
    if value is None:
        raise RecordRefused(f"A set of leads in {name} has no time sequence. Export the ECG again.")
    interval_s = _seconds(value.find("increment"))
    if not interval_s > 0:
        raise RecordRefused(f"{name} does not state its sampling interval. Export the ECG again.")
    leads = tuple(own for own in known if own not in times)
    return _Set(interval_s=interval_s, start_s=_start(value.find("head")), sequences=leads)


def _interval(sets: list[_Set]) -> float:
    """Return the sampling interval that most sequences have, the shortest of several."""
    counts: dict[float, int] = {}
    for own in sets:
        counts[own.interval_s] = counts.get(own.interval_s, 0) + len(own.sequences)
    return min(counts, key=lambda interval: (-counts[interval], interval))


def _pieces(name: str, own: _Set, start_sample: int, stated: Stated) -> list[Piece]:
    pieces = [_piece(name, sequence, start_sample, stated) for sequence in own.sequences]
    if len({len(piece.values) for piece in pieces}) > 1:
        raise RecordRefused(f"Leads of {name} that begin together differ in length. Export the ECG again.")
    return pieces


def _piece(name: str, sequence: Element, start_sample: int, stated: Stated) -> Piece:
    code = _code(sequence)
    value = sequence.find("value")
    digits = value.find("digits") if value is not None else None
    if value is None or digits is None:
        raise RecordRefused(f"Sequence {code} of {name} has no digits. Export the ECG again.")
    origin, origin_unit = _quantity(value.find("origin"))
    scale, unit = _quantity(value.find("scale"))
    if not math.isfinite(scale) or scale == 0 or not math.isfinite(origin):
        raise RecordRefused(f"Sequence {code} of {name} has no scale. Export the ECG again.")
    with refuse_errors(f"The digits of {code} in {name} are not numbers. Export the ECG again."):
        steps = parse_numbers(digits.text or "")
    lead = lead_of_mdc_name(code) or lead_of_number(number_of_mdc_code(code) or 0)
    factor = millivolts_per((stated.unit if lead else None) or unit)
    is_lead = (lead is not None or is_lead_name(code)) and factor is not None
    if lead is not None and factor is None:
        raise RecordRefused(f"Lead {lead} of {name} is not in volts but {unit[:20]!r}. Correct its unit.")
    if origin and origin_unit != unit:
        raise RecordRefused(f"Sequence {code} of {name} has its origin and scale in two units. Correct them.")
    values = scale_steps(steps, scale * (factor or 1.0), origin * (factor or 1.0))
    return Piece(Channel(lead or code, "mV" if factor else unit, is_lead=is_lead), start_sample, values)


def _code(sequence: Element) -> str:
    code = sequence.find("code")
    text = code.get("code", "") if code is not None else ""
    return text.strip()[:60] or "unnamed"


def _own_code(series: Element) -> str:
    code = series.find("code")
    return code.get("code", "") if code is not None else ""


def _quantity(element: Element | None) -> tuple[float, str]:
    """Return the value and unit of a physical quantity; zero in no unit if it is absent."""
    if element is None:
        return 0.0, ""
    text = element.get("value", "")[:40].strip()
    sign, bare = (-1.0, text[1:]) if text.startswith("-") else (1.0, text)
    is_zero = bool(bare) and not bare.strip("0.")
    return (0.0 if is_zero else sign * positive_number(bare)), element.get("unit", "").strip()


def _seconds(element: Element | None) -> float:
    value, unit = _quantity(element)
    return value * _SECONDS.get(unit or "s", math.nan)


def _start(head: Element | None) -> float:
    """Return when a set begins, in seconds of any clock; 0 if this is not stated."""
    if head is None:
        return 0.0
    text = head.get("value", "").strip()[:40]
    whole = text.partition(".")[0]
    if head.get("unit") and len(whole) < 8:
        seconds = _seconds(head)
        return seconds if math.isfinite(seconds) else 0.0
    return next(_clock_seconds(text), 0.0)


def _clock_seconds(text: str) -> Iterator[float]:
    """Yield the seconds since 1970 of an HL7 time stamp, if it is one; a time zone is common to the file."""
    bare = text.split("+")[0].split("-")[0]
    whole, _, fraction = bare.partition(".")
    fraction_s = float(f"0.{fraction}") if fraction.isascii() and fraction.isdigit() else 0.0
    if len(whole) == 14 and whole.isascii() and whole.isdigit():
        try:
            moment = datetime.strptime(whole, "%Y%m%d%H%M%S")
        except ValueError:
            return
        yield (moment - datetime(1970, 1, 1)).total_seconds() + fraction_s
