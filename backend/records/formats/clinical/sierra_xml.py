"""Philips Sierra XML (PageWriter, HeartStart): a resting ECG, mostly compressed with XLI."""

import base64
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np

from backend.records.formats.clinical.lead_codes import standard_spelling
from backend.records.formats.clinical.timeline import Piece, record_of_pieces, scale_steps
from backend.records.formats.clinical.xli import decode_xli
from backend.records.formats.clinical.xml_tree import child_text, parse_xml, positive_number
from backend.records.formats.sniffing import refuse_errors
from backend.records.record import Channel, Record, RecordRefused
from backend.records.understanding import Stated, Understanding
from backend.records.validation import check_sampling_rate, check_size

__all__ = ["SIERRA_ROOT", "read_sierra_xml"]

SIERRA_ROOT = "restingecgdata"

_TYPES = ("SierraECG", "PhilipsECG")
_VERSIONS = ("1.03", "1.04", "1.04.01", "1.04.02")
_TWELVE = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
_STANDARD_SETS = ("STD-12", "10-WIRE")
_MOST_LEADS = 32
_LONGEST_MS = 3_600_000


def read_sierra_xml(path: Path, stated: Stated) -> Record:
    """Return the leads of a Philips XML file of version 1.03 to 1.04.02.

    III, aVR, aVL and aVF are stored as their difference from what I and II give, and restored. The average beats, the
    interpretation and everything about the patient are left out.

    Raises
    ------
    RecordRefused
        If the file is damaged, of another version, or states neither rate nor resolution.
    """
    root = parse_xml(path)
    _check_version(path.name, root)
    characteristics = _only(path.name, root, "signalcharacteristics")
    waveforms = _only(path.name, root, "parsedwaveforms")
    sampling_rate = stated.sampling_rate or positive_number(child_text(characteristics, "samplingrate"))
    check_sampling_rate(path.stem, sampling_rate)
    names = _lead_names(path.name, characteristics, waveforms)
    steps = _samples(path, waveforms, len(names), sampling_rate)
    if tuple(names[:6]) == _TWELVE[:6]:
        steps = _restore_limb_leads(steps)
    values = scale_steps(steps, _millivolts_per_step(path.name, characteristics))
    pieces = [Piece(Channel(name, "mV", is_lead=True), 0, values[:, index]) for index, name in enumerate(names)]
    understanding = Understanding(
        format="Philips Sierra XML",
        rate_from="stated" if stated.sampling_rate else "samplingrate",
        unit_from="resolution",
    )
    return record_of_pieces(path, pieces, sampling_rate, stated, understanding)


def _only(name: str, root: Element, tag: str) -> Element:
    found = next(root.iter(tag), None)
    if found is None:
        raise RecordRefused(f"{name} has no {tag}, so it holds no waveform. Export the ECG again.")
    return found


def _check_version(name: str, root: Element) -> None:
    about = _only(name, root, "documentinfo")
    kind, version = child_text(about, "documenttype"), child_text(about, "documentversion")
    if kind not in _TYPES or version not in _VERSIONS:
        raise RecordRefused(
            f"{name} is Philips XML of type {kind[:20]!r}, version {version[:20]!r}; Beatlight reads 1.03 to 1.04.02. "
            "Export the ECG in one of them, or as DICOM."
        )


def _lead_names(name: str, characteristics: Element, waveforms: Element) -> list[str]:
    labels = [standard_spelling(label) for label in waveforms.get("leadlabels", "").split()]
    count_text = waveforms.get("numberofleads") or child_text(characteristics, "numberchannelsallocated")
    count = int(count_text) if count_text.isascii() and count_text.isdigit() and len(count_text) < 4 else 0
    if not 1 <= count <= _MOST_LEADS:
        raise RecordRefused(f"{name} claims {count_text[:20]!r} leads, which is impossible. Export the ECG again.")
    if not labels and child_text(characteristics, "acquisitiontype") in _STANDARD_SETS:
        labels = list(_TWELVE)
    others = [f"ECG {place + 1}" for place in range(len(labels), count)]
    return labels[:count] + others


def _samples(path: Path, waveforms: Element, n_leads: int, sampling_rate: float) -> np.ndarray:
    """Return the stored steps, int16, shape = (n_samples, n_leads)."""
    refusal = f"The waveforms of {path.name} are damaged or incomplete. Export the ECG again."
    duration_ms = positive_number(waveforms.get("durationperchannel"))
    if not duration_ms <= _LONGEST_MS:
        raise RecordRefused(f"{path.name} does not state how long its leads last. Export the ECG again.")
    n_samples = int(duration_ms * sampling_rate / 1000)
    check_size(path.stem, n_samples, n_leads, path.stat().st_size)
    if waveforms.get("dataencoding", "Base64") != "Base64":
        raise RecordRefused(f"{path.name} does not encode its waveforms as Base64. Export the ECG again.")
    method = waveforms.get("compressmethod") or waveforms.get("compression") or "Uncompressed"
    if waveforms.get("compressflag", "True").casefold() == "false":
        method = "Uncompressed"
    if method not in ("XLI", "Uncompressed"):
        raise RecordRefused(f"{path.name} is compressed in an unknown way ({method[:20]}). Export it uncompressed.")
    with refuse_errors(refusal):
        content = base64.b64decode("".join((waveforms.text or "").split()), validate=True)
        if method == "XLI":
            return decode_xli(content, n_leads, n_samples)
        steps = np.frombuffer(content, dtype="<i2")
        return steps[: n_leads * n_samples].reshape(n_leads, n_samples).T


def _restore_limb_leads(steps: np.ndarray) -> np.ndarray:
    """Return the leads with III, aVR, aVL and aVF as potentials; halves are rounded down, as in the electrograph."""
    leads = steps.astype(np.int32)
    first, second = leads[:, 0], leads[:, 1]
    third = second - first - leads[:, 2]
    leads[:, 3] = -((first + second) >> 1) - leads[:, 3]
    leads[:, 4] = ((first - third) >> 1) - leads[:, 4]
    leads[:, 5] = ((second + third) >> 1) - leads[:, 5]
    leads[:, 2] = third
    return leads


def _millivolts_per_step(name: str, characteristics: Element) -> float:
    microvolts = positive_number(child_text(characteristics, "resolution", "signalresolution"))
    if not microvolts > 0:
        raise RecordRefused(f"{name} does not state its resolution in microvolts. Export the ECG again.")
    return microvolts / 1000
