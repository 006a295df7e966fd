"""Labelled stays of the PhysioNet challenge 2012, and their splits into training and test sets."""

import csv
import hashlib
import lzma
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from backend.models.training.labelled_windows import LabelledWindows
from backend.records.formats.stays.stay_reader import read_stay
from backend.records.record import RecordRefused
from backend.records.stays import OUTCOMES
from backend.windows.stay_windows import resample_hourly

__all__ = ["FOLDS", "LabelledStays", "StaySplit", "load_stays", "split_by_set", "split_stays"]

FOLDS = 4
"""Folds of the training stays; each member of the ensemble is trained without one, which chooses its epoch."""

_TEST_SHARE = 0.4
"""The share of the stays of set b."""

_SPLIT_SEED = 2012
_FOLDER = "challenge2012"
_UNKNOWN_SAPS = -1


@dataclass(frozen=True, eq=False)
class LabelledStays(LabelledWindows):
    """Stays with their outcomes.

    Attributes
    ----------
    names : array of str, shape = (n,)
        RecordIDs; no two stays are of the same patient.
    sets : array of str, shape = (n,)
        ``a`` or ``b``.
    grid : float32 array, shape = (n, 48, n_parameters)
        Hourly values of PARAMETERS, see `resample_hourly`.
    last : float32 array, shape = (n, n_parameters)
        The last charted value of each; NaN where there is none.
    died : bool array, shape = (n,)
        Whether the patient died in hospital.
    saps : float32 array, shape = (n,)
        SAPS-I of the outcomes file; NaN where it is unknown.
    """

    names: np.ndarray
    sets: np.ndarray
    grid: np.ndarray
    last: np.ndarray
    died: np.ndarray
    saps: np.ndarray

    @property
    def targets(self) -> np.ndarray:
        """Positions in OUTCOMES, int64, shape = (n,)."""
        return np.where(self.died, OUTCOMES.index("death"), OUTCOMES.index("survival")).astype(np.int64)

    @property
    def digest(self) -> str:
        """SHA-256 of names, hourly values and outcomes in the order of the names, as hexadecimal text."""
        order = np.argsort(self.names)
        sha = hashlib.sha256("\n".join(self.names[order]).encode())
        sha.update(np.ascontiguousarray(self.grid[order]).data)
        sha.update(np.ascontiguousarray(self.died[order]).data)
        return sha.hexdigest()


@dataclass(frozen=True, eq=False)
class StaySplit:
    """Training stays, the fold of each, int64, shape = (n_training,), and test stays."""

    training: LabelledStays
    folds: np.ndarray
    test: LabelledStays


def load_stays(data: Path) -> LabelledStays:
    """Return the stays of sets a and b of the challenge.

    Stays whose file holds only header rows (3 of set a, 7 of set b) are excluded.

    Parameters
    ----------
    data : Path
        The folder with ``challenge2012/set-a.tar.xz``, ``Outcomes-a.txt`` and the same of b.

    Raises
    ------
    RecordRefused
        If a file is missing or cannot be unpacked.

    References
    ----------
    Silva et al. 2012, Computing in Cardiology 39:245-248.
    """
    return LabelledStays.concatenate(_load_set(data / _FOLDER, letter) for letter in "ab")


def split_stays(stays: LabelledStays) -> StaySplit:
    """Return the published split: two fifths of set b are the test set, stratified by outcome."""
    rng = np.random.default_rng(_SPLIT_SEED)
    is_test = np.zeros(len(stays), dtype=bool)
    for died in (False, True):
        of_b = np.flatnonzero((stays.sets == "b") & (stays.died == died))
        of_b = of_b[np.argsort(stays.names[of_b])]
        is_test[rng.permutation(of_b)[: round(_TEST_SHARE * len(of_b))]] = True
    return _split(stays, is_test)


def split_by_set(stays: LabelledStays) -> StaySplit:
    """Return set a as training stays and set b as test stays."""
    return _split(stays, stays.sets == "b")


def _split(stays: LabelledStays, is_test: np.ndarray) -> StaySplit:
    """Return the split with these test stays, the others in FOLDS folds stratified by outcome."""
    training = stays.select(~is_test)
    rng = np.random.default_rng(_SPLIT_SEED)
    folds = np.zeros(len(training), dtype=np.int64)
    for died in (False, True):
        members = rng.permutation(np.flatnonzero(training.died == died))
        folds[members] = np.arange(len(members)) % FOLDS
    return StaySplit(training, folds, stays.select(is_test))


def _load_set(folder: Path, letter: str) -> LabelledStays:
    outcomes = _read_outcomes(folder / f"Outcomes-{letter}.txt")
    grids, lasts = {}, {}
    with tempfile.TemporaryDirectory() as scratch:
        for path in tqdm(_unpack(folder / f"set-{letter}.tar.xz", Path(scratch)), desc=f"set {letter}", unit="stay"):
            try:
                record = read_stay(path)
            except RecordRefused:
                continue
            grids[record.name] = resample_hourly(record)
            lasts[record.name] = _last_values(record.signals)
    names = sorted(set(grids) & set(outcomes))
    if not names:
        raise RecordRefused(f"set-{letter}.tar.xz holds no stay of Outcomes-{letter}.txt. Download both again.")
    saps = np.array([float(outcomes[name]["SAPS-I"]) for name in names], dtype=np.float32)
    return LabelledStays(
        names=np.array(names),
        sets=np.array([letter] * len(names)),
        grid=np.stack([grids[name] for name in names]),
        last=np.stack([lasts[name] for name in names]),
        died=np.array([outcomes[name]["In-hospital_death"] == "1" for name in names]),
        saps=np.where(saps == _UNKNOWN_SAPS, np.float32(np.nan), saps),
    )


def _read_outcomes(path: Path) -> dict[str, dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return {row["RecordID"]: row for row in csv.DictReader(file)}
    except OSError as error:
        raise _missing(path) from error


def _unpack(archive: Path, into: Path) -> list[Path]:
    try:
        with tarfile.open(archive) as packed:
            packed.extractall(into, filter="data")
    except (OSError, tarfile.TarError, lzma.LZMAError) as error:
        raise _missing(archive) from error
    return sorted(into.rglob("*.txt"))


def _missing(path: Path) -> RecordRefused:
    return RecordRefused(
        f"{path.name} is missing or cannot be read. Give with --data the folder that holds {_FOLDER}, with sets a and "
        f"b of the PhysioNet challenge 2012 and their outcomes."
    )


def _last_values(signals: np.ndarray) -> np.ndarray:
    """Return the last charted value of each parameter, NaN where there is none, float32, shape = (n_parameters,)."""
    is_charted = np.isfinite(signals)
    last = len(signals) - 1 - is_charted[::-1].argmax(axis=0)
    return signals[last, np.arange(signals.shape[1])]
