"""The windows of alarms that a model reads: features of each sensor in the seconds before the alarm."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from backend.records.alarms import ALARM_KINDS, Alarm
from backend.records.channels.sensors import ECG_SENSORS, SENSORS, find_sensors
from backend.records.record import Record, RecordRefused
from backend.windows.alarms.sensor_features import (
    SensorSegment,
    measure_ecg,
    measure_pressure,
    measure_pulse,
    measure_respiration,
)
from backend.windows.base import Windows, distinct

__all__ = [
    "ALARM_TYPE",
    "BASE_SENSORS",
    "MEAN_LOWEST_DISSIMILARITY",
    "MIN_CONTEXT_S",
    "TOGETHER",
    "AlarmWindow",
    "Quantity",
    "complete_columns",
    "cut_alarms",
    "split_columns",
]

TOGETHER = "sensors together"
ALARM_TYPE = "alarm type"
"""Sources that are not a sensor: comparisons between sensors, and the kind of the alarm."""

MIN_CONTEXT_S = 10.0
"""Minimum signal before an alarm: its event begins within the last 10 s."""

_MAX_DEVIATIONS = 5.0
"""Standardised variables are limited to this range on either side of zero."""

_TYPE_SIZE = 6.0
"""Value of the column of the alarm's kind: larger than that of any other, as it decides what they mean."""

_TRUTHS = {True: "true alarm", False: "false alarm", None: ""}
_MEASURE: Mapping[str, Callable[[SensorSegment], Mapping[str, np.ndarray]]] = {
    **dict.fromkeys(ECG_SENSORS, measure_ecg),
    "ABP": measure_pressure,
    "PLETH": measure_pulse,
    "RESP": measure_respiration,
}


@dataclass(frozen=True)
class Quantity:
    """One feature of a sensor: its name, unit and standardisation.

    A value x is standardised as (x - typical) / spread, or as (log2 x - log2 typical) / spread with x at least
    ``least`` if the feature is a ratio or spans decades.
    """

    key: str
    words: str
    unit: str
    typical: float
    spread: float
    least: float | None = None

    def standardise(self, values: np.ndarray) -> np.ndarray:
        """Return values as the network reads them, float32, within -5..5."""
        if self.least is None:
            standard = (values - self.typical) / self.spread
        else:
            standard = np.log2(np.maximum(values, self.least) / self.typical) / self.spread
        return np.clip(standard, -_MAX_DEVIATIONS, _MAX_DEVIATIONS).astype(np.float32)

    def in_unit(self, standardised: np.ndarray) -> np.ndarray:
        """Return standardised values in the unit of the quantity."""
        if self.least is None:
            return standardised * self.spread + self.typical
        return self.typical * np.exp2(standardised * self.spread)


_PULSES = (
    Quantity("since", "seconds since a beat in {}", "s", 0.6, 0.85, 0.125),
    Quantity("rate", "rate from {}", "1/min", 85.0, 0.75, 7.5),
    Quantity("rate over 4", "rate over 4 intervals from {}", "1/min", 85.0, 0.6, 7.5),
    Quantity("rate over 12", "rate over 12 intervals from {}", "1/min", 85.0, 0.55, 7.5),
)
_ECG = (
    Quantity("highest", "maximum of {}", "typical QRS", 0.25, 0.45),
    Quantity("lowest", "minimum of {}", "typical QRS", -0.22, 0.45),
    *_PULSES,
    Quantity("unlikeness", "beat dissimilarity in {}", "1", 0.13, 0.25),
    Quantity("height", "QRS amplitude in {}", "typical QRS", 1.08, 0.65, 0.05),
    Quantity("width", "QRS width in {}", "ms", 69.0, 34.0),
    Quantity("relative width", "relative QRS width in {}", "1", 1.1, 0.47, 0.1),
    Quantity("movement", "movement of {}", "typical QRS", 1.2, 1.05, 0.01),
    Quantity("noise", "high-frequency noise in {}", "typical QRS", 0.009, 1.4, 0.0005),
    Quantity("leakage", "fibrillation leakage in {}", "1", 0.78, 0.1),
    Quantity("dominant frequency", "dominant frequency of {}", "Hz", 3.2, 2.2),
    Quantity("concentration", "spectral concentration in {}", "1", 0.4, 0.2),
    Quantity("flat", "flat line in {}", "0 or 1", 0.0, 0.3),
)
_PULSE_WAVE = (
    Quantity("wave", "wave of {}", "typical pulse", 0.05, 0.6),
    *_PULSES,
    Quantity("unlikeness", "pulse dissimilarity in {}", "1", 0.13, 0.25),
    Quantity("height", "pulse amplitude in {}", "typical pulse", 1.0, 0.6, 0.05),
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
        Quantity("movement", "movement of {}", "typical pulse", 1.14, 0.94, 0.03),
        _FLAT,
    ),
    "RESP": (Quantity("wave", "wave of {}", "typical breath", 0.06, 0.37),),
}

_BASE = tuple((sensor, quantity) for sensor in SENSORS for quantity in _QUANTITIES[sensor])
_POSITION = {(sensor, quantity.key): index for index, (sensor, quantity) in enumerate(_BASE)}
BASE_SENSORS = np.array([SENSORS.index(sensor) for sensor, _ in _BASE])
"""For each measured quantity the index of its sensor in SENSORS, int64, shape = (n_base,)."""
_N_BASE, _N_SENSORS = len(_BASE), len(SENSORS)

_PULSATILE, _PRESSURES = (*ECG_SENSORS, "ABP", "PLETH"), ("ABP", "PLETH")
_SINCE, _RATE, _RATE_4, _RATE_12 = _PULSES
_UNLIKE = _ECG[6]
_COMPARED: tuple[tuple[str, Quantity, tuple[str, ...], bool], ...] = (
    ("seconds since a beat in any sensor", _SINCE, _PULSATILE, False),
    ("seconds since a beat in any ECG lead", _SINCE, ECG_SENSORS, False),
    ("seconds since a pulse in any pulse sensor", _SINCE, _PRESSURES, False),
    ("highest rate in any sensor", _RATE, _PULSATILE, True),
    ("lowest rate in any sensor", _RATE, _PULSATILE, False),
    ("highest rate over 4 intervals in any sensor", _RATE_4, _PULSATILE, True),
    ("lowest rate over 4 intervals in any sensor", _RATE_4, _PULSATILE, False),
    ("highest rate over 12 intervals in any sensor", _RATE_12, _PULSATILE, True),
    ("lowest rate over 12 intervals in any sensor", _RATE_12, _PULSATILE, False),
    ("lowest dissimilarity in the ECG leads", _UNLIKE, ECG_SENSORS, False),
    ("lowest dissimilarity in all sensors", _UNLIKE, _PULSATILE, False),
)
"""Comparisons between sensors: variable, quantity, sensors, and whether their maximum rather than minimum is taken."""

MEAN_LOWEST_DISSIMILARITY = "mean so far: lowest dissimilarity in all sensors"
"""The variable that is high if no sensor has similar beats: noise in all of them."""

_SO_FAR = ("maximum so far: {}", "minimum so far: {}", "mean so far: {}")
_N_FEATURES = _N_BASE + len(_COMPARED)
_N_COLUMNS = _N_SENSORS + _N_FEATURES * (1 + len(_SO_FAR)) + len(ALARM_KINDS)


@dataclass(frozen=True)
class AlarmWindow:
    """How the windows of a model are cut from alarms; part of its card.

    The columns are, in this order: whether each sensor is available; the quantities of each sensor; the comparisons
    between sensors; the maximum, minimum and mean of all these since the first step of the window; the alarm's kind.

    Attributes
    ----------
    before_s : float
        Length of the window, which ends at the alarm.
    sampling_rate : float
        Hz, of the steps.
    context_s : float
        Signal before the alarm from which the patient's typical values are taken.
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
        return name_variables(SENSORS)

    @property
    def sources(self) -> tuple[str, ...]:
        """The sensor of each column, `TOGETHER` or `ALARM_TYPE`, length D."""
        features = (*(sensor for sensor, _ in _BASE), *(TOGETHER for _ in _COMPARED))
        return (
            *SENSORS,
            *features,
            *(source for _ in _SO_FAR for source in features),
            *(ALARM_TYPE for _ in ALARM_KINDS),
        )

    @property
    def units(self) -> tuple[str, ...]:
        """The unit of each column of `in_units`, length D."""
        units = tuple(quantity.unit for quantity in _all_quantities())
        return ("0 or 1",) * _N_SENSORS + units * (1 + len(_SO_FAR)) + ("0 or 1",) * len(ALARM_KINDS)

    @property
    def whole_sources(self) -> tuple[str, ...]:
        """None: every source varies over the window."""
        return ()

    @property
    def absent(self) -> np.ndarray:
        """The value of each column while its sensor is missing: zero, float32, shape = (D,)."""
        return np.zeros(_N_COLUMNS, dtype=np.float32)

    def in_units(self, values: np.ndarray) -> np.ndarray:
        """Return windows (..., D) in physical units (s, 1/min, mmHg); NaN where a sensor is missing."""
        is_there = values[..., :_N_SENSORS] > 0
        physical = values.astype(np.float64)
        physical[..., -len(ALARM_KINDS) :] /= _TYPE_SIZE
        known = np.ones((*values.shape[:-1], _N_FEATURES), dtype=bool)
        known[..., :_N_BASE] = is_there[..., BASE_SENSORS]
        for block in range(1 + len(_SO_FAR)):
            for index, quantity in enumerate(_all_quantities()):
                column = _N_SENSORS + block * _N_FEATURES + index
                physical[..., column] = np.where(known[..., index], quantity.in_unit(values[..., column]), np.nan)
        return physical

    def without(self, values: np.ndarray, hidden: np.ndarray) -> np.ndarray:
        """Return the windows of the same alarms if some sensors had not been recorded at some steps.

        Comparisons between sensors and statistics since the first step are computed from the remaining values. The
        sensors keep their places: where the first ECG lead is hidden, the other stays the second, whereas in a record
        without the first it would be read as the first.

        Parameters
        ----------
        values : float32 array, shape = (n, T, D)
        hidden : bool array, shape = (n, T, S)
            S distinct sources, in the order of their first occurrence in ``sources``. Either n may be 1.

        Returns
        -------
        float32 array, shape = (n, T, D)
        """
        order = distinct(self.sources)
        base, is_there, kinds = split_columns(values)
        is_hidden = hidden[:, :, [order.index(sensor) for sensor in SENSORS]]
        kinds = np.where(hidden[:, :, order.index(ALARM_TYPE), None], 0.0, kinds)
        return complete_columns(base, is_there & ~is_hidden, kinds, hidden[:, :, order.index(TOGETHER)])


def _all_quantities() -> tuple[Quantity, ...]:
    return (*(quantity for _, quantity in _BASE), *(quantity for _, quantity, _, _ in _COMPARED))


def name_variables(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the D columns, given a name for each of SENSORS."""
    base = [quantity.words.format(names[SENSORS.index(sensor)]) for sensor, quantity in _BASE]
    features = [*base, *(words for words, _, _, _ in _COMPARED)]
    so_far = [words.format(name) for words in _SO_FAR for name in features]
    return (*(f"{name} is available" for name in names), *features, *so_far, *ALARM_KINDS)


def split_columns(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the arguments ``base``, ``is_there`` and ``kinds`` of `complete_columns` for windows (n, T, D)."""
    base = values[:, :, _N_SENSORS : _N_SENSORS + _N_BASE]
    return base, values[:, :, :_N_SENSORS] > 0, values[:, :, -len(ALARM_KINDS) :] / _TYPE_SIZE


def complete_columns(base: np.ndarray, is_there: np.ndarray, kinds: np.ndarray, is_apart: np.ndarray) -> np.ndarray:
    """Return all columns of some windows, given the measured ones.

    Parameters
    ----------
    base : float32 array, shape = (n, T, n_base)
        The quantities of the sensors; values of a missing sensor are ignored.
    is_there : bool array, shape = (n, T, n_sensors)
    kinds : array, shape = (n, T, 5)
        1 in the column of the alarm's kind.
    is_apart : bool array, shape = (n, T)
        Steps without comparisons between sensors.

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
    known = np.empty((n, steps, _N_FEATURES), dtype=bool)
    known[:, :, :_N_BASE] = is_there[:, :, BASE_SENSORS]
    features = values[:, :, _N_SENSORS : _N_SENSORS + _N_FEATURES]
    features[:, :, :_N_BASE] = base
    _write_comparisons(features, known, is_there, is_apart)
    features *= known
    _write_statistics(values[:, :, _N_SENSORS:], known)
    return values


def _write_comparisons(features: np.ndarray, known: np.ndarray, is_there: np.ndarray, is_apart: np.ndarray) -> None:
    """Write the comparisons between sensors into ``features``, and into ``known`` whether any sensor is available."""
    for index, (_, quantity, among, is_greatest) in enumerate(_COMPARED, start=_N_BASE):
        worst = -np.inf if is_greatest else np.inf
        best = np.maximum if is_greatest else np.minimum
        parts = [
            np.where(is_there[:, :, SENSORS.index(sensor)], features[:, :, _POSITION[sensor, quantity.key]], worst)
            for sensor in among
        ]
        extreme = best.reduce(parts)
        known[:, :, index] = np.isfinite(extreme) & ~is_apart
        features[:, :, index] = np.where(np.isfinite(extreme), extreme, 0.0)


def _write_statistics(values: np.ndarray, known: np.ndarray) -> None:
    """Write the maximum, minimum and mean so far of the first ``_N_FEATURES`` columns into the columns after them."""
    features = values[:, :, :_N_FEATURES]
    is_known_yet = np.logical_or.accumulate(known, axis=1)
    highest, lowest, mean = (values[:, :, block * _N_FEATURES : (block + 1) * _N_FEATURES] for block in (1, 2, 3))
    np.maximum.accumulate(np.where(known, features, -np.float32(np.inf)), axis=1, out=highest)
    np.minimum.accumulate(np.where(known, features, np.float32(np.inf)), axis=1, out=lowest)
    n_known = np.cumsum(known, axis=1, dtype=np.float32)
    np.divide(np.cumsum(features, axis=1), np.maximum(n_known, 1.0), out=mean)
    highest[~is_known_yet] = 0.0
    lowest[~is_known_yet] = 0.0


def cut_alarms(record: Record, alarms: Sequence[Alarm], window: AlarmWindow) -> Windows:
    """Return the window of the seconds before each alarm.

    Only the ``window.context_s`` before the alarm have an influence, and nothing after it. Steps before the first
    sample of the record are missing, as are gaps.

    Returns
    -------
    Windows
        ``values`` float32, shape = (n, window.steps, D).

    Raises
    ------
    RecordRefused
        If the record has no arterial pressure, pulse or respiration besides its ECG, the alarm lies outside the record
        or less than `MIN_CONTEXT_S` after its beginning, or all sensors are gaps and flat lines before the alarm.
    """
    channels = find_sensors(record)
    if all(channels[sensor] is None for sensor in ("ABP", "PLETH", "RESP")):
        raise RecordRefused(
            f"{record.name} has no arterial pressure, pulse or respiration besides its ECG. "
            "Choose a record with ABP, PLETH or RESP."
        )
    windows = [_cut_alarm(record, alarm, channels, window) for alarm in alarms]
    names = {
        sensor: f"no {sensor}" if index is None else _sensor_label(record, sensor, index)
        for sensor, index in channels.items()
    }
    return Windows(
        values=np.concatenate(windows) if windows else np.zeros((0, window.steps, _N_COLUMNS), dtype=np.float32),
        variables=name_variables([names[sensor] for sensor in SENSORS]),
        sampling_rate=window.sampling_rate,
        anchor=np.array([alarm.sample for alarm in alarms], dtype=np.int64),
        anchor_step=window.steps - 1,
        reference=tuple(_TRUTHS[alarm.is_true] for alarm in alarms),
        sources=tuple(names.get(source, source) for source in window.sources),
    )


def _sensor_label(record: Record, sensor: str, index: int) -> str:
    """Return the name of a sensor for a reader: ``ECG II``, ``ABP``."""
    name = record.channels[index].name
    if sensor not in ECG_SENSORS:
        return sensor
    return name if name.casefold().startswith(("ecg", "ekg")) else f"ECG {name}"


def _cut_alarm(record: Record, alarm: Alarm, channels: Mapping[str, int | None], window: AlarmWindow) -> np.ndarray:
    """Return the window of one alarm, shape = (1, T, D)."""
    if not 0 <= alarm.sample < len(record.signals):
        raise RecordRefused(f"{record.name} has no sample {alarm.sample}. Choose an alarm within the record.")
    rate = record.sampling_rate
    first = max(0, alarm.sample + 1 - round(window.context_s * rate))
    signals = record.signals[first : alarm.sample + 1]
    if len(signals) < MIN_CONTEXT_S * rate:
        raise RecordRefused(
            f"{record.name} has {len(signals) / rate:.2g} s of signal before the alarm; {MIN_CONTEXT_S:g} s are needed."
            " Choose a later alarm, or a record that begins earlier."
        )
    steps_s = (len(signals) - 1) / rate - np.arange(window.steps)[::-1] / window.sampling_rate
    base = np.zeros((1, window.steps, _N_BASE), dtype=np.float32)
    is_there = np.zeros((1, window.steps, _N_SENSORS), dtype=bool)
    for position, sensor in enumerate(SENSORS):
        index = channels[sensor]
        if index is not None and _has_signal(signals[:, index]):
            segment = SensorSegment(signals[:, index], rate, steps_s)
            is_there[0, :, position] = ~segment.is_missing()
            features = _MEASURE[sensor](segment)
            for quantity in _QUANTITIES[sensor]:
                base[0, :, _POSITION[sensor, quantity.key]] = quantity.standardise(features[quantity.key])
    if not is_there.any():
        raise RecordRefused(
            f"{record.name} contains only gaps and flat lines before the alarm. Choose another alarm or record."
        )
    kinds = np.array([[[kind == alarm.kind for kind in ALARM_KINDS]]], dtype=np.float32)
    return complete_columns(
        base, is_there, np.repeat(kinds, window.steps, axis=1), np.zeros((1, window.steps), dtype=bool)
    )


def _has_signal(samples: np.ndarray) -> bool:
    """Return whether the samples are more than gaps and one value."""
    return bool(np.fmax.reduce(samples) > np.fmin.reduce(samples))
