"""SCP-ECG (EN 1064, ISO 11073-91064): a resting ECG in sections, mostly entropy coded."""

import binascii
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from backend.records.formats.clinical.lead_codes import lead_of_number
from backend.records.formats.clinical.scp_codes import decode_lead, parse_tables, undo_differences
from backend.records.formats.clinical.timeline import Piece, record_of_pieces, scale_steps
from backend.records.formats.sniffing import refuse_errors
from backend.records.record import Channel, Record, RecordRefused
from backend.records.understanding import Stated, Understanding
from backend.records.validation import check_sampling_rate, check_size

__all__ = ["is_scp", "read_scp"]

_MAX_FILE_BYTES = 16 * 2**20
_MOST_SAMPLES = 2**22
_RECORD_HEAD_BYTES, _SECTION_HEAD_BYTES, _POINTER_BYTES = 6, 16, 10
_MARK = b"SCPECG"
_TABLES, _LEADS, _RHYTHM = 2, 3, 6
_SUBTRACTED = 0b1


@dataclass(frozen=True)
class _Lead:
    name: str
    start_sample: int
    n_samples: int


def is_scp(head: bytes) -> bool:
    """Return whether the first bytes of a file are those of an SCP-ECG record with its pointer section."""
    is_pointer_section = head[8:10] == b"\0\0" and int.from_bytes(head[10:14], "little") < 2**16
    return is_pointer_section and head[16:22] == _MARK


def read_scp(path: Path, stated: Stated) -> Record:
    """Return the rhythm of an SCP-ECG file, whether its samples are coded or not.

    Identification, average beats, measurements and interpretation are left out. A file whose reference beat was
    subtracted, or whose parts were thinned (bimodal compression), is refused: its samples are not those recorded.

    Raises
    ------
    RecordRefused
        If a section is missing or damaged, or is compressed with loss.

    References
    ----------
    EN 1064:2005+A1:2007, sections 0, 2, 3 and 6.
    """
    size = path.stat().st_size
    if size > _MAX_FILE_BYTES:
        raise RecordRefused(f"{path.name} is larger than {_MAX_FILE_BYTES // 2**20} MiB. Export a shorter recording.")
    content = path.read_bytes()
    refusal = f"{path.name} is a damaged or incomplete SCP-ECG file. Export the ECG again."
    with refuse_errors(refusal):
        sections = _sections(path.name, content)
        leads = _leads(path.name, sections[_LEADS])
        nanovolts, interval_us, order, is_bimodal = struct.unpack_from("<HHBB", sections[_RHYTHM])
        if is_bimodal == 1:
            raise RecordRefused(
                f"{path.name} was thinned between its beats (bimodal compression). "
                "Export the ECG without it, or as DICOM."
            )
        if order > 2 or nanovolts == 0 or interval_us == 0:
            raise RecordRefused(refusal)
    sampling_rate = stated.sampling_rate or 1e6 / interval_us
    check_sampling_rate(path.stem, sampling_rate)
    _check_total(path.stem, leads, size)
    with refuse_errors(refusal):
        tables = sections.get(_TABLES, b"")
        pieces = _pieces(sections[_RHYTHM], leads, tables, order, nanovolts / 1e6)
    understanding = Understanding(
        format="SCP-ECG",
        rate_from="stated" if stated.sampling_rate else "header",
        unit_from="header",
    )
    return record_of_pieces(path, pieces, sampling_rate, stated, understanding)


def _sections(name: str, content: bytes) -> dict[int, bytes]:
    """Return the data of the sections for the rhythm; their checksums hold."""
    n_pointer_bytes = int.from_bytes(content[10:14], "little") - _SECTION_HEAD_BYTES
    start = _RECORD_HEAD_BYTES + _SECTION_HEAD_BYTES
    sections = {}
    for position in range(start, start + min(n_pointer_bytes, 2**16), _POINTER_BYTES):
        number, n_bytes, index = struct.unpack_from("<HII", content, position)
        if number not in (_TABLES, _LEADS, _RHYTHM) or n_bytes <= _SECTION_HEAD_BYTES:
            continue
        section = content[index - 1 : index - 1 + n_bytes] if index > 0 else b""
        if len(section) < n_bytes or int.from_bytes(section[2:4], "little") != number:
            raise RecordRefused(f"Section {number} of {name} is incomplete. Export the ECG again.")
        stored = int.from_bytes(section[:2], "little")
        if stored and stored != binascii.crc_hqx(section[2:], 0xFFFF):
            raise RecordRefused(f"The checksum of section {number} of {name} is wrong. Export the ECG again.")
        sections[number] = section[_SECTION_HEAD_BYTES:]
    if _LEADS not in sections or _RHYTHM not in sections:
        raise RecordRefused(
            f"{name} holds no rhythm, only average beats or measurements. Export the ECG with its rhythm."
        )
    return sections


def _leads(name: str, section: bytes) -> list[_Lead]:
    n_leads, flags = section[0], section[1]
    if flags & _SUBTRACTED:
        raise RecordRefused(
            f"The reference beat was subtracted from the leads of {name}. "
            "Export the ECG without this compression, or as DICOM."
        )
    leads = []
    for place in range(n_leads):
        first, last, number = struct.unpack_from("<IIB", section, 2 + 9 * place)
        leads.append(_Lead(lead_of_number(number) or f"ECG {place + 1}", first - 1, last - first + 1))
    return leads


def _check_total(name: str, leads: list[_Lead], size: int) -> None:
    n_samples = sum(max(0, lead.n_samples) for lead in leads)
    if not leads or any(lead.n_samples < 1 or lead.start_sample < 0 for lead in leads):
        raise RecordRefused(f"{name} claims leads without samples, so it is damaged. Export the ECG again.")
    check_size(name, max(lead.start_sample + lead.n_samples for lead in leads), len(leads), size)
    if n_samples > _MOST_SAMPLES:
        raise RecordRefused(f"{name} claims {n_samples:,} samples, too many for SCP-ECG. Export a shorter recording.")


def _pieces(section: bytes, leads: list[_Lead], tables: bytes, order: int, mv_per_step: float) -> list[Piece]:
    coded = parse_tables(tables) if tables else []
    position = 6 + 2 * len(leads)
    pieces = []
    for lead, n_bytes in zip(leads, struct.unpack_from(f"<{len(leads)}H", section, 6), strict=True):
        content = section[position : position + n_bytes]
        if len(content) < n_bytes:
            raise ValueError("the section is cut")
        position += n_bytes
        if coded:
            stored = decode_lead(content, lead.n_samples, coded)
        else:
            stored = np.frombuffer(content, dtype="<i2", count=lead.n_samples).astype(np.int64)
        values = scale_steps(undo_differences(stored, order), mv_per_step)
        pieces.append(Piece(Channel(lead.name, "mV", is_lead=True), lead.start_sample, values))
    return pieces
