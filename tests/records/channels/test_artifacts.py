import os
from pathlib import Path

import numpy as np
import pytest

from backend.records.channels.artifacts import find_artifacts
from backend.records.formats.wfdb.reader import read_wfdb
from tests.records.well_formed import synthetic_ecg

DATABASES = os.environ.get("BEATLIGHT_DATA")
needs_databases = pytest.mark.skipif(not DATABASES, reason="BEATLIGHT_DATA names no folder of databases")
RATE = 250


@pytest.fixture
def lead():
    return synthetic_ecg()[:, 0].copy()


def test_a_clean_lead_has_no_artifacts(lead):
    assert find_artifacts(lead, RATE).count == 0
    assert find_artifacts(lead, RATE).usable().all()


def test_each_gap_is_found_to_the_sample(lead):
    lead[[0, 1, 2]] = np.nan
    lead[700:701] = np.nan
    lead[-5:] = np.nan
    assert find_artifacts(lead, RATE).gaps.tolist() == [[0, 3], [700, 701], [2495, 2500]]


def test_a_constant_second_is_flat_and_less_is_not(lead):
    lead[500:750] = 0.9
    lead[1000:1200] = 0.9
    assert find_artifacts(lead, RATE).flat.tolist() == [[500, 750]]


def test_a_flat_line_may_vary_by_one_step_of_the_converter(lead):
    lead[500:1000] = 0.3 + 0.005 * (np.arange(500) % 2)
    assert find_artifacts(lead, RATE).flat.tolist() == [[500, 1000]]


def test_adjacent_flat_lines_cover_both_segments(lead):
    lead[500:800], lead[800:1100] = 0.3, -0.2
    usable = find_artifacts(lead, RATE).usable()
    assert not usable[500:1100].any()
    assert usable[:500].all()
    assert usable[1100:].all()


def test_a_flat_line_ends_at_a_gap(lead):
    lead[500:1000], lead[740:760] = 0.0, np.nan
    found = find_artifacts(lead, RATE)
    assert found.gaps.tolist() == [[740, 760]]
    assert found.flat.tolist() == []


def test_truncated_peaks_are_clipped(lead):
    clipped = np.clip(lead * 5, -10, 2.0)
    found = find_artifacts(clipped, RATE).clipped
    assert len(found) == 12
    assert all((clipped[start:end] == 2.0).all() for start, end in found)


def test_the_broad_peak_of_a_smooth_wave_is_not_clipped():
    wave = np.round(np.sin(2 * np.pi * np.arange(2500) / RATE), 2)
    assert (wave == wave.max()).sum() > 50
    assert find_artifacts(wave, RATE).count == 0


def test_a_second_at_a_rail_is_flat_rather_than_clipped(lead):
    lead[500:1000] = 5.115
    found = find_artifacts(lead, RATE)
    assert found.flat.tolist() == [[500, 1000]]
    assert found.clipped.tolist() == []


@pytest.mark.parametrize("signal", [np.full(2500, np.nan), np.zeros(2500), np.zeros(10), np.zeros(0)])
def test_leads_without_a_signal_are_accepted(signal):
    found = find_artifacts(signal, RATE)
    assert found.n_samples == len(signal)
    assert len(found.clipped) == 0


@needs_databases
def test_only_three_leads_of_mitdb_have_artifacts():
    """Records 103, 116 and 223 reach both ends of the converter, -5.12 and 5.115 mV; quiet baselines do not count."""
    found = {}
    for path in sorted((Path(DATABASES) / "mitdb").glob("*.hea")):
        record = read_wfdb(path)
        for index, channel in enumerate(record.channels):
            artifacts = find_artifacts(record.signals[:, index], record.sampling_rate)
            assert len(artifacts.gaps) == len(artifacts.flat) == 0
            if artifacts.count:
                found[f"{record.name} {channel.name}"] = len(artifacts.clipped)
    assert found == {"103 V2": 9, "116 MLII": 4, "223 V1": 8}
