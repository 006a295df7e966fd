import pytest

from backend.records.record import RecordRefused
from tests.screens.driving import (
    address,
    box,
    charts,
    choose,
    has_chart_of,
    names,
    open_screen,
    press,
    prose,
    select,
    share_line,
    switch,
    warned,
)

QUICK = "occlusion,derivative,random"


@pytest.mark.parametrize(
    ("kind", "record"),
    [("beat", "sim_normal"), ("alarm", "sim_alarm_asystole"), ("stay", "sim_stay_sparse")],
)
def test_each_kind_of_window_is_compared_technique_by_technique(kind, record):
    screen = open_screen("compare", what=kind, record=record, techniques=QUICK)
    assert len(charts(screen)) == 2
    for technique in ("Occlusion", "Input derivative", "Random (control)"):
        assert has_chart_of(screen, technique)
    assert address(screen).items() >= {"what": kind, "record": record, "techniques": QUICK}.items()


def test_the_share_of_the_tracing_stands_above_the_rows_and_only_leads_can_be_shown():
    screen = open_screen("compare", record="sim_normal", beat="20", techniques=QUICK)
    assert share_line("sim_normal", 20) in prose(screen)
    assert list(box(screen, "Shown variable").options) == ["all leads", "MLII", "V1"]


def test_the_switch_goes_from_kind_to_kind_and_back_to_the_same_beat():
    screen = open_screen("compare", record="sim_paced", beat="7", techniques=QUICK)
    switch(screen, "Compared window", "alarm")
    switch(screen, "Compared window", "stay")
    assert address(screen)["what"] == "stay"
    assert not screen.warning
    switch(screen, "Compared window", "beat")
    assert address(screen).items() >= {"what": "beat", "record": "sim_paced", "beat": "7"}.items()


def test_a_slow_technique_fills_its_row_and_a_source_shows_alone():
    screen = open_screen("compare", what="stay", record="sim_stay_sparse", techniques="occlusion,random")
    switch(screen, "Techniques", ["occlusion", "mask", "random"])
    assert address(screen)["techniques"] == "occlusion,mask,random"
    assert has_chart_of(screen, "Learned mask")
    choose(screen, "Shown variable", "HR")
    assert address(screen)["source"] == "HR"


def test_a_click_on_a_row_looks_closer_and_its_stability_is_worked_out():
    screen = open_screen("compare", record="sim_normal", beat="20", techniques=QUICK)
    select(screen, charts(screen)[0], {"chosen": [{"technique": "random"}]})
    assert box(screen, "Technique details").value == "random"
    press(screen, "Check stability")
    assert "Not stable" in prose(screen)
    assert "Check stability" not in names(screen, "button")


def test_a_row_opens_on_the_screen_of_its_kind_as_it_was_compared():
    screen = open_screen("compare", record="sim_paced", beat="7", techniques=QUICK, row="occlusion")
    choose(screen, "Baseline value", "mean")
    choose(screen, "Target class", "PVC")
    press(screen, "Open Beat screen")
    expected = {"record": "sim_paced", "beat": "7", "technique": "occlusion", "target": "PVC", "p_fill": "mean"}
    assert address(screen).items() >= expected.items()
    assert "techniques" not in address(screen)


def test_without_any_technique_the_screen_waits_for_one():
    screen = open_screen("compare", record="sim_normal", beat="3", techniques=",")
    assert "at least one technique" in screen.info[0].value
    assert charts(screen) == []


def test_a_technique_that_refuses_the_window_ends_the_run_with_its_sentence(monkeypatch):
    def refuse(*_given):
        raise RecordRefused("This beat cannot be explained. Choose another beat.")

    monkeypatch.setattr("backend.workbench.explanation", refuse)
    monkeypatch.setattr("backend.workbench.is_explained", lambda *_given: False)
    screen = open_screen("compare", record="sim_normal", beat="3", techniques="occlusion")
    assert screen.error[0].value == "This beat cannot be explained. Choose another beat."


def test_a_link_with_unknown_names_opens_with_a_sentence_for_each():
    link = {"techniques": "guess,occlusion", "fill": "wide", "source": "V9", "target": "flutter"}
    screen = open_screen("compare", record="sim_normal", beat="20", **link)
    assert warned(screen, "guess", "wide", "V9", "flutter")
    assert charts(screen)
