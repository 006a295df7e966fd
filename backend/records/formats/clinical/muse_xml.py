"""GE MUSE XML: a resting ECG of usually eight stored leads, the others following from Einthoven's triangle."""

import base64
import zlib
from collections.abc import Mapping
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np

from backend.records.channels.units import millivolts_per
from backend.records.formats.clinical.lead_codes import standard_spelling
from backend.records.formats.clinical.timeline import Piece, record_of_pieces, scale_steps
from backend.records.formats.clinical.xml_tree import child_text, parse_xml, positive_number
from backend.records.formats.sniffing import refuse_errors
from backend.records.record import Channel, Record, RecordRefused
from backend.records.understanding import Stated, Understanding

__all__ = ["MUSE_ROOT", "read_muse_xml"]

MUSE_ROOT = "RestingECG"

_UNITS = {"MICROVOLTS": "uV", "MILLIVOLTS": "mV", "NANOVOLTS": "nV", "VOLTS": "V"}
_FROM_I_AND_II = {"III": (-1.0, 1.0), "aVR": (-0.5, -0.5), "aVL": (1.0, -0.5), "aVF": (-0.5, 1.0)}
_ORDER = ("I", "II", "III", "aVR", "aVL", "aVF")


def read_muse_xml(path: Path, stated: Stated) -> Record:
    """Return the rhythm leads of a MUSE XML file; III, aVR, aVL and aVF are computed from I and II if not stored.

    The median beat, the measurements, the diagnosis and everything about the patient are left out.

    Raises
    ------
    RecordRefused
        If the file is damaged, holds no rhythm, or states neither rate nor scale.

    References
    ----------
    The document type ``restecg.dtd`` of GE Healthcare, as exported by MUSE 5 to 9.
    """
    rhythm = _rhythm(path.name, parse_xml(path))
    leads = [own for own in rhythm if own.tag.casefold() == "leaddata"]
    stored = _leads(path.name, leads, stated)
    _check_offsets(path.name, leads)
    complete = _with_derived(stored)
    pieces = [Piece(Channel(name, "mV", is_lead=True), 0, values) for name, values in complete.items()]
    computed = [name for name in complete if name not in stored]
    notices = (f"The file stores no {_listed(computed)}; computed from I and II.",) if computed else ()
    understanding = Understanding(
        format="GE MUSE XML",
        rate_from="stated" if stated.sampling_rate else "SampleBase",
        unit_from="stated" if stated.unit else "LeadAmplitudeUnits",
        notices=notices + _leads_off(leads),
    )
    sampling_rate = stated.sampling_rate or _sampling_rate(path.name, rhythm)
    return record_of_pieces(path, pieces, sampling_rate, stated, understanding)


def _rhythm(name: str, root: Element) -> Element:
    waveforms = [own for own in root.iter() if own.tag.casefold() == "waveform"]
    rhythms = [own for own in waveforms if child_text(own, "WaveformType").casefold() in ("rhythm", "")]
    if not rhythms:
        held = "only the median beat" if waveforms else "no waveform"
        raise RecordRefused(f"{name} holds {held}. Export the ECG from MUSE with its rhythm waveform.")
    return rhythms[0]


def _sampling_rate(name: str, rhythm: Element) -> float:
    base = positive_number(child_text(rhythm, "SampleBase"))
    exponent_text = child_text(rhythm, "SampleExponent") or "0"
    exponent = int(exponent_text) if exponent_text in ("0", "1", "2", "3", "-1", "-2", "-3") else None
    if exponent is None or not base > 0:
        raise RecordRefused(f"{name} does not state its sampling rate (SampleBase). State it.")
    return float(base * 10.0**exponent)


def _leads(name: str, leads: list[Element], stated: Stated) -> dict[str, np.ndarray]:
    """Return the values of each lead in mV."""
    stored: dict[str, np.ndarray] = {}
    for lead in leads:
        lead_name = standard_spelling(child_text(lead, "LeadID"))
        if not lead_name or lead_name in stored:
            raise RecordRefused(f"{name} has a lead without a name of its own. Export the ECG again.")
        millivolts = _millivolts_per_step(name, lead_name, lead, stated)
        stored[lead_name] = scale_steps(_samples(name, lead_name, lead), millivolts)
    return stored


def _samples(name: str, lead_name: str, lead: Element) -> np.ndarray:
    refusal = f"Lead {lead_name} of {name} is damaged or incomplete. Export the ECG again."
    if child_text(lead, "LeadSampleSize") not in ("", "2"):
        raise RecordRefused(f"{name} does not store 2 bytes a sample. Export the ECG again as MUSE XML.")
    with refuse_errors(refusal):
        content = base64.b64decode("".join(child_text(lead, "WaveFormData").split()), validate=True)
        count = child_text(lead, "LeadSampleCountTotal")
        checksum = child_text(lead, "LeadDataCRC32")
        is_whole = len(content) % 2 == 0 and len(content) == 2 * int(count or len(content) // 2)
        if not is_whole or (checksum and zlib.crc32(content) != int(checksum) % 2**32):
            raise RecordRefused(refusal)
    return np.frombuffer(content, dtype="<i2")


def _millivolts_per_step(name: str, lead_name: str, lead: Element, stated: Stated) -> float:
    steps = positive_number(child_text(lead, "LeadAmplitudeUnitsPerBit"))
    unit = stated.unit or _UNITS.get(child_text(lead, "LeadAmplitudeUnits").upper())
    if unit is None or not steps > 0:
        raise RecordRefused(
            f"Lead {lead_name} of {name} has no scale in microvolts. State its unit, or export the ECG again."
        )
    return steps * (millivolts_per(unit) or 1.0)


def _check_offsets(name: str, leads: list[Element]) -> None:
    """Refuse leads that do not begin together: exports differ in the unit of these offsets."""
    starts = {
        (child_text(own, "LeadTimeOffset") or "0", child_text(own, "LeadOffsetFirstSample") or "0") for own in leads
    }
    if len(starts) > 1:
        raise RecordRefused(f"The leads of {name} do not begin together. Export them as one rhythm waveform.")


def _with_derived(stored: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the leads in the usual order, with the limb leads that follow from I and II."""
    leads = dict(stored)
    first, second = stored.get("I"), stored.get("II")
    if first is not None and second is not None and len(first) == len(second):
        for name, (of_first, of_second) in _FROM_I_AND_II.items():
            with np.errstate(invalid="ignore", over="ignore"):
                leads.setdefault(name, of_first * first + of_second * second)
    limb = {name: leads[name] for name in _ORDER if name in leads}
    return limb | leads


def _leads_off(leads: list[Element]) -> tuple[str, ...]:
    names = [
        standard_spelling(child_text(own, "LeadID")) for own in leads if child_text(own, "LeadOff").upper() == "TRUE"
    ]
    return (f"The electrograph noted lead {_listed(names)} as off.",) if names else ()


def _listed(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else "".join(names)
