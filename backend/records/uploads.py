"""Uploaded records: the files of one record, or a zip of them; nothing of them is stored permanently."""

import io
import os
import re
import stat
import tempfile
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from backend.records.formats.edf.edf_reader import EDF_ENDINGS
from backend.records.formats.recognition import is_clinical_file
from backend.records.formats.sniffing import FIRST_BYTES, identify_foreign_file, refuse_errors
from backend.records.formats.stays.stay_reader import looks_like_stay
from backend.records.formats.tables.table_reader import CSV_ENDINGS
from backend.records.formats.unread_formats import OFFICE_START_BYTES, name_office_file
from backend.records.formats.wfdb.reader import WFDB_ENDINGS
from backend.records.opening import open_record
from backend.records.record import Record, RecordRefused
from backend.records.understanding import Stated

__all__ = ["LARGEST_UPLOAD_BYTES", "read_upload"]

LARGEST_UPLOAD_BYTES = 256 * 2**20
"""Maximum size of all files together, unpacked."""

_MAX_FILES = 2000
# Signals and tables of numbers compress to a third or a fifth, a zip bomb to a thousandth.
_MAX_EXPANSION = 10
_ALWAYS_ALLOWED_BYTES = 32 * 2**20
_BLOCK_BYTES = 2**20
_LONGEST_NAME = 150
_LONGEST_NAME_BYTES = 240
_PATH_SIGNS = frozenset('/\\:\0|<>*?"')
_UTF8_NAMES = 0x800
_ARCHIVE_ENDINGS = (".zip", ".7z", ".rar", ".gz", ".tgz", ".tar", ".xz", ".bz2")
_SYSTEM_FILES = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", ".git", ".Spotlight-V100", ".Trashes")
_ALONE = (*WFDB_ENDINGS, *EDF_ENDINGS, ".csv", ".tsv", ".psv")


def read_upload(files: Mapping[str, bytes], folder: Path, stated: Stated | None = None) -> Record:
    """Return the record in some files, by way of a temporary folder that is always removed.

    Parameters
    ----------
    files : mapping of str to bytes
        Content by file name: a header with its signal and annotation files, one EDF or CSV file, the text of one stay,
        or one zip of these.
    folder : Path
        An existing folder of the session; nothing is written outside it and nothing stays in it.
    stated : Stated, optional
        See `open_record`.

    Returns
    -------
    Record
        With the source ``upload``.

    Raises
    ------
    RecordRefused
        If the files are not exactly one record, too large, badly named, or an unsafe zip.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:  # doctest: +SKIP
    ...     record = read_upload({"100.hea": header, "100.dat": signals}, Path(folder))
    """
    if not files:
        raise RecordRefused("No file was uploaded. Choose the files of one record.")
    with tempfile.TemporaryDirectory(dir=folder, prefix="upload-") as own_folder:
        stored = Path(own_folder)
        with refuse_errors("The upload could not be stored. Check its file names, or try again."):
            _store(files, stored)
            found = _record_in(stored)
        record = open_record(found, stated)
    return replace(record, source="upload")


def _store(files: Mapping[str, bytes], folder: Path) -> None:
    own = {name: content for name, content in files.items() if not _is_system_file(name)}
    if not own:
        raise RecordRefused("The upload has only files of the operating system. Choose the files of one record.")
    for name, content in own.items():
        _check_name(name)
        refusal = name_office_file(name, content[:OFFICE_START_BYTES])
        if refusal:
            raise RecordRefused(refusal)
    archives = [name for name, content in own.items() if _is_zip(name, content)]
    if len(archives) > 1 or (archives and len(own) > 1):
        raise RecordRefused(f"{archives[0]} is a zip archive among other files. Upload one zip by itself.")
    if archives:
        _unpack(archives[0], own[archives[0]], folder)
        return
    _check_total(len(own), sum(map(len, own.values())))
    for name, content in zip(_distinct([_composed(name) for name in own]), own.values(), strict=True):
        (folder / name).write_bytes(content)


def _composed(name: str) -> str:
    """Return a name in one Unicode form; macOS writes an umlaut as a letter and a sign."""
    return unicodedata.normalize("NFC", name)


def _check_name(name: str) -> None:
    is_plain = (
        name.strip(" .~") != ""
        and name[0] not in ".-~ "
        and not _PATH_SIGNS & set(name)
        and ".." not in name
        and not any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in name)
        and len(name) <= _LONGEST_NAME
        and len(os.fsencode(_composed(name))) <= _LONGEST_NAME_BYTES
    )
    if not is_plain:
        raise RecordRefused(
            f"The file name {name[:60]!r} holds a path or characters that are not allowed. "
            f"Rename the file, with letters, digits, dot, dash and underscore."
        )


def _check_total(n_files: int, n_bytes: int) -> None:
    if n_files > _MAX_FILES:
        raise RecordRefused(f"There are {n_files:,} files. Upload only those of one record, at most {_MAX_FILES:,}.")
    if n_bytes > LARGEST_UPLOAD_BYTES:
        raise RecordRefused(
            f"The files hold {n_bytes / 2**20:,.0f} MiB, more than {LARGEST_UPLOAD_BYTES // 2**20} MiB. "
            f"Upload a shorter record, or open it with the command line."
        )


def _distinct(names: Sequence[str]) -> list[str]:
    """Return distinct names: notes of one name are numbered, two files of records are refused."""
    folded = [name.casefold() for name in names]
    counts = Counter(folded)
    stems = {PurePosixPath(own).stem for own in folded if own.endswith(".hea")}
    seen: Counter[str] = Counter()
    distinct = []
    for name, own in zip(names, folded, strict=True):
        if counts[own] > 1 and (own.endswith(_ALONE) or PurePosixPath(own).stem in stems):
            raise RecordRefused(f"There is more than one file {name}. Upload the files of one record only.")
        seen[own] += 1
        path = PurePosixPath(name)
        distinct.append(name if seen[own] == 1 else f"{path.stem} (copy {seen[own]}){path.suffix}")
    return distinct


def _is_zip(name: str, content: bytes) -> bool:
    return name.casefold().endswith(".zip") or identify_foreign_file(content[:FIRST_BYTES]) == "a zip archive"


def _unpack(name: str, content: bytes, folder: Path) -> None:
    refusal = (
        f"{name} is not a zip archive that can be unpacked. Zip the files of one record again, without a password."
    )
    # Listing takes some ten times the memory of a directory entry, so entries are counted first.
    if content.count(b"PK\x01\x02") > 2 * _MAX_FILES:
        raise RecordRefused(f"{name} holds thousands of files. Zip only those of one record.")
    with refuse_errors(refusal), zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [member for member in archive.infolist() if not _is_system_file(_name_of(member))]
        for member in members:
            _check_member(name, member)
        members = [member for member in members if not member.is_dir()]
        _check_total(len(members), sum(member.file_size for member in members))
        allowed_bytes = _allowed_bytes(len(content))
        if sum(member.file_size for member in members) > allowed_bytes:
            raise _bomb(name)
        names = _distinct([PurePosixPath(_name_of(member)).name for member in members])
        for member, own_name in zip(members, names, strict=True):
            allowed_bytes -= _unpack_member(archive, member, folder / own_name, allowed_bytes)


def _allowed_bytes(archive_bytes: int) -> int:
    return min(LARGEST_UPLOAD_BYTES, max(_ALWAYS_ALLOWED_BYTES, _MAX_EXPANSION * archive_bytes))


def _bomb(name: str) -> RecordRefused:
    return RecordRefused(f"{name} unpacks to far more than signals do. Upload the files themselves instead of the zip.")


def _name_of(member: zipfile.ZipInfo) -> str:
    """Return the name of a file in a zip; macOS writes UTF-8 without saying so."""
    name = member.filename
    if not member.flag_bits & _UTF8_NAMES and not name.isascii():
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = member.filename
    return _composed(name)


def _is_system_file(name: str) -> bool:
    """Return whether a file is one that operating systems add: ``__MACOSX``, ``._x``, ``.DS_Store``."""
    parts = PurePosixPath(name).parts
    return any(part in _SYSTEM_FILES or part.startswith("._") for part in parts)


def _check_member(name: str, member: zipfile.ZipInfo) -> None:
    path = PurePosixPath(member.filename)
    if path.is_absolute() or ".." in path.parts or re.search(r"[\\:\0]", member.orig_filename):
        raise RecordRefused(f"{name} holds a file whose name leads out of the archive. Zip the files again.")
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise RecordRefused(f"{name} holds a link or device instead of a file. Zip the files themselves.")
    if member.flag_bits & 0x1:
        raise RecordRefused(f"{name} is encrypted. Zip the files again without a password.")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise RecordRefused(f"{name} is packed in an unusual way. Zip the files again with ordinary compression.")
    if member.is_dir():
        return
    path = PurePosixPath(_name_of(member))
    _check_name(path.name)
    if path.name.casefold().endswith(_ARCHIVE_ENDINGS):
        raise RecordRefused(f"{name} holds another archive, {path.name}. Zip the files of one record themselves.")


def _unpack_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path, allowed_bytes: int) -> int:
    """Unpack one file and return its size; the size that the archive declares is not trusted."""
    n_bytes = 0
    name = path.name
    with archive.open(member) as packed, path.open("xb") as file:
        while block := packed.read(_BLOCK_BYTES):
            refusal = name_office_file(name, block[:OFFICE_START_BYTES]) if n_bytes == 0 else None
            if refusal:
                raise RecordRefused(refusal)
            if n_bytes == 0 and identify_foreign_file(block[:FIRST_BYTES]) == "a zip archive":
                raise RecordRefused("There is an archive in the archive. Zip the files of one record themselves.")
            n_bytes += len(block)
            if n_bytes > allowed_bytes:
                raise _bomb(name)
            file.write(block)
    return n_bytes


def _record_in(folder: Path) -> Path:
    """Return the file to open among those stored.

    Other tables are ignored next to a header, an EDF file or a stay, as databases contain notes, lists and licences as
    text.
    """
    paths = sorted(folder.iterdir())
    headers = [path for path in paths if path.suffix.casefold() == ".hea"]
    tables = [path for path in paths if path.suffix.casefold() in CSV_ENDINGS]
    roots = _without_segments(headers) + [path for path in paths if path.suffix.casefold() in EDF_ENDINGS]
    roots += [path for path in tables if looks_like_stay(path)]
    with_header = {path.stem.casefold() for path in headers}
    roots += [path for path in paths if path.stem.casefold() not in with_header and is_clinical_file(path)]
    roots = roots or tables
    if not roots and len(paths) == 1 and paths[0].suffix.casefold() not in WFDB_ENDINGS:
        roots = paths
    if len(roots) > 1:
        found = ", ".join(path.name for path in roots[:10])
        raise RecordRefused(f"There is more than one record: {found}. Upload the files of one at a time.")
    if not roots:
        raise _no_root(paths)
    return roots[0]


def _no_root(paths: list[Path]) -> RecordRefused:
    signals = [path for path in paths if path.suffix.casefold() in WFDB_ENDINGS]
    if signals:
        return RecordRefused(
            f"{signals[0].name} is a signal file without its header. Upload the .hea file together with it."
        )
    found = ", ".join(path.name for path in paths[:10]) or "nothing"
    return RecordRefused(
        f"None of the files is a record ({found}). Upload a .hea file with its signal file, an EDF or "
        "CSV file, or the text file of a stay."
    )


def _without_segments(headers: list[Path]) -> list[Path]:
    """Return the headers that are not a segment of another one; all of them if none is a master header."""
    segments = {name.casefold() for header in headers for name in _segments_named(header)}
    return [header for header in headers if header.stem.casefold() not in segments] or headers


def _segments_named(header: Path) -> set[str]:
    """Return the segment names in a master header; empty for any other header."""
    with header.open("rb") as file:
        lines = file.read(2**20).decode("ascii", errors="ignore").splitlines()
    words = [line.split()[0] for line in lines if line.strip() and not line.lstrip().startswith("#")]
    return set(words[1:]) if words and "/" in words[0] else set()
