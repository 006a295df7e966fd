"""Which reader a clinical or matrix file needs, by its first bytes whatever its ending."""

from collections.abc import Callable
from pathlib import Path

from backend.records.formats.clinical.dicom import DICOM_MARK, DICOM_MARK_START, read_dicom
from backend.records.formats.clinical.hl7_aecg import AECG_ROOT, read_hl7_aecg
from backend.records.formats.clinical.ishne import ISHNE_ANNOTATIONS_START, ISHNE_START, read_ishne
from backend.records.formats.clinical.muse_xml import MUSE_ROOT, read_muse_xml
from backend.records.formats.clinical.scp_ecg import is_scp, read_scp
from backend.records.formats.clinical.sierra_xml import SIERRA_ROOT, read_sierra_xml
from backend.records.formats.clinical.xml_tree import root_name
from backend.records.formats.matrices.hdf5 import HDF5_START, MATLAB_7_START, read_hdf5
from backend.records.formats.matrices.matlab import MATLAB_5_START, read_matlab
from backend.records.formats.matrices.matlab_4 import is_matlab_4, read_matlab_4
from backend.records.formats.wfdb.header import find_beside
from backend.records.record import Record, RecordRefused
from backend.records.understanding import Stated

__all__ = ["Reader", "find_reader", "is_clinical_file"]

Reader = Callable[[Path, Stated], Record]

_HEAD_BYTES = 2**14
_MATLAB_ENDING = ".mat"
_HDF5_LATE_STARTS = (512, 1024, 2048)

_STARTS: dict[bytes, Reader] = {
    ISHNE_START: read_ishne,
    MATLAB_5_START: read_matlab,
    MATLAB_7_START: read_hdf5,
    HDF5_START: read_hdf5,
}
_ROOTS: dict[str, Reader] = {
    AECG_ROOT: read_hl7_aecg,
    MUSE_ROOT: read_muse_xml,
    SIERRA_ROOT: read_sierra_xml,
}
_XML_STARTS = (b"<?xml", b"<!--", b"<!DOCTYPE", b"\xef\xbb\xbf<", b"\xff\xfe<\0", b"\xfe\xff\0<", b"<\0?\0")
# Named elsewhere, with a better remedy.
_OTHER_ROOTS = ("html", "healthdata")


def find_reader(path: Path) -> Reader | None:
    """Return the reader of a clinical or matrix file; None for everything else.

    Raises
    ------
    RecordRefused
        If the file is of a known kind that cannot be read; the message names it.
    OSError
        If the file cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    for start, reader in _STARTS.items():
        if head.startswith(start):
            return reader
    if head[DICOM_MARK_START : DICOM_MARK_START + len(DICOM_MARK)] == DICOM_MARK:
        return read_dicom
    if is_scp(head):
        return read_scp
    if path.suffix.casefold() == _MATLAB_ENDING and is_matlab_4(head):
        # With a header beside it, it holds the samples of a WFDB record.
        return None if find_beside(path.parent, f"{path.stem}.hea") else read_matlab_4
    if any(head[place : place + len(HDF5_START)] == HDF5_START for place in _HDF5_LATE_STARTS):
        return read_hdf5
    if head.startswith(ISHNE_ANNOTATIONS_START):
        raise RecordRefused(
            f"{path.name} holds the beats of an ISHNE Holter recording, not the ECG. Choose its .ecg file."
        )
    root = root_name(head)
    if root in _ROOTS:
        return _ROOTS[root]
    if head.lstrip()[:64].startswith(_XML_STARTS) and root and root.casefold() not in _OTHER_ROOTS:
        raise RecordRefused(
            f"{path.name} is an XML file of another kind ({root[:40]}). "
            "Export the ECG as HL7 aECG, MUSE XML, Philips XML or DICOM."
        )
    return None


def is_clinical_file(path: Path) -> bool:
    """Return whether `find_reader` has a reader for a file; False for files that it refuses."""
    try:
        return find_reader(path) is not None
    except RecordRefused:
        return False
