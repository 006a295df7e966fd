"""The given tables as people have them: each opens with the right rate, lead, height and beats, or is refused."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from backend.records.channels.leads import choose_lead
from backend.records.opening import open_record
from backend.records.record import RecordRefused
from backend.records.understanding import Stated
from backend.windows.beats.detection import find_beats

OPENING = Path(os.environ.get("BEATLIGHT_DATA", "/nonexistent")).parent / "cases" / "opening"
MANIFEST = OPENING / "manifest.json"
CASES = json.loads(MANIFEST.read_text()) if MANIFEST.exists() else []
CASES = [case for case in CASES if case["file"].startswith("csv/")]

pytestmark = pytest.mark.skipif(not CASES, reason="needs the cases beside BEATLIGHT_DATA")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["file"])
def test_a_table_opens_with_its_beats(case):
    stated = Stated(case["rate"], case["unit"])
    if case.get("want") == "refuse":
        with pytest.raises(RecordRefused):
            open_record(OPENING / case["file"], stated)
        return
    record = open_record(OPENING / case["file"], stated)
    assert record.sampling_rate == pytest.approx(case["fs"], rel=1e-3)
    samples = record.signals[:, record.channel_index(choose_lead(record))]
    assert np.nanmax(samples) - np.nanmin(samples) == pytest.approx(case["amp"], rel=0.1)
    found = find_beats(record).r_peaks / record.sampling_rate
    true = np.array(case["r_peaks"]) / case["fs"]
    distances = np.abs(found[:, np.newaxis] - true)
    assert (distances.min(axis=0) > 0.06).sum() <= 1, "all beats but one are found"
    assert (distances.min(axis=1) > 0.06).sum() <= 1, "at most one beat is made up"
