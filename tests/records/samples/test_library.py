import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from backend.records.alarms import find_alarms
from backend.records.opening import open_record
from backend.records.record import RecordRefused
from backend.records.samples.catalogue import SAMPLE_RECORDS
from backend.records.samples.download import fetch_samples
from backend.records.samples.library import SIMULATED, available_samples, open_sample
from tests.records.sample_roots import (
    write_catalogue,
    write_database,
    write_icu_catalogue,
    write_icu_files,
    write_simulated,
)
from tests.records.well_formed import synthetic_ecg, write_wfdb


@pytest.fixture
def root(tmp_path):
    """Samples of which both real records and one simulated record are here."""
    write_database(tmp_path / "database")
    write_catalogue(tmp_path / "samples", tmp_path / "database")
    write_simulated(tmp_path / "samples", "sim_one")
    shutil.copytree(tmp_path / "database", tmp_path / "samples" / "physionet")
    return tmp_path / "samples"


@pytest.fixture
def icu_root(tmp_path):
    """Samples of every kind: a real alarm and a real stay, a simulated ECG, alarm and stay."""
    write_icu_files(tmp_path / "files")
    root = tmp_path / "icu"
    write_icu_catalogue(root, tmp_path / "files")
    write_simulated(root, "sim_beats")
    write_wfdb(root / "simulated", "sim_alarm", comments=["Simulated.", "Seen.", "Bradycardia", "True alarm"])
    (root / "simulated" / "sim_stay.txt").write_text("# Simulated.\n# To see.\nTime,Parameter,Value\n00:10,HR,80\n")
    shutil.copytree(tmp_path / "files", root / "physionet")
    return root


def named(root: Path) -> list[str]:
    return [sample.name for sample in available_samples(root=root)]


def test_real_records_come_first_with_description_and_source(root):
    assert [
        (sample.name, sample.line, sample.source, sample.is_simulated) for sample in available_samples(root=root)
    ] == [
        ("901", "What is seen in 901.", "Made-up Database 2.1.0", False),
        ("902", "What is seen in 902.", "Made-up Database 2.1.0", False),
        ("sim_one", "What is seen in sim_one.", "simulated", True),
    ]


def test_a_real_record_is_listed_only_if_complete(root):
    (root / "physionet" / "901.atr").unlink()
    assert named(root) == ["902", "sim_one"]
    (root / "physionet" / "902.dat").write_bytes(b"half")
    assert named(root) == ["sim_one"]


def test_without_downloads_the_simulated_samples_remain(root):
    shutil.rmtree(root / "physionet")
    assert named(root) == ["sim_one"]


def test_a_sample_opens_with_its_signals_its_reference_and_its_source(root):
    real = open_sample("902", root)
    np.testing.assert_allclose(real.signals, synthetic_ecg() * 2, atol=0.005)
    assert real.annotations["atr"].symbols.count("V") == 1
    assert real.source == "Made-up Database 2.1.0"
    assert open_sample("sim_one", root).source == SIMULATED


def test_a_missing_real_sample_is_refused_with_the_command_to_download_it(root):
    (root / "physionet" / "901.dat").unlink()
    with pytest.raises(RecordRefused, match=r"901 is not downloaded\. Download it with 'python -m backend samples'"):
        open_sample("901", root)


def test_samples_of_one_kind_can_be_listed(icu_root):
    kinds = {kind: [sample.name for sample in available_samples(kind, icu_root)] for kind in ("ecg", "alarm", "stay")}
    assert kinds == {"ecg": ["sim_beats"], "alarm": ["a901l", "sim_alarm"], "stay": ["140901", "sim_stay"]}
    assert named(icu_root) == ["a901l", "140901", "sim_alarm", "sim_beats", "sim_stay"]
    assert available_samples("epoch", icu_root) == ()


def test_a_simulated_stay_has_a_description(icu_root):
    assert [sample.line for sample in available_samples("stay", icu_root)] == ["A stay.", "To see."]


def test_an_alarm_has_its_kind_and_truth(icu_root):
    (alarm,) = find_alarms(open_sample("a901l", icu_root))
    assert (alarm.kind, alarm.is_true) == ("asystole", False)
    (alarm,) = find_alarms(open_sample("sim_alarm", icu_root))
    assert (alarm.kind, alarm.is_true) == ("bradycardia", True)


def test_a_real_stay_has_an_outcome_and_a_simulated_one_has_none(icu_root):
    stay = open_sample("140901", icu_root)
    told = stay.annotations["outcome"]
    assert (told.samples.tolist(), told.notes) == ([len(stay.signals) - 1], ("death",))
    assert stay.source == "Made-up Stays 2.1.0"
    assert stay.digest != open_record(icu_root / "physionet" / "140901.txt").digest
    assert "outcome" not in open_sample("sim_stay", icu_root).annotations


@pytest.mark.parametrize("name", ["nobody", "", "../physionet/901", "sim_one.hea"])
def test_an_unknown_sample_is_refused_with_the_available_ones(root, name):
    with pytest.raises(RecordRefused, match=r"Unknown sample .*\. Choose one of 901, 902, sim_one\."):
        open_sample(name, root)


def test_every_simulated_sample_opens_and_has_a_description():
    simulated = [sample for sample in available_samples() if sample.is_simulated]
    assert len(simulated) >= 8
    assert len({sample.line for sample in simulated}) == len(simulated)
    for sample in simulated:
        assert len(sample.line) > 40
        assert open_sample(sample.name).source == SIMULATED


@pytest.mark.skipif("BEATLIGHT_DATA" not in os.environ, reason="needs the databases: set BEATLIGHT_DATA")
def test_the_real_samples_copied_from_a_local_mirror_all_open(tmp_path):
    shutil.copy(SAMPLE_RECORDS / "physionet.toml", tmp_path)
    assert fetch_samples(root=tmp_path).failures == ()
    for sample in available_samples("alarm", tmp_path):
        (alarm,) = find_alarms(open_sample(sample.name, tmp_path))
        assert alarm.sample == 300 * 250 - 1
        assert alarm.is_true is not None
    for sample in available_samples("stay", tmp_path):
        assert open_sample(sample.name, tmp_path).annotations["outcome"].notes in (("death",), ("survival",))
    samples = available_samples("ecg", tmp_path)
    assert len(samples) >= 10
    for sample in samples:
        record = open_sample(sample.name, tmp_path)
        assert record.source == "MIT-BIH Arrhythmia Database 1.0.0"
        assert record.duration_s == pytest.approx(1805.6, abs=0.1)
        assert "atr" in record.annotations
