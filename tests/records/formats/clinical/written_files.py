"""Clinical files of one synthetic ECG of twelve leads, written from the standards without the readers' code."""

import base64
import struct
import zlib
from pathlib import Path

import numpy as np

from tests.records.well_formed import RATE, synthetic_ecg

STEP_MV = 0.005
"""Every sample is a whole number of these steps."""

TWELVE = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
NUMBERS = {"I": 1, "II": 2, "III": 61, "aVR": 62, "aVL": 63, "aVF": 64} | {f"V{own}": own + 2 for own in range(1, 7)}
R_PEAKS = np.arange(100, 2500, 200)
"""Samples of the beats, one each 0.8 s."""

PERSON = "Doe-Identifier"
"""Written wherever a format has room for the patient."""


def twelve_steps(n_samples: int = 2500) -> np.ndarray:
    """Whole steps of twelve leads, int16, shape = (n_samples, 12); halves of the limb leads are rounded down."""
    second, chest = np.round(synthetic_ecg(n_samples) / STEP_MV).astype(int).T
    first = np.round(0.6 * second).astype(int)
    third = second - first
    right, left, foot = -((first + second) // 2), (first - third) // 2, (second + third) // 2
    chests = [np.round(chest * (1 - own / 8)).astype(int) for own in range(6)]
    return np.stack([first, second, third, right, left, foot, *chests], axis=1).astype(np.int16)


def twelve_leads(n_samples: int = 2500) -> np.ndarray:
    """The same in mV."""
    return twelve_steps(n_samples) * STEP_MV


# DICOM: explicit VR, little endian (PS3.5, 7.1.2); sequences and items of stated length.

_LONG = ("OB", "OW", "SQ", "UT", "UN")


def element(group: int, number: int, vr: str, value: bytes | str | int | list[bytes], order: str = "<") -> bytes:
    if vr == "SQ":
        content = b"".join(struct.pack(f"{order}HHI", 0xFFFE, 0xE000, len(item)) + item for item in value)
    elif isinstance(value, int):
        content = struct.pack(order + {"US": "H", "UL": "I"}[vr], value)
    else:
        content = value if isinstance(value, bytes) else value.encode()
    if len(content) % 2:
        content += b"\0" if vr in ("UI", "OB") else b" "
    length = struct.pack(f"{order}HI", 0, len(content)) if vr in _LONG else struct.pack(f"{order}H", len(content))
    return struct.pack(f"{order}HH", group, number) + vr.encode() + length + content


def dicom_channel(name: str, scheme: str = "MDC", sensitivity: str | None = "5", unit: str = "uV", **others) -> bytes:
    code = {"MDC": f"2:{NUMBERS.get(name, 0)}", "SCPECG": f"5.6.3-9-{NUMBERS.get(name, 0)}"}.get(scheme, name)
    meaning = f"Lead {name}" if name in NUMBERS else name
    source = element(8, 0x100, "SH", code) + element(8, 0x102, "SH", scheme) + element(8, 0x104, "LO", meaning)
    content = element(0x3A, 0x208, "SQ", [source])
    if "status" in others:
        content = element(0x3A, 0x205, "CS", others["status"]) + content
    if sensitivity is not None:
        units = element(8, 0x100, "SH", unit) + element(8, 0x102, "SH", "UCUM") + element(8, 0x104, "LO", unit)
        content += element(0x3A, 0x210, "DS", sensitivity) + element(0x3A, 0x211, "SQ", [units])
        content += element(0x3A, 0x212, "DS", others.get("correction", "1"))
        content += element(0x3A, 0x213, "DS", others.get("baseline", "0"))
    return content + element(0x3A, 0x21A, "US", 16)


def dicom_group(
    steps: np.ndarray,
    names: tuple[str, ...] = TWELVE,
    rate: str = str(RATE),
    label: str = "RHYTHM",
    originality: str = "ORIGINAL",
    offset_ms: str = "0",
    padding: bytes | None = None,
    channels: list[bytes] | None = None,
    order: str = "<",
) -> bytes:
    content = element(0x18, 0x1068, "DS", offset_ms) + element(0x3A, 4, "CS", originality)
    content += element(0x3A, 5, "US", steps.shape[1]) + element(0x3A, 0x10, "UL", len(steps))
    content += element(0x3A, 0x1A, "DS", rate) + element(0x3A, 0x20, "SH", label)
    content += element(0x3A, 0x200, "SQ", channels or [dicom_channel(name) for name in names])
    content += element(0x5400, 0x1004, "US", 16) + element(0x5400, 0x1006, "CS", "SS")
    if padding is not None:
        content += element(0x5400, 0x100A, "OW", padding)
    return content + element(0x5400, 0x1010, "OW", steps.astype(f"{order}i2").tobytes())


def dicom_bytes(groups: list[bytes], syntax: str = "1.2.840.10008.1.2.1", modality: str = "ECG") -> bytes:
    ecg_class = "1.2.840.10008.5.1.4.1.1.9.1.1"
    meta = element(2, 1, "OB", b"\0\1") + element(2, 2, "UI", ecg_class) + element(2, 3, "UI", "1.2.3.4")
    meta += element(2, 0x10, "UI", syntax) + element(2, 0x12, "UI", "1.2.3")
    content = element(8, 0x16, "UI", ecg_class) + element(8, 0x18, "UI", "1.2.3.4")
    content += element(8, 0x60, "CS", modality) + element(0x10, 0x10, "PN", PERSON) + element(0x10, 0x20, "LO", PERSON)
    waveforms = element(0x5400, 0x100, "SQ", groups) if groups else b""
    return bytes(128) + b"DICM" + element(2, 0, "UL", len(meta)) + meta + content + waveforms


def write_dicom(path: Path, groups: list[bytes] | None = None, **fields) -> Path:
    path.write_bytes(dicom_bytes([dicom_group(twelve_steps())] if groups is None else groups, **fields))
    return path


# SCP-ECG: EN 1064, sections 0, 1, 2, 3 and 6.


def crc_ccitt(content: bytes) -> int:
    """The checksum of SCP-ECG and ISHNE, bit by bit."""
    crc = 0xFFFF
    for byte in content:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def scp_section(number: int, content: bytes) -> bytes:
    content += b"\0" * (len(content) % 2)
    reserved = b"SCPECG" if number == 0 else bytes(6)
    body = struct.pack("<HIBB6s", number, 16 + len(content), 20, 20, reserved) + content
    return struct.pack("<H", crc_ccitt(body)) + body


def scp_differences(steps: np.ndarray, order: int) -> np.ndarray:
    values = steps.astype(int)
    return np.concatenate([values[:order], np.diff(values, n=order)]) if order else values


def scp_standard_bits(value: int) -> str:
    if value == 0:
        return "0"
    if abs(value) <= 8:
        return "1" * abs(value) + "0" + ("1" if value < 0 else "0")
    n_bits, prefix = (8, "1111111110") if -128 <= value < 128 else (16, "1111111111")
    return prefix + f"{value % 2**n_bits:0{n_bits}b}"


def packed(bits: str) -> bytes:
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def scp_bytes(
    steps: np.ndarray,
    names: tuple[str, ...] = TWELVE,
    order: int = 2,
    tables: bytes | None = struct.pack("<H", 19_999),
    bits_of=scp_standard_bits,
    flags: int = 0b1100100,
    bimodal: int = 0,
    first_samples: tuple[int, ...] | None = None,
) -> bytes:
    firsts = first_samples or (1,) * len(names)
    places = zip(firsts, names, strict=True)
    leads = b"".join(struct.pack("<IIB", first, first + len(steps) - 1, NUMBERS[name]) for first, name in places)
    stored = [scp_differences(steps[:, index], order) for index in range(len(names))]
    if tables is None:
        coded = [own.astype("<i2").tobytes() for own in stored]
    else:
        coded = [packed("".join(bits_of(int(value)) for value in own)) for own in stored]
    coded = [own + b"\0" * (len(own) % 2) for own in coded]
    rhythm = struct.pack("<HHBB", 5000, 1_000_000 // RATE, order, bimodal)
    rhythm += struct.pack(f"<{len(coded)}H", *map(len, coded)) + b"".join(coded)
    about = struct.pack("<BH", 0, len(PERSON) + 1) + PERSON.encode() + b"\0" + struct.pack("<BH", 255, 0)
    contents = {1: about, 2: tables, 3: bytes([len(names), flags]) + leads, 6: rhythm}
    sections = {number: scp_section(number, own) for number, own in contents.items() if own is not None}
    position, pointers = 6 + 16 + 10 * 12 + 1, b""
    pointers += struct.pack("<HII", 0, 16 + 10 * 12, 7)
    for number in range(1, 12):
        n_bytes = len(sections.get(number, b""))
        pointers += struct.pack("<HII", number, n_bytes, position if n_bytes else 0)
        position += n_bytes
    body = scp_section(0, pointers) + b"".join(sections.values())
    record = struct.pack("<I", 6 + len(body)) + body
    return struct.pack("<H", crc_ccitt(record)) + record


def write_scp(path: Path, **fields) -> Path:
    path.write_bytes(scp_bytes(fields.pop("steps", twelve_steps()), **fields))
    return path


# ISHNE Holter, version 1.0.

ISHNE_CODES = {name: 5 + place for place, name in enumerate(TWELVE)}


def ishne_bytes(
    steps: np.ndarray, codes: tuple[int, ...], rate: int = RATE, nanovolts: int = 5000, counted: int | None = None
) -> bytes:
    n_leads = steps.shape[1]
    counts = len(steps) if counted is None else counted
    remark = PERSON.encode()
    absent = [-9] * (12 - n_leads)
    rest = struct.pack("<iiiih", len(remark), counts, 522, 522 + len(remark), 1)
    rest += PERSON.encode().ljust(40, b"\0") * 2 + PERSON.encode().ljust(20, b"\0")
    rest += struct.pack("<hh9h6x", 1, 1, 1, 2, 1960, 5, 3, 2024, 5, 3, 2024)[:28]
    rest = rest.ljust(146, b"\0") + struct.pack("<h", n_leads)
    rest += struct.pack("<12h", *codes, *absent) + struct.pack("<12h", *[1] * n_leads, *absent)
    rest += struct.pack("<12h", *[nanovolts] * n_leads, *absent) + struct.pack("<h", 0)
    rest += b"digital".ljust(40, b"\0") + struct.pack("<h", rate)
    rest = rest.ljust(512, b"\0") + remark
    return b"ISHNE1.0" + struct.pack("<H", crc_ccitt(rest)) + rest + steps.astype("<i2").tobytes()


def write_ishne(path: Path, names: tuple[str, ...] = ("II", "V1", "V5"), **fields) -> Path:
    steps = twelve_steps()[:, [TWELVE.index(name) for name in names]]
    path.write_bytes(ishne_bytes(steps, tuple(ISHNE_CODES[name] for name in names), **fields))
    return path


# HL7 annotated ECG.


def aecg_sequence(code: str, steps: np.ndarray, scale: str = "5", unit: str = "uV", origin: str = "0") -> str:
    digits = " ".join(map(str, steps))
    return (
        f'<component><sequence><code code="{code}" codeSystem="2.16.840.1.113883.6.24"/>'
        f'<value xsi:type="SLIST_PQ"><origin value="{origin}" unit="{unit}"/><scale value="{scale}" unit="{unit}"/>'
        f"<digits>{digits}</digits></value></sequence></component>"
    )


def aecg_set(
    steps: np.ndarray, names: tuple[str, ...] = TWELVE, head: str = "20240305135858.000", step: str = "0.004", **fields
) -> str:
    leads = "".join(
        aecg_sequence(f"MDC_ECG_LEAD_{name.upper()}", steps[:, index], **fields) for index, name in enumerate(names)
    )
    return (
        '<component><sequenceSet><component><sequence><code code="TIME_ABSOLUTE"/><value xsi:type="GLIST_TS">'
        f'<head value="{head}"/><increment value="{step}" unit="s"/></value></sequence></component>'
        f"{leads}</sequenceSet></component>"
    )


def aecg_text(sets: list[str], code: str = "RHYTHM", derived: str = "") -> str:
    derivation = f'<derivation><derivedSeries><code code="REPRESENTATIVE_BEAT"/>{derived}</derivedSeries></derivation>'
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!-- an aECG -->\n'
        '<AnnotatedECG xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<subject><name>{PERSON}</name></subject>"
        f'<component><series><code code="{code}"/>{"".join(sets)}{derivation if derived else ""}</series></component>'
        "</AnnotatedECG>"
    )


def write_aecg(path: Path, sets: list[str] | None = None, **fields) -> Path:
    path.write_text(aecg_text([aecg_set(twelve_steps())] if sets is None else sets, **fields), encoding="utf-8")
    return path


# GE MUSE XML.

EIGHT = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")


def muse_lead(name: str, steps: np.ndarray, **fields: str) -> str:
    content = steps.astype("<i2").tobytes()
    encoded = base64.encodebytes(content).decode()
    values = {
        "LeadByteCountTotal": str(len(content)),
        "LeadTimeOffset": "0",
        "LeadSampleCountTotal": str(len(steps)),
        "LeadAmplitudeUnitsPerBit": "5",
        "LeadAmplitudeUnits": "MICROVOLTS",
        "LeadID": name,
        "LeadOffsetFirstSample": "0",
        "LeadSampleSize": "2",
        "LeadOff": "FALSE",
        "LeadDataCRC32": str(zlib.crc32(content)),
        "WaveFormData": f"\n{encoded}",
    }
    return "<LeadData>" + "".join(f"<{key}>{own}</{key}>" for key, own in (values | fields).items()) + "</LeadData>"


def muse_waveform(leads: list[str], kind: str = "Rhythm", base: str = str(RATE), exponent: str = "0") -> str:
    return (
        f"<Waveform><WaveformType>{kind}</WaveformType><SampleBase>{base}</SampleBase>"
        f"<SampleExponent>{exponent}</SampleExponent>{''.join(leads)}</Waveform>"
    )


def muse_text(waveforms: list[str]) -> str:
    return (
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n<!DOCTYPE RestingECG SYSTEM "restecg.dtd">\n<RestingECG>'
        f"<PatientDemographics><PatientLastName>{PERSON}</PatientLastName></PatientDemographics>"
        f"{''.join(waveforms)}</RestingECG>"
    )


def muse_rhythm(names: tuple[str, ...] = EIGHT, **fields: str) -> str:
    steps = twelve_steps()
    return muse_waveform([muse_lead(name, steps[:, TWELVE.index(name)], **fields) for name in names])


def write_muse(path: Path, waveforms: list[str] | None = None) -> Path:
    median = muse_waveform([muse_lead("I", np.arange(300))], kind="Median")
    path.write_text(muse_text([median, muse_rhythm()] if waveforms is None else waveforms), encoding="latin-1")
    return path


# Philips Sierra XML.


def lzw_packed(content: bytes, n_bits: int = 10) -> bytes:
    """LZW of a constant number of bits without a clear code; the table ends one before its last code."""
    known = {bytes([own]): own for own in range(256)}
    codes, prefix = [], b""
    for byte in content:
        longer = prefix + bytes([byte])
        if longer in known:
            prefix = longer
            continue
        codes.append(known[prefix])
        if len(known) < 2**n_bits - 1:
            known[longer] = len(known)
        prefix = bytes([byte])
    return packed("".join(f"{code:0{n_bits}b}" for code in [*codes, known[prefix]]))


def xli_chunk(samples: np.ndarray) -> bytes:
    values = samples.astype(int)
    second = np.diff(values, n=2)
    stored = np.concatenate([values[:2], 64 - second[1:], [64]]) if len(values) > 2 else values
    first_difference = -int(second[0])
    words = stored.astype(">i2").tobytes()
    compressed = lzw_packed(words[0::2] + words[1::2])
    return struct.pack("<iHh", len(compressed), 1, first_difference) + compressed


def sierra_stored(steps: np.ndarray) -> np.ndarray:
    """III, aVR, aVL and aVF as their difference from what the other limb leads give."""
    stored = steps.astype(int)
    first, second, third = stored[:, 0], stored[:, 1], steps[:, 2].astype(int)
    stored[:, 2] = second - first - third
    stored[:, 3] = -((first + second) >> 1) - steps[:, 3]
    stored[:, 4] = ((first - third) >> 1) - steps[:, 4]
    stored[:, 5] = ((second + third) >> 1) - steps[:, 5]
    return stored


def sierra_text(
    steps: np.ndarray, version: str = "1.04", compression: str = "XLI", resolution: str = "5", encoding: str = "utf-16"
) -> str:
    stored = sierra_stored(steps)
    if compression == "XLI":
        content = b"".join(xli_chunk(stored[:, index]) for index in range(stored.shape[1]))
    else:
        content = stored.T.astype("<i2").tobytes()
    duration_ms = len(steps) * 1000 // RATE
    return (
        f'<?xml version="1.0" encoding="{encoding}"?>\n<restingecgdata xmlns="http://www3.medical.philips.com">'
        f"<documentinfo><documenttype>PhilipsECG</documenttype><documentversion>{version}</documentversion>"
        f"</documentinfo><patient><name>{PERSON}</name></patient><dataacquisition><signalcharacteristics>"
        f"<samplingrate>{RATE}</samplingrate><resolution>{resolution}</resolution>"
        "<acquisitiontype>10-WIRE</acquisitiontype><numberchannelsallocated>12</numberchannelsallocated>"
        "</signalcharacteristics></dataacquisition><waveforms>"
        f'<parsedwaveforms dataencoding="Base64" compression="{compression}" numberofleads="12" '
        f'leadlabels="{" ".join(TWELVE)}" durationperchannel="{duration_ms}">'
        f"{base64.encodebytes(content).decode()}</parsedwaveforms></waveforms></restingecgdata>"
    )


def write_sierra(path: Path, encoding: str = "utf-16", **fields) -> Path:
    text = sierra_text(fields.pop("steps", twelve_steps()), encoding=encoding, **fields)
    path.write_text(text, encoding=encoding)
    return path


WRITERS = {
    "ecg.dcm": write_dicom,
    "ecg.scp": write_scp,
    "ecg.ecg": write_ishne,
    "aecg.xml": write_aecg,
    "muse.xml": write_muse,
    "philips.xml": write_sierra,
}
"""A writer for each kind of file, by a usual name."""
