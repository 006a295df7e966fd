"""Opening of a record in any supported file format."""

from pathlib import Path

from backend.records.formats.edf.edf_reader import EDF_ENDINGS, read_edf
from backend.records.formats.recognition import find_reader
from backend.records.formats.sniffing import FIRST_BYTES
from backend.records.formats.stays.stay_reader import looks_like_stay, read_stay
from backend.records.formats.tables.table_reader import CSV_ENDINGS, read_table
from backend.records.formats.unread_formats import refuse_unread_format
from backend.records.formats.wfdb.header import find_beside
from backend.records.formats.wfdb.reader import WFDB_ENDINGS, read_wfdb
from backend.records.record import Record, RecordRefused
from backend.records.understanding import Stated

__all__ = ["open_record"]

_EDF_STARTS = (b"0       ", b"\xffBIOSEMI")


def open_record(path: Path | str, stated: Stated | None = None) -> Record:
    """Return the record in a file of any supported format, by its content, then its ending.

    The formats: WFDB, EDF, EDF+, BDF, tables of text, the text file of a stay, and those of
    `backend.records.formats.recognition` (DICOM, SCP-ECG, HL7 aECG, ISHNE, MUSE, Philips, MATLAB, HDF5).

    Parameters
    ----------
    path : Path or str
        A WFDB record with or without the ending of its header or signal file, an EDF or CSV file, or the text file of
        an ICU stay (columns Time, Parameter, Value).
    stated : Stated, optional
        What a person states about the file: sampling rate, unit, leads. It takes precedence over the file.

    Returns
    -------
    Record
        ECG leads in mV with their annotations, or a stay (see `read_stay`).

    Raises
    ------
    RecordRefused
        If the record does not exist or cannot be used; the message gives the reason and a remedy.

    Examples
    --------
    >>> record = open_record("sample_records/simulated/normal")  # doctest: +SKIP
    """
    path = Path(path)
    try:
        return _opened(path, stated or Stated())
    except OSError as error:
        raise RecordRefused(
            f"{path.name} cannot be read ({error.strerror}). Check its name and permissions."
        ) from error
    except MemoryError as error:
        raise RecordRefused(f"{path.name} does not fit into memory. Cut it into pieces.") from error


def _opened(path: Path, stated: Stated) -> Record:
    ending = path.suffix.casefold()
    reader = find_reader(path) if path.is_file() else None
    if reader is not None:
        return reader(path, stated)
    is_root = bool(path.name) and not path.is_file() and find_beside(path.parent, f"{path.name}.hea") is not None
    if ending in WFDB_ENDINGS or is_root:
        return read_wfdb(path, stated)
    if not path.is_file():
        raise RecordRefused(
            f"No record exists at {path.name or path}. "
            "Choose a WFDB record (.hea and signal file together), an EDF or a CSV file."
        )
    if ending in EDF_ENDINGS or _starts_as_edf(path):
        return read_edf(path, stated)
    if ending not in CSV_ENDINGS and find_beside(path.parent, f"{path.stem}.hea") is not None:
        return read_wfdb(path.with_suffix(""), stated)
    refuse_unread_format(path)
    if looks_like_stay(path):
        return read_stay(path)
    return read_table(path, stated)


def _starts_as_edf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(FIRST_BYTES).startswith(_EDF_STARTS)
