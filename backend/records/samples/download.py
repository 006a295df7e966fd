"""Download of the records of the catalogue, from PhysioNet through wfdb or from a local mirror."""

import lzma
import os
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from threading import Thread
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import requests
from wfdb.io import _url, download

from backend.records.record import RecordRefused
from backend.records.samples.catalogue import (
    SAMPLE_RECORDS,
    CatalogueFile,
    Database,
    compute_sha256,
    fetched_folder,
    matches_catalogue,
    read_catalogue,
)

__all__ = ["MIRROR_VARIABLE", "FetchReport", "OnFile", "fetch_samples"]

MIRROR_VARIABLE = "BEATLIGHT_DATA"
"""Environment variable for a local mirror: a folder with ``mitdb``, ``challenge2015``, ..."""

OnFile = Callable[[int, int, str], bool | None]
"""Called with the number of finished files, the total and the name of the file; returning False cancels the work."""

_Source = Callable[[Database, CatalogueFile], bytes]

_SLOWEST_BYTES_PER_S = 10_000
_ARCHIVE_ENDINGS = (".tar.xz", ".tar.gz")


@dataclass(frozen=True)
class FetchReport:
    """The result for each file of the catalogue.

    Attributes
    ----------
    fetched : tuple of str
        Downloaded files.
    kept : tuple of str
        Files that were present before.
    failures : tuple of str
        A message for each missing file, or one for all files missing for the same reason.
    stopped : bool
        Whether ``on_file`` cancelled the work.
    """

    fetched: tuple[str, ...]
    kept: tuple[str, ...]
    failures: tuple[str, ...]
    stopped: bool


class _Unavailable(RecordRefused):
    """All further files would fail for the same reason."""


def fetch_samples(
    mirror: Path | None = None,
    on_file: OnFile | None = None,
    *,
    kind: str | None = None,
    root: Path = SAMPLE_RECORDS,
    timeout_s: float = 20.0,
) -> FetchReport:
    """Download the missing records of the catalogue into ``root / "physionet"``.

    Files that match the catalogue are kept, so that another call resumes an interrupted download. Only complete files
    with the right SHA-256 are stored.

    Parameters
    ----------
    mirror : Path, optional
        Folder of the databases (``mitdb/123.hea`` or ``mitdb/1.0.0/123.hea``) to copy from, packed folders
        (``challenge2012/set-b.tar.xz``) included. By default the folder in the environment variable ``BEATLIGHT_DATA``,
        else PhysioNet or the URL given to ``wfdb.set_db_index_url``.
    on_file : callable, optional
        Progress callback, see `OnFile`.
    kind : str, optional
        ``ecg``, ``alarm`` or ``stay``; all kinds by default.
    root : Path
        Folder of the catalogue and of the downloaded records.
    timeout_s : float
        Timeout for a silent server. A whole file may take this long plus 1 s per 10 kB.

    Returns
    -------
    FetchReport
        Errors of files and of the network do not raise; they are listed in ``failures``.

    Raises
    ------
    RecordRefused
        If the mirror has none of the databases.
    """
    wanted = [(record.database, file) for record in read_catalogue(kind, root) for file in record.files]
    source = _source(mirror, wanted, timeout_s)
    fetched: list[str] = []
    kept: list[str] = []
    failures: list[str] = []
    stopped = False
    for done, (database, file) in enumerate(wanted, start=1):
        path = fetched_folder(root) / file.name
        try:
            if matches_catalogue(path, file):
                kept.append(file.name)
            else:
                _place(path, _checked(source(database, file), database, file))
                fetched.append(file.name)
        except RecordRefused as failure:
            if str(failure) not in failures:
                failures.append(str(failure))
            if isinstance(failure, _Unavailable):
                break
        if on_file is not None and on_file(done, len(wanted), file.name) is False:
            stopped = done < len(wanted)
            break
    return FetchReport(tuple(fetched), tuple(kept), tuple(failures), stopped)


def _source(mirror: Path | None, wanted: Sequence[tuple[Database, CatalogueFile]], timeout_s: float) -> _Source:
    if mirror is None and os.environ.get(MIRROR_VARIABLE):
        mirror = Path(os.environ[MIRROR_VARIABLE])
    if mirror is None:
        return _downloading(timeout_s)
    if not any(True for database, _ in wanted for _ in _places_in(mirror, database)):
        slugs = ", ".join(sorted({database.slug for database, _ in wanted}))
        raise RecordRefused(
            f"{mirror} does not contain {slugs}. Give the folder that does, with --from or in {MIRROR_VARIABLE}."
        )
    return _copying(mirror, wanted)


def _copying(mirror: Path, wanted: Sequence[tuple[Database, CatalogueFile]]) -> _Source:
    largest_bytes = {file.name: file.size_bytes for _, file in wanted}

    @cache
    def unpacked(archive: Path) -> dict[str, bytes]:
        return _unpacked(archive, largest_bytes)

    def copied(database: Database, file: CatalogueFile) -> bytes:
        places = list(_places_in(mirror, database))
        if not places:
            raise RecordRefused(f"{mirror} does not contain {database.slug}. Complete the mirror.")
        found = None
        for place in places:
            content = _beginning(place / file.name, file) if place.is_dir() else unpacked(place).get(file.name)
            if content is not None and compute_sha256(content) == file.sha256:
                return content
            # A mirror may contain other excerpts of a database, so a mismatch does not end the search.
            found = content if found is None else found
        if found is None:
            raise RecordRefused(f"{mirror} lacks {file.name}. Complete the mirror.")
        return found

    return copied


def _places_in(mirror: Path, database: Database) -> Iterator[Path]:
    """Return the existing folders and packed folders of a database in a mirror.

    With the version as on PhysioNet or without it, under the published name or another one.
    """
    published = [Path(database.slug, database.version, database.folder), Path(database.slug, database.folder)]
    for place in (*published, *map(Path, database.mirrored_as)):
        folder = mirror / place
        if folder.is_dir():
            yield folder
        packed = (folder.with_name(folder.name + ending) for ending in _ARCHIVE_ENDINGS)
        yield from (archive for archive in packed if archive.is_file())


def _beginning(path: Path, file: CatalogueFile) -> bytes | None:
    """Return the content of a file, truncated just beyond its expected size; None if the file is missing."""
    try:
        with path.open("rb") as original:
            return original.read(file.size_bytes + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RecordRefused(
            f"{file.name} cannot be copied from {path.parent} ({error.strerror}). Complete the mirror."
        ) from error


def _unpacked(archive: Path, largest_bytes: Mapping[str, int]) -> dict[str, bytes]:
    """Return the required files of a packed folder, by name, in one pass, as it has no random access."""
    contents: dict[str, bytes] = {}
    try:
        with tarfile.open(archive) as packed:
            for member in packed:
                name = PurePosixPath(member.name).name
                packed_file = packed.extractfile(member) if name in largest_bytes and member.isfile() else None
                if packed_file is not None:
                    contents[name] = packed_file.read(largest_bytes[name] + 1)
    except (tarfile.TarError, lzma.LZMAError, zlib.error, EOFError, OSError) as error:
        raise RecordRefused(f"{archive.name} of the mirror cannot be unpacked. Get it again.") from error
    return contents


def _downloading(timeout_s: float) -> _Source:
    # wfdb has no timeout and would wait forever. Adapters are assigned rather than mounted, as mounting briefly removes
    # the other adapters of the session, which another thread may be using.
    session = _url._get_session()
    for scheme in ("https://", "http://"):
        session.adapters[scheme] = _TimeoutAdapter(timeout_s)
    return lambda database, file: _downloaded(database, file, timeout_s)


class _TimeoutAdapter(requests.adapters.HTTPAdapter):
    """Limits the time to connect and to wait for each part of an answer."""

    def __init__(self, timeout_s: float) -> None:
        super().__init__()
        self._timeout_s = timeout_s

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        return super().send(request, *args, **options | {"timeout": self._timeout_s})


def _downloaded(database: Database, file: CatalogueFile, timeout_s: float) -> bytes:
    folders = [download.config.db_index_url.rstrip("/"), database.slug, database.version, database.folder]
    address = "/".join([*filter(None, folders), file.name])
    host = urlsplit(address).hostname
    try:
        return _within(timeout_s + file.size_bytes / _SLOWEST_BYTES_PER_S, lambda: _received(address, file))
    except (requests.exceptions.ConnectionError, requests.exceptions.Timeout, TimeoutError) as error:
        raise _Unavailable(
            f"{host} cannot be reached or does not answer, so {file.name} and all later files were not downloaded; "
            "the simulated samples remain. Try again with a network, or copy from a local mirror with --from DIR."
        ) from error
    except _url.NetFileError as error:
        answer = error.status_code or "something malformed"
        raise RecordRefused(f"{host} answered {answer} to the request for {file.name}. Try again later.") from error
    except OSError as error:
        raise RecordRefused(f"The download of {file.name} from {host} was interrupted. Try again.") from error


def _received(address: str, file: CatalogueFile) -> bytes:
    """Return the body of an answer, truncated just beyond the size of the file."""
    content = bytearray()
    # Not closed by `with`, which would wait for the rest of an endless answer.
    for _, chunk in _url.RangeTransfer(address, 0, None).iter_chunks():
        content += chunk
        if len(content) > file.size_bytes:
            break
    return bytes(content)


def _within(limit_s: float, work: Callable[[], bytes]) -> bytes:
    """Return the result of ``work``, run in a thread that is abandoned after ``limit_s`` seconds.

    The timeout of an adapter limits neither name resolution nor an answer that arrives byte by byte.

    Raises
    ------
    TimeoutError
        After ``limit_s`` seconds. Errors of ``work`` are raised unchanged.
    """
    outcome: Future[bytes] = Future()

    def keep_outcome() -> None:
        try:
            outcome.set_result(work())
        except Exception as error:
            outcome.set_exception(error)

    Thread(target=keep_outcome, daemon=True).start()
    return outcome.result(timeout=limit_s)


def _checked(content: bytes, database: Database, file: CatalogueFile) -> bytes:
    if len(content) < file.size_bytes:
        raise RecordRefused(f"Only {len(content):,} of {file.size_bytes:,} bytes of {file.name} arrived. Try again.")
    if compute_sha256(content) != file.sha256:
        raise RecordRefused(
            f"{file.name} is not the file of {database.source} (its SHA-256 differs from the catalogue's), so it was "
            f"not kept. Try again, or use another mirror."
        )
    return content


def _place(path: Path, content: bytes) -> None:
    """Write a file atomically, by way of a temporary file next to it."""
    part = path.with_name(f"{path.name}.{uuid4().hex}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_bytes(content)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise _Unavailable(
            f"{path.name} cannot be written into {path.parent.name} ({error.strerror}). "
            "Free some space, or correct the permissions of the folder."
        ) from error
