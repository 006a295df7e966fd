"""Stays that are made up, and the files of a challenge that never was."""

import io
import tarfile
from pathlib import Path

import numpy as np

from backend.models.training.stays.labelled_stays import LabelledStays
from backend.records.stays import PARAMETERS
from backend.windows.stay_windows import HOURS

_ON_ADMISSION = "00:00,Age,60\n00:00,Gender,1\n00:00,Height,-1\n00:00,ICUType,3\n00:00,Weight,80\n"
_CHARTED = "00:10,HR,80\n02:00,HR,90\n02:30,HR,100\n"
_FILES = {
    "a": {"1001": _ON_ADMISSION + _CHARTED, "1002": _ON_ADMISSION, "1003": _ON_ADMISSION + _CHARTED},
    "b": {"2001": _ON_ADMISSION + _CHARTED, "2002": _ON_ADMISSION + _CHARTED},
}
_OUTCOMES = {"1001": (12, 1), "1002": (-1, 0), "1003": (-1, 0), "2001": (7, 0), "2002": (20, 1)}


def made_stays(n: int, seed: int = 5) -> LabelledStays:
    """Stays in which a high heart rate and much lactate kill; a sixth of them die, half are of each set."""
    rng = np.random.default_rng(seed)
    died = rng.permutation(np.arange(n) % 6 == 0)
    grid = np.full((n, HOURS, len(PARAMETERS)), np.nan, dtype=np.float32)
    for name, usual, worse in (("HR", 80, 40), ("Lactate", 1.5, 3.0), ("Age", 60, 0), ("Temp", 37, 0)):
        values = usual * (1 + 0.1 * rng.standard_normal((n, HOURS))) + worse * died[:, None]
        is_charted = rng.random((n, HOURS)) < 0.4
        grid[:, :, list(PARAMETERS).index(name)] = np.where(is_charted, values, np.nan)
    with_last = np.array([[_last(grid[stay, :, place]) for place in range(len(PARAMETERS))] for stay in range(n)])
    return LabelledStays(
        names=np.array([str(100_000 + stay) for stay in range(n)]),
        sets=np.where(np.arange(n) % 2 == 0, "a", "b"),
        grid=grid,
        last=with_last.astype(np.float32),
        died=died,
        saps=np.where(rng.random(n) < 0.1, np.nan, 10 + 5 * died + rng.standard_normal(n)).astype(np.float32),
    )


def _last(hourly: np.ndarray) -> float:
    charted = hourly[np.isfinite(hourly)]
    return float(charted[-1]) if charted.size else float("nan")


def write_challenge(data: Path) -> None:
    """Write sets a and b of a few stays under ``data``; one of set a holds only header rows."""
    folder = data / "challenge2012"
    folder.mkdir(exist_ok=True)
    for letter, files in _FILES.items():
        rows = [f"{name},{_OUTCOMES[name][0]},5,9,-1,{_OUTCOMES[name][1]}" for name in files]
        header = "RecordID,SAPS-I,SOFA,Length_of_stay,Survival,In-hospital_death"
        (folder / f"Outcomes-{letter}.txt").write_text("\n".join([header, *rows]) + "\n")
        with tarfile.open(folder / f"set-{letter}.tar.xz", "w:xz") as archive:
            for name, text in files.items():
                content = f"Time,Parameter,Value\n00:00,RecordID,{name}\n{text}".encode()
                member = tarfile.TarInfo(f"set-{letter}/{name}.txt")
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
