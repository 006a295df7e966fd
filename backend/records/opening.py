"""Opens a record, whatever kind of file it comes in."""

from pathlib import Path

from backend.records.formats.delimited_text import CSV_ENDINGS, read_csv
from backend.records.formats.edf import EDF_ENDINGS, read_edf
from backend.records.formats.sniffing import FIRST_BYTES
from backend.records.formats.stay_text import looks_like_stay, read_stay
from backend.records.formats.wfdb.reader import WFDB_ENDINGS, read_wfdb
from backend.records.record import Record, RecordRefused

__all__ = ["open_record"]

_EDF_STARTS = (b"0       ", b"\xffBIOSEMI")


def open_record(path: Path | str, *, sampling_rate: float | None = None, unit: str | None = None) -> Record:
    """Open a record: WFDB, EDF, EDF+, BDF, CSV or a stay, told apart by their endings, then their content.

    Parameters
    ----------
    path : Path or str
        A WFDB record with or without the ending of its header or signal file, an EDF or CSV file, or the text file of
        an ICU stay (columns Time, Parameter, Value).
    sampling_rate : float, optional
        Hz, for a CSV file that does not say it.
    unit : str, optional
        ``mV``, ``uV``, ``nV`` or ``V``, for a CSV file that does not say it.

    Returns
    -------
    Record
        ECG leads in mV, with the annotations that belong to it; or a stay (see `read_stay`).

    Raises
    ------
    RecordRefused
        If there is no such record or it cannot be used; the message says why and what to do.

    Examples
    --------
    >>> record = open_record("sample_records/simulated/normal")  # doctest: +SKIP
    """
    path = Path(path)
    try:
        return _opened(path, sampling_rate, unit)
    except OSError as error:
        raise RecordRefused(
            f"{path.name} cannot be read ({error.strerror}); check its name and permissions."
        ) from error
    except MemoryError as error:
        raise RecordRefused(f"{path.name} does not fit into memory; cut it into pieces.") from error


def _opened(path: Path, sampling_rate: float | None, unit: str | None) -> Record:
    ending = path.suffix.casefold()
    if ending in WFDB_ENDINGS or (path.name and not path.is_file() and path.with_name(f"{path.name}.hea").is_file()):
        return read_wfdb(path)
    if not path.is_file():
        raise RecordRefused(
            f"There is no record {path.name or path}; give a WFDB record (its .hea and signal file together), "
            f"or an EDF or CSV file."
        )
    if ending in EDF_ENDINGS or _starts_as_edf(path):
        return read_edf(path)
    if ending not in CSV_ENDINGS and path.with_suffix(".hea").is_file():
        return read_wfdb(path.with_suffix(""))
    if looks_like_stay(path):
        return read_stay(path)
    return read_csv(path, sampling_rate, unit)


def _starts_as_edf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(FIRST_BYTES).startswith(_EDF_STARTS)
