"""The given layouts of one stay: each gives the risk of the reference, or names what is improbable."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from backend.models.bundle import load_bundle
from backend.models.classification import classify_stay
from backend.records.opening import open_record
from backend.records.stay_units import convert_unit, unit_doubts
from backend.records.stays import is_stay

STAYS = Path(os.environ.get("BEATLIGHT_DATA", "/nonexistent")).parent / "cases" / "stays"
MANIFEST = STAYS / "manifest.json"
CASES = json.loads(MANIFEST.read_text()) if MANIFEST.exists() else []

pytestmark = pytest.mark.skipif(not CASES, reason="needs the cases beside BEATLIGHT_DATA")


@pytest.fixture(scope="module")
def risk_of():
    bundle = load_bundle("icu-mortality")

    def risk(record):
        probabilities = classify_stay(bundle, record).scores.probabilities[0]
        return float(probabilities[list(bundle.classes).index("death")])

    return risk


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["file"])
def test_a_stay_opens(case, risk_of):
    record, reference = open_record(STAYS / case["file"]), open_record(STAYS / "ref.txt")
    assert is_stay(record)
    if case["want"] == "same":
        assert risk_of(record) == pytest.approx(risk_of(reference), abs=0.01)
    elif case["want"] == "open":
        assert np.isfinite(record.signals).sum() > 50
    else:
        doubts = unit_doubts(record)
        assert doubts
        assert {doubt.sentence() for doubt in doubts} <= set(record.understanding.notices)
        for doubt in doubts:
            record = convert_unit(record, doubt.parameter, doubt.alternatives[0])
        assert risk_of(record) == pytest.approx(risk_of(reference), abs=0.01)
