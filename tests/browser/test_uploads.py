import io
import zipfile

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ROOT
from tests.browser.driving import charts, go_to, pick, settle, visit

SIMULATED = ROOT / "sample_records" / "simulated"


def upload(page, name, content):
    files = [{"name": name, "mimeType": "application/octet-stream", "buffer": content}]
    page.locator("input[type=file]").set_input_files(files)


def zipped(*names):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        for name in names:
            opened.write(SIMULATED / name, name)
    return archive.getvalue()


@pytest.fixture
def own_files(page, address):
    visit(page, f"{address}?record=sim_normal")
    pick(page, "Record", "Your own files")
    expect(page.get_by_text("Upload all files of one record")).to_be_visible()
    return page


def test_an_upload_is_kept_between_the_screens_and_kept_out_of_the_address(own_files):
    page = own_files
    upload(page, "mine.zip", zipped("sim_bigeminy.hea", "sim_bigeminy.dat", "sim_bigeminy.atr"))
    expect(charts(page).first).to_be_visible()
    settle(page)
    for screen in ("Beat", "Compare", "Record"):
        go_to(page, screen)
        expect(page.get_by_role("button", name="Remove record")).to_be_visible()
        assert "?" not in page.url
    expect(page.get_by_role("heading", name="sim_bigeminy")).to_be_visible()
    page.get_by_text("Correct beats").click()
    settle(page)
    assert "?" not in page.url
    # A hand may click twice before the button is gone.
    page.get_by_role("button", name="Remove record").dblclick()
    expect(page.get_by_text("Upload all files of one record")).to_be_visible()
    expect(charts(page)).to_have_count(0)
    settle(page)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("mine.zip", zipped("sim_bigeminy.hea"), "is missing"),
        ("mine.zip", b"no archive at all", "mine.zip"),
        ("mine.edf", b"0" * 100, "mine.edf"),
    ],
)
def test_a_bad_upload_is_refused_in_a_sentence_and_not_kept(own_files, name, content, sentence):
    page = own_files
    upload(page, name, content)
    expect(page.get_by_test_id("stAlert").filter(has_text=sentence)).to_be_visible()
    settle(page)
    expect(page.get_by_test_id("stFileUploaderFile")).to_have_count(0)
    expect(charts(page)).to_have_count(0)


def test_a_table_without_sampling_rate_and_unit_waits_for_them(own_files):
    page = own_files
    beat = [0.0] * 30 + [0.3, 1.0, 0.3] + [0.0] * 40 + [0.2] * 10 + [0.0] * 117
    upload(page, "mine.csv", "\n".join(["II", *map(str, beat * 20)]).encode())
    expect(page.get_by_test_id("stAlert").filter(has_text="sampling rate")).to_be_visible()
    page.get_by_label("Sampling rate (Hz)").fill("250")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("stAlert").filter(has_text="unit")).to_be_visible()
    pick(page, "Unit", "mV")
    expect(charts(page).first).to_be_visible()
    settle(page)
    expect(page.get_by_text("agreement cannot be measured")).to_be_visible()
