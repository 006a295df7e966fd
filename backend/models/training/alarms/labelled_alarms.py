"""Labelled alarms of the PhysioNet challenge 2015, for training and testing."""

import csv
import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from backend.models.training.labelled_windows import LabelledWindows
from backend.records.alarms import ALARM_KINDS, find_alarms
from backend.records.opening import open_record
from backend.records.record import RecordRefused
from backend.windows.alarms.alarm_windows import AlarmWindow, cut_alarms, split_columns

__all__ = ["ALARM_CLASSES", "CATALOGUED", "MARGIN_STEPS", "LabelledAlarms", "load_alarms"]

ALARM_CLASSES = ("true alarm", "false alarm")

DATABASE = "challenge2015"
CATALOGUED = ("a123l", "a167l", "b215l", "b455l", "f120s", "f544s", "t174s", "t409l", "v119l", "v221l")
"""Records of the catalogue of samples, which the database's folder ``full`` holds in full length."""

MARGIN_STEPS = 6
"""Steps kept before the window (0.75 s), so that training can shift it."""


@dataclass(frozen=True, eq=False)
class LabelledAlarms(LabelledWindows):
    """Alarms with their labels.

    Attributes
    ----------
    base : float32 array, shape = (n, MARGIN_STEPS + T, n_base)
        Features of the sensors (see `split_columns`), from MARGIN_STEPS before the window's first step.
    is_there : bool array, shape = (n, MARGIN_STEPS + T, n_sensors)
    kinds : int64 array, shape = (n,)
        Positions in ALARM_KINDS.
    is_true : bool array, shape = (n,)
    records : array of str, shape = (n,)
    """

    base: np.ndarray
    is_there: np.ndarray
    kinds: np.ndarray
    is_true: np.ndarray
    records: np.ndarray

    @property
    def targets(self) -> np.ndarray:
        """Positions in ALARM_CLASSES, int64, shape = (n,)."""
        return np.where(self.is_true, 0, 1)

    @property
    def digest(self) -> str:
        """SHA-256 of records, features and labels, as hexadecimal text."""
        sha = hashlib.sha256("\n".join(self.records).encode())
        for array in (self.base, self.is_there, self.kinds, self.is_true):
            sha.update(np.ascontiguousarray(array).data)
        return sha.hexdigest()


def load_alarms(data: Path, window: AlarmWindow) -> LabelledAlarms:
    """Return all alarms of ``data/challenge2015``, sorted by record.

    Raises
    ------
    RecordRefused
        If the database is missing.
    """
    index = data / DATABASE / "index.csv"
    if not index.is_file():
        raise RecordRefused(f"{data} has no {DATABASE}/index.csv. Give the folder that holds the databases.")
    with index.open(newline="", encoding="utf-8") as file:
        names = sorted(row["record"] for row in csv.DictReader(file))
    wider = replace(window, before_s=window.before_s + MARGIN_STEPS / window.sampling_rate)
    rows = []
    for name in tqdm(names, desc=DATABASE, unit="record"):
        record = open_record(data / DATABASE / name)
        (alarm,) = find_alarms(record)
        base, is_there, _ = split_columns(cut_alarms(record, [alarm], wider).values)
        kind = np.array([ALARM_KINDS.index(alarm.kind)])
        rows.append((base, is_there, kind, np.array([alarm.is_true], dtype=bool), np.array([record.name])))
    return LabelledAlarms(*(np.concatenate(parts) for parts in zip(*rows, strict=True)))
