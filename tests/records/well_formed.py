"""Small well-formed records in every kind of file, written from one synthetic signal."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pyedflib
import wfdb

RATE = 250
GAIN = 200


def synthetic_ecg(n_samples: int = 2500, rate: float = RATE) -> np.ndarray:
    """Two leads in mV of a heart at 75 beats a minute, whole steps of the converter, shape = (n_samples, 2)."""
    time_s = np.arange(n_samples) / rate
    phase = (time_s % 0.8) - 0.4
    wave = sum(
        height * np.exp(-((phase - centre) ** 2) / (2 * width**2))
        for height, centre, width in [(0.15, -0.17, 0.02), (1.2, 0.0, 0.012), (-0.25, 0.03, 0.01), (0.3, 0.2, 0.04)]
    )
    noise = np.random.default_rng(7).normal(0, 0.01, n_samples)
    leads = np.stack([wave + noise, -0.6 * wave + 0.05 * np.sin(2 * np.pi * 0.3 * time_s)], axis=1)
    return np.round(leads * GAIN) / GAIN


def write_wfdb(folder: Path, name: str = "rec", fmt: str = "16", signals: np.ndarray | None = None, **fields) -> Path:
    """Write a record with `wfdb.wrsamp` and return its path without ending."""
    signals = synthetic_ecg() if signals is None else signals
    n_channels = signals.shape[1]
    known = {
        "units": ["mV"] * n_channels,
        "sig_name": ["MLII", "V1", "V2", "V5"][:n_channels],
        "adc_gain": [GAIN] * n_channels,
        "baseline": [0] * n_channels,
    }
    wfdb.wrsamp(name, fs=RATE, p_signal=signals, fmt=[fmt] * n_channels, write_dir=str(folder), **(known | fields))
    return folder / name


def write_beats(folder: Path, name: str = "rec", annotator: str = "atr") -> np.ndarray:
    samples = np.arange(100, 2500, 200)
    symbols = ["N"] * (len(samples) - 1) + ["V"]
    notes = ["(N"] + [""] * (len(samples) - 1)
    wfdb.wrann(name, annotator, samples, symbols, aux_note=notes, write_dir=str(folder))
    return samples


def write_fixed_segments(folder: Path) -> Path:
    signals = synthetic_ecg()
    write_wfdb(folder, "one", signals=signals[:1000])
    write_wfdb(folder, "two", signals=signals[1000:])
    (folder / "long.hea").write_text("long/2 2 250 2500\none 1000\ntwo 1500\n")
    return folder / "long"


def write_variable_segments(folder: Path) -> Path:
    """MLII for four seconds, a gap of two, then V1 and MLII in this order for four."""
    signals = synthetic_ecg()
    write_wfdb(folder, "only", signals=signals[:1000, :1])
    write_wfdb(folder, "both", signals=signals[1500:, ::-1], sig_name=["V1", "MLII"])
    (folder / "layout.hea").write_text("layout 2 250 0\n~ 0 200/mV 16 0 0 0 0 MLII\n~ 0 200/mV 16 0 0 0 0 V1\n")
    (folder / "vary.hea").write_text("vary/4 2 250 2500\nlayout 0\nonly 1000\n~ 500\nboth 1000\n")
    return folder / "vary"


def write_edf(path: Path, kind: int = pyedflib.FILETYPE_EDFPLUS, unit: str = "uV") -> Path:
    """Two leads at 250 Hz and a breathing signal at 25 Hz, with one annotation at 2.5 s."""
    signals = synthetic_ecg()
    breath = np.sin(np.arange(250) / 25)
    scale = {"uV": 1000, "mV": 1}[unit]
    with pyedflib.EdfWriter(str(path), 3, file_type=kind) as writer:
        for index, (label, rate, dimension, limit) in enumerate(
            [("ECG II", 250, unit, 3 * scale), ("ECG V1", 250, unit, 3 * scale), ("Resp", 25, "", 2)]
        ):
            header = {"label": label, "dimension": dimension, "sample_frequency": rate, "prefilter": ""}
            limits = {"physical_max": limit, "physical_min": -limit, "digital_max": 32767, "digital_min": -32768}
            writer.setSignalHeader(index, header | limits | {"transducer": ""})
        writer.writeSamples([signals[:, 0] * scale, signals[:, 1] * scale, breath])
        if kind in (pyedflib.FILETYPE_EDFPLUS, pyedflib.FILETYPE_BDFPLUS):
            writer.writeAnnotation(2.5, -1, "sits up")
    return path


def csv_text(separator: str = ",", decimal: str = ".", header: str = "time,MLII (mV),V1 (mV)") -> str:
    rows = [
        separator.join([f"{index / RATE:.3f}", f"{first:.3f}", f"{second:.3f}"]).replace(".", decimal)
        for index, (first, second) in enumerate(synthetic_ecg())
    ]
    return "\n".join([header.replace(",", separator), *rows]) + "\n"


STAY = (
    "Time,Parameter,Value\n00:00,RecordID,900001\n00:00,Age,54\n00:00,Gender,0\n00:00,Height,-1\n00:00,ICUType,4\n"
    "00:07,HR,73\n00:07,pH,7.31\n00:07,Temp,36.8\n10:00,HR,90\n12:30,NISysABP,104\n47:59,Urine,60\n"
)
"""The file of a stay as the challenge of 2012 writes it."""


def write_alarm(folder: Path, name: str = "a901l") -> Path:
    """A record in the challenge's own form of 2015: MATLAB 4 behind 24 bytes of header, the alarm in the comments."""
    beat = synthetic_ecg()
    pulse = np.roll(np.abs(beat[:, 0]), 50)
    steps = np.stack([beat[:, 0], beat[:, 1], 80 + 40 * pulse, pulse], axis=1) * [2000, 2000, 50, 4000]
    samples = np.round(steps).astype("<i2")
    head = np.array([30, samples.shape[1], len(samples), 0, 4], dtype="<i4").tobytes() + b"val\0"
    (folder / f"{name}.mat").write_bytes(head + samples.tobytes())
    sums = samples.sum(axis=0).astype(np.int16)
    signals = zip(
        ("II", "V", "ABP", "PLETH"), ("2000/mV", "2000/mV", "50/mmHg", "4000/NU"), samples[0], sums, strict=True
    )
    lines = [f"{name}.mat 16+24 {gain} 16 0 {first} {checksum} 0 {lead}" for lead, gain, first, checksum in signals]
    header = [f"{name} 4 {RATE} {len(samples)}", *lines, "#Asystole", "#False alarm"]
    (folder / f"{name}.hea").write_text("\n".join(header) + "\n")
    return folder / name


def zipped(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def contents_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
