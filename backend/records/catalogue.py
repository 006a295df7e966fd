"""The catalogue of real records that can be fetched, and which of them are here."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

__all__ = [
    "SAMPLE_RECORDS",
    "CatalogueFile",
    "CatalogueRecord",
    "Database",
    "catalogue",
    "fetched_folder",
    "is_fetched",
    "is_right",
    "sha256_of",
]

SAMPLE_RECORDS = Path(__file__).parents[2] / "sample_records"
"""Holds the catalogue ``physionet.toml`` and the folders ``physionet`` and ``simulated``."""


@dataclass(frozen=True)
class Database:
    """A database of PhysioNet.

    Attributes
    ----------
    slug : str
        Its name in PhysioNet's addresses, for instance ``mitdb``.
    title, version, address, doi, licence : str
    citations : tuple of str
        All of them are to be cited wherever the database is used.
    """

    slug: str
    title: str
    version: str
    address: str
    doi: str
    licence: str
    citations: tuple[str, ...]

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
    """A real record that can be fetched.

    Attributes
    ----------
    name : str
        The record's own name, for instance ``123``.
    database : Database
    line : str
        What there is to see in it.
    beats : mapping of str to int
        Reference beats by their WFDB symbol.
    files : tuple of CatalogueFile
    """

    name: str
    database: Database
    line: str
    beats: Mapping[str, int]
    files: tuple[CatalogueFile, ...]

    @property
    def size_bytes(self) -> int:
        """Size of all its files together."""
        return sum(file.size_bytes for file in self.files)


def catalogue(root: Path = SAMPLE_RECORDS) -> tuple[CatalogueRecord, ...]:
    """Every real record of ``root / "physionet.toml"``, fetched or not, in the catalogue's order.

    Examples
    --------
    >>> sorted({record.database.slug for record in catalogue()})
    ['mitdb']
    """
    entries = tomllib.loads((root / "physionet.toml").read_text(encoding="utf-8"))
    databases = {
        slug: Database(slug=slug, **entry | {"citations": tuple(entry["citations"])})
        for slug, entry in entries["databases"].items()
    }
    return tuple(
        CatalogueRecord(
            name=entry["name"],
            database=databases[entry["database"]],
            line=entry["line"],
            beats=entry["beats"],
            files=tuple(CatalogueFile(**file) for file in entry["files"]),
        )
        for entry in entries["records"]
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
