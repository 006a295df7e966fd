"""DICOM waveforms: resting, general and ambulatory ECG, and ECG channels among haemodynamic ones."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from backend.records.channels.lead_names import is_lead_name
from backend.records.channels.units import millivolts_per
from backend.records.formats.clinical.lead_codes import lead_of_number, number_of_mdc_code, standard_spelling
from backend.records.formats.clinical.timeline import Piece, record_of_pieces, scale_steps
from backend.records.formats.sniffing import refuse_errors
from backend.records.record import Channel, Record, RecordRefused
from backend.records.understanding import Stated, Understanding
from backend.records.validation import check_size

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = ["DICOM_MARK", "DICOM_MARK_START", "read_dicom"]

DICOM_MARK, DICOM_MARK_START = b"DICM", 128

_MAX_FILE_BYTES = 2**29
_MOST_GROUPS = 256
_MOST_CHANNELS = 256
_DEFLATED = "1.2.840.10008.1.2.1.99"
_SAMPLE_TYPES = {"SB": "i1", "UB": "u1", "SS": "i2", "US": "u2", "SL": "i4", "UL": "u4"}
_ECG_CLASSES = tuple(f"1.2.840.10008.5.1.4.1.1.9.1.{number}" for number in (1, 2, 3, 4))
_AVERAGES = ("MEDIAN", "AVERAGE", "TEMPLATE")
_UNUSABLE = ("DISCONNECTED", "TEST DATA", "INVALID")
_LONGEST_OFFSET_MS = 7 * 86_400_000


@dataclass(frozen=True, eq=False)
class _Group:
    """The leads of one multiplex group."""

    sampling_rate: float
    pieces: tuple[Piece, ...]
    ignored: tuple[tuple[str, str], ...] = field(default=())

    @property
    def n_lead_samples(self) -> int:
        return sum(len(piece.values) for piece in self.pieces if piece.channel.is_lead)


def read_dicom(path: Path, stated: Stated) -> Record:
    """Return the original waveforms of a DICOM file; groups recorded one after the other are one record with gaps.

    Median beats, annotations and everything about the patient are left out: no other element is kept. Groups of
    another sampling rate than that of most lead samples are ignored.

    Raises
    ------
    RecordRefused
        If the file holds no waveform, is damaged or compressed, or its leads have no scale.

    References
    ----------
    DICOM PS3.3, C.10.9 (Waveform) and A.34 (waveform objects); CID 3001 (ECG leads).
    """
    dataset, byte_order = _read_dataset(path)
    refusal = f"The waveforms of {path.name} are damaged. Export the ECG again as DICOM."
    with refuse_errors(refusal):
        sequence = list(dataset.get("WaveformSequence") or [])
        is_ecg = str(dataset.get("SOPClassUID", "")) in _ECG_CLASSES
        groups = [_read_group(path, own, byte_order, is_ecg, stated) for own in _original(path.name, sequence)]
    sampling_rate = _common_rate(groups)
    kept = [group for group in groups if group.sampling_rate == sampling_rate]
    others = [group for group in groups if group.sampling_rate != sampling_rate]
    pieces = [piece for group in kept for piece in group.pieces]
    slower = [(piece.channel.name, f"{group.sampling_rate:g} Hz") for group in others for piece in group.pieces]
    understanding = Understanding(
        format="DICOM waveform",
        rate_from="stated" if stated.sampling_rate else "header",
        unit_from="stated" if stated.unit else "header",
        ignored=tuple(slower + [own for group in groups for own in group.ignored]),
    )
    return record_of_pieces(path, pieces, stated.sampling_rate or sampling_rate, stated, understanding)


def _read_dataset(path: Path) -> "tuple[Dataset, str]":
    """Return the waveforms and the class of a file, and the byte order of its samples."""
    import pydicom  # late, as it takes longer than most files

    if path.stat().st_size > _MAX_FILE_BYTES:
        raise RecordRefused(f"{path.name} is larger than {_MAX_FILE_BYTES // 2**20} MiB. Export a shorter recording.")
    # The checks are ours: invalid values are common in real files, and none is to be printed in a warning.
    pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
    with refuse_errors(f"{path.name} is a damaged DICOM file. Export the ECG again."):
        if str(pydicom.filereader.read_file_meta_info(path).get("TransferSyntaxUID", "")) == _DEFLATED:
            raise RecordRefused(f"{path.name} is a deflated DICOM file. Export it without compression.")
        wanted = ["SOPClassUID", "Modality", "WaveformSequence"]
        dataset = pydicom.dcmread(path, specific_tags=wanted, stop_before_pixels=True)
        modality = str(dataset.get("Modality", ""))[:16]
        has_waveform = "WaveformSequence" in dataset
    if not has_waveform:
        raise RecordRefused(
            f"{path.name} is a DICOM file without a waveform{f' ({modality})' if modality.isalnum() else ''}. "
            "Export the ECG as a DICOM waveform, not as a picture or PDF."
        )
    return dataset, "<" if dataset.original_encoding[1] else ">"


def _original(name: str, sequence: "Sequence[Dataset]") -> "list[Dataset]":
    """Return the groups with the recording itself, without average beats."""
    if len(sequence) > _MOST_GROUPS:
        raise RecordRefused(f"{name} claims {len(sequence):,} groups of leads. Export a shorter recording.")
    originals = [own for own in sequence if str(own.get("WaveformOriginality", "ORIGINAL")).upper() == "ORIGINAL"]
    groups = [
        own
        for own in originals or sequence
        if not any(word in str(own.get("MultiplexGroupLabel", "")).upper() for word in _AVERAGES)
    ]
    if not groups:
        raise RecordRefused(f"{name} holds only average beats. Export the ECG with its rhythm.")
    return groups


def _common_rate(groups: Sequence[_Group]) -> float:
    """Return the sampling rate of most lead samples, or that of most channels in a file without leads."""
    counts: dict[float, tuple[int, int]] = {}
    for group in groups:
        of_leads, of_all = counts.get(group.sampling_rate, (0, 0))
        counts[group.sampling_rate] = (of_leads + group.n_lead_samples, of_all + len(group.pieces))
    return max(counts, key=lambda rate: counts[rate])


def _read_group(path: Path, group: "Dataset", byte_order: str, is_ecg: bool, stated: Stated) -> _Group:
    name = path.name
    sampling_rate = float(group.SamplingFrequency)
    n_channels, n_samples = int(group.NumberOfWaveformChannels), int(group.NumberOfWaveformSamples)
    if not (0 < sampling_rate < 1e6 and 1 <= n_channels <= _MOST_CHANNELS and n_samples >= 1):
        raise RecordRefused(f"{name} claims {n_samples:,} samples of {n_channels} channels. Export the ECG again.")
    check_size(path.stem, n_samples, n_channels, path.stat().st_size)
    steps = _steps(name, group, byte_order, n_samples, n_channels)
    definitions = list(group.ChannelDefinitionSequence)
    if len(definitions) != n_channels:
        raise RecordRefused(f"{name} describes {len(definitions)} of its {n_channels} channels. Export the ECG again.")
    offset_ms = float(group.get("MultiplexGroupTimeOffset") or 0)
    if not abs(offset_ms) <= _LONGEST_OFFSET_MS:
        raise RecordRefused(f"{name} begins a group of leads after {offset_ms:g} ms. Export the ECG again.")
    start_sample = round(offset_ms * sampling_rate / 1000)
    pieces, ignored = [], []
    for index, definition in enumerate(definitions):
        channel_name, is_lead = _channel_name(definition, index, is_ecg)
        status = next(_unusable_states(definition), None)
        if status is not None:
            ignored.append((channel_name, status.lower()))
            continue
        factor, offset, unit = _scale(name, channel_name, definition, is_lead, stated)
        values = scale_steps(steps[:, index], factor, offset)
        pieces.append(Piece(Channel(channel_name, unit, is_lead=is_lead), start_sample, values))
    return _Group(sampling_rate, tuple(pieces), tuple(ignored))


def _steps(name: str, group: "Dataset", byte_order: str, n_samples: int, n_channels: int) -> np.ndarray:
    """Return the stored values; float32, shape = (n_samples, n_channels), NaN for padding."""
    sample_type = _SAMPLE_TYPES.get(str(group.WaveformSampleInterpretation))
    if sample_type is None or int(group.WaveformBitsAllocated) != 8 * int(sample_type[1]):
        raise RecordRefused(f"{name} encodes its samples in a way of audio. Export it with 16-bit samples.")
    dtype = np.dtype(byte_order + sample_type)
    content = bytes(group.WaveformData)
    if len(content) < n_samples * n_channels * dtype.itemsize:
        raise RecordRefused(f"{name} holds fewer samples than it states. Export the ECG again.")
    stored = np.frombuffer(content, dtype=dtype, count=n_samples * n_channels).reshape(n_samples, n_channels)
    steps = stored.astype(np.float32)
    padding = group.get("WaveformPaddingValue")
    if isinstance(padding, bytes) and len(padding) >= dtype.itemsize:
        padding = int(np.frombuffer(padding, dtype=dtype, count=1)[0])
    if isinstance(padding, int):
        _blank_padding(steps, stored == padding, padding)
    return steps


def _blank_padding(steps: np.ndarray, is_padding: np.ndarray, padding: int) -> None:
    """Make padding NaN where it is outside the range of the samples; some writers state 0, which samples have too."""
    for index in np.flatnonzero(is_padding.any(axis=0)):
        samples = steps[~is_padding[:, index], index]
        if not len(samples) or not samples.min() < padding < samples.max():
            steps[is_padding[:, index], index] = np.nan


def _channel_name(definition: "Dataset", index: int, is_ecg: bool) -> tuple[str, bool]:
    """Return the name of a channel and whether it is an ECG lead: by its code, else by its name."""
    source = _first(definition, "ChannelSourceSequence")
    number = _lead_number(str(source.get("CodingSchemeDesignator", "")), str(source.get("CodeValue", "")))
    if number is not None:
        return lead_of_number(number) or f"ECG {index + 1}", is_ecg or number > 0
    meaning = str(source.get("CodeMeaning", "")) or str(definition.get("ChannelLabel", ""))
    name = standard_spelling(meaning[:60]) or (f"ECG {index + 1}" if is_ecg else f"channel {index + 1}")
    return name, is_lead_name(name)


def _lead_number(scheme: str, code: str) -> int | None:
    """Return the number of a lead in SCP-ECG and MDC; None if the code is another."""
    scheme = scheme.strip().upper()
    if scheme == "MDC":
        return number_of_mdc_code(code)
    number = code.removeprefix("5.6.3-9-")
    return number_of_mdc_code(f"2:{number}") if scheme.startswith("SCP") and number != code else None


def _first(dataset: "Dataset", keyword: str) -> "Mapping[str, object] | Dataset":
    """Return the first item of a sequence; an empty one if the sequence has none."""
    return next(iter(dataset.get(keyword) or []), {})


def _unusable_states(definition: "Dataset") -> Iterator[str]:
    status = definition.get("ChannelStatus") or []
    for own in [status] if isinstance(status, str) else status:
        if str(own).upper() in _UNUSABLE:
            yield str(own)


def _scale(
    name: str, channel_name: str, definition: "Dataset", is_lead: bool, stated: Stated
) -> tuple[float, float, str]:
    """Return factor, offset and unit of a channel; potentials are in mV."""
    sensitivity = definition.get("ChannelSensitivity")
    units = _first(definition, "ChannelSensitivityUnitsSequence")
    unit = str(units.get("CodeValue", ""))[:16].strip()
    if sensitivity is None and is_lead:
        factor = millivolts_per(stated.unit or "")
        if factor is None:
            raise RecordRefused(f"Lead {channel_name} of {name} has no scale. State its unit.")
        return factor, 0.0, "mV"
    steps = float(sensitivity) if sensitivity is not None else 1.0
    correction = definition.get("ChannelSensitivityCorrectionFactor")
    steps *= float(correction) if correction is not None else 1.0
    offset = float(definition.get("ChannelBaseline") or 0)
    factor = millivolts_per(stated.unit if is_lead and stated.unit else unit)
    if is_lead and (factor is None or steps == 0):
        raise RecordRefused(
            f"Lead {channel_name} of {name} is in {unit or 'no unit'!r}, not in volts. Correct its unit."
        )
    return steps * (factor or 1.0), offset * (factor or 1.0), "mV" if factor else unit.replace("mm[Hg]", "mmHg")
