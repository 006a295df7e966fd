"""Alarms cut into the windows that a model reads: the seconds before each, sensor by sensor."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from backend.records.alarms import ALARM_KINDS, Alarm
from backend.records.channels.sensors import ECG_SENSORS, SENSORS, find_sensors
from backend.records.record import Record, RecordRefused
from backend.windows.alarms.sensor_features import Stretch, breath_series, ecg_series, pressure_series, pulse_series
from backend.windows.base import Windows, distinct

__all__ = [
    "ALARM_TYPE",
    "BASE_SENSORS",
    "LEAST_S",
    "STRANGE",
    "TOGETHER",
    "AlarmWindow",
    "Quantity",
    "completed",
    "cut_alarms",
    "parts_of",
]

TOGETHER = "sensors together"
ALARM_TYPE = "alarm type"
"""Sources that are no sensor: what only several sensors tell, and the name of the alarm."""

LEAST_S = 10.0
"""Less than this before the alarm says too little: the event begins within 10 s before it."""

_MOST = 5.0
"""A variable is told up to this many of its usual deviations."""

_TYPE_SIZE = 6.0
"""What stands for the alarm's type: larger than any other sign, since it decides what they mean."""

_TRUTHS = {True: "true alarm", False: "false alarm", None: ""}
_SERIES: Mapping[str, Callable[[Stretch], Mapping[str, np.ndarray]]] = {
    **dict.fromkeys(ECG_SENSORS, ecg_series),
    "ABP": pressure_series,
    "PLETH": pulse_series,
    "RESP": breath_series,
}


@dataclass(frozen=True)
class Quantity:
    """One variable of a sensor: how it is called, measured and standardised.

    A value x is read as (x - usual) / spread, or, of a quantity that is told as a ratio or spans decades, as
    (log2 x - log2 usual) / spread with x at least ``least``.
    """

    key: str
    words: str
    unit: str
    usual: float
    spread: float
    least: float | None = None

    def encoded(self, told: np.ndarray) -> np.ndarray:
        """As the network reads it, float32, within -5..5."""
        if self.least is None:
            standard = (told - self.usual) / self.spread
        else:
            standard = np.log2(np.maximum(told, self.least) / self.usual) / self.spread
        return np.clip(standard, -_MOST, _MOST).astype(np.float32)

    def decoded(self, read: np.ndarray) -> np.ndarray:
        """In its unit again."""
        if self.least is None:
            return read * self.spread + self.usual
        return self.usual * np.exp2(read * self.spread)


_PULSES = (
    Quantity("since", "seconds since a beat in {}", "s", 0.6, 0.85, 0.125),
    Quantity("rate", "rate from {}", "1/min", 85.0, 0.75, 7.5),
    Quantity("rate over 4", "rate over 4 intervals from {}", "1/min", 85.0, 0.6, 7.5),
    Quantity("rate over 12", "rate over 12 intervals from {}", "1/min", 85.0, 0.55, 7.5),
)
_ECG = (
    Quantity("highest", "highest of {}", "usual QRS", 0.25, 0.45),
    Quantity("lowest", "lowest of {}", "usual QRS", -0.22, 0.45),
    *_PULSES,
    Quantity("unlikeness", "beat unlike the usual in {}", "1", 0.13, 0.25),
    Quantity("height", "height of QRS in {}", "usual QRS", 1.08, 0.65, 0.05),
    Quantity("width", "width of QRS in {}", "ms", 69.0, 34.0),
    Quantity("relative width", "width of QRS to the usual in {}", "1", 1.1, 0.47, 0.1),
    Quantity("movement", "movement of {}", "usual QRS", 1.2, 1.05, 0.01),
    Quantity("noise", "fast noise in {}", "usual QRS", 0.009, 1.4, 0.0005),
    Quantity("leakage", "fibrillation leakage in {}", "1", 0.78, 0.1),
    Quantity("dominant frequency", "dominant frequency of {}", "Hz", 3.2, 2.2),
    Quantity("concentration", "concentration of frequencies in {}", "1", 0.4, 0.2),
    Quantity("flat", "flat line in {}", "0 or 1", 0.0, 0.3),
)
_PULSE_WAVE = (
    Quantity("wave", "wave of {}", "usual pulse", 0.05, 0.6),
    *_PULSES,
    Quantity("unlikeness", "pulse unlike the usual in {}", "1", 0.13, 0.25),
    Quantity("height", "height of the pulse in {}", "usual pulse", 1.0, 0.6, 0.05),
)
_FLAT = Quantity("flat", "flat line in {}", "0 or 1", 0.0, 0.3)
_QUANTITIES: Mapping[str, tuple[Quantity, ...]] = {
    **dict.fromkeys(ECG_SENSORS, _ECG),
    "ABP": (
        *_PULSE_WAVE,
        Quantity("systolic", "systolic pressure of {}", "mmHg", 111.0, 43.0),
        Quantity("pulse pressure", "pulse pressure of {}", "mmHg", 53.0, 30.0),
        Quantity("mean", "mean pressure of {}", "mmHg", 75.0, 32.0),
        Quantity("movement", "movement of {}", "mmHg", 58.0, 32.0),
        _FLAT,
    ),
    "PLETH": (
        *_PULSE_WAVE,
        Quantity("movement", "movement of {}", "usual pulse", 1.14, 0.94, 0.03),
        _FLAT,
    ),
    "RESP": (Quantity("wave", "wave of {}", "usual breath", 0.06, 0.37),),
}

_BASE = tuple((sensor, quantity) for sensor in SENSORS for quantity in _QUANTITIES[sensor])
_POSITION = {(sensor, quantity.key): index for index, (sensor, quantity) in enumerate(_BASE)}
BASE_SENSORS = np.array([SENSORS.index(sensor) for sensor, _ in _BASE])
"""For each measured quantity its sensor's place in SENSORS, int64, shape = (n_base,)."""
_N_BASE, _N_SENSORS = len(_BASE), len(SENSORS)

_PULSATILE, _PRESSURES = (*ECG_SENSORS, "ABP", "PLETH"), ("ABP", "PLETH")
_SINCE, _RATE, _RATE_4, _RATE_12 = _PULSES
_UNLIKE = _ECG[6]
_COMPARED: tuple[tuple[str, Quantity, tuple[str, ...], bool], ...] = (
    ("seconds since a beat in any sensor", _SINCE, _PULSATILE, False),
    ("seconds since a beat in any ECG lead", _SINCE, ECG_SENSORS, False),
    ("seconds since a pulse in any pulse sensor", _SINCE, _PRESSURES, False),
    ("fastest rate of all sensors", _RATE, _PULSATILE, True),
    ("slowest rate of all sensors", _RATE, _PULSATILE, False),
    ("fastest rate over 4 intervals of all sensors", _RATE_4, _PULSATILE, True),
    ("slowest rate over 4 intervals of all sensors", _RATE_4, _PULSATILE, False),
    ("fastest rate over 12 intervals of all sensors", _RATE_12, _PULSATILE, True),
    ("slowest rate over 12 intervals of all sensors", _RATE_12, _PULSATILE, False),
    ("least unlike beat of the ECG leads", _UNLIKE, ECG_SENSORS, False),
    ("least unlike beat of all sensors", _UNLIKE, _PULSATILE, False),
)
"""What a variable of several sensors is called, the quantity, of which sensors, whether their greatest or least."""

STRANGE = "mean so far: least unlike beat of all sensors"
"""The variable that is great where in no sensor a beat resembles the others: noise in all of them."""

_SO_FAR = ("greatest so far: {}", "least so far: {}", "mean so far: {}")
_N_TOLD = _N_BASE + len(_COMPARED)
_N_COLUMNS = _N_SENSORS + _N_TOLD * (1 + len(_SO_FAR)) + len(ALARM_KINDS)


@dataclass(frozen=True)
class AlarmWindow:
    """How a model wants its alarms cut; part of its card.

    The columns are, in this order: whether each sensor was there; each sensor's quantities; what its sensors tell
    together; the greatest, the least and the mean of all these since the window's first step; the alarm's type.

    Attributes
    ----------
    before_s : float
        The window's reach before the alarm; nothing after the alarm is read.
    sampling_rate : float
        Hz, of the steps.
    context_s : float
        How far before the alarm the record is looked at for what is usual of the patient.
    """

    kind: ClassVar[str] = "alarm"

    before_s: float = 12.0
    sampling_rate: float = 8.0
    context_s: float = 60.0

    @property
    def steps(self) -> int:
        """Length T of a window."""
        return round(self.before_s * self.sampling_rate)

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of the D columns."""
        return named_variables(SENSORS)

    @property
    def sources(self) -> tuple[str, ...]:
        """The sensor that each column tells of, `TOGETHER` or `ALARM_TYPE`, length D."""
        told = (*(sensor for sensor, _ in _BASE), *(TOGETHER for _ in _COMPARED))
        return (*SENSORS, *told, *(source for _ in _SO_FAR for source in told), *(ALARM_TYPE for _ in ALARM_KINDS))

    @property
    def units(self) -> tuple[str, ...]:
        """The unit of each column as `in_units` gives it, length D."""
        told = tuple(quantity.unit for quantity in _told_quantities())
        return ("0 or 1",) * _N_SENSORS + told * (1 + len(_SO_FAR)) + ("0 or 1",) * len(ALARM_KINDS)

    @property
    def absent(self) -> np.ndarray:
        """What stands in each column where its sensor is missing: zero, float32, shape = (D,)."""
        return np.zeros(_N_COLUMNS, dtype=np.float32)

    def in_units(self, values: np.ndarray) -> np.ndarray:
        """Windows (..., D) as a reader knows them: seconds, beats a minute, mmHg; NaN where a sensor is missing."""
        is_there = values[..., :_N_SENSORS] > 0
        told = values.astype(np.float64)
        told[..., -len(ALARM_KINDS) :] /= _TYPE_SIZE
        known = np.ones((*values.shape[:-1], _N_TOLD), dtype=bool)
        known[..., :_N_BASE] = is_there[..., BASE_SENSORS]
        for block in range(1 + len(_SO_FAR)):
            for index, quantity in enumerate(_told_quantities()):
                column = _N_SENSORS + block * _N_TOLD + index
                told[..., column] = np.where(known[..., index], quantity.decoded(values[..., column]), np.nan)
        return told

    def without(self, values: np.ndarray, hidden: np.ndarray) -> np.ndarray:
        """The windows of the same alarms had some sensors not been recorded at some steps.

        What the sensors tell together, and all that is said of the window so far, is of what is left.

        Parameters
        ----------
        values : float32 array, shape = (n, T, D)
        hidden : bool array, shape = (n, T, S)
            S distinct sources, in the order in which ``sources`` names them first. Either n may be 1.

        Returns
        -------
        float32 array, shape = (n, T, D)
        """
        order = distinct(self.sources)
        base, is_there, kinds = parts_of(values)
        gone = hidden[:, :, [order.index(sensor) for sensor in SENSORS]]
        kinds = np.where(hidden[:, :, order.index(ALARM_TYPE), None], 0.0, kinds)
        return completed(base, is_there & ~gone, kinds, hidden[:, :, order.index(TOGETHER)])


def _told_quantities() -> tuple[Quantity, ...]:
    return (*(quantity for _, quantity in _BASE), *(quantity for _, quantity, _, _ in _COMPARED))


def named_variables(names: Sequence[str]) -> tuple[str, ...]:
    """Names of the D columns, with a name for each of SENSORS."""
    base = [quantity.words.format(names[SENSORS.index(sensor)]) for sensor, quantity in _BASE]
    told = [*base, *(words for words, _, _, _ in _COMPARED)]
    so_far = [words.format(name) for words in _SO_FAR for name in told]
    return (*(f"{name} is there" for name in names), *told, *so_far, *ALARM_KINDS)


def parts_of(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What of some windows (n, T, D) was measured: ``base``, ``is_there`` and ``kinds`` as `completed` takes them."""
    base = values[:, :, _N_SENSORS : _N_SENSORS + _N_BASE]
    return base, values[:, :, :_N_SENSORS] > 0, values[:, :, -len(ALARM_KINDS) :] / _TYPE_SIZE


def completed(base: np.ndarray, is_there: np.ndarray, kinds: np.ndarray, is_apart: np.ndarray) -> np.ndarray:
    """All columns of some windows from those that are measured.

    Parameters
    ----------
    base : float32 array, shape = (n, T, n_base)
        The sensors' quantities; whatever stands where a sensor is missing is not looked at.
    is_there : bool array, shape = (n, T, n_sensors)
    kinds : array, shape = (n, T, 5)
        1 for the alarm's kind.
    is_apart : bool array, shape = (n, T)
        Where nothing is told of the sensors together.

    Returns
    -------
    float32 array, shape = (n, T, D)
        Any of the four may have n = 1.
    """
    n = max(len(base), len(is_there), len(kinds), len(is_apart))
    steps = base.shape[1]
    values = np.empty((n, steps, _N_COLUMNS), dtype=np.float32)
    values[:, :, :_N_SENSORS] = is_there
    values[:, :, -len(ALARM_KINDS) :] = _TYPE_SIZE * kinds
    known = np.empty((n, steps, _N_TOLD), dtype=bool)
    known[:, :, :_N_BASE] = is_there[:, :, BASE_SENSORS]
    told = values[:, :, _N_SENSORS : _N_SENSORS + _N_TOLD]
    told[:, :, :_N_BASE] = base
    _compare(told, known, is_there, is_apart)
    told *= known
    _sum_up(values[:, :, _N_SENSORS:], known)
    return values


def _compare(told: np.ndarray, known: np.ndarray, is_there: np.ndarray, is_apart: np.ndarray) -> None:
    """Write what the sensors tell together into ``told``, and into ``known`` whether any of them is there."""
    for index, (_, quantity, among, is_greatest) in enumerate(_COMPARED, start=_N_BASE):
        worst = -np.inf if is_greatest else np.inf
        best = np.maximum if is_greatest else np.minimum
        parts = [
            np.where(is_there[:, :, SENSORS.index(sensor)], told[:, :, _POSITION[sensor, quantity.key]], worst)
            for sensor in among
        ]
        found = best.reduce(parts)
        known[:, :, index] = np.isfinite(found) & ~is_apart
        told[:, :, index] = np.where(np.isfinite(found), found, 0.0)


def _sum_up(values: np.ndarray, known: np.ndarray) -> None:
    """Write greatest, least and mean so far behind the columns (n, T, n_told) that ``values`` begins with."""
    told = values[:, :, :_N_TOLD]
    any_yet = np.logical_or.accumulate(known, axis=1)
    greatest, least, mean = (values[:, :, block * _N_TOLD : (block + 1) * _N_TOLD] for block in (1, 2, 3))
    np.maximum.accumulate(np.where(known, told, -np.float32(np.inf)), axis=1, out=greatest)
    np.minimum.accumulate(np.where(known, told, np.float32(np.inf)), axis=1, out=least)
    counted = np.cumsum(known, axis=1, dtype=np.float32)
    np.divide(np.cumsum(told, axis=1), np.maximum(counted, 1.0), out=mean)
    greatest[~any_yet] = 0.0
    least[~any_yet] = 0.0


def cut_alarms(record: Record, alarms: Sequence[Alarm], window: AlarmWindow) -> Windows:
    """Cut the seconds before each alarm.

    Each sensor is cut to ``window.context_s`` before the alarm first, so that nothing after the alarm, and nothing
    long before, changes what is read. Steps before a record's first sample are missing, as are gaps.

    Returns
    -------
    Windows
        ``values`` float32, shape = (n, window.steps, D).

    Raises
    ------
    RecordRefused
        For a record without arterial pressure, pulse or breathing beside its ECG, an alarm outside the record or less
        than `LEAST_S` after its beginning, or if all sensors hold nothing but gaps and flat lines before the alarm.
    """
    channels = find_sensors(record)
    if all(channels[sensor] is None for sensor in ("ABP", "PLETH", "RESP")):
        raise RecordRefused(
            f"{record.name} has no arterial pressure, pulse or breathing beside its ECG; an alarm is judged from "
            f"several sensors. Choose a record with ABP, PLETH or RESP."
        )
    cuts = [_cut(record, alarm, channels, window) for alarm in alarms]
    names = {
        sensor: f"no {sensor}" if index is None else _shown(record, sensor, index) for sensor, index in channels.items()
    }
    return Windows(
        values=np.concatenate(cuts) if cuts else np.zeros((0, window.steps, _N_COLUMNS), dtype=np.float32),
        variables=named_variables([names[sensor] for sensor in SENSORS]),
        sampling_rate=window.sampling_rate,
        anchor=np.array([alarm.sample for alarm in alarms], dtype=np.int64),
        anchor_step=window.steps - 1,
        reference=tuple(_TRUTHS[alarm.is_true] for alarm in alarms),
        sources=tuple(names.get(source, source) for source in window.sources),
    )


def _shown(record: Record, sensor: str, index: int) -> str:
    """What a reader calls a sensor: ``ECG II``, ``ABP``."""
    name = record.channels[index].name
    if sensor not in ECG_SENSORS:
        return sensor
    return name if name.casefold().startswith(("ecg", "ekg")) else f"ECG {name}"


def _cut(record: Record, alarm: Alarm, channels: Mapping[str, int | None], window: AlarmWindow) -> np.ndarray:
    """The window of one alarm, shape = (1, T, D)."""
    if not 0 <= alarm.sample < len(record.signals):
        raise RecordRefused(f"{record.name} has no sample {alarm.sample}; choose an alarm within the record.")
    rate = record.sampling_rate
    first = max(0, alarm.sample + 1 - round(window.context_s * rate))
    signals = record.signals[first : alarm.sample + 1]
    if len(signals) < LEAST_S * rate:
        raise RecordRefused(
            f"{record.name} holds {len(signals) / rate:.2g} s before the alarm; at least {LEAST_S:g} s are needed. "
            f"Choose an alarm that sounds later, or a record that begins earlier."
        )
    steps_s = (len(signals) - 1) / rate - np.arange(window.steps)[::-1] / window.sampling_rate
    base = np.zeros((1, window.steps, _N_BASE), dtype=np.float32)
    is_there = np.zeros((1, window.steps, _N_SENSORS), dtype=bool)
    for place, sensor in enumerate(SENSORS):
        index = channels[sensor]
        if index is not None and _lives(signals[:, index]):
            stretch = Stretch(signals[:, index], rate, steps_s)
            is_there[0, :, place] = ~stretch.is_missing()
            told = _SERIES[sensor](stretch)
            for quantity in _QUANTITIES[sensor]:
                base[0, :, _POSITION[sensor, quantity.key]] = quantity.encoded(told[quantity.key])
    if not is_there.any():
        raise RecordRefused(
            f"{record.name} holds nothing but gaps and flat lines before the alarm; check the recording and choose "
            f"another."
        )
    kinds = np.array([[[kind == alarm.kind for kind in ALARM_KINDS]]], dtype=np.float32)
    return completed(base, is_there, np.repeat(kinds, window.steps, axis=1), np.zeros((1, window.steps), dtype=bool))


def _lives(samples: np.ndarray) -> bool:
    """Whether there is anything but gaps and one value."""
    return bool(np.fmax.reduce(samples) > np.fmin.reduce(samples))
