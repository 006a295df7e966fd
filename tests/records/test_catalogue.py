import hashlib
import json
import os
from collections import Counter
from pathlib import Path

import pytest
import wfdb

from backend.models.bundle import BUNDLES
from backend.models.splits import mitdb_patient
from backend.records.catalogue import catalogue, is_fetched
from backend.windows.reference import BEAT_CLASSES
from tests.records.sample_roots import FILES, write_catalogue, write_database

RECORDS = catalogue()


@pytest.fixture
def mitdb():
    if "BEATLIGHT_DATA" not in os.environ:
        pytest.skip("needs the databases: set BEATLIGHT_DATA")
    return Path(os.environ["BEATLIGHT_DATA"]) / "mitdb"


def test_there_are_at_least_ten_records_and_together_they_hold_every_class():
    assert len(RECORDS) >= 10
    counts = sum((Counter(record.beats) for record in RECORDS), Counter())
    assert all(counts[symbol] >= 100 for symbol in BEAT_CLASSES)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_a_record_says_where_it_is_from_what_one_may_do_with_it_and_what_there_is_to_see(record):
    assert record.database.source == "MIT-BIH Arrhythmia Database 1.0.0"
    assert "ODC-By 1.0" in record.database.licence
    assert [citation.partition(" ")[0] for citation in record.database.citations] == ["Moody", "Goldberger"]
    assert record.line.endswith(".")
    assert 40 < len(record.line) < 150
    assert [file.name for file in record.files] == [f"{record.name}.{ending}" for ending in ("hea", "dat", "atr")]


def test_no_two_files_would_come_to_lie_in_one_place():
    names = [file.name for record in RECORDS for file in record.files]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_sums_sizes_and_counts_are_those_of_the_published_files(record, mitdb):
    published = dict(reversed(line.split()) for line in (mitdb / "SHA256SUMS.txt").read_text().splitlines())
    for file in record.files:
        content = (mitdb / file.name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == file.sha256 == published[file.name]
        assert len(content) == file.size_bytes
    symbols = Counter(wfdb.rdann(str(mitdb / record.name), "atr").symbol)
    assert {symbol: symbols[symbol] for symbol in record.beats} == dict(record.beats)


def test_no_bundled_model_was_trained_on_any_of_their_patients():
    cards = [json.loads(path.read_text()) for path in BUNDLES.glob("*/card.json")]
    if not cards:
        pytest.skip("there is no bundle yet")
    patients = {f"mitdb-{mitdb_patient(record.name)}" for record in RECORDS}
    for card in cards:
        learnt_from = {*card["training"]["patients"], *card["validation"]["patients"]}
        assert any(patient.startswith("mitdb-") for patient in learnt_from)
        assert patients.isdisjoint(learnt_from)


def test_a_record_is_here_only_when_each_of_its_files_is_here_and_right(tmp_path):
    write_database(tmp_path / "samples.database")
    root = tmp_path / "samples"
    write_catalogue(root, tmp_path / "samples.database")
    first, second = catalogue(root)
    assert not is_fetched(first, root)
    (tmp_path / "samples.database").rename(root / "physionet")
    assert is_fetched(first, root)
    assert is_fetched(second, root)
    whole = (root / "physionet" / FILES[1]).read_bytes()
    (root / "physionet" / FILES[1]).write_bytes(whole[:-1] + b"\0")
    assert not is_fetched(first, root)
    (root / "physionet" / FILES[-1]).unlink()
    assert not is_fetched(second, root)
