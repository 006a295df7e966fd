import re

from playwright.sync_api import expect

from tests.browser.driving import settle, visit, widest_overhang_px


def cell(page, row, column):
    """A cell of the table of intervals; the grid is drawn on a canvas and keeps its text beside it."""
    return page.get_by_test_id("stDataFrame").first.get_by_test_id(f"glide-cell-{column}-{row}")


def test_a_premature_beats_intervals_stand_beside_the_records_and_say_which_are_not_normal(page, address):
    visit(page, f"{address}beat?record=sim_ventricular_premature&beat=40")
    expect(cell(page, 2, 0)).to_have_text("QRS")
    expect(cell(page, 2, 1)).to_have_text(re.compile(r"▲ 1[5-9]\d|▲ 2\d\d"))
    expect(cell(page, 2, 2)).to_have_text(re.compile(r"^[789]\d$"))
    expect(cell(page, 2, 3)).to_have_text("≤ 110")
    expect(cell(page, 1, 1)).to_have_text("–")
    expect(page.get_by_text("▲ QRS above")).to_be_visible()
    expect(page.get_by_text("No PR: no P wave marked.")).to_be_visible()
    assert widest_overhang_px(page) <= 0


def test_the_first_beat_has_no_rr_interval_and_the_next_one_has(page, address):
    visit(page, f"{address}beat?record=sim_normal&beat=0")
    expect(page.get_by_text("No RR, QTcF, QTcB: no previous beat.")).to_be_visible()
    page.get_by_role("button", name="Next beat").click()
    page.wait_for_url("**beat=1**")
    settle(page)
    expect(page.get_by_text("no previous beat")).to_have_count(0)
    expect(page.get_by_text("All measured intervals are within the normal range.")).to_be_visible()


def test_the_sources_of_the_normal_ranges_are_listed(page, address):
    visit(page, f"{address}beat?record=sim_normal&beat=5")
    page.get_by_role("button", name="All beats").click()
    for source in ("Surawicz et al. 2009", "Rautaharju et al. 2009", "Mason et al. 2007", "men to 450"):
        expect(page.get_by_text(source).first).to_be_visible()
