"""Fetches the catalogue's records: from PhysioNet through wfdb, or from a local mirror."""

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
    catalogue,
    fetched_folder,
    is_right,
    sha256_of,
)

__all__ = ["MIRROR_VARIABLE", "FetchReport", "OnFile", "fetch_samples"]

MIRROR_VARIABLE = "BEATLIGHT_DATA"
"""Environment variable that names a local mirror: a folder that holds ``mitdb``, ``challenge2015``, ..."""

OnFile = Callable[[int, int, str], bool | None]
"""Called with the files done, the files in all and the name of the one just done; returning False stops the work."""

_Source = Callable[[Database, CatalogueFile], bytes]

_SLOWEST_BYTES_PER_S = 10_000
_ARCHIVE_ENDINGS = (".tar.xz", ".tar.gz")


@dataclass(frozen=True)
class FetchReport:
    """What became of each file of the catalogue.

    Attributes
    ----------
    fetched : tuple of str
        Files that are new here.
    kept : tuple of str
        Files that were here before.
    failures : tuple of str
        A sentence for each file that is not here, or one for all that are missing for the same reason.
    stopped : bool
        Whether the listener stopped the work before its end.
    """

    fetched: tuple[str, ...]
    kept: tuple[str, ...]
    failures: tuple[str, ...]
    stopped: bool


class _NoUseGoingOn(RecordRefused):
    """The next file would fail for the same reason."""


def fetch_samples(
    mirror: Path | None = None,
    on_file: OnFile | None = None,
    *,
    kind: str | None = None,
    root: Path = SAMPLE_RECORDS,
    timeout_s: float = 20.0,
) -> FetchReport:
    """Fetch the records of the catalogue that are not here yet into ``root / "physionet"``.

    Files that are here and right are left alone, so that a fetch that was broken off is taken up again by calling
    this once more. A file comes into its place only whole and with the right SHA-256.

    Parameters
    ----------
    mirror : Path, optional
        Folder that holds the databases (``mitdb/123.hea`` or ``mitdb/1.0.0/123.hea``), from which is copied, out of
        a packed folder (``challenge2012/set-b.tar.xz``) too. Without it, the folder that the environment variable
        ``BEATLIGHT_DATA`` names; without that, PhysioNet, or whatever address ``wfdb.set_db_index_url`` was given.
    on_file : callable, optional
        Hears of each file that is done, see `OnFile`.
    kind : str, optional
        ``ecg``, ``alarm`` or ``stay``, for the records of that kind alone.
    root : Path
        Holds the catalogue and the folder for what is fetched.
    timeout_s : float
        How long a silent server is waited for. In all, a file has this long and 1 s for each 10 kB to arrive.

    Returns
    -------
    FetchReport
        Nothing that goes wrong with a file or with the network raises; it is told in ``failures``.

    Raises
    ------
    RecordRefused
        If the mirror holds none of the databases.
    """
    wanted = [(record.database, file) for record in catalogue(kind, root) for file in record.files]
    source = _source(mirror, wanted, timeout_s)
    fetched: list[str] = []
    kept: list[str] = []
    failures: list[str] = []
    stopped = False
    for done, (database, file) in enumerate(wanted, start=1):
        path = fetched_folder(root) / file.name
        try:
            if is_right(path, file):
                kept.append(file.name)
            else:
                _place(path, _checked(source(database, file), database, file))
                fetched.append(file.name)
        except RecordRefused as failure:
            if str(failure) not in failures:
                failures.append(str(failure))
            if isinstance(failure, _NoUseGoingOn):
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
            f"{mirror} does not hold {slugs}; name the folder that does, with --from or in {MIRROR_VARIABLE}."
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
            raise RecordRefused(f"{mirror} does not hold {database.slug}, so nothing of it was copied.")
        found = None
        for place in places:
            content = _beginning(place / file.name, file) if place.is_dir() else unpacked(place).get(file.name)
            if content is not None and sha256_of(content) == file.sha256:
                return content
            # A mirror may keep other cuts of a database side by side, so a file that is not the one ends no search.
            found = content if found is None else found
        if found is None:
            raise RecordRefused(f"{file.name} cannot be copied from {mirror}, which lacks it; complete the mirror.")
        return found

    return copied


def _places_in(mirror: Path, database: Database) -> Iterator[Path]:
    """The folders and packed folders in which a mirror keeps a database, those that are there.

    By version, as PhysioNet does, or without it; as they are published, or under another name.
    """
    published = [Path(database.slug, database.version, database.folder), Path(database.slug, database.folder)]
    for place in (*published, *map(Path, database.mirrored_as)):
        folder = mirror / place
        if folder.is_dir():
            yield folder
        packed = (folder.with_name(folder.name + ending) for ending in _ARCHIVE_ENDINGS)
        yield from (archive for archive in packed if archive.is_file())


def _beginning(path: Path, file: CatalogueFile) -> bytes | None:
    """The file, and of one that is too long no more than shows it; None where there is none."""
    try:
        with path.open("rb") as original:
            return original.read(file.size_bytes + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RecordRefused(
            f"{file.name} cannot be copied from {path.parent} ({error.strerror}); complete the mirror."
        ) from error


def _unpacked(archive: Path, largest_bytes: Mapping[str, int]) -> dict[str, bytes]:
    """The wanted files of a packed folder, by name, in one pass: it can be read from its beginning only."""
    contents: dict[str, bytes] = {}
    try:
        with tarfile.open(archive) as packed:
            for member in packed:
                name = PurePosixPath(member.name).name
                packed_file = packed.extractfile(member) if name in largest_bytes and member.isfile() else None
                if packed_file is not None:
                    contents[name] = packed_file.read(largest_bytes[name] + 1)
    except (tarfile.TarError, lzma.LZMAError, zlib.error, EOFError, OSError) as error:
        raise RecordRefused(f"{archive.name} of the mirror cannot be unpacked; get it again.") from error
    return contents


def _downloading(timeout_s: float) -> _Source:
    # wfdb offers no way to set a timeout and waits for ever without one. Assigned rather than mounted, which would take
    # the session's other adapters out for a moment, perhaps that of another thread's download.
    session = _url._get_session()
    for scheme in ("https://", "http://"):
        session.adapters[scheme] = _ImpatientAdapter(timeout_s)
    return lambda database, file: _downloaded(database, file, timeout_s)


class _ImpatientAdapter(requests.adapters.HTTPAdapter):
    """Waits only so long for a server to connect and for each next piece of its answer."""

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
        raise _NoUseGoingOn(
            f"{host} cannot be reached or does not answer, so {file.name} and what follows it were not fetched; "
            f"the simulated samples remain. Try again with a network, or copy from a local mirror with --from DIR."
        ) from error
    except _url.NetFileError as error:
        answer = error.status_code or "something malformed"
        raise RecordRefused(f"{host} answered {answer} when asked for {file.name}; try again later.") from error
    except OSError as error:
        raise RecordRefused(f"{file.name} broke off on its way from {host}; try again.") from error


def _received(address: str, file: CatalogueFile) -> bytes:
    """The body of the answer, or its beginning when it is longer than the file can be."""
    content = bytearray()
    # Not closed by `with`: that would wait for the rest of an answer without end. Let go, it is cut off.
    for _, chunk in _url.RangeTransfer(address, 0, None).iter_chunks():
        content += chunk
        if len(content) > file.size_bytes:
            break
    return bytes(content)


def _within(limit_s: float, work: Callable[[], bytes]) -> bytes:
    """Do ``work`` in a thread of its own, which is left behind when it takes too long.

    An adapter's timeout bounds neither the look-up of a name nor an answer that trickles in byte by byte.

    Raises
    ------
    TimeoutError
        After ``limit_s`` seconds; whatever ``work`` raises.
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
        raise RecordRefused(
            f"Only {len(content):,} of {file.size_bytes:,} bytes of {file.name} came, so it was not kept; try again."
        )
    if sha256_of(content) != file.sha256:
        raise RecordRefused(
            f"{file.name} is not the file of {database.source} (its SHA-256 differs from the catalogue's), so it was "
            f"not kept; try again, or use another mirror."
        )
    return content


def _place(path: Path, content: bytes) -> None:
    """Write a file beside its place first, so that nobody ever finds a part of it there."""
    part = path.with_name(f"{path.name}.{uuid4().hex}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_bytes(content)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise _NoUseGoingOn(
            f"{path.name} cannot be written into {path.parent.name} ({error.strerror}); "
            f"make room there, or correct the folder's permissions."
        ) from error
