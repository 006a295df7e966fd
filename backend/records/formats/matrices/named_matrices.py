"""Which of the named arrays in a file is the ECG, and its sampling rate, unit and leads."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from backend.records.channels.lead_names import is_lead_name
from backend.records.channels.units import millivolts_per
from backend.records.formats.tables.columns import Content, content_of
from backend.records.record import Channel, Record, RecordRefused
from backend.records.understanding import Stated, Understanding
from backend.records.validation import HIGHEST_RATE_HZ, LOWEST_RATE_HZ, check_sampling_rate, check_size, validate_record

__all__ = ["TWELVE_LEADS", "NamedContent", "has_twelve_leads", "record_of_matrices"]

TWELVE_LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")

NamedContent = Mapping[str, "np.ndarray | str | Sequence[str]"]
"""Arrays and texts by their path in the file, parts separated by dots: ``ECG.data``."""

_RATE_NAMES = {"fs", "sr", "sf", "freq", "frequency", "srate", "samplerate", "samplingrate", "samplingfrequency", "hz"}
_RATE_NAMES |= {"samplingfreq", "samplefrequency", "samplefreq", "fsample", "fecg", "fsecg", "ecgfs"}
_UNIT_NAMES = {"unit", "units", "sigunits"}
_LEAD_NAMES = {"leads", "leadnames", "lead", "signame", "signames", "desc", "labels", "channels", "channelnames"}
_GAIN_NAMES, _BASELINE_NAMES = {"gain", "adcgain"}, {"baseline", "adczero"}
_ECG_WORD = re.compile(r"(?:^|[^a-z])(?:ecg|ekg)(?:$|[^a-z])|^(?:ecg|ekg)")
_TIME_NAMES = {"t", "time", "times", "tm", "timestamp", "timestamps"}
_MOST_CHANNELS = 256
_SHORTEST_SAMPLES = 3 * LOWEST_RATE_HZ
_EINTHOVEN_ERROR = 0.05


@dataclass(frozen=True, eq=False)
class _Matrix:
    """One array of signals; ``values`` has the shape (n_samples, n_channels)."""

    name: str
    values: np.ndarray

    @property
    def is_named_ecg(self) -> bool:
        return _ECG_WORD.search(self.name.casefold()) is not None


@dataclass(frozen=True, eq=False)
class _Column:
    """One column of the chosen arrays; ``is_lead`` is None where its name does not say so."""

    label: str
    values: np.ndarray
    is_lead: bool | None


def record_of_matrices(path: Path, content: NamedContent, file_format: str, stated: Stated) -> Record:
    """Return the record in the arrays of a file.

    The ECG is the array named so, or whose leads are named, or twelve rows or columns that obey Einthoven's law; where
    none of these holds, the person is asked. The sampling rate and the unit must be in the file or stated.

    Raises
    ------
    LeadsInDoubt
        If no array is known to be an ECG; see `validate_record`.
    RecordRefused
        If the file has no signal, or does not state its sampling rate or unit.
    """
    matrices = [
        _Matrix(name, _upright(own))
        for name, own in content.items()
        if isinstance(own, np.ndarray) and _is_signal(name, own)
    ]
    if not matrices:
        raise RecordRefused(f"{path.name} holds no signals. Save the ECG as a matrix of samples and leads.")
    names = _texts(content, _LEAD_NAMES)
    chosen = _choose(matrices, names)
    columns = _columns(chosen, names)
    check_size(path.stem, len(chosen[0].values), len(columns), path.stat().st_size)
    sampling_rate, rate_from = _sampling_rate(path.name, content, columns, stated)
    check_sampling_rate(path.stem, sampling_rate)
    wanted = {lead.casefold() for lead in stated.leads or ()}
    may_be_lead = [own.is_lead is not False or own.label.casefold() in wanted for own in columns]
    factors, offsets, unit_from = _scale(path.name, content, may_be_lead, stated)
    reasons = ["" if own.label.casefold() in wanted else _reason_to_ignore(own) for own in columns]
    kept = [index for index, reason in enumerate(reasons) if not reason]
    if not kept:
        raise RecordRefused(f"{path.name} holds only counters, times and codes. Save the ECG as a matrix of samples.")
    with np.errstate(over="ignore", invalid="ignore"):  # infinite values are refused
        signals = np.stack([columns[index].values for index in kept], axis=1).astype(np.float32)
        signals -= np.array([offsets[index] for index in kept], dtype=np.float32)
        signals *= np.array([factors[index] for index in kept], dtype=np.float32)
    channels = [
        Channel(columns[index].label, "mV" if may_be_lead[index] else "", is_lead=bool(columns[index].is_lead))
        for index in kept
    ]
    others = [(own.name, "not the ECG") for own in matrices if own.name not in {own.name for own in chosen}]
    ignored = [(own.label, reason) for own, reason in zip(columns, reasons, strict=True) if reason]
    understanding = Understanding(
        format=file_format, rate_from=rate_from, unit_from=unit_from, ignored=(*ignored, *others)
    )
    return validate_record(path.stem, signals, sampling_rate, channels, {}, stated=stated, understanding=understanding)


def _reason_to_ignore(column: _Column) -> str:
    """Return why a column cannot be a lead whatever its name: it counts, or holds a few codes; else nothing."""
    with np.errstate(over="ignore", invalid="ignore"):
        content = content_of(column.values.astype(np.float32))
    if content is Content.COUNTER:
        return "rises like a time or a counter"
    if content is Content.SIGNAL or column.is_lead is not None:
        return ""
    return content.value


def has_twelve_leads(signals: np.ndarray) -> bool:
    """Return whether twelve columns are the leads of a resting ECG in the usual order, by Einthoven's law.

    Parameters
    ----------
    signals : array, shape = (n_samples, 12)
        In any unit, with any offset of each lead.
    """
    if signals.shape[1] != len(TWELVE_LEADS):
        return False
    limb = signals[:, :6].astype(np.float64)
    limb = limb[np.isfinite(limb).all(axis=1)]
    if not len(limb):
        return False
    with np.errstate(over="ignore", invalid="ignore"):
        return _obeys_einthoven(limb - limb.mean(axis=0))


def _obeys_einthoven(limb: np.ndarray) -> bool:
    first, second, third, right, left, foot = limb.T
    errors = [
        third - second + first,
        right + (first + second) / 2,
        left - first + second / 2,
        foot - second + first / 2,
    ]
    size = math.sqrt(float((limb**2).mean()))
    return size > 0 and all(math.sqrt(float((own**2).mean())) < _EINTHOVEN_ERROR * size for own in errors)


def _is_signal(name: str, own: np.ndarray) -> bool:
    if own.ndim not in (1, 2) or own.dtype.kind not in "iuf":
        return False
    if _last(name) in _RATE_NAMES | _GAIN_NAMES | _BASELINE_NAMES or _is_time(name):
        return False
    shape = own.shape if own.ndim == 2 else (own.shape[0], 1)
    return min(shape) <= _MOST_CHANNELS and max(shape) >= _SHORTEST_SAMPLES and min(shape) >= 1


def _is_time(name: str) -> bool:
    return _last(name) in _TIME_NAMES


def _upright(matrix: np.ndarray) -> np.ndarray:
    """Return the matrix with one row per sample."""
    if matrix.ndim == 1:
        return matrix[:, None]
    return matrix if matrix.shape[0] >= matrix.shape[1] else matrix.T


def _choose(matrices: Sequence[_Matrix], names: Sequence[str]) -> list[_Matrix]:
    """Return the arrays to show: those named ECG, else those that the lead names fit, else all of one length."""
    named = [own for own in matrices if own.is_named_ecg or is_lead_name(_last_part(own.name))]
    fitting = [own for own in matrices if names and own.values.shape[1] == len(names)]
    wanted = named or fitting or list(matrices)
    longest = max(wanted, key=lambda own: own.values.size)
    if longest.values.shape[1] > 1:
        return [longest]
    return [own for own in wanted if len(own.values) == len(longest.values) and own.values.shape[1] == 1]


def _columns(chosen: Sequence[_Matrix], names: Sequence[str]) -> list[_Column]:
    """Return the columns of the chosen arrays with their names."""
    columns = [own.values[:, index] for own in chosen for index in range(own.values.shape[1])]
    labels, is_lead = _label(chosen, names)
    return [_Column(*own) for own in zip(labels, columns, is_lead, strict=True)]


def _label(chosen: Sequence[_Matrix], names: Sequence[str]) -> tuple[list[str], list[bool | None]]:
    """Return the name of each column and whether it is a lead; None where this is not known."""
    matrix = chosen[0]
    n_columns = matrix.values.shape[1]
    if n_columns == 1:
        labels = list(names) if len(names) == len(chosen) else [_last_part(own.name) for own in chosen]
        are_ecg = [own.is_named_ecg or is_lead_name(label) for own, label in zip(chosen, labels, strict=True)]
        return labels, [own or None for own in are_ecg]
    if len(names) == n_columns:
        return list(names), [is_lead_name(name) for name in names]
    if has_twelve_leads(matrix.values):
        return list(TWELVE_LEADS), [True] * n_columns
    is_lead = True if matrix.is_named_ecg else None
    return [f"{_last_part(matrix.name)} {place + 1}" for place in range(n_columns)], [is_lead] * n_columns


def _sampling_rate(name: str, content: NamedContent, columns: Sequence[_Column], stated: Stated) -> tuple[float, str]:
    if stated.sampling_rate:
        return stated.sampling_rate, "stated"
    for path, own in content.items():
        if _last(path) in _RATE_NAMES and isinstance(own, np.ndarray) and own.size == 1 and own.dtype.kind in "iuf":
            return float(own.reshape(-1)[0]), path
    times = [(path, own.reshape(-1)) for path, own in content.items() if isinstance(own, np.ndarray) and _is_time(path)]
    for path, own in [*times, *((column.label, column.values) for column in columns)]:
        rate = _rate_of_times(own)
        if rate is not None:
            return rate, f"times in {path}"
    raise RecordRefused(
        f"{name} does not state its sampling rate (a number named fs). "
        f"State it, {LOWEST_RATE_HZ} to {HIGHEST_RATE_HZ} Hz."
    )


def _rate_of_times(values: np.ndarray) -> float | None:
    """Return the sampling rate of times in seconds at even steps; None for other numbers."""
    if values.dtype.kind != "f" or len(values) < _SHORTEST_SAMPLES:
        return None
    steps = np.diff(values.astype(np.float64))
    step = float(np.median(steps))
    if not 1 / HIGHEST_RATE_HZ <= step <= 1 / LOWEST_RATE_HZ or np.abs(steps - step).max() > 0.1 * step:
        return None
    rate = (len(values) - 1) / float(values[-1] - values[0])
    return float(round(rate)) if abs(rate - round(rate)) < 0.01 else rate


def _scale(
    name: str, content: NamedContent, may_be_lead: Sequence[bool], stated: Stated
) -> tuple[list[float], list[float], str]:
    """Return the factor to mV and the offset of each column; 1 and 0 for those that are not leads."""
    n_columns = len(may_be_lead)
    units = _texts(content, _UNIT_NAMES)
    units = units * n_columns if len(units) == 1 else units
    factors: list[float | None] = [None] * n_columns
    if len(units) == n_columns:
        factors = [millivolts_per(unit.split("/")[-1]) for unit in units]
    gains, zeros = _numbers(content, _GAIN_NAMES, n_columns), _numbers(content, _BASELINE_NAMES, n_columns)
    unit_from = "units"
    if stated.unit:
        factors, gains, zeros, unit_from = [millivolts_per(stated.unit)] * n_columns, None, None, "stated"
    if any(may_be and factor is None for may_be, factor in zip(may_be_lead, factors, strict=True)):
        raise RecordRefused(f"{name} does not state the unit of its ECG (a text named units). State it: mV, uV or V.")
    if gains is not None and all(0 < gain < math.inf for gain in gains):
        factors = [(factor or 1.0) / gain for factor, gain in zip(factors, gains, strict=True)]
        offsets = zeros or [0.0] * n_columns
        unit_from = "gain and units"
    else:
        offsets = [0.0] * n_columns
    scaled = [factor if may_be and factor else 1.0 for may_be, factor in zip(may_be_lead, factors, strict=True)]
    return scaled, [offset if may_be else 0.0 for may_be, offset in zip(may_be_lead, offsets, strict=True)], unit_from


def _texts(content: NamedContent, wanted: set[str]) -> list[str]:
    """Return the texts of the first entry with one of the names."""
    for path, own in content.items():
        if _last(path) in wanted and not isinstance(own, np.ndarray):
            texts = own.replace(",", " ").split() if isinstance(own, str) else list(own)
            return [text.strip()[:60] for text in texts if text.strip()][:_MOST_CHANNELS]
    return []


def _numbers(content: NamedContent, wanted: set[str], n_columns: int) -> list[float] | None:
    for path, own in content.items():
        if _last(path) in wanted and isinstance(own, np.ndarray) and own.size in (1, n_columns):
            numbers = [float(number) for number in own.reshape(-1)]
            return numbers * n_columns if len(numbers) == 1 else numbers
    return None


def _last_part(path: str) -> str:
    return path.rpartition(".")[2][:60]


def _last(path: str) -> str:
    return re.sub(r"[\W_]", "", _last_part(path).casefold())
