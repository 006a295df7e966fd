"""The catalogue of real records that can be fetched, and which of them are here."""

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
    "catalogue",
    "fetched_folder",
    "is_fetched",
    "is_right",
    "sha256_of",
]

SAMPLE_RECORDS = Path(__file__).parents[3] / "sample_records"
"""Holds the catalogue ``physionet.toml`` and the folders ``physionet`` and ``simulated``."""


@dataclass(frozen=True)
class Database:
    """A database of PhysioNet.

    Attributes
    ----------
    slug : str
        Its name in PhysioNet's addresses, for instance ``mitdb``.
    title, version, address, licence : str
    citations : tuple of str
        All of them are to be cited wherever the database is used.
    doi : str
        Empty where PhysioNet gives the database none.
    folder : str
        Where in the database its records lie; empty for its top.
    mirrored_as : tuple of str
        Other folders in which a local mirror may keep these records, for instance ``challenge2015/full``.
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
        """Title and version, as they are shown beside a record."""
        return f"{self.title} {self.version}"


@dataclass(frozen=True)
class CatalogueFile:
    """One file of a record, and how it is known to be the right one."""

    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class CatalogueRecord:
    """A real record that can be fetched, of any kind.

    Attributes
    ----------
    kind : str
        ``ecg``, ``alarm`` or ``stay``.
    name : str
        The record's own name, for instance ``123``.
    database : Database
    line : str
        What there is to see in it.
    files : tuple of CatalogueFile
        The first is the one that the record is opened by.
    """

    kind: ClassVar[str]

    name: str
    database: Database
    line: str
    files: tuple[CatalogueFile, ...]

    @property
    def size_bytes(self) -> int:
        """Size of all its files together."""
        return sum(file.size_bytes for file in self.files)


@dataclass(frozen=True)
class CatalogueEcg(CatalogueRecord):
    """A record whose beats are labelled: ``beats`` counts them by their WFDB symbol."""

    kind: ClassVar[str] = "ecg"

    beats: Mapping[str, int]


@dataclass(frozen=True)
class CatalogueAlarm(CatalogueRecord):
    """A record that ends in an alarm: what it called out (``alarm``) and whether experts found it true."""

    kind: ClassVar[str] = "alarm"

    alarm: str
    is_true: bool


@dataclass(frozen=True)
class CatalogueStay(CatalogueRecord):
    """Two days in intensive care, and how the stay in hospital ended (``outcome``: ``death`` or ``survival``)."""

    kind: ClassVar[str] = "stay"

    outcome: str


_KINDS: dict[str, type[CatalogueRecord]] = {each.kind: each for each in (CatalogueEcg, CatalogueAlarm, CatalogueStay)}

SAMPLE_KINDS = tuple(_KINDS)
"""What a sample can be of: ``ecg``, ``alarm`` or ``stay``."""


def catalogue(kind: str | None = None, root: Path = SAMPLE_RECORDS) -> tuple[CatalogueRecord, ...]:
    """Every real record of ``root / "physionet.toml"``, fetched or not, in the catalogue's order.

    Parameters
    ----------
    kind : str, optional
        One of `SAMPLE_KINDS`, for the records of that kind alone.

    Examples
    --------
    >>> sorted({record.database.slug for record in catalogue("ecg")})
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
    """Where fetched records lie; not under version control."""
    return root / "physionet"


def is_fetched(record: CatalogueRecord, root: Path = SAMPLE_RECORDS) -> bool:
    """Whether all files of a record are here and right."""
    folder = fetched_folder(root)
    return all(is_right(folder / file.name, file) for file in record.files)


def is_right(path: Path, file: CatalogueFile) -> bool:
    """Whether ``path`` holds what the catalogue says of ``file``; a file that has not changed is read only once."""
    try:
        status = path.stat()
        return (
            status.st_size == file.size_bytes and _sum_of_file(path, status.st_ino, status.st_mtime_ns) == file.sha256
        )
    except OSError:
        return False


def sha256_of(content: bytes) -> str:
    """SHA-256 as hexadecimal text."""
    return hashlib.sha256(content).hexdigest()


@lru_cache(maxsize=256)
def _sum_of_file(path: Path, inode: int, changed_ns: int) -> str:
    return sha256_of(path.read_bytes())
