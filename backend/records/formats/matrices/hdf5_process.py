"""A process of its own that lists an HDF5 file: damaged files can crash the library, which must not end Beatlight.

Run with the file, the exam and the largest number of values to read; writes an archive of arrays to its output. It
imports nothing of Beatlight, so that it starts fast.
"""

import io
import os
import sys
import zipfile

import numpy as np

os.environ["HDF5_PLUGIN_PATH"] = "::"  # no filters from elsewhere
import h5py

_MOST_OBJECTS = 2000
_DEEPEST = 6
_MEMORY_BYTES = 4 * 2**30
_CPU_S = 20
_TRACINGS = "tracings"
_MOST_LEADS = 16
_MOST_TEXTS = 256
_LONGEST_TEXT = 4096


def list_file(path: str, exam: int, most_values: int) -> dict[str, np.ndarray]:
    """Return the numbers and texts of a file by their path; of ``tracings`` [exams, samples, leads] one exam.

    Links to other files, virtual data sets and data sets in other files are left out.
    """
    found: dict[str, np.ndarray] = {}
    with h5py.File(path, "r") as file:
        _visit(file, "", found, exam, [_MOST_OBJECTS, most_values], 0)
    return found


def _visit(
    group: h5py.Group, prefix: str, found: dict[str, np.ndarray], exam: int, left: list[int], depth: int
) -> None:
    _keep_attributes(group, prefix, found)
    for name in group:
        left[0] -= 1
        if left[0] < 0 or depth > _DEEPEST:
            return
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            continue
        own, path = group[name], f"{prefix}{name}"
        if isinstance(own, h5py.Group):
            _visit(own, f"{path}.", found, exam, left, depth + 1)
        elif isinstance(own, h5py.Dataset) and own.external is None and not own.is_virtual:
            _keep(own, path, found, exam, left)
            _keep_attributes(own, f"{path}.", found)


def _keep(own: h5py.Dataset, path: str, found: dict[str, np.ndarray], exam: int, left: list[int]) -> None:
    is_exams = own.name.rpartition("/")[2] == _TRACINGS and own.ndim == 3 and 1 <= own.shape[2] <= _MOST_LEADS
    n_values = int(np.prod(own.shape[1:] if is_exams else own.shape, dtype=object))
    if is_exams:
        found[f"{path}.n_exams"] = np.array(own.shape[0])
        if not 0 <= exam < own.shape[0]:
            return
    if not 0 < n_values <= left[1] or own.dtype.kind not in "iufSO":
        return
    if own.dtype.kind in "SO":
        if own.ndim <= 1 and n_values <= _MOST_TEXTS and h5py.check_string_dtype(own.dtype):
            found[path] = _texts(np.atleast_1d(own.asstr()[()]))
        return
    left[1] -= n_values
    values = np.asarray(own[exam] if is_exams else own[()])
    if own.attrs.get("MATLAB_class") == b"char":
        values = _texts(np.array(["".join(chr(int(code)) for code in values.reshape(-1)[:_LONGEST_TEXT])]))
    found[path] = values


def _keep_attributes(own: h5py.Group | h5py.Dataset, prefix: str, found: dict[str, np.ndarray]) -> None:
    for name in list(own.attrs)[:100]:
        value = np.asarray(own.attrs[name])
        if value.dtype.kind in "iuf" and value.size <= _MOST_TEXTS:
            found[f"{prefix}{name}"] = value
        elif value.dtype.kind in "SUO" and value.size <= _MOST_TEXTS and not name.startswith("MATLAB"):
            found[f"{prefix}{name}"] = _texts(value.reshape(-1))


def _texts(values: np.ndarray) -> np.ndarray:
    texts = [own.decode("utf-8", "replace") if isinstance(own, bytes) else str(own) for own in values]
    return np.array([text[:_LONGEST_TEXT] for text in texts], dtype=np.str_)


def _limit() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    _limit()
    archive = io.BytesIO()
    listed = list_file(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
    with zipfile.ZipFile(archive, "w") as packed:
        for number, (name, own) in enumerate(listed.items()):
            packed.writestr(f"{number}.name", name)
            with packed.open(f"{number}.npy", "w") as member:
                np.lib.format.write_array(member, own, allow_pickle=False)
    sys.stdout.buffer.write(archive.getvalue())
