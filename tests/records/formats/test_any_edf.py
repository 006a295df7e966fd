"""Random EDF files from a grammar of habits: odd headers, cut and interrupted recordings, labels, other channels."""

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.records.channels.leads import ecg_leads
from backend.records.formats.edf.edf_reader import read_edf
from backend.windows.beats.detection import find_beats
from tests.records.edf_files import Edf, Own, time_list
from tests.records.well_formed import RATE, synthetic_ecg

N_FRAMES = 30
ECG = synthetic_ecg(N_FRAMES * RATE)[:, 0]
R_PEAKS_S = np.arange(0.4, N_FRAMES, 0.8)
TOLERANCE_S = 0.06
NOISE = np.random.default_rng(3).normal(0, 0.3, len(ECG))
LABELS = [
    "ECG",
    "ECG II",
    "EKG1",
    "ECG1-ECG2",
    "EEG EKG1-REF",
    "ECG_LL-RA_24BIT",
    "DII",
    "Ableitung II",
    "ekg",
    "ECG I-",
]
OTHERS = ["EEG C3-A2", "EOG-L", "Chin EMG", "Resp nasal", "SpO2", "HR", "Pleth", "Snore", "Position", "ECG Off", "C4"]
FIELDS = {
    "patient": [b"X X X X", "M\u00fcller 1960".encode("latin-1"), "\u5c71\u7530 \u592a\u90ce".encode(), b"\0" * 80],
    "date": [b"05.03.24", b"05/03/24", b"", b"2024-03-", b"00.00.00", b"..", b"\xff\xfe"],
    "time": [b"13.58.58", b"25.61.00", b"13:58:58", b""],
    "recording": [b"Startdate X X X X", b"Startdate 05-M\xc4R-2024 X X X", b""],
    "header_bytes": [None, b"0", b"", b"999"],
    "frame_s": [b"1", b"1,0", b"1.000000", b"1\0\0\0\0\0\0\0"],
}
RESERVED = [b"", b"EDF+C", b"odd text", b"\xff\xfe odd", b"EDF+D"]
UNITS = [("mV", 1.0), ("uV", 1e3), ("\xb5V", 1e3), ("V", 1e-3)]


def _limits(factor: float, is_comma: bool) -> tuple[str, str, str, str]:
    texts = (f"{-5 * factor:g}", f"{5 * factor:g}", "-32768", "32767")
    return tuple(text.replace(".", ",") if is_comma else text for text in texts)


@st.composite
def recordings(draw):
    unit, factor = draw(st.sampled_from(UNITS))
    limits = _limits(factor, draw(st.booleans()))
    signals = [Own(draw(st.sampled_from(LABELS)), ECG * factor, unit, limits)]
    names = draw(st.lists(st.sampled_from(OTHERS), unique=True, max_size=3))
    for name in names:
        step = draw(st.sampled_from([1, 5, 25, 250]))
        signals.append(Own(name, np.ascontiguousarray(NOISE[::step]), "mV"))
    if draw(st.booleans()):
        signals.append(Own("unused", np.zeros(N_FRAMES), "", ("0", "0", "-1", "1")))
    if draw(st.booleans()):
        signals.append(Own("BDF Annotations" if draw(st.booleans()) else "Empty", np.zeros(0)))
    reserved = draw(st.sampled_from(RESERVED))
    gaps = draw(st.lists(st.tuples(st.integers(1, N_FRAMES - 1), st.sampled_from([0.5, 2.0, 30.0])), max_size=3))
    gaps = gaps if reserved == b"EDF+D" else []
    starts = np.arange(N_FRAMES) + sum((np.arange(N_FRAMES) >= at) * length for at, length in gaps)
    first_s = draw(st.sampled_from([0.0, 0.25]))
    if reserved.startswith(b"EDF+"):
        signals.append(Own("EDF Annotations", texts=[time_list(start + first_s, "turns") for start in starts]))
    order = draw(st.permutations(signals))
    fields = {name: draw(st.sampled_from(values)) for name, values in FIELDS.items()}
    fields = {name: value for name, value in fields.items() if value is not None} | {"reserved": reserved}
    n_stated = draw(st.sampled_from([None, "-1", "", "999"]))
    n_cut_bytes = draw(st.sampled_from([0, 0, 7, 200]))
    return Edf(order, N_FRAMES, fields, n_stated), starts, n_cut_bytes, signals[0].label


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(recordings())
def test_any_recording_of_such_habits_gives_its_beats_at_their_times(recording):
    edf, starts, n_cut_bytes, label = recording
    with tempfile.TemporaryDirectory() as folder:
        path = edf.write(Path(folder) / "night.edf")
        path.write_bytes(path.read_bytes()[: path.stat().st_size - n_cut_bytes])
        record = read_edf(path)
    n_frames = N_FRAMES - (n_cut_bytes > 0)
    assert ecg_leads(record) == (label,)
    assert record.sampling_rate == RATE
    expected = np.full(round((starts[n_frames - 1] + 1) * RATE), np.nan)
    for frame in range(n_frames):
        first = round(starts[frame] * RATE)
        expected[first : first + RATE] = ECG[frame * RATE : (frame + 1) * RATE]
    read = record.signals[:, record.channel_index(label)]
    np.testing.assert_allclose(read, expected, atol=5e-4)
    assert len(record.understanding.gaps) == int((np.diff(starts[:n_frames]) > 1).sum())
    is_cut = n_cut_bytes > 0 or edf.n_stated is not None
    assert any("last whole data record" in notice for notice in record.understanding.notices) == is_cut
    frames = R_PEAKS_S.astype(int)
    beats_s = (R_PEAKS_S - frames + starts[frames])[frames < n_frames]
    found_s = find_beats(record).r_peaks / RATE
    assert all(np.abs(beats_s - time_s).min() < TOLERANCE_S for time_s in found_s)
    edges_s = np.array([0.0, *(edge for gap in record.understanding.gaps for edge in gap), record.duration_s])
    inside_s = [time_s for time_s in beats_s if np.abs(edges_s - time_s).min() > 1]
    assert all(np.abs(found_s - time_s).min() < TOLERANCE_S for time_s in inside_s)
