"""HDF5 files, MATLAB 7.3 included: matrices with names, and exams in the form of CODE-15."""

import io
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from backend.records.formats.matrices.named_matrices import TWELVE_LEADS, NamedContent, record_of_matrices
from backend.records.formats.sniffing import refuse_errors
from backend.records.record import Record, RecordRefused
from backend.records.understanding import Stated

__all__ = ["HDF5_START", "MATLAB_7_START", "read_hdf5"]

HDF5_START = b"\x89HDF\r\n\x1a\n"
MATLAB_7_START = b"MATLAB 7.3 MAT-file"

_PROCESS = Path(__file__).with_name("hdf5_process.py")
_LONGEST_S = 60
_MOST_VALUES = 2**26
_GROWTH, _SLACK_VALUES = 4, 25 * 2**20
_TRACINGS = "tracings"
_CODE_RATE_HZ = 400
# CODE's documents give 1e-4 V, users of CODE-15 mV; the height of the beats shows which of them holds.
_CODE_UNITS = {"mV": 1.0, "1e-4 V": 0.1}
_USUAL_HEIGHT_MV = (0.4, 4.0)


def read_hdf5(path: Path, stated: Stated) -> Record:
    """Return the ECG in an HDF5 file: the stated exam (else the first) in ``tracings``, or a matrix as in MATLAB files.

    Exams of the databases CODE-15, CODE-test and SaMi-Trop are at 400 Hz, between zeros that are left out.

    Raises
    ------
    RecordRefused
        If the file is damaged or holds no ECG; see `record_of_matrices`.

    References
    ----------
    Ribeiro AH et al. (2021), CODE-15%, doi:10.5281/zenodo.4916206.
    """
    exam = stated.exam or 1
    content = _list(path, exam - 1)
    n_exams = content.get(f"{_TRACINGS}.n_exams")
    if not isinstance(n_exams, np.ndarray):
        file_format = "MATLAB 7.3" if _starts_as_matlab(path) else "HDF5"
        return record_of_matrices(path, content, file_format, stated)
    tracings = content.get(_TRACINGS)
    if not isinstance(tracings, np.ndarray):
        raise RecordRefused(f"{path.name} has no exam {exam}. Choose one from 1 to {int(n_exams):,}.")
    return _exam(path, tracings, exam, int(n_exams), stated)


def _starts_as_matlab(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(MATLAB_7_START)) == MATLAB_7_START


def _list(path: Path, exam: int) -> dict[str, np.ndarray | list[str]]:
    """Return what a file holds, as listed by another process."""
    most_values = min(_MOST_VALUES, _GROWTH * path.stat().st_size // 4 + _SLACK_VALUES)
    refusal = f"{path.name} is a damaged HDF5 file, or larger than Beatlight reads. Save one recording to a file."
    command = [sys.executable, "-I", str(_PROCESS), str(path.absolute()), str(exam), str(most_values)]
    with refuse_errors(refusal):
        done = subprocess.run(command, capture_output=True, timeout=_LONGEST_S, check=True)
        arrays = {}
        with zipfile.ZipFile(io.BytesIO(done.stdout)) as archive:
            for number in range(len(archive.namelist()) // 2):
                name = archive.read(f"{number}.name").decode()
                with archive.open(f"{number}.npy") as member:
                    arrays[name] = np.lib.format.read_array(member, allow_pickle=False)
    return {name: own.tolist() if own.dtype.kind == "U" else own for name, own in arrays.items()}


def _exam(path: Path, tracings: np.ndarray, exam: int, n_exams: int, stated: Stated) -> Record:
    is_signal = np.flatnonzero((tracings != 0).any(axis=1))
    if not len(is_signal):
        raise RecordRefused(f"Exam {exam} of {path.name} is empty. Choose another of its {n_exams:,}.")
    signals = tracings[is_signal[0] : is_signal[-1] + 1].astype(np.float32)
    unit = "stated" if stated.unit else _code_unit(path.name, signals)
    content: NamedContent = {"ecg": signals * np.float32(_CODE_UNITS.get(unit, 1.0))}
    if signals.shape[1] == len(TWELVE_LEADS):
        content = {**content, "leads": list(TWELVE_LEADS)}
    record = record_of_matrices(
        path,
        content,
        "HDF5 of exams (CODE)",
        replace(stated, sampling_rate=stated.sampling_rate or _CODE_RATE_HZ, unit=stated.unit or "mV"),
    )
    notices = [] if stated.unit else [f"The file states no unit; the height of the beats fits {unit}."]
    if n_exams > 1:
        notices.append(f"Exam {exam:,} of {n_exams:,} is shown.")
    understanding = replace(
        record.understanding,
        rate_from="stated" if stated.sampling_rate else "400 Hz, as in CODE",
        unit_from="stated" if stated.unit else "height of the beats",
        notices=(*record.understanding.notices, *notices),
        n_exams=n_exams,
    )
    return replace(record, understanding=understanding)


def _code_unit(name: str, signals: np.ndarray) -> str:
    """Return the unit in which the beats are of usual height.

    Raises
    ------
    RecordRefused
        If none or both fit.
    """
    n_windows = max(1, len(signals) // _CODE_RATE_HZ)
    windows = signals[: n_windows * _CODE_RATE_HZ].reshape(n_windows, -1, signals.shape[1])
    height = float(np.median(np.ptp(windows, axis=1)))
    lowest, highest = _USUAL_HEIGHT_MV
    fitting = [unit for unit, factor in _CODE_UNITS.items() if lowest <= height * factor <= highest]
    if len(fitting) != 1:
        raise RecordRefused(f"{name} does not state the unit of its exams, and their height fits none. State it.")
    return fitting[0]
