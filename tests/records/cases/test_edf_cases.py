"""The EDF files and channel names of the cases, each with its right rate, lead and beats."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from backend.records.channels.units import millivolts_per
from backend.records.opening import open_record
from backend.windows.beats.detection import find_beats

DATA = os.environ.get("BEATLIGHT_DATA")
CASES = Path(DATA or "nowhere").parent / "cases" / "opening"
TOLERANCE_S = 0.06


def _cases():
    manifest = CASES / "manifest.json"
    if DATA is None or not manifest.is_file():
        return [pytest.param(None, marks=pytest.mark.skip(reason="BEATLIGHT_DATA has no folder of cases beside it"))]
    known = json.loads(manifest.read_text(encoding="utf-8"))
    return [pytest.param(case, id=case["file"]) for case in known if case["file"].startswith("edf")]


@pytest.mark.parametrize("case", _cases())
def test_a_case_opens_with_its_rate_lead_and_beats(case):
    record = open_record(CASES / case["file"])
    assert record.sampling_rate == pytest.approx(case["fs"], rel=1e-6)
    beats = find_beats(record)
    if case.get("leads"):
        assert beats.lead in case["leads"]
    expected_s, found_s = np.array(case["r_peaks"]) / case["fs"], beats.r_peaks / record.sampling_rate
    distances_s = np.abs(expected_s[:, None] - found_s)
    assert (distances_s.min(axis=1) > TOLERANCE_S).sum() <= 1
    assert (distances_s.min(axis=0) > TOLERANCE_S).sum() <= 1
    signal = record.signals[:, record.channel_index(beats.lead)]
    assert millivolts_per(record.channels[record.channel_index(beats.lead)].unit) == 1
    assert 0.5 < np.ptp(signal[np.isfinite(signal)]) / case["amp"] < 2
