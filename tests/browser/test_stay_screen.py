import json
import re

import pytest
from playwright.sync_api import expect

from backend.charts.style.theme import DARK
from backend.records.stays import PARAMETERS
from pages.parts.stay.parameter_names import LABELS
from tests.browser.conftest import ROOT
from tests.browser.driving import charts, pick, picked, settle, visit, widest_overhang_px, word_in
from tests.browser.test_beat_screen import downloaded
from tests.browser.test_links import link_choices
from tests.browser.test_uploads import upload

SHOCK = "icu_stay?record=sim_stay_septic_shock"
SHOCK_FILE = ROOT / "sample_records" / "simulated" / "sim_stay_septic_shock.txt"
ON_ADMISSION = "Time,Parameter,Value\n00:00,RecordID,1\n00:00,Age,54\n00:00,Gender,0\n00:00,ICUType,4\n"

RISK, GRID, COURSE, RANKING = range(4)


def chart(page, place):
    return charts(page).nth(place)


def risk(page):
    """The risk that the screen states, in per cent."""
    value = page.get_by_test_id("stMetric").filter(has_text="Mortality risk").get_by_test_id("stMetricValue")
    return float(re.search(r"\d+", value.inner_text()).group())


def figures_of_risk(page):
    """The figures at the right end of the curves."""
    return chart(page, RISK).locator("svg text[font-weight=bold]").all_text_contents()


@pytest.mark.parametrize("record", ["septic_shock", "sparse"])
def test_a_stay_shows_its_risk_and_what_was_charted(page, address, record):
    visit(page, f"{address}icu_stay?record=sim_stay_{record}")
    expect(charts(page)).to_have_count(4)
    assert 0 <= risk(page) <= 100
    expect(page.get_by_text("the mortality in training")).to_be_visible()
    expect(page.get_by_text("Never charted")).to_be_visible()
    expect(page.get_by_text("Not a medical device")).to_be_visible()
    for words in ("mortality in training", "death predicted from", "hours since ICU admission"):
        expect(word_in(chart(page, RISK), words)).to_be_visible()
    expect(word_in(chart(page, GRID), "salience")).to_be_visible()
    assert widest_overhang_px(page) <= 0


def test_a_stay_follows_a_dark_theme(dark_page, address):
    visit(dark_page, address + SHOCK)
    for place in (RISK, GRID, COURSE):
        assert word_in(chart(dark_page, place), "hours since").get_attribute("fill").upper() == DARK.text
    assert widest_overhang_px(dark_page) <= 0


def test_a_click_on_a_row_and_the_arrow_keys_choose_the_variable(page, address):
    visit(page, f"{address}{SHOCK}")
    first = link_choices(page)["variable"]
    name = chart(page, GRID).locator("svg text[text-anchor=end][font-size='12px']").nth(3)
    chosen = next(variable for variable, label in LABELS.items() if label == name.text_content())
    box = name.bounding_box()
    page.mouse.click(box["x"] + 300, box["y"] + box["height"] / 2)
    page.wait_for_url(f"**variable={chosen}**")
    settle(page)
    assert chosen != first
    expect(picked(page, "Variable")).to_have_value(PARAMETERS[chosen].label)
    page.locator("body").press("ArrowRight")
    expect(picked(page, "Variable")).not_to_have_value(PARAMETERS[chosen].label)
    settle(page)
    page.locator("body").press("ArrowLeft")
    page.wait_for_url(f"**variable={chosen}**")


def test_a_bar_of_the_ranking_chooses_its_variable(page, address):
    visit(page, f"{address}{SHOCK}&variable=HR")
    bars = chart(page, RANKING).locator("svg path[aria-roledescription=bar]")
    bars.first.scroll_into_view_if_needed()
    bars.first.click(force=True)
    expect(picked(page, "Variable")).not_to_have_value("Heart rate")
    settle(page)


def test_changed_values_give_a_new_risk_beside_the_old_one_and_stay_out_of_the_address(page, address):
    visit(page, f"{address}{SHOCK}&variable=Lactate")
    before, link = risk(page), page.url
    expect(picked(page, "Charted value")).to_have_value(re.compile(r"^All \d+ values"))
    page.get_by_label("New value (mmol/L)").fill("1")
    page.keyboard.press("Enter")
    settle(page)
    page.get_by_role("button", name="Change", exact=True).click()
    expect(page.get_by_text(re.compile(r"Lactate, all \d+ values: now 1 mmol/L"))).to_be_visible()
    settle(page)
    assert risk(page) < before
    assert figures_of_risk(page) == [f"{before:.0f}%", f"{risk(page):.0f}%"]
    expect(page.get_by_text(f"instead of {before:.0f}%")).to_be_visible()
    # The list is longer than what it shows at once: it is searched.
    picked(page, "Variable").click()
    page.keyboard.type("Glasgow")
    page.keyboard.press("Enter")
    page.wait_for_url("**variable=GCS**")
    settle(page)
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text(re.compile(r"Glasgow Coma Scale, all \d+ values: deleted"))).to_be_visible()
    settle(page)
    assert "Edit" not in page.url
    assert "Lactate" not in page.url.replace(link, "")
    page.locator("body").press("Control+z")
    expect(page.get_by_text("Glasgow Coma Scale, all")).to_have_count(0)
    settle(page)
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("values: now")).to_have_count(0)
    settle(page)
    assert risk(page) == before
    assert len(figures_of_risk(page)) == 1


def test_a_click_on_a_measurement_chooses_it_and_it_can_be_deleted_alone(page, address):
    visit(page, f"{address}{SHOCK}&variable=Lactate")
    dots = chart(page, COURSE).locator("svg path[aria-roledescription=circle]")
    count = dots.count()
    dots.nth(2).scroll_into_view_if_needed()
    dots.nth(2).click()
    expect(picked(page, "Charted value")).to_have_value(re.compile(r"^\d+:\d\d: [\d.]+ mmol/L"))
    settle(page)
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text(re.compile(r"Lactate at \d+:\d\d: deleted"))).to_be_visible()
    settle(page)
    expect(dots).to_have_count(count - 1)


def test_a_variable_that_was_never_charted_can_be_given_a_value(page, address):
    visit(page, f"{address}icu_stay?record=sim_stay_sparse&variable=Lactate")
    expect(page.get_by_text("Lactate was never charted in this stay")).to_be_visible()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text(re.compile(r"Lactate at 24:00: now [\d.]+ mmol/L"))).to_be_visible()
    settle(page)
    expect(page.get_by_text("Lactate was never charted in this stay")).to_have_count(0)


def test_rows_can_be_ordered_by_organ_system_and_a_link_reopens_them(page, address):
    visit(page, address + SHOCK)
    page.get_by_text("By organ system").click()
    page.wait_for_url("**order=organ**")
    settle(page)
    visit(page, page.url)
    assert link_choices(page)["order"] == "organ system"
    expect(page.get_by_role("radio", name="By organ system")).to_be_checked()


def test_less_important_rows_and_bars_are_folded_away_until_a_reader_asks_for_them(page, address):
    visit(page, address + SHOCK)
    low = chart(page, GRID).bounding_box()["height"]
    page.get_by_role("button", name=re.compile(r"Show \d+ more")).first.click()
    expect(page.get_by_role("button", name="Show fewer").first).to_be_visible()
    settle(page)
    assert chart(page, GRID).bounding_box()["height"] > low + 100


def test_each_technique_explains_the_stay_and_a_long_one_can_be_stopped(page, address):
    visit(page, address + SHOCK)
    for label, name in (("Input derivative", "derivative"), ("Occlusion", "occlusion")):
        pick(page, "Technique", label)
        page.wait_for_url(f"**technique={name}**")
        settle(page)
        expect(word_in(chart(page, GRID), "salience")).to_be_visible()
    page.goto(f"{address}{SHOCK}&technique=mask&p_steps=5000")
    expect(page.get_by_test_id("stProgress")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    page.wait_for_url("**technique=occlusion**")
    settle(page)


def test_no_word_of_the_pairs_is_cut(page, address):
    visit(page, address + SHOCK)
    pairs = page.get_by_test_id("stTable")
    expect(pairs.get_by_role("row")).to_have_count(11)
    assert pairs.evaluate("table => table.scrollWidth - table.clientWidth") <= 0
    cells = pairs.locator("th, td")
    cut = cells.evaluate_all("cells => cells.filter(cell => cell.scrollWidth > cell.clientWidth + 1).length")
    assert cells.count() >= 44
    assert cut == 0
    right = max(cell["x"] + cell["width"] for cell in (cell.bounding_box() for cell in cells.all()))
    assert right <= page.viewport_size["width"]
    expect(page.get_by_text("Pairwise interaction")).to_be_visible()


def test_charts_table_and_values_of_a_stay_can_be_downloaded(page, address):
    visit(page, f"{address}{SHOCK}&variable=Lactate")
    page.get_by_role("button", name="Download", exact=True).click()
    for name in ("risk", "charted values", "ranking", "Lactate"):
        assert downloaded(page, f"Picture: {name}").startswith(b"\x89PNG")
    assert len(downloaded(page, "Table (CSV)").decode().splitlines()) == 49
    document = json.loads(downloaded(page, "All values (JSON)"))
    assert (document["record"], document["model"]) == ("sim_stay_septic_shock", "icu-mortality")
    assert {"variable", "drop"} <= set(document["ranking"][0])


@pytest.mark.parametrize(
    "query",
    [
        "?record=../../secret&model=none",
        "?record=sim_stay_recovery&variable=Potion&order=luck&technique=guess&target=flutter&p_width_steps=wide",
    ],
)
def test_a_link_with_unknown_names_opens_a_stay_with_a_sentence(page, address, query):
    visit(page, f"{address}icu_stay{query}")
    expect(page.get_by_test_id("stAlert").filter(has_text="The link names").first).to_be_visible()
    expect(charts(page)).to_have_count(4)


@pytest.fixture
def own_stay(page, address):
    visit(page, address + SHOCK)
    pick(page, "Record", "Your own files")
    expect(page.get_by_text("Upload the table of one stay")).to_be_visible()
    return page


BAD_STAYS = (
    (ON_ADMISSION, "but no measurements"),
    (f"{ON_ADMISSION}49:30,HR,80\n", "beyond 48:00"),
    (f"{ON_ADMISSION}00:10,Potion,80\n", "unknown parameter"),
    (f"{ON_ADMISSION}00:10,HR,high\n", "not a number"),
)


def test_bad_stays_are_refused_in_a_sentence_and_not_kept(own_stay):
    page = own_stay
    for content, sentence in BAD_STAYS:
        upload(page, "mine.txt", content.encode())
        expect(page.get_by_test_id("stAlert").filter(has_text=sentence)).to_be_visible()
        settle(page)
        expect(page.get_by_test_id("stFileUploaderFile")).to_have_count(0)
        expect(charts(page)).to_have_count(0)


def test_an_uploaded_stay_is_read_and_kept_out_of_the_address(own_stay):
    page = own_stay
    upload(page, "mine.txt", SHOCK_FILE.read_bytes())
    expect(charts(page)).to_have_count(4)
    settle(page)
    expect(page.get_by_role("button", name="Remove record")).to_be_visible()
    assert "?" not in page.url
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("values: deleted")).to_be_visible()
    settle(page)
    assert "?" not in page.url
    page.get_by_role("button", name="Remove record").click()
    expect(page.get_by_text("Upload the table of one stay")).to_be_visible()
