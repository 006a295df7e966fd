"""What holds for every clinical format: leads, beats, nothing of the patient, growth, damaged files."""

import re

import numpy as np
import pytest

from backend.records.opening import open_record
from backend.records.record import Record, RecordRefused
from backend.records.understanding import Stated
from backend.records.uploads import read_upload
from backend.windows.beats.detection import find_beats
from tests.records.durations import shortest_s
from tests.records.formats.clinical.outcomes import assert_a_record_or_a_sentence, outcome_of
from tests.records.formats.clinical.written_files import (
    PERSON,
    R_PEAKS,
    TWELVE,
    WRITERS,
    aecg_set,
    dicom_group,
    muse_lead,
    muse_waveform,
    scp_bytes,
    twelve_leads,
    twelve_steps,
    write_aecg,
    write_dicom,
    write_ishne,
    write_muse,
    write_sierra,
)

KINDS = sorted(WRITERS)
HALF_STEP_MV = 0.0026


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def file(tmp_path, kind):
    return WRITERS[kind](tmp_path / kind)


def test_the_leads_are_those_of_the_file_in_millivolts(file):
    record = open_record(file)
    places = [TWELVE.index(channel.name) for channel in record.channels]
    np.testing.assert_allclose(record.signals, twelve_leads()[:, places], atol=HALF_STEP_MV)
    assert record.sampling_rate == 250
    assert all(channel.is_lead and channel.unit == "mV" for channel in record.channels)


def test_every_beat_is_found_where_it_is(file):
    beats = find_beats(open_record(file))
    assert np.abs(beats.r_peaks - R_PEAKS).max() <= 2


def test_what_was_understood_names_the_format_and_where_rate_and_unit_are_from(file):
    understanding = open_record(file).understanding
    assert understanding.format
    assert understanding.rate_from
    assert understanding.unit_from


def test_nothing_of_the_patient_is_kept(file):
    assert PERSON.encode() in file.read_bytes().replace(b"\0", b"")
    record = open_record(file)
    assert PERSON not in repr(record)
    assert not record.annotations


def test_a_stated_sampling_rate_takes_precedence(file):
    if file.suffix == ".xml" and "philips" in file.name:
        pytest.skip("the length of a Philips file is in ms and follows from its rate")
    record = open_record(file, Stated(sampling_rate=500))
    assert record.sampling_rate == 500
    assert record.understanding.rate_from == "stated"


def test_the_content_decides_whatever_the_ending(file):
    renamed = file.rename(file.with_name("ecg.bin"))
    assert open_record(renamed).duration_s == 10


def test_an_upload_opens_like_a_file(file, tmp_path):
    session = tmp_path / "session"
    session.mkdir()
    record = read_upload({file.name: file.read_bytes()}, session)
    assert record.digest == open_record(file).digest
    assert list(session.iterdir()) == []


@pytest.mark.parametrize("part", np.round(np.linspace(0, 0.999, 11), 3))
def test_a_truncated_file_is_refused_or_read_to_its_end_with_a_notice(file, part):
    content = file.read_bytes()
    file.write_bytes(content[: int(part * len(content))])
    outcome = outcome_of(file)
    assert_a_record_or_a_sentence(outcome)
    if isinstance(outcome, Record):
        assert "shorter" in outcome.understanding.notices[0]


def test_any_byte_changed_gives_a_record_or_a_sentence(file, kind):
    content = file.read_bytes()
    random = np.random.default_rng(len(kind))
    places = [*range(0, 1200, 40), *random.integers(0, len(content), 20).tolist()]
    for place in places:
        damaged = bytearray(content)
        place %= len(content)
        damaged[place : place + 2] = random.bytes(2)
        file.write_bytes(damaged)
        assert_a_record_or_a_sentence(outcome_of(file))


def test_any_number_replaced_by_an_impossible_one_gives_a_record_or_a_sentence(file):
    content = file.read_bytes().replace(b"\0", b"") if "philips" in file.name else file.read_bytes()
    content = content.replace(b"utf-16", b"utf-8").removeprefix(b"\xff\xfe")
    numbers = list(re.finditer(rb"\b\d{1,6}\b", content[:6000]))[:60:3]
    for number in numbers:
        for other in (b"0", b"-1", b"1e308", b"nan", b"99999999999"):
            file.write_bytes(content[: number.start()] + other + content[number.end() :])
            assert_a_record_or_a_sentence(outcome_of(file))


def write_scp_of(path, steps):
    path.write_bytes(scp_bytes(steps))
    return path


LONG_WRITERS = {
    "dicom": lambda path, steps: write_dicom(path, [dicom_group(steps)]),
    "scp": write_scp_of,
    "aecg": lambda path, steps: write_aecg(path, [aecg_set(steps)]),
    "muse": lambda path, steps: write_muse(path, [muse_waveform([muse_lead("II", steps[:, 1])])]),
    "sierra": lambda path, steps: write_sierra(path, steps=steps),
}


@pytest.mark.parametrize("name", sorted(LONG_WRITERS))
def test_four_times_the_file_takes_about_four_times_as_long(name, tmp_path):
    steps = twelve_steps(10_000)
    short = LONG_WRITERS[name](tmp_path / "short", steps)
    long = LONG_WRITERS[name](tmp_path / "long", np.concatenate([steps] * 4))
    open_record(short)
    assert shortest_s(lambda: open_record(long)) < 12 * shortest_s(lambda: open_record(short)) + 0.2


def test_beats_of_a_holter_annotation_file_are_refused_by_name(tmp_path):
    path = tmp_path / "beats.ann"
    path.write_bytes(b"ANN  1.0" + bytes(600))
    with pytest.raises(RecordRefused, match="beats of an ISHNE Holter recording"):
        open_record(path)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"<?xml version='1.0'?><!-- x --><CardiologyXML><a/></CardiologyXML>", r"another kind \(CardiologyXML\)"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<HealthData locale='de'/>", "export of Apple Health"),
    ],
)
def test_a_known_format_that_is_not_read_is_refused_by_its_name(tmp_path, content, kind):
    path = tmp_path / "export"
    path.write_bytes(content)
    with pytest.raises(RecordRefused, match=kind):
        open_record(path)


def test_holter_leads_of_a_long_recording_are_read_in_blocks(tmp_path):
    path = write_ishne(tmp_path / "long.ecg")
    content = path.read_bytes()
    header, samples = content[:-15_000], content[-15_000:]
    path.write_bytes(header[:14] + (2500 * 240).to_bytes(4, "little") + header[18:] + samples * 240)
    record = open_record(path)
    assert len(record.signals) == 2500 * 240
    np.testing.assert_array_equal(record.signals[-2500:], record.signals[:2500])
