from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import served
from tests.browser.driving import charts, go_to, pick, picked, settle, visit


def link_choices(page):
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def test_a_link_reopens_the_same_view(page, browser, address):
    visit(page, f"{address}?record=sim_right_bundle_branch_block")
    pick(page, "Model", "ecg-beat-2018")
    go_to(page, "Beat")
    page.get_by_label("Beat (at").fill("12")
    page.keyboard.press("Enter")
    page.wait_for_url("**beat=12**")
    pick(page, "Target class", "paced")
    page.wait_for_url("**target=paced**")
    page.get_by_role("button", name="Parameters").click()
    page.get_by_label("Width (steps)").fill("40")
    page.keyboard.press("Enter")
    page.wait_for_url("**p_width_steps=40**")
    settle(page)
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    again = context.new_page()
    visit(again, page.url)
    assert link_choices(again) == link_choices(page)
    expect(picked(again, "Record")).to_have_value("sim_right_bundle_branch_block")
    expect(picked(again, "Model")).to_have_value("ecg-beat-2018")
    expect(picked(again, "Target class")).to_have_value("paced")
    expect(again.get_by_label("Beat (at")).to_have_value("12")
    again.get_by_role("button", name="Parameters").click()
    expect(again.get_by_label("Width (steps)")).to_have_value("40")
    context.close()


@pytest.mark.parametrize(
    "query",
    [
        "?record=../../secret&model=none&lead=V9&detector=guess",
        "beat?record=sim_normal&beat=99999&technique=guess&target=flutter&p_width_steps=wide",
        "beat?record=sim_normal&beat=-1&technique=mask&p_l1=1e9&p_unknown=1",
        "icu_alarm?record=sim_stay_sparse&model=ecg-beat&technique=guess&target=PVC",
        "icu_alarm?record=sim_alarm_asystole&p_fill=nothing",
        "icu_stay?record=sim_normal&model=none&target=true+alarm&variable=Mood",
    ],
)
def test_a_link_with_unknown_names_opens_with_a_sentence(page, address, query):
    visit(page, address + query)
    expect(page.get_by_test_id("stAlert").first).to_be_visible()
    expect(charts(page).first).to_be_visible()


def test_each_kind_of_screen_keeps_its_own_choices(page, address):
    visit(page, f"{address}beat?record=sim_paced&beat=7")
    go_to(page, "ICU stay")
    pick(page, "Record", "sim_stay_sparse")
    page.wait_for_url("**record=sim_stay_sparse**")
    go_to(page, "ICU alarm")
    pick(page, "Record", "sim_alarm_vt_pulse")
    pick(page, "Target class", "false alarm")
    page.wait_for_url("**target=false**")
    go_to(page, "Beat")
    assert (link_choices(page)["record"], link_choices(page)["beat"]) == ("sim_paced", "7")
    go_to(page, "ICU stay")
    assert link_choices(page)["record"] == "sim_stay_sparse"
    assert "beat" not in link_choices(page)
    go_to(page, "ICU alarm")
    assert (link_choices(page)["record"], link_choices(page)["target"]) == (
        "sim_alarm_vt_pulse",
        "false alarm",
    )


@pytest.mark.parametrize("screen", ["icu_alarm", "icu_stay"])
def test_a_link_to_a_screen_of_the_icu_reopens_technique_class_and_parameters(page, browser, address, screen):
    record, target = {"icu_alarm": ("sim_alarm_vt_pulse", "false alarm"), "icu_stay": ("sim_stay_sparse", "death")}[
        screen
    ]
    visit(page, f"{address}{screen}?record={record}&target={target}&technique=occlusion&p_width_steps=5&p_fill=mean")
    expect(page.get_by_test_id("stAlert").filter(has_text="link")).to_have_count(0)
    expect(picked(page, "Record")).to_have_value(record)
    expect(picked(page, "Target class")).to_have_value(target)
    page.get_by_role("button", name="Parameters").click()
    expect(page.get_by_label("Width (steps)")).to_have_value("5")
    assert (
        link_choices(page).items()
        >= {"record": record, "target": target, "p_width_steps": "5", "p_fill": "mean"}.items()
    )


def test_a_new_servers_first_visitor_who_follows_a_link_to_a_beat_sees_the_research_use_notice(page, app_folder):
    with served(app_folder) as own:
        visit(page, f"{own}beat?record=sim_normal&beat=12")
        expect(page.get_by_text("Not a medical device")).to_be_visible()
        expect(page.get_by_text("Page not found")).to_have_count(0)
        expect(page.get_by_label("Beat (at")).to_have_value("12")
