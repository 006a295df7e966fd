import shutil
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
from playwright.sync_api import expect

from backend.cohort.evidence import write_evidence
from tests.browser.driving import charts, go_to, pick, picked, settle, visit, widest_overhang_px, word_in
from tests.made_evidence import made_evidence

MEASURED, NOT_MEASURED = "ecg-beat-2018", "icu-alarm"


@pytest.fixture(scope="module", autouse=True)
def evidence(app_folder):
    """Evidence of one model whose findings are known, and none of another, whatever is shipped."""
    bundles = app_folder / "backend" / "models" / "bundles"
    shutil.rmtree(bundles / NOT_MEASURED / "evidence", ignore_errors=True)
    shutil.rmtree(bundles / MEASURED / "evidence", ignore_errors=True)
    (bundles / MEASURED / "evidence").mkdir()
    write_evidence(made_evidence(), bundles / MEASURED)


def link_choices(page):
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def test_findings_are_stated_in_words_above_the_charts(page, address):
    visit(page, f"{address}evidence?model={MEASURED}")
    page.get_by_text("Findings in words").click()
    findings = page.get_by_role("listitem")
    expect(findings.filter(has_text="random deletion")).to_contain_text("with every k Occlusion, Learned mask")
    expect(findings.filter(has_text="deletion around the R peak")).to_contain_text("Occlusion (1 of 2)")
    expect(findings.filter(has_text="after randomisation")).to_contain_text("fails Occlusion (0.70)")
    expect(findings.filter(has_text="Stability")).to_contain_text("Stable on most beats: Occlusion (80%)")
    drawn = page.locator("[data-testid=stVegaLiteChart] svg text")
    for words in (
        "score drop (scaled)",
        "share deleted",
        "more is better",
        "QRS",
        "layers randomised",
        "80%",
    ):
        expect(drawn.filter(has_text=words).first).to_be_attached()
    expect(page.get_by_test_id("stMetric").filter(has_text="Accuracy")).to_be_visible()
    expect(page.get_by_text("python -m backend evaluate made-up")).to_be_visible()
    assert widest_overhang_px(page) <= 0


def test_a_link_reopens_model_k_class_and_techniques(page, browser, address):
    visit(page, f"{address}evidence?model={MEASURED}")
    pick(page, "Baseline value", "beat mean")
    pick(page, "Class", "PVC")
    page.get_by_role("button", name="Occlusion", exact=True).click()
    page.wait_for_url("**techniques=mask*")
    settle(page)
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    again = context.new_page()
    visit(again, page.url)
    assert link_choices(again) == link_choices(page)
    assert link_choices(page) == {
        "model": MEASURED,
        "fill": "mean",
        "class": "PVC",
        "techniques": "mask,derivative",
    }
    expect(picked(again, "Class")).to_have_value("PVC")
    expect(again.get_by_text("beats of reference class PVC").first).to_be_visible()
    expect(word_in(charts(again).first, "Learned mask")).to_be_visible()
    expect(word_in(charts(again).first, "Occlusion")).to_have_count(0)
    context.close()


def test_a_link_to_what_was_not_measured_opens_with_a_sentence(page, address):
    visit(page, f"{address}evidence?model={MEASURED}&fill=2&class=flutter&techniques=mask,guess")
    for words in ("baseline value '2'", "class 'flutter'", "guess"):
        expect(page.get_by_test_id("stAlert").filter(has_text=words)).to_be_visible()


def test_a_model_without_evidence_shows_its_own_figures_and_a_sentence(dark_page, address):
    dark_page.goto(f"{address}evidence?model={NOT_MEASURED}")
    expect(dark_page.get_by_text("have not been measured")).to_be_visible()
    expect(dark_page.get_by_text("Challenge score")).to_be_visible()
    settle(dark_page)
    assert widest_overhang_px(dark_page) <= 0


def test_the_tables_can_be_downloaded(page, address):
    visit(page, f"{address}evidence?model={MEASURED}")
    page.get_by_role("button", name="Download", exact=True).click()
    with page.expect_download() as coming:
        page.get_by_role("button", name="Table (CSV): Randomisation").click()
    table = pd.read_csv(coming.value.path())
    assert list(table.columns) == list(made_evidence().sanity.columns)
    assert len(table) == len(made_evidence().sanity)


def test_what_is_shipped_opens(dark_page, address):
    visit(dark_page, f"{address}?record=sim_normal")
    dark_page.get_by_test_id("stTopNavLink").filter(has_text="Evidence").click()
    expect(dark_page.get_by_text("Model performance")).to_be_visible()
    settle(dark_page)
    go_to(dark_page, "Record")
    assert link_choices(dark_page)["record"] == "sim_normal"


def test_evidence_that_cannot_be_read_has_a_sentence_and_no_traceback(page, address, app_folder):
    torn = app_folder / "backend" / "models" / "bundles" / "icu-mortality" / "evidence"
    torn.mkdir(exist_ok=True)
    (torn / "about.json").write_text("{")
    page.goto(f"{address}evidence?model=icu-mortality")
    expect(page.get_by_test_id("stAlert").filter(has_text="cannot be read")).to_be_visible()
    settle(page)
    shutil.rmtree(torn)
