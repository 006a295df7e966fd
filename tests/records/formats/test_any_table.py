"""Random tables from a grammar of habits: separators, decimal signs, metadata, clocks, counters, missing values."""

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.records.channels.leads import choose_lead
from backend.records.formats.tables.table_reader import read_table
from backend.records.understanding import Stated
from tests.records.well_formed import synthetic_ecg

RATE = 250
DIALECTS = [(",", "."), (";", "."), (";", ","), ("\t", "."), ("\t", ","), ("|", "."), ("|", ",")]
PREAMBLES = ["", "Device{0}Watch\nDate{0}2024-03-05\n\n", "# exported\n", "Patient: X\nNotes: none, really\n", "\n\n"]
CLOCKS = {
    "Time (s)": lambda row: f"{row / RATE:.3f}",
    "Zeit [ms]": lambda row: f"{row * 1000 // RATE}",
    "timestamp_us": lambda row: f"{row * 1_000_000 // RATE}",
    "Unix Time": lambda row: f"{1709647138 + row / RATE:.3f}",
    "datetime": lambda row: f"2024-03-05 13:58:{row / RATE:06.3f}",
}
COUNTERS = {"nSeq": lambda row: str(row % 16), "Index": str, "packet": lambda row: str(row // 10 % 256)}
OTHERS = {
    "HR": lambda row: str(66 + row // 500 % 3),
    "battery": lambda row: "87",
    "label": lambda row: str(row % 40 // 39),
}
HEADS = {"ECG (mV)": 1.0, "ecg_uv": 1e3, "II [µV]": 1e3, "Lead II / mV": 1.0, "EKG (millivolts)": 1.0}
MISSING = ["", "NaN", "n/a", "-", "null", "<NA>", "-1.#IND"]


@st.composite
def tables(draw):
    separator, decimal = draw(st.sampled_from(DIALECTS))
    clock = draw(st.sampled_from(sorted(CLOCKS)))
    before = [clock, *draw(st.lists(st.sampled_from(sorted(COUNTERS)), unique=True, max_size=2))]
    after = draw(st.lists(st.sampled_from(sorted(OTHERS)), unique=True, max_size=2))
    head = draw(st.sampled_from(sorted(HEADS)))
    word, start = draw(st.sampled_from(MISSING)), draw(st.integers(100, 1900))
    values = synthetic_ecg()[:, 0]
    writers = {**CLOCKS, **COUNTERS, **OTHERS}
    rows = []
    for row, value in enumerate(values):
        cell = word if start <= row < start + 50 else f"{value * HEADS[head]:.4f}"
        cells = [*(writers[name](row) for name in before), cell, *(writers[name](row) for name in after)]
        rows.append(separator.join(own.replace(".", decimal) if own != word else own for own in cells))
    preamble = draw(st.sampled_from(PREAMBLES)).format(separator)
    text = preamble + separator.join([*before, head, *after]) + "\n" + "\n".join(rows)
    newline = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    return text.replace("\n", newline).encode(draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]))), start


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(tables())
def test_any_table_of_such_habits_gives_its_ecg(table):
    content, start = table
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(content)
        record = read_table(path, Stated())
    assert record.sampling_rate == RATE
    expected = synthetic_ecg()[:, 0].astype(np.float32)
    expected[start : start + 50] = np.nan
    read = record.signals[:, record.channel_index(choose_lead(record))]
    np.testing.assert_allclose(read, expected, atol=1e-3)
    assert [channel.is_lead for channel in record.channels].count(True) == 1
