import os
from pathlib import Path

import numpy as np
import pytest

from backend.models.metrics.beat_metrics import Outcomes
from backend.models.training.beats.protocols.aami import (
    AAMI_CLASSES,
    AAMI_PROTOCOLS,
    DS2,
    PACED_RECORDS,
    aami_figures,
)
from backend.models.training.beats.protocols.reference_totals import ReferenceTotals
from backend.windows.beats.reference import REFERENCE_LABELS

DATA = os.environ.get("BEATLIGHT_DATA")
PROTOCOLS = {protocol.name: protocol for protocol in AAMI_PROTOCOLS}

needs_data = pytest.mark.skipif(DATA is None, reason="BEATLIGHT_DATA names no folder with the databases")


def test_every_reference_label_and_every_class_of_the_models_has_a_class_of_ec57():
    assert set(REFERENCE_LABELS.values()) | {"no beat", "missed"} <= set(AAMI_CLASSES)


def test_the_symbols_have_the_classes_of_the_standard():
    of_symbol = {symbol: AAMI_CLASSES[label] for symbol, label in REFERENCE_LABELS.items()}
    groups = {"N": "NLRejnB", "S": "AaJS", "V": "VEr", "F": "F", "Q": "/fQ?"}
    assert of_symbol == {symbol: name for name, symbols in groups.items() for symbol in symbols}


def test_fusion_beats_are_errors_that_count_against_the_class_they_are_predicted_as():
    owner = np.array(["a"] * 5)
    outcomes = Outcomes(
        np.array(["PVC", "fusion", "LBBB", "no beat", "paced"]),
        np.array(["PVC", "PVC", "normal", "PVC", "normal"]),
        owner,
        owner,
    )
    found = aami_figures(outcomes)
    assert found["classes"]["V"]["positive_predictive_value"][0] == pytest.approx(1 / 3, abs=1e-4)
    assert found["classes"]["F"]["sensitivity"][0] == 0.0
    assert found["classes"]["N"]["sensitivity"][0] == 1.0
    assert found["classes"]["N"]["positive_predictive_value"][0] == 0.5
    assert (found["beats"], found["accuracy"][0]) == (4, 0.5)


def test_record_232_is_left_out_of_the_second_figures():
    names = np.array(["232", "100", "100"])
    outcomes = Outcomes(
        np.array(["atrial premature"] * 3), np.array(["normal", *["atrial premature"] * 2]), names, names
    )
    found = PROTOCOLS["aami_ds2"].figures(outcomes)
    assert found["accuracy"][0] == pytest.approx(2 / 3, abs=1e-4)
    assert (found["without_232"]["beats"], found["without_232"]["accuracy"][0]) == (2, 1.0)


def test_the_other_record_of_a_test_patient_is_not_trained_on():
    assert "202" in PROTOCOLS["aami_ds2"].tested
    assert "201" in PROTOCOLS["aami_ds2"].unused
    assert not DS2 & PACED_RECORDS


@needs_data
def test_ds2_has_the_published_number_of_beats_of_each_class():
    totals = ReferenceTotals.read(Path(DATA or ""), ("mitdb",))
    counts = dict.fromkeys("NSVFQ", 0)
    for record in PROTOCOLS["aami_ds2"].test_records(totals):
        for label, number in totals.beats[record].items():
            counts[AAMI_CLASSES[label]] += number
    # de Chazal et al. 2004, table II, within the few beats that later corrections of the annotations changed.
    published = {"N": 44259, "S": 1837, "V": 3221, "F": 388, "Q": 7}
    assert {name: pytest.approx(number, abs=25) for name, number in published.items()} == counts
