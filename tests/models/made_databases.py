"""Databases in miniature, made of the simulated samples, in folders as the loaders expect them."""

import csv
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from backend.models.training.beats.ecg_beat import ECG_BEAT
from backend.models.training.beats.labelled_beats import LabelledBeats, load_beats
from backend.models.training.beats.protocols.reference_totals import ReferenceTotals
from backend.records.samples.catalogue import SAMPLE_RECORDS
from backend.windows.beats.beat_windows import BeatWindow

SIMULATED = SAMPLE_RECORDS / "simulated"


def copy_samples(names: Iterable[str], into: Path) -> None:
    into.mkdir(parents=True, exist_ok=True)
    for name in names:
        for path in SIMULATED.glob(f"{name}.*"):
            shutil.copy(path, into)


def write_index(folder: Path, rows: list[Mapping[str, str]]) -> None:
    with (folder / "index.csv").open("w", newline="") as lines:
        table = csv.DictWriter(lines, fieldnames=list(rows[0]))
        table.writeheader()
        table.writerows(rows)


@cache
def simulated_beats(*names: str, window: BeatWindow = ECG_BEAT.window) -> LabelledBeats:
    """The labelled beats of some simulated samples, each its own patient."""
    with TemporaryDirectory() as folder:
        copy_samples(names, Path(folder) / "mitdb")
        return load_beats(Path(folder), "mitdb", window)


@cache
def simulated_totals(*names: str) -> ReferenceTotals:
    """The references of some simulated samples, each its own patient."""
    with TemporaryDirectory() as folder:
        copy_samples(names, Path(folder) / "mitdb")
        return ReferenceTotals.read(Path(folder), ("mitdb",))


def labels_alone(patients: Sequence[str], labels: Sequence[str], records: Sequence[str] | None = None) -> LabelledBeats:
    """Beats without signals, for what looks at their labels alone."""
    named = {"patients": patients, "labels": labels, "records": patients if records is None else records}
    blank = np.zeros((len(labels), 1, 3), dtype=np.float32)
    return LabelledBeats(
        **{field.name: np.array(named[field.name]) if field.name in named else blank for field in fields(LabelledBeats)}
    )
