import hashlib
import json
import os
import tarfile
from collections import Counter
from pathlib import Path

import pytest
import wfdb

from backend.models.bundle import BUNDLES
from backend.models.training.splits import mitdb_patient
from backend.records.alarms import ALARM_KINDS
from backend.records.samples.catalogue import SAMPLE_KINDS, CatalogueRecord, is_fetched, read_catalogue
from backend.windows.beats.reference import BEAT_CLASSES
from tests.records.sample_roots import FILES, write_catalogue, write_database

RECORDS = read_catalogue()
ECGS, ALARMS, STAYS = (read_catalogue(kind) for kind in SAMPLE_KINDS)

SOURCES = {
    "ecg": ("MIT-BIH Arrhythmia Database 1.0.0", "Moody"),
    "alarm": ("PhysioNet/CinC Challenge 2015 1.0.0", "Clifford"),
    "stay": ("PhysioNet/CinC Challenge 2012 1.0.0", "Silva"),
}
ENDINGS = {"ecg": ["hea", "dat", "atr"], "alarm": ["hea", "mat"], "stay": ["txt"]}


@pytest.fixture
def databases() -> Path:
    if "BEATLIGHT_DATA" not in os.environ:
        pytest.skip("needs the databases: set BEATLIGHT_DATA")
    return Path(os.environ["BEATLIGHT_DATA"])


def named(record: CatalogueRecord) -> str:
    return record.name


def test_the_kinds_make_up_the_whole_catalogue():
    assert (*ECGS, *ALARMS, *STAYS) == RECORDS


def test_at_least_ten_ecgs_contain_every_class():
    assert len(ECGS) >= 10
    counts = sum((Counter(record.beats) for record in ECGS), Counter())
    assert all(counts[symbol] >= 100 for symbol in BEAT_CLASSES)


def test_at_least_eight_alarms_have_three_kinds_both_true_and_false():
    assert len(ALARMS) >= 8
    truths = {kind: {alarm.is_true for alarm in ALARMS if alarm.alarm == kind} for kind in ALARM_KINDS}
    assert sum(both == {True, False} for both in truths.values()) >= 3


def test_at_least_six_stays_have_both_outcomes():
    assert len(STAYS) >= 6
    ends = Counter(stay.outcome for stay in STAYS)
    assert min(ends["death"], ends["survival"]) >= 2


@pytest.mark.parametrize("record", RECORDS, ids=named)
def test_every_record_has_a_source_a_licence_and_a_description(record):
    source, author = SOURCES[record.kind]
    assert record.database.source == source
    assert "ODC-By 1.0" in record.database.licence
    assert [citation.partition(" ")[0] for citation in record.database.citations] == [author, "Goldberger"]
    assert record.line.endswith(".")
    assert 40 < len(record.line) < 150
    assert [file.name for file in record.files] == [f"{record.name}.{ending}" for ending in ENDINGS[record.kind]]


def test_file_names_are_unique():
    names = [file.name.casefold() for record in RECORDS for file in record.files]
    assert len(names) == len(set(names))


def assert_are_the_files(record: CatalogueRecord, contents: list[bytes]) -> None:
    for file, content in zip(record.files, contents, strict=True):
        assert hashlib.sha256(content).hexdigest() == file.sha256
        assert len(content) == file.size_bytes


@pytest.mark.parametrize("record", ECGS, ids=named)
def test_checksums_sizes_and_counts_equal_those_of_the_published_files(record, databases):
    mitdb = databases / "mitdb"
    published = dict(reversed(line.split()) for line in (mitdb / "SHA256SUMS.txt").read_text().splitlines())
    assert_are_the_files(record, [(mitdb / file.name).read_bytes() for file in record.files])
    assert [file.sha256 for file in record.files] == [published[file.name] for file in record.files]
    symbols = Counter(wfdb.rdann(str(mitdb / record.name), "atr").symbol)
    assert {symbol: symbols[symbol] for symbol in record.beats} == dict(record.beats)


@pytest.mark.parametrize("record", ALARMS, ids=named)
def test_checksums_and_truth_of_alarms_equal_those_of_the_full_files(record, databases):
    folder = databases / "challenge2015" / "full"
    assert_are_the_files(record, [(folder / file.name).read_bytes() for file in record.files])
    kind, truth = wfdb.rdheader(str(folder / record.name)).comments
    assert record.alarm.startswith(kind.replace("_", " ").lower().removesuffix(" fib"))
    assert record.is_true == (truth == "True alarm")


def test_checksums_and_outcomes_of_stays_equal_those_published(databases):
    folder = databases / "challenge2012"
    lines = (folder / "Outcomes-b.txt").read_text().splitlines()
    ends = {line.split(",")[0]: ("survival", "death")[int(line.split(",")[-1])] for line in lines[1:]}
    with tarfile.open(folder / "set-b.tar.xz") as packed:
        wanted = {f"set-b/{record.name}.txt" for record in STAYS}
        contents = {member.name: packed.extractfile(member).read() for member in packed if member.name in wanted}
    for record in STAYS:
        assert_are_the_files(record, [contents[f"set-b/{record.name}.txt"]])
        assert record.outcome == ends[record.name]


def names_in(part) -> set[str]:
    """All texts in a part of a card, however deep: among them the patients or records of a set."""
    if isinstance(part, dict):
        part = list(part.values())
    if isinstance(part, list):
        return set().union(*map(names_in, part))
    return {part} if isinstance(part, str) else set()


def test_no_bundled_model_is_trained_on_their_patients():
    cards = [json.loads(path.read_text()) for path in BUNDLES.glob("*/card.json")]
    if not cards:
        pytest.skip("there is no bundle yet")
    patients = {f"mitdb-{mitdb_patient(record.name)}" for record in ECGS}
    patients |= {record.name for record in (*ALARMS, *STAYS)}
    for card in cards:
        assert len(names_in(card["training"])) > 20
        assert patients.isdisjoint(names_in(card["training"]) | names_in(card["validation"]))


@pytest.mark.parametrize(("name", "records"), [("icu-alarm", ALARMS), ("icu-mortality", STAYS)])
def test_the_real_alarms_and_stays_belong_to_the_test_set_of_their_model(name, records):
    card = BUNDLES / name / "card.json"
    if not card.is_file():
        pytest.skip(f"{name} is not there yet")
    assert {record.name for record in records} <= names_in(json.loads(card.read_text())["test_set"])


def test_a_record_is_present_only_if_all_its_files_match(tmp_path):
    write_database(tmp_path / "samples.database")
    root = tmp_path / "samples"
    write_catalogue(root, tmp_path / "samples.database")
    first, second = read_catalogue(root=root)
    assert not is_fetched(first, root)
    (tmp_path / "samples.database").rename(root / "physionet")
    assert is_fetched(first, root)
    assert is_fetched(second, root)
    whole = (root / "physionet" / FILES[1]).read_bytes()
    (root / "physionet" / FILES[1]).write_bytes(whole[:-1] + b"\0")
    assert not is_fetched(first, root)
    (root / "physionet" / FILES[-1]).unlink()
    assert not is_fetched(second, root)
