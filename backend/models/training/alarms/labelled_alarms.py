"""Labelled alarms of the PhysioNet challenge 2015, for training and testing."""

import csv
import hashlib
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from backend.records.alarms import ALARM_KINDS, find_alarms
from backend.records.channels.sensors import ECG_SENSORS, SENSORS
from backend.records.opening import open_record
from backend.records.record import RecordRefused
from backend.windows.alarms.alarm_windows import BASE_SENSORS, AlarmWindow, completed, cut_alarms, parts_of

__all__ = ["ALARM_CLASSES", "CATALOGUED", "AlarmAugmentation", "AlarmExamples", "LabelledAlarms", "load_alarms"]

ALARM_CLASSES = ("true alarm", "false alarm")

DATABASE = "challenge2015"
CATALOGUED = ("a123l", "a167l", "b215l", "b455l", "f120s", "f544s", "t174s", "t409l", "v119l", "v221l")
"""Records that stand in the catalogue of samples, whole in the database's folder ``full``."""

MARGIN_STEPS = 6
"""Steps kept before the window (0.75 s), so that training can shift it."""

_BREATHING = SENSORS.index("RESP")
_FIRST_LEAD, _SECOND_LEAD = (SENSORS.index(sensor) for sensor in ECG_SENSORS)


@dataclass(frozen=True, eq=False)
class LabelledAlarms:
    """Alarms with their labels.

    Attributes
    ----------
    base : float32 array, shape = (n, MARGIN_STEPS + T, n_base)
        What was measured, as `parts_of` takes it from a window that begins earlier.
    is_there : bool array, shape = (n, MARGIN_STEPS + T, n_sensors)
    kinds : int64 array, shape = (n,)
        Places in ALARM_KINDS.
    is_true : bool array, shape = (n,)
    records : array of str, shape = (n,)
    """

    base: np.ndarray
    is_there: np.ndarray
    kinds: np.ndarray
    is_true: np.ndarray
    records: np.ndarray

    def __len__(self) -> int:
        return len(self.records)

    def only(self, kept: np.ndarray) -> "LabelledAlarms":
        """The alarms that ``kept`` (mask or indices) selects."""
        return LabelledAlarms(*(getattr(self, field.name)[kept] for field in fields(self)))

    def values(self) -> np.ndarray:
        """Windows as they are cut from the records, float32, shape = (n, T, D)."""
        steps = self.base.shape[1] - MARGIN_STEPS
        return _completed(self.base[:, -steps:], self.is_there[:, -steps:], _told(self.kinds))

    @property
    def targets(self) -> np.ndarray:
        """Places in ALARM_CLASSES, int64, shape = (n,)."""
        return np.where(self.is_true, 0, 1)

    @property
    def digest(self) -> str:
        """SHA-256 of all that is trained on, as hexadecimal text."""
        sha = hashlib.sha256("\n".join(self.records).encode())
        for array in (self.base, self.is_there, self.kinds, self.is_true):
            sha.update(np.ascontiguousarray(array).data)
        return sha.hexdigest()


def load_alarms(data: Path, window: AlarmWindow) -> LabelledAlarms:
    """All alarms of ``data/challenge2015``, by the names of their records.

    Raises
    ------
    RecordRefused
        If the folder does not hold the database.
    """
    index = data / DATABASE / "index.csv"
    if not index.is_file():
        raise RecordRefused(f"{data} holds no folder {DATABASE} with index.csv; give the folder of the databases.")
    with index.open(newline="", encoding="utf-8") as file:
        names = sorted(row["record"] for row in csv.DictReader(file))
    wider = replace(window, before_s=window.before_s + MARGIN_STEPS / window.sampling_rate)
    cut = [_labelled(data / DATABASE / name, wider) for name in tqdm(names, desc=DATABASE, unit="record")]
    return LabelledAlarms(*(np.concatenate(parts) for parts in zip(*cut, strict=True)))


def _labelled(path: Path, window: AlarmWindow) -> tuple[np.ndarray, ...]:
    record = open_record(path)
    (alarm,) = find_alarms(record)
    base, is_there, _ = parts_of(cut_alarms(record, [alarm], window).values)
    told = np.array([ALARM_KINDS.index(alarm.kind)]), np.array([alarm.is_true], dtype=bool), np.array([record.name])
    return base, is_there, *told


@dataclass(frozen=True)
class AlarmAugmentation:
    """How much alarms are changed at random while a network is trained.

    Attributes
    ----------
    shift_steps : int
        The window begins up to this many steps earlier.
    noise : float
        Deviation of what is added to each quantity at each step, in its own usual deviations.
    offset : float
        The same for a whole window: another gain, another patient.
    sensor_dropout : float
        Chance for each sensor to be missing; one that shows the heart is always left.
    swap : float
        Chance that the two ECG leads change places.
    together_dropout, type_dropout : float
        Chance that nothing is told of the sensors together, and of the alarm's type.
    """

    shift_steps: int = 4
    noise: float = 0.1
    offset: float = 0.15
    sensor_dropout: float = 0.1
    swap: float = 0.2
    together_dropout: float = 0.05
    type_dropout: float = 0.03


@dataclass(frozen=True, eq=False)
class AlarmExamples:
    """Alarms to train on, changed at random."""

    alarms: LabelledAlarms
    augmentation: AlarmAugmentation

    def drawn(self, rng: np.random.Generator) -> np.ndarray:
        """Indices of the alarms of one epoch: all."""
        return np.arange(len(self.alarms))

    def batch(self, indices: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Windows of some alarms, float32 (n, T, D), changed at random, and their class indices."""
        chosen, how = self.alarms.only(indices), self.augmentation
        n, steps = len(chosen), chosen.base.shape[1] - MARGIN_STEPS
        first = MARGIN_STEPS - rng.integers(0, how.shift_steps + 1, n)
        rows = first[:, np.newaxis] + np.arange(steps)
        base = np.take_along_axis(chosen.base, rows[:, :, np.newaxis], axis=1)
        is_there = np.take_along_axis(chosen.is_there, rows[:, :, np.newaxis], axis=1)
        base, is_there = _with_leads_swapped(base, is_there, rng.random(n) < how.swap)
        is_there = is_there & ~_dropped(np.logical_or.reduce(is_there, axis=1), how.sensor_dropout, rng)[:, np.newaxis]
        base = base + how.noise * rng.standard_normal(base.shape, dtype=np.float32)
        base += how.offset * rng.standard_normal((n, 1, base.shape[2]), dtype=np.float32)
        kinds = _told(chosen.kinds) * (rng.random(n) >= how.type_dropout)[:, np.newaxis]
        return _completed(base, is_there, kinds, rng.random(n) < how.together_dropout), chosen.targets


def _told(kinds: np.ndarray) -> np.ndarray:
    return np.eye(len(ALARM_KINDS), dtype=np.float32)[kinds]


def _completed(
    base: np.ndarray, is_there: np.ndarray, kinds: np.ndarray, is_apart: np.ndarray | None = None
) -> np.ndarray:
    n, steps = base.shape[:2]
    apart = np.zeros(n, dtype=bool) if is_apart is None else is_apart
    return completed(
        base, is_there, np.repeat(kinds[:, np.newaxis], steps, axis=1), np.repeat(apart[:, np.newaxis], steps, axis=1)
    )


def _with_leads_swapped(base: np.ndarray, is_there: np.ndarray, which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    order = np.arange(base.shape[2])
    first, second = (np.flatnonzero(np.equal(BASE_SENSORS, lead)) for lead in (_FIRST_LEAD, _SECOND_LEAD))
    order[first], order[second] = second, first
    sensor_order = np.arange(len(SENSORS))
    sensor_order[[_FIRST_LEAD, _SECOND_LEAD]] = _SECOND_LEAD, _FIRST_LEAD
    swapped = which[:, np.newaxis, np.newaxis]
    return np.where(swapped, base[:, :, order], base), np.where(swapped, is_there[:, :, sensor_order], is_there)


def _dropped(has_sensor: np.ndarray, chance: float, rng: np.random.Generator) -> np.ndarray:
    """Which sensors (n, n_sensors) are left out; none, where no sensor of the heart would be left."""
    dropped = rng.random(has_sensor.shape) < chance
    left = has_sensor & ~dropped
    left[:, _BREATHING] = False
    return dropped & np.logical_or.reduce(left, axis=1, keepdims=True)
