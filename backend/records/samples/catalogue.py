"""The catalogue of real records that can be downloaded, and which of them are."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

__all__ = [
    "SAMPLE_KINDS",
    "SAMPLE_RECORDS",
    "CatalogueAlarm",
    "CatalogueEcg",
    "CatalogueFile",
    "CatalogueRecord",
    "CatalogueStay",
    "Database",
    "compute_sha256",
    "fetched_folder",
    "is_fetched",
    "matches_catalogue",
    "read_catalogue",
]

SAMPLE_RECORDS = Path(__file__).parents[3] / "sample_records"
"""Folder of the catalogue ``physionet.toml`` and of the folders ``physionet`` and ``simulated``."""


@dataclass(frozen=True)
class Database:
    """A database of PhysioNet.

    Attributes
    ----------
    slug : str
        Name in PhysioNet's URLs, for instance ``mitdb``.
    title, version, address, licence : str
    citations : tuple of str
        References to cite when the database is used.
    doi : str
        Empty if PhysioNet gives none.
    folder : str
        Folder of the records within the database; may be empty.
    mirrored_as : tuple of str
        Alternative folders of these records in a local mirror, for instance ``challenge2015/full``.
    """

    slug: str
    title: str
    version: str
    address: str
    licence: str
    citations: tuple[str, ...]
    doi: str = ""
    folder: str = ""
    mirrored_as: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """Title and version for a reader."""
        return f"{self.title} {self.version}"


@dataclass(frozen=True)
class CatalogueFile:
    """One file of a record, with its size and checksum."""

    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class CatalogueRecord:
    """A real record of any kind that can be downloaded.

    Attributes
    ----------
    kind : str
        ``ecg``, ``alarm`` or ``stay``.
    name : str
        Name of the record, for instance ``123``.
    database : Database
    line : str
        One-line description.
    files : tuple of CatalogueFile
        The first file is the one to open.
    """

    kind: ClassVar[str]

    name: str
    database: Database
    line: str
    files: tuple[CatalogueFile, ...]

    @property
    def size_bytes(self) -> int:
        """Total size of its files."""
        return sum(file.size_bytes for file in self.files)


@dataclass(frozen=True)
class CatalogueEcg(CatalogueRecord):
    """A record with labelled beats: ``beats`` counts them by WFDB symbol."""

    kind: ClassVar[str] = "ecg"

    beats: Mapping[str, int]


@dataclass(frozen=True)
class CatalogueAlarm(CatalogueRecord):
    """A record that ends in an alarm: its kind (``alarm``) and whether experts judged it true."""

    kind: ClassVar[str] = "alarm"

    alarm: str
    is_true: bool


@dataclass(frozen=True)
class CatalogueStay(CatalogueRecord):
    """Two days in intensive care, and the outcome of the hospital stay (``death`` or ``survival``)."""

    kind: ClassVar[str] = "stay"

    outcome: str


_KINDS: dict[str, type[CatalogueRecord]] = {each.kind: each for each in (CatalogueEcg, CatalogueAlarm, CatalogueStay)}

SAMPLE_KINDS = tuple(_KINDS)
"""Kinds of samples: ``ecg``, ``alarm`` or ``stay``."""


def read_catalogue(kind: str | None = None, root: Path = SAMPLE_RECORDS) -> tuple[CatalogueRecord, ...]:
    """Return the real records of ``root / "physionet.toml"``, downloaded or not, in order.

    Parameters
    ----------
    kind : str, optional
        One of `SAMPLE_KINDS`; all kinds by default.

    Examples
    --------
    >>> sorted({record.database.slug for record in read_catalogue("ecg")})
    ['mitdb']
    """
    entries = tomllib.loads((root / "physionet.toml").read_text(encoding="utf-8"))
    databases = {slug: _database(slug, entry) for slug, entry in entries["databases"].items()}
    return tuple(_record(entry, databases) for entry in entries["records"] if kind in (None, entry["kind"]))


def _database(slug: str, entry: Mapping[str, Any]) -> Database:
    fields: dict[str, Any] = {name: tuple(own) if isinstance(own, list) else own for name, own in entry.items()}
    return Database(slug=slug, **fields)


def _record(entry: Mapping[str, Any], databases: Mapping[str, Database]) -> CatalogueRecord:
    fields = {name: own for name, own in entry.items() if name != "kind"}
    return _KINDS[entry["kind"]](
        **fields
        | {
            "database": databases[entry["database"]],
            "files": tuple(CatalogueFile(**file) for file in entry["files"]),
        }
    )


def fetched_folder(root: Path = SAMPLE_RECORDS) -> Path:
    """Return the folder of downloaded records; it is not under version control."""
    return root / "physionet"


def is_fetched(record: CatalogueRecord, root: Path = SAMPLE_RECORDS) -> bool:
    """Return whether all files of a record are present and match the catalogue."""
    folder = fetched_folder(root)
    return all(matches_catalogue(folder / file.name, file) for file in record.files)


def matches_catalogue(path: Path, file: CatalogueFile) -> bool:
    """Return whether a file has the size and checksum of the catalogue; an unchanged file is read only once."""
    try:
        status = path.stat()
        return status.st_size == file.size_bytes and _checksum(path, status.st_ino, status.st_mtime_ns) == file.sha256
    except OSError:
        return False


def compute_sha256(content: bytes) -> str:
    """Return the SHA-256 as hexadecimal text."""
    return hashlib.sha256(content).hexdigest()


@lru_cache(maxsize=256)
def _checksum(path: Path, inode: int, changed_ns: int) -> str:
    return compute_sha256(path.read_bytes())
