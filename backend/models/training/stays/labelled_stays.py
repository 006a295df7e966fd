"""The stays of the PhysioNet challenge 2012 with their ends, and how they are dealt to training and test."""

import csv
import hashlib
import lzma
import tarfile
import tempfile
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from tqdm import tqdm

from backend.records.formats.stay_text import read_stay
from backend.records.record import RecordRefused
from backend.windows.stay_windows import hourly

__all__ = ["FOLDS", "LabelledStays", "StayDeal", "deal_stays", "dealt_for_test", "load_stays"]

FOLDS = 4
"""Parts of the training stays; each member of the ensemble is chosen on one of them and trained on the others."""

_TEST_SHARE = 0.4
"""Of set b."""

_SPLIT_SEED = 2012
_FOLDER = "challenge2012"
_UNKNOWN_SAPS = -1


@dataclass(frozen=True, eq=False)
class LabelledStays:
    """Stays with their ends.

    Attributes
    ----------
    names : array of str, shape = (n,)
        RecordIDs; each is another patient's.
    sets : array of str, shape = (n,)
        ``a`` or ``b``.
    grid : float32 array, shape = (n, 48, n_parameters)
        Hourly values of PARAMETERS, see `hourly`.
    last : float32 array, shape = (n, n_parameters)
        The last charted value of each; NaN where there is none.
    died : bool array, shape = (n,)
        In hospital.
    saps : float32 array, shape = (n,)
        SAPS-I of the outcomes file; NaN where it is not known.
    """

    names: np.ndarray
    sets: np.ndarray
    grid: np.ndarray
    last: np.ndarray
    died: np.ndarray
    saps: np.ndarray

    def __len__(self) -> int:
        return len(self.names)

    def only(self, chosen: np.ndarray) -> "LabelledStays":
        """Those that a mask or indices select."""
        return LabelledStays(*(getattr(self, column.name)[chosen] for column in fields(self)))

    def joined(self, other: "LabelledStays") -> "LabelledStays":
        """These stays and then the others."""
        return LabelledStays(
            *(np.concatenate([getattr(self, column.name), getattr(other, column.name)]) for column in fields(self))
        )

    @property
    def digest(self) -> str:
        """SHA-256 over names, hourly values and ends, in the order of the names."""
        order = np.argsort(self.names)
        sha = hashlib.sha256("\n".join(self.names[order]).encode())
        sha.update(np.ascontiguousarray(self.grid[order]).data)
        sha.update(np.ascontiguousarray(self.died[order]).data)
        return sha.hexdigest()


@dataclass(frozen=True, eq=False)
class StayDeal:
    """Stays to train on and to test on, and the fold of each that is trained on, int64, shape = (n_training,)."""

    training: LabelledStays
    folds: np.ndarray
    test: LabelledStays


def load_stays(data: Path) -> LabelledStays:
    """Read sets a and b of the challenge.

    The stays whose file holds only header rows (3 of set a, 7 of set b) say nothing and are left out.

    Parameters
    ----------
    data : Path
        The folder with ``challenge2012/set-a.tar.xz``, ``Outcomes-a.txt`` and the same of b.

    Raises
    ------
    RecordRefused
        If the files are not there or cannot be unpacked.

    References
    ----------
    Silva et al. 2012, Computing in Cardiology 39:245-248.
    """
    return _load_set(data / _FOLDER, "a").joined(_load_set(data / _FOLDER, "b"))


def deal_stays(stays: LabelledStays) -> StayDeal:
    """Deal the stays: two fifths of set b to the test, all others to training, with the same share of deaths each.

    Random from a fixed seed.
    """
    rng = np.random.default_rng(_SPLIT_SEED)
    is_tested = np.zeros(len(stays), dtype=bool)
    for died in (False, True):
        of_b = np.flatnonzero((stays.sets == "b") & (stays.died == died))
        of_b = of_b[np.argsort(stays.names[of_b])]
        is_tested[rng.permutation(of_b)[: round(_TEST_SHARE * len(of_b))]] = True
    return dealt_for_test(stays, is_tested)


def dealt_for_test(stays: LabelledStays, is_tested: np.ndarray) -> StayDeal:
    """The deal with these test stays; the others are in FOLDS folds of the same share of deaths from a fixed seed."""
    training = stays.only(~is_tested)
    rng = np.random.default_rng(_SPLIT_SEED)
    folds = np.zeros(len(training), dtype=np.int64)
    for died in (False, True):
        members = rng.permutation(np.flatnonzero(training.died == died))
        folds[members] = np.arange(len(members)) % FOLDS
    return StayDeal(training, folds, stays.only(is_tested))


def _load_set(folder: Path, letter: str) -> LabelledStays:
    outcomes = _outcomes(folder / f"Outcomes-{letter}.txt")
    grids, lasts = {}, {}
    with tempfile.TemporaryDirectory() as unpacked:
        for path in tqdm(_unpacked(folder / f"set-{letter}.tar.xz", Path(unpacked)), desc=f"set {letter}", unit="stay"):
            try:
                record = read_stay(path)
            except RecordRefused:
                continue
            grids[record.name] = hourly(record)
            lasts[record.name] = _last_values(record.signals)
    names = sorted(set(grids) & set(outcomes))
    if not names:
        raise RecordRefused(f"set-{letter}.tar.xz holds no stay that Outcomes-{letter}.txt names; get both again.")
    saps = np.array([float(outcomes[name]["SAPS-I"]) for name in names], dtype=np.float32)
    return LabelledStays(
        names=np.array(names),
        sets=np.array([letter] * len(names)),
        grid=np.stack([grids[name] for name in names]),
        last=np.stack([lasts[name] for name in names]),
        died=np.array([outcomes[name]["In-hospital_death"] == "1" for name in names]),
        saps=np.where(saps == _UNKNOWN_SAPS, np.float32(np.nan), saps),
    )


def _outcomes(path: Path) -> dict[str, dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return {row["RecordID"]: row for row in csv.DictReader(file)}
    except OSError as error:
        raise _not_there(path) from error


def _unpacked(archive: Path, into: Path) -> list[Path]:
    try:
        with tarfile.open(archive) as packed:
            packed.extractall(into, filter="data")
    except (OSError, tarfile.TarError, lzma.LZMAError) as error:
        raise _not_there(archive) from error
    return sorted(into.rglob("*.txt"))


def _not_there(path: Path) -> RecordRefused:
    return RecordRefused(
        f"{path.name} is not there or cannot be read; give with --data the folder that holds {_FOLDER} with sets a and "
        f"b of the PhysioNet challenge 2012 and their outcomes."
    )


def _last_values(signals: np.ndarray) -> np.ndarray:
    """The last charted value of each parameter, NaN where there is none, float32, shape = (n_parameters,)."""
    is_charted = np.isfinite(signals)
    last = len(signals) - 1 - is_charted[::-1].argmax(axis=0)
    return signals[last, np.arange(signals.shape[1])]
