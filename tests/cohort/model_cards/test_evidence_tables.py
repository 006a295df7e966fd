import math
from dataclasses import replace

import pytest

from backend.cohort.model_cards.evidence_tables import evidence_tables
from tests.made_evidence import made_evidence


@pytest.fixture(scope="module")
def text() -> str:
    return evidence_tables(made_evidence())


def row_of(text: str, start: str) -> list[str]:
    """The cells of the first row that starts so."""
    line = next(line for line in text.splitlines() if line.startswith(f"| {start}"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_command_and_the_size_come_first(text):
    first = "Measured by `python -m backend evaluate made-up --data DIR` on 240 test beats of 7 patients;"
    assert text.startswith(first)


def test_a_technique_is_compared_with_both_controls(text):
    row = row_of(text, "Occlusion | 2.00")
    assert row[1:4] == ["2.00 (1.90–2.10)", "+1.50 (+1.42 to +1.58)", "+0.50 (+0.42 to +0.58)"]
    assert row[4:6] == ["1.00 (0.90–1.10)", "-0.05 (-0.13 to +0.03)"]


def test_a_control_is_not_compared_with_itself(text):
    assert row_of(text, "Random (control) | 0.50")[2] == ""
    assert row_of(text, "Around the R peak (control) | 1.50")[3] == ""


def test_similarity_after_randomisation_is_that_of_the_last_stage(text):
    assert row_of(text, "Learned mask | 3.00")[7:] == ["0.02", "30%", "30%"]


def test_a_class_is_headed_by_its_patients_and_the_accuracy(text):
    assert "PVC (4 patients, accuracy 75%)" in text


def test_salience_by_wave_stands_beside_the_share_of_time(text):
    assert row_of(text, "normal | time")[2:] == ["15%", "5%", "15%", "10%", "30%"]
    assert row_of(text, " | Occlusion")[4] == "50%"


def test_a_value_without_an_interval_is_given_alone():
    evidence = made_evidence()
    few = evidence.measures.assign(low=math.nan, high=math.nan)
    assert row_of(evidence_tables(replace(evidence, measures=few)), "Occlusion | 2.00")[1] == "2.00"


def test_a_technique_that_was_not_measured_has_no_row():
    evidence = made_evidence()
    without = evidence.measures[evidence.measures.technique != "mask"]
    assert "| Learned mask | 3.00" not in evidence_tables(replace(evidence, measures=without))
