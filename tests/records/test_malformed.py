"""Damaged, forged and misplaced files: each is refused in a sentence or read as a good record, and leaves nothing."""

import re
import shutil
import socket
import tempfile
import tracemalloc
import warnings
from datetime import timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import scipy.io
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.records.alarms import find_alarms
from backend.records.channels.sensors import find_sensors
from backend.records.record import Record, RecordRefused
from backend.records.stays import PARAMETERS, is_stay
from backend.records.uploads import read_upload
from tests.records.formats.clinical.written_files import WRITERS
from tests.records.well_formed import (
    STAY,
    contents_of,
    csv_text,
    synthetic_ecg,
    write_alarm,
    write_beats,
    write_edf,
    write_fixed_segments,
    write_variable_segments,
    write_wfdb,
    zipped,
)

SLACK_BYTES = 200 * 2**20
ADDRESSES = [
    b"http://127.0.0.1:9/rec.dat",
    b"s3://bucket/rec.dat",
    b"../rec.dat",
    b"/etc/passwd",
    b"C:\\rec.dat",
    b"~",
    b"file::x",
]
HUGE = [
    b"0",
    b"-1",
    b"999999999999",
    b"9" * 40,
    b"1e308",
    b"nan",
    b"inf",
    b"0.0001",
    b"2147483648",
    b"65536",
    b"%s%n",
    b"\xff\xfe",
]
CELLS = [
    b"48:01",
    b"-1:00",
    b"9" * 400 + b":00",
    b"07:60",
    b"HR",
    b"hr ",
    b"RecordID",
    b"Zodiac",
    b"",
    b",",
    b"1e309",
    b"-1",
]
OTHERS = [
    b"",
    b"\0",
    b"\x89PNG\r\n\x1a\n" + bytes(600),
    b"%PDF-1.7\n%",
    b"PK\x03\x04" + bytes(60),
    b"<html></html>",
    bytes(6000),
    b"a,b\n1,2\n",
]
NAMES = [
    "../x.hea",
    "rec.hea",
    "rec.dat",
    "rec.atr",
    "rec.edf",
    "rec.csv",
    "x.zip",
    "rec",
    "rec.mat",
    "a/b.dat",
    "one.hea",
    "a901l.hea",
    "a901l.mat",
    "v1s.hea",
    "stay.txt",
    "stay.csv",
]

settings.register_profile(
    "malformed",
    derandomize=True,
    deadline=timedelta(seconds=20),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    database=None,
)


@cache
def _seeds() -> dict[str, dict[str, bytes]]:
    """Well-formed uploads of every kind, as files by name."""
    seeds = {}
    for fmt in ("16", "24", "80", "516"):
        seeds[f"format {fmt}"] = _written(lambda folder, fmt=fmt: write_wfdb(folder, fmt=fmt, adc_gain=[50, 50]))
    seeds["annotated"] = _written(lambda folder: (write_wfdb(folder), write_beats(folder)))
    seeds["format 212"] = _packed_212(seeds["annotated"])
    seeds["several samples per frame"] = _several_a_frame(seeds["annotated"])
    seeds["fixed segments"] = _written(write_fixed_segments)
    seeds["variable segments"] = _written(write_variable_segments)
    seeds["edf"] = _written(lambda folder: write_edf(folder / "rec.edf"))
    seeds["table"] = {"rec.csv": csv_text().encode()}
    seeds["table of decimal commas"] = {"rec.csv": csv_text(";", ",").encode()}
    seeds["zip"] = {"rec.zip": zipped(seeds["annotated"])}
    seeds["alarm"] = _written(write_alarm)
    seeds["stay"] = {"stay.txt": STAY.encode()}
    seeds["stay of semicolons"] = {
        "stay.csv": b"# Outcome: death\r\n" + STAY.replace(",", ";").replace("\n", "\r\n").encode()
    }
    seeds["zip of a stay"] = {"stay.zip": zipped(seeds["stay"])}
    for name, write in WRITERS.items():
        seeds[name] = _written(lambda folder, name=name, write=write: write(folder / name))
    matrices = {"ecg": synthetic_ecg(), "fs": 250, "units": "mV"}
    seeds["matlab"] = _written(lambda folder: scipy.io.savemat(folder / "ecg.mat", matrices))
    return seeds


def _written(write) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder))
        return contents_of(Path(folder))


def _packed_212(files: dict[str, bytes]) -> dict[str, bytes]:
    samples = np.frombuffer(files["rec.dat"], "<i2").astype(int) & 0xFFF
    first, second = samples[0::2], samples[1::2]
    packed = np.stack([first & 255, first >> 8 | second >> 8 << 4, second & 255], axis=1).astype("u1").tobytes()
    return files | {"rec.dat": packed, "rec.hea": files["rec.hea"].replace(b"dat 16", b"dat 212")}


def _several_a_frame(files: dict[str, bytes]) -> dict[str, bytes]:
    header = b"rec 2 62.5 833\nrec.dat 16x4:1 200/uV 16 0 0 0 0 II\nrec.dat 16x2 1(0)/mmHg 16 0 0 0 0 ABP\n"
    return files | {"rec.hea": header}


@st.composite
def _place(draw, content: bytes) -> int:
    return draw(st.integers(0, max(0, len(content) - 1)))


@st.composite
def _damaged(draw, content: bytes) -> bytes:
    """One change of one file's bytes, of the kinds that transfers, editors and forgers make."""
    kind = draw(st.sampled_from(["cut", "flip", "fill", "insert", "repeat", "replace"]))
    start = draw(_place(content) | st.integers(0, min(len(content), 300)))
    stop = min(len(content), start + draw(st.integers(1, 400)))
    if kind == "cut":
        return content[:start] + draw(st.sampled_from([b"", content[stop:]]))
    if kind == "flip":
        return (
            content[:start]
            + bytes(byte ^ draw(st.integers(1, 255)) for byte in content[start : start + 3])
            + content[start + 3 :]
        )
    if kind == "fill":
        return content[:start] + draw(st.sampled_from([b"\0", b"\xff", b" ", b"9"])) * (stop - start) + content[stop:]
    if kind == "insert":
        return content[:start] + draw(st.binary(max_size=40) | st.sampled_from(HUGE + ADDRESSES)) + content[start:]
    if kind == "repeat":
        return content + content[start:stop]
    return draw(st.sampled_from(OTHERS))


@st.composite
def _field_forged(draw, content: bytes) -> bytes:
    """One word of a header replaced by a number, an address or a path; in EDF at the width of its field.

    In the text of a stay it is a cell.
    """
    head = content[:4096]
    if head.startswith((b"Time", b"# Outcome")):
        cells = re.split(rb"([,;\r\n]+)", content)
        cells[2 * draw(st.integers(0, len(cells) // 2))] = draw(st.sampled_from(CELLS + HUGE))
        return b"".join(cells)
    if head.startswith(b"0       "):
        start = draw(st.sampled_from([0, 184, 192, 236, 244, 252] + [256 + 8 * index for index in range(96)]))
        width = 4 if start == 252 else 8
        return content[:start] + draw(st.sampled_from(HUGE))[:width].ljust(width) + content[start + width :]
    words = head.split(b" ")
    index = draw(st.integers(0, len(words) - 1))
    words[index] = draw(st.sampled_from(HUGE + ADDRESSES))
    return b" ".join(words) + content[4096:]


@st.composite
def _malformed(draw) -> dict[str, bytes]:
    files = dict(_seeds()[draw(st.sampled_from(sorted(_seeds())))])
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(sorted(files)))
        kind = draw(
            st.sampled_from(["damage", "damage", "forge", "forge", "forge", "swap", "drop", "rename", "mix", "zip"])
        )
        if kind == "damage":
            files[name] = draw(_damaged(files[name]))
        elif kind == "forge":
            header = next((own for own in sorted(files) if own.endswith(".hea") and draw(st.booleans())), name)
            files[header] = draw(_field_forged(files[header]))
        elif kind == "swap":
            other = draw(st.sampled_from(sorted(files)))
            files[name], files[other] = files[other], files[name]
        elif kind == "drop" and len(files) > 1:
            del files[name]
        elif kind == "rename":
            files[draw(st.sampled_from(NAMES))] = files.pop(name)
        elif kind == "mix":
            other = _seeds()[draw(st.sampled_from(sorted(_seeds())))]
            files |= {key: other[key] for key in sorted(other)[: draw(st.integers(1, 2))]}
        elif kind == "zip":
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                files = {"all.zip": draw(_damaged(zipped(files)) | st.just(zipped(files)))}
    return files


@pytest.fixture(scope="module")
def sessions(tmp_path_factory):
    """A folder that holds a session's own folder and a file of somebody else."""
    folder = tmp_path_factory.mktemp("sessions")
    (folder / "own").mkdir()
    (folder / "somebody.else").write_bytes(b"untouched")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def connections():
    """Addresses that anything tries to reach while the tests run; the attempts fail."""
    attempts, connect = [], socket.socket.connect

    def refuse(own, address):
        attempts.append(address)
        raise ConnectionRefusedError

    socket.socket.connect = refuse
    yield attempts
    socket.socket.connect = connect


def _everything_under(folder: Path) -> dict[str, bytes | None]:
    return {str(path): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def _assert_read_or_refused(files: dict[str, bytes], sessions: Path) -> Record | RecordRefused:
    before = _everything_under(sessions)
    tracemalloc.start()
    try:
        outcome: Record | RecordRefused = read_upload(files, sessions / "own")
    except RecordRefused as refusal:
        outcome = refusal
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes <= 4 * sum(map(len, files.values())) + SLACK_BYTES
    assert _everything_under(sessions) == before
    return outcome


def _assert_is_good(record: Record) -> None:
    assert record.signals.dtype == np.float32
    assert record.signals.shape[1] == len(record.channels)
    assert not np.isinf(record.signals).any()
    if is_stay(record):
        _assert_is_good_stay(record)
    else:
        assert record.duration_s >= 3
        assert 50 <= record.sampling_rate <= 5000
        assert set(find_sensors(record).values()) <= {None, *range(len(record.channels))}
        assert all(0 <= alarm.sample < len(record.signals) for alarm in find_alarms(record))
    for annotations in record.annotations.values():
        assert len(annotations.samples) == len(annotations.symbols) == len(annotations.notes)
        assert (np.diff(annotations.samples) >= 0).all()
        assert ((annotations.samples >= 0) & (annotations.samples < len(record.signals))).all()


def _assert_is_good_stay(record: Record) -> None:
    assert len(record.signals) == 48 * 60 + 1
    assert np.isfinite(record.signals).any()
    for values, parameter in zip(record.signals.T, PARAMETERS.values(), strict=True):
        for value in values[np.isfinite(values)]:
            assert parameter.is_possible(round(float(value), 5)), (parameter, value)


@pytest.mark.parametrize("name", sorted(_seeds()))
def test_the_original_files_are_valid_records(name, sessions):
    record = _assert_read_or_refused(_seeds()[name], sessions)
    assert isinstance(record, Record), record
    _assert_is_good(record)


@settings(settings.get_profile("malformed"), max_examples=500)
@given(files=_malformed())
def test_any_upload_gives_a_valid_record_or_a_refusal(files, sessions, connections):
    outcome = _assert_read_or_refused(files, sessions)
    if isinstance(outcome, Record):
        _assert_is_good(outcome)
    else:
        sentence = str(outcome)
        assert sentence.endswith(".")
        assert 20 < len(sentence) < 600
        assert str(sessions) not in sentence
    assert connections == []


@settings(settings.get_profile("malformed"), max_examples=100)
@given(
    content=st.binary(max_size=300),
    name=st.sampled_from(["a.hea", "a.dat", "a.edf", "a.csv", "a.zip", "a.txt", "a", "a1l.mat"]),
)
def test_random_bytes_are_never_a_record(content, name, sessions):
    assert isinstance(_assert_read_or_refused({name: content}, sessions), RecordRefused)
