"""EDF, EDF+ and BDF files as records."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from backend.records.channels.heartbeats import EXAMINED_S
from backend.records.channels.lead_decision import decide_leads
from backend.records.channels.units import millivolts_per
from backend.records.formats.edf.edf_annotations import FrameTexts, annotations_of, parse_frame
from backend.records.formats.edf.edf_header import EdfHeader, EdfSignal, read_edf_header
from backend.records.formats.frames import hold_samples, lead_samples_per_frame
from backend.records.record import Channel, Record, RecordRefused
from backend.records.understanding import Stated, Understanding
from backend.records.validation import check_sampling_rate, check_size, validate_record

__all__ = ["EDF_ENDINGS", "read_edf"]

EDF_ENDINGS = (".edf", ".bdf", ".rec")

_BLOCK_BYTES = 4 * 2**20
# Times of frames are rounded; a shorter gap or overlap is not one.
_TIME_TOLERANCE_S = 0.01


@dataclass(frozen=True)
class _Column:
    """A signal that is kept, as a channel, and the factor of its values."""

    signal: EdfSignal
    channel: Channel
    factor: float


def read_edf(path: Path, stated: Stated | None = None) -> Record:
    """Return the record in an EDF, EDF+ or BDF file.

    A file that is cut is read to its last whole data record, one that is interrupted (EDF+D) has NaN in its gaps; both
    are said in the record's understanding. Signals slower than the ECG hold each sample until the next; faster ones,
    and those without samples or a range of values, are left out. The annotations of EDF+ are those of the annotator
    ``edf``. Dates and all that is said of the patient are not read.

    Parameters
    ----------
    path : Path
    stated : Stated, optional

    Returns
    -------
    Record
        ECG leads in mV.

    Raises
    ------
    RecordRefused
        If the file is not EDF, cut within its first data record, of frames that go back in time, or has no ECG.
    OSError
        If the file cannot be opened.

    References
    ----------
    Kemp and Olivan 2003, "European data format 'plus' (EDF+), an EDF alike standard format for the exchange of
    physiological data", Clinical Neurophysiology 114:1755-1761.

    Examples
    --------
    >>> record = read_edf(Path("night.edf"))  # doctest: +SKIP
    """
    stated = stated or Stated()
    name, header = path.stem, read_edf_header(path)
    used, ignored = _used_signals(path.name, header)
    channels, leads_from = _channels(path, header, used, stated)
    samples_per_frame = lead_samples_per_frame([signal.n_samples for signal in used], channels)
    own_rate = samples_per_frame / header.frame_s
    sampling_rate = stated.sampling_rate or own_rate
    check_sampling_rate(name, sampling_rate)
    columns = []
    for signal, channel in zip(used, channels, strict=True):
        if signal.n_samples > samples_per_frame:
            ignored.append((channel.name, f"faster than the ECG, {signal.n_samples / header.frame_s:g} Hz"))
        else:
            columns.append(_column(signal, channel, stated))
    texts = _read_texts(path, header)
    starts = _frame_starts(path.name, header, texts, own_rate, samples_per_frame)
    n_samples = int(starts[-1]) + samples_per_frame
    check_size(name, n_samples, len(columns), path.stat().st_size)
    signals = _read_signals(path, header, columns, starts, samples_per_frame)
    understanding = Understanding(
        format="BDF" if header.sample_bytes == 3 else "EDF+" if texts else "EDF",
        rate_from="header" if stated.sampling_rate is None else "stated",
        unit_from="header" if stated.unit is None else "stated",
        leads_from=leads_from,
        gaps=_gaps(starts, samples_per_frame, sampling_rate),
        ignored=tuple(ignored),
        notices=_notices(path, header, texts),
    )
    annotations = annotations_of(texts, n_samples, sampling_rate)
    named = [column.channel for column in columns]
    return validate_record(name, signals, sampling_rate, named, annotations, stated=stated, understanding=understanding)


def _used_signals(name: str, header: EdfHeader) -> tuple[list[EdfSignal], list[tuple[str, str]]]:
    """Return the signals with values, and the others with the reason why they have none."""
    used, ignored = [], []
    for index, signal in enumerate(header.signals):
        named = replace(signal, label=signal.label or f"signal {index + 1}")
        if signal.is_annotations:
            continue
        if not signal.n_samples:
            ignored.append((named.label, "no samples"))
        elif not np.isfinite(signal.gain):
            ignored.append((named.label, "no range of values in the header"))
        else:
            used.append(named)
    if not used and not ignored:
        raise RecordRefused(f"{name} contains annotations but no signals. Choose the file with the ECG.")
    if not used:
        raise RecordRefused(f"The header of {name} gives no signal a range of values. Export the file again.")
    return used, ignored


def _channels(
    path: Path, header: EdfHeader, used: Sequence[EdfSignal], stated: Stated
) -> tuple[tuple[Channel, ...], str]:
    """Return the channels with their leads, and from what these are known."""
    named = [Channel.named(signal.label, signal.unit) for signal in used]

    def examine(index: int) -> tuple[np.ndarray, float]:
        signal = used[index]
        n_frames = max(1, min(header.n_frames, round(EXAMINED_S / header.frame_s)))
        first = (header.n_frames - n_frames) // 2
        parts = [_physical(frames, header, signal) for _, frames in _blocks(path, header, first, first + n_frames)]
        return np.concatenate(parts), signal.n_samples / header.frame_s

    return decide_leads(path.stem, named, stated, examine)


def _column(signal: EdfSignal, channel: Channel, stated: Stated) -> _Column:
    unit = stated.unit if stated.unit and channel.is_lead else channel.unit
    factor = millivolts_per(unit)
    return _Column(signal, replace(channel, unit="mV" if factor else unit), factor or 1.0)


def _blocks(path: Path, header: EdfHeader, first: int = 0, last: int | None = None) -> Iterator[tuple[int, np.ndarray]]:
    """Return the frames as bytes, shape = (n, frame_bytes), some at a time, with the number of the first of each."""
    at_once = max(1, _BLOCK_BYTES // header.frame_bytes)
    last = header.n_frames if last is None else last
    with path.open("rb") as file:
        file.seek(header.header_bytes + first * header.frame_bytes)
        for start in range(first, last, at_once):
            n_frames = min(at_once, last - start)
            content = np.frombuffer(file.read(n_frames * header.frame_bytes), dtype=np.uint8)
            yield start, content.reshape(n_frames, header.frame_bytes)


def _physical(frames: np.ndarray, header: EdfHeader, signal: EdfSignal) -> np.ndarray:
    """Return the values of one signal in its unit; float64, shape = (n_frames * n_samples,)."""
    own = np.ascontiguousarray(
        frames[:, signal.first_byte : signal.first_byte + signal.n_samples * header.sample_bytes]
    )
    if header.sample_bytes == 2:
        digital = own.view("<i2").reshape(-1)
    else:
        triples = own.reshape(-1, 3).astype(np.int32)
        digital = triples[:, 0] | triples[:, 1] << 8 | triples[:, 2].astype(np.int8).astype(np.int32) << 16
    return signal.gain * (digital.astype(np.float64) + signal.offset)


def _read_texts(path: Path, header: EdfHeader) -> list[FrameTexts]:
    """Return the annotations of each frame; empty if the file has none."""
    places = [
        slice(signal.first_byte, signal.first_byte + signal.n_samples * header.sample_bytes)
        for signal in header.signals
        if signal.is_annotations and signal.n_samples
    ]
    if not places:
        return []
    return [
        parse_frame([frame[place].tobytes() for place in places])
        for _, frames in _blocks(path, header)
        for frame in frames
    ]


def _frame_starts(
    name: str, header: EdfHeader, texts: Sequence[FrameTexts], rate: float, samples_per_frame: int
) -> np.ndarray:
    """Return the first sample of each frame; without gaps unless the file is interrupted."""
    starts = np.arange(header.n_frames, dtype=np.int64) * samples_per_frame
    if not header.is_interrupted or not texts:
        return starts
    tolerance = max(1.0, _TIME_TOLERANCE_S * rate)
    first_s = next((text.start_s for text in texts if text.start_s is not None), 0.0)
    follows = 0
    for number, text in enumerate(texts):
        own = follows if text.start_s is None else (text.start_s - first_s) * rate
        if own < follows - tolerance or own > 2**53:
            raise RecordRefused(f"The data records of {name} go back in time. Save it again as continuous EDF+.")
        starts[number] = follows if own <= follows + tolerance else round(own)
        follows = int(starts[number]) + samples_per_frame
    return starts


def _read_signals(
    path: Path, header: EdfHeader, columns: Sequence[_Column], starts: np.ndarray, samples_per_frame: int
) -> np.ndarray:
    signals = np.full((int(starts[-1]) + samples_per_frame, len(columns)), np.nan, dtype=np.float32)
    within = np.arange(samples_per_frame)
    for first, frames in _blocks(path, header):
        place = (starts[first : first + len(frames), np.newaxis] + within).reshape(-1)
        for index, column in enumerate(columns):
            values = _physical(frames, header, column.signal) * column.factor
            signals[place, index] = hold_samples(values, column.signal.n_samples, samples_per_frame)
    return signals


def _gaps(starts: np.ndarray, samples_per_frame: int, sampling_rate: float) -> tuple[tuple[float, float], ...]:
    after = starts[:-1] + samples_per_frame
    gaps = np.flatnonzero(starts[1:] > after)
    return tuple((float(after[index]) / sampling_rate, float(starts[index + 1]) / sampling_rate) for index in gaps)


def _notices(path: Path, header: EdfHeader, texts: Sequence[FrameTexts]) -> tuple[str, ...]:
    notices = []
    end = header.header_bytes + header.n_frames * header.frame_bytes
    duration_s = header.n_frames * header.frame_s
    if header.n_stated is not None and header.n_stated > header.n_frames:
        notices.append(f"The file is cut; it was read to its last whole data record, at {duration_s:g} s.")
    elif header.n_stated is None:
        notices.append(
            f"The recording was not closed in order; it was read to its last whole data record, at {duration_s:g} s."
        )
    elif path.stat().st_size - end >= header.frame_bytes:
        notices.append(f"The file holds more than its header states; only the stated {duration_s:g} s were read.")
    if header.is_interrupted and not any(text.start_s is not None for text in texts):
        notices.append("The file is interrupted (EDF+D) but does not say when; it was read without gaps.")
    return tuple(notices)
