import re

from tests.browser.conftest import ROOT
from tests.screens.driving import (
    address,
    box,
    charts,
    choose,
    enter,
    figure,
    go_to,
    has_chart_of,
    hints,
    open_screen,
    press,
    prose,
    select,
    switch,
    upload,
    warned,
)

SHOCK = "sim_stay_septic_shock"
STAY_FILE = ROOT / "sample_records" / "simulated" / f"{SHOCK}.txt"
RISK, GRID, COURSE, RANKING = range(4)


def test_a_stay_opens_with_its_risk_and_its_charted_values():
    screen = open_screen("icu_stay", record=SHOCK)
    assert len(charts(screen)) == 4
    assert has_chart_of(screen, "Lactate")
    assert figure(screen, "Mortality risk").endswith("%")
    assert screen.expander[0].label.startswith("Never charted")


def test_threshold_colours_pairs_and_technique_are_explained_on_request():
    texts = hints(open_screen("icu_stay", record=SHOCK, technique="mask", p_steps="5"))
    assert "from the first 48 hours" in texts
    assert "missed deaths equal false warnings" in texts
    assert "colours follow the root of the salience" in texts
    assert "The five variables that most support" in texts
    assert "without carrying values forward" in texts


def test_changed_values_give_a_new_risk_until_they_are_undone():
    screen = open_screen("icu_stay", record=SHOCK, variable="Lactate")
    before, link = figure(screen, "Mortality risk"), address(screen)
    enter(screen, "New value", 1.0)
    press(screen, "Change")
    assert "now 1 mmol/L" in prose(screen)
    assert f"instead of {before}" in prose(screen)
    assert figure(screen, "Mortality risk") != before
    assert address(screen).items() <= link.items()
    press(screen, "Undo")
    assert figure(screen, "Mortality risk") == before
    press(screen, "Delete")
    assert "deleted" in prose(screen)
    press(screen, "Clear")
    assert "all" not in [line.split(": ")[-1] for line in prose(screen).splitlines()]


def test_a_click_on_a_row_a_bar_or_a_measurement_chooses_it():
    screen = open_screen("icu_stay", record=SHOCK)
    select(screen, charts(screen)[GRID], {"chosen": [{"variable": "HR"}]})
    assert address(screen)["variable"] == "HR"
    select(screen, charts(screen)[RANKING], {"chosen": [{"variable": "Lactate"}]})
    assert address(screen)["variable"] == "Lactate"
    first = next(option for option in box(screen, "Charted value").options if option[0].isdigit())
    minute = 60 * int(first.split(":")[0]) + int(first.split(":")[1])
    select(screen, charts(screen)[COURSE], {"measurement": [{"minute": minute}]})
    assert box(screen, "Charted value").value != "all"


def test_a_variable_that_was_never_charted_can_be_given_a_value():
    screen = open_screen("icu_stay", record="sim_stay_sparse", variable="Lactate")
    assert "never charted" in screen.info[0].value
    press(screen, "Add")
    assert "Lactate at 24:00" in prose(screen)
    assert len(charts(screen)) == 4


def test_rows_are_ordered_by_organ_system_and_the_rest_unfolds():
    screen = switch(open_screen("icu_stay", record=SHOCK), "Order", "organ system")
    assert address(screen)["order"] == "organ system"
    assert has_chart_of(screen, "Kidneys")
    switch(screen, "Order", "importance")
    more = next(button for button in screen.button if re.match(r"Show \d+ more", button.label))
    press(screen, more.label)
    assert any(button.label == "Show fewer" for button in screen.button)


def test_more_and_less_important_lead_from_variable_to_variable():
    screen = open_screen("icu_stay", record=SHOCK)
    first = address(screen)["variable"]
    press(screen, "Less important")
    assert address(screen)["variable"] != first
    press(screen, "More important")
    assert address(screen)["variable"] == first


def test_what_deleted_means_follows_the_chosen_baseline():
    screen = open_screen("icu_stay", record=SHOCK)
    assert "Removed means **not measured**" in hints(screen)
    screen = open_screen("icu_stay", record=SHOCK, p_fill="mean")
    assert "Removed means **its mean**" in hints(screen)


def test_a_bad_stay_is_refused_and_a_good_one_is_read():
    screen = choose(open_screen("icu_stay", record=SHOCK), "Record", "Your own files …")
    upload(screen, {"mine.txt": b"Time,Parameter,Value\n00:00,RecordID,1\n00:00,Age,54\n"})
    assert "no measurements" in screen.error[0].value
    upload(screen, {"mine.txt": STAY_FILE.read_bytes()})
    assert len(charts(screen)) == 4
    assert address(screen) == {}


def test_a_link_with_unknown_names_opens_with_a_sentence_for_each():
    screen = open_screen("icu_stay", record="sim_stay_recovery", variable="Potion", order="luck", technique="guess")
    assert warned(screen, "Potion", "luck", "guess")
    assert len(charts(screen)) == 4


DOUBTFUL = b"Time,Parameter,Value\n00:00,Age,60\n01:00,HR,80\n01:00,Glucose,10\n02:00,Glucose,12\n03:00,Urea,20\n"


def test_a_person_chooses_the_unit_of_doubtful_values():
    screen = choose(open_screen("icu_stay", record=SHOCK), "Record", "Your own files …")
    upload(screen, {"mine.csv": DOUBTFUL})
    assert box(screen, "Unit: Glucose").options == ["mg/dL", "mmol/L"]
    assert box(screen, "Unit: BUN").options == ["mg/dL", "mmol/L", "mg/dL urea"]
    assert warned(screen, "Glucose: 10, 12 is improbable in mg/dL", "charted as urea without a unit")
    assert warned(screen, "another unit: **BUN, Glucose**")
    before = figure(screen, "Mortality risk")
    choose(screen, "Unit: BUN", "mmol/L")
    choose(screen, "Unit: Glucose", "mmol/L")
    assert figure(screen, "Mortality risk") != before
    assert not warned(screen, "Choose its unit")
    assert not warned(screen, "another unit")
    assert warned(screen, "Glucose: read in mmol/L as chosen", "BUN: read in mmol/L as chosen")
    assert has_chart_of(screen, "180")
    after = figure(screen, "Mortality risk")
    # The choice outlasts a visit to another screen, and goes with the record.
    go_to(screen, "compare")
    screen = go_to(screen, "icu_stay")
    assert box(screen, "Unit: Glucose").value == "mmol/L"
    assert figure(screen, "Mortality risk") == after
    press(screen, "Remove record")
    upload(screen, {"mine.csv": DOUBTFUL})
    assert box(screen, "Unit: Glucose").value == "mg/dL"
    assert figure(screen, "Mortality risk") == before
