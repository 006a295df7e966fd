"""ISHNE Holter files (version 1.0): 16-bit samples of up to twelve leads behind one header."""

import binascii
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from backend.records.record import Channel, Record, RecordRefused
from backend.records.understanding import Stated, Understanding
from backend.records.validation import check_sampling_rate, check_size, validate_record

__all__ = ["ISHNE_ANNOTATIONS_START", "ISHNE_START", "read_ishne"]

ISHNE_START = b"ISHNE1.0"
ISHNE_ANNOTATIONS_START = b"ANN  1.0"

_HEADER_BYTES = 522
_MOST_LEADS = 12
_NANOVOLTS_PER_MV = 1e6
_BLOCK_SAMPLES = 2**18
# Badilini F. The ISHNE Holter standard output file format. Ann Noninvasive Electrocardiol 1998;3:263-6.
_NAMES = "X Y Z I II III aVR aVL aVF V1 V2 V3 V4 V5 V6 ES AS AI"
_LEADS = ("", "bipolar", *_NAMES.split())


@dataclass(frozen=True)
class _Header:
    sampling_rate: float
    names: tuple[str, ...]
    nanovolts: tuple[int, ...]
    data_start: int
    n_stated: int
    is_checksum_right: bool


def read_ishne(path: Path, stated: Stated) -> Record:
    """Return the leads of an ISHNE Holter file; what its header says of the person is left out.

    Raises
    ------
    RecordRefused
        If the header is impossible, or the file holds no samples.

    References
    ----------
    Badilini F (1998), Annals of Noninvasive Electrocardiology 3:263-266.
    """
    size = path.stat().st_size
    header = _read_header(path)
    sampling_rate = stated.sampling_rate or header.sampling_rate
    check_sampling_rate(path.stem, sampling_rate)
    n_leads = len(header.names)
    n_held = max(0, size - header.data_start) // (2 * n_leads)
    # Writers differ in whether they count the samples of one lead or of all.
    is_cut = n_held < header.n_stated and n_held != header.n_stated // n_leads
    n_samples = min(n_held, header.n_stated)
    check_size(path.stem, n_samples, n_leads, size)
    signals = _read_signals(path, header, n_samples)
    channels = tuple(Channel(name, "mV", is_lead=True) for name in header.names)
    notices = []
    if is_cut:
        notices.append("The file is shorter than its header states; read to its last sample.")
    if not header.is_checksum_right:
        notices.append("The checksum of the header is wrong; check the sampling rate and the leads.")
    understanding = Understanding(
        format="ISHNE Holter",
        rate_from="stated" if stated.sampling_rate else "header",
        unit_from="resolution of each lead",
        notices=tuple(notices),
    )
    return validate_record(path.stem, signals, sampling_rate, channels, {}, stated=stated, understanding=understanding)


def _read_header(path: Path) -> _Header:
    with path.open("rb") as file:
        fixed = file.read(_HEADER_BYTES)
        if len(fixed) < _HEADER_BYTES or not fixed.startswith(ISHNE_START):
            raise RecordRefused(f"{path.name} is not a complete ISHNE Holter file. Export the recording again.")
        integers = np.frombuffer(fixed, dtype="<i4", count=4, offset=10).tolist()
        variable_bytes, n_stated, _, data_start = integers
        shorts = np.frombuffer(fixed, dtype="<i2", count=59, offset=156).tolist()
        if not _HEADER_BYTES <= data_start <= _HEADER_BYTES + max(0, variable_bytes) + 2**16:
            raise RecordRefused(f"The header of {path.name} misplaces its samples. Export the recording again.")
        rest = file.read(data_start - _HEADER_BYTES)
    n_leads, sampling_rate = shorts[0], shorts[58]
    codes, nanovolts = shorts[1 : 1 + n_leads], shorts[25 : 25 + n_leads]
    if not 1 <= n_leads <= _MOST_LEADS or n_stated < 1:
        raise RecordRefused(f"{path.name} claims {n_leads} leads of {n_stated:,} samples. Export the recording again.")
    if any(resolution < 1 for resolution in nanovolts):
        raise RecordRefused(f"{path.name} does not state the resolution of every lead. Export the recording again.")
    return _Header(
        sampling_rate=float(sampling_rate),
        names=tuple(_lead_name(code, place) for place, code in enumerate(codes)),
        nanovolts=tuple(nanovolts),
        data_start=data_start,
        n_stated=n_stated,
        is_checksum_right=binascii.crc_hqx(fixed[10:] + rest, 0xFFFF) == int.from_bytes(fixed[8:10], "little"),
    )


def _lead_name(code: int, place: int) -> str:
    """Return the name of a lead; the standard has none for bipolar leads and leads that are not known."""
    name = _LEADS[code] if 0 <= code < len(_LEADS) else ""
    return name if name not in ("", "bipolar") else f"ECG {place + 1}"


def _read_signals(path: Path, header: _Header, n_samples: int) -> np.ndarray:
    n_leads = len(header.names)
    factors = np.array(header.nanovolts, dtype=np.float32) / _NANOVOLTS_PER_MV
    signals = np.empty((n_samples, n_leads), dtype=np.float32)
    with path.open("rb") as file:
        file.seek(header.data_start)
        for start in range(0, n_samples, _BLOCK_SAMPLES):
            part = signals[start : start + _BLOCK_SAMPLES]
            steps = np.frombuffer(file.read(2 * part.size), dtype="<i2").reshape(part.shape)
            np.multiply(steps, factors, out=part)
    return signals
