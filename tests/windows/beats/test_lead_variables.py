from backend.windows.beats.lead_variables import (
    difference_variable,
    lead_columns,
    lead_of,
    lead_variable,
    missing_lead_variable,
)

VARIABLES = ("lead II", "no right precordial lead", "lead V5", "difference II", "RR before", "RR after")


def test_the_lead_of_a_variable_is_the_lead_it_was_named_after():
    assert lead_of(lead_variable("MLII")) == "MLII"


def test_measurements_and_missing_leads_hold_no_lead():
    assert lead_of("RR before") is None
    assert lead_of(missing_lead_variable("right precordial")) is None


def test_a_difference_from_the_usual_beat_is_named_after_its_lead_and_is_no_lead():
    assert difference_variable("MLII") == "difference MLII"
    assert lead_of(difference_variable("MLII")) is None


def test_only_leads_of_the_record_are_lead_columns():
    assert lead_columns(VARIABLES) == [0, 2]
    assert lead_columns(("lead MLII",)) == [0]
