"""Files as people have them, uploaded as a person does: what was understood, what is asked, where a stay goes."""

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.driving import charts, pick, picked, settle, visit, widest_overhang_px, word_in
from tests.browser.test_uploads import own_files, upload  # noqa: F401 - the fixture
from tests.records.edf_files import Edf, Own
from tests.records.formats.clinical.written_files import PERSON, write_dicom
from tests.records.well_formed import STAY, synthetic_ecg

ECG = np.tile(synthetic_ecg()[:, 0], 3)
NOISE = np.random.default_rng(3).normal(0, 0.3, len(ECG))


def _apple_watch() -> bytes:
    """An export of an Apple Watch in German: metadata, then one column of microvolts with decimal commas."""
    metadata = (
        f"Name,{PERSON}\nGeburtsdatum,15.01.1990\nAufzeichnungsdatum,2024-03-05 13:58:58 +0100\n"
        "Klassifizierung,Sinusrhythmus\nSymptome,\nSoftwareversion,1.90\n"
        'Gerät,"Watch6,7"\nMessfrequenz,250 Hertz\n\n\nAbleitung,Ableitung I\nEinheit,µV\n\n\n'
    )
    return (metadata + "\n".join(f"{1000 * value:.3f}".replace(".", ",") for value in ECG)).encode()


def _understood(page):
    return page.get_by_test_id("stSidebar").get_by_test_id("stExpander").filter(has_text="What was understood")


def _unfold(page):
    summary = _understood(page).locator("summary")
    if not _understood(page).get_by_text("Format:").is_visible():
        summary.click()
    expect(_understood(page).get_by_text("Format:")).to_be_visible()


def test_an_export_of_an_apple_watch_opens_with_what_was_understood(own_files):  # noqa: F811
    page = own_files
    upload(page, "ecg_2024-03-05.csv", _apple_watch())
    expect(charts(page).first).to_be_visible()
    settle(page)
    _unfold(page)
    expect(_understood(page)).to_contain_text("Table")
    expect(_understood(page)).to_contain_text("250 Hz")
    assert PERSON not in page.locator("body").inner_text()
    assert widest_overhang_px(page) <= 0
    # A correction opens the file again: at twice the rate, the heart beats twice as fast.
    _understood(page).get_by_role("button", name="Correct").click()
    page.get_by_label("Correct rate (Hz)").fill("500")
    page.get_by_role("button", name="Open again").click()
    settle(page)
    _unfold(page)
    expect(_understood(page)).to_contain_text("500 Hz (stated)")


@pytest.mark.parametrize("theme", ["page", "dark_page"])
def test_a_polysomnography_asks_which_channel_is_the_ecg(theme, request, address, tmp_path):
    page = request.getfixturevalue(theme)
    visit(page, f"{address}?record=sim_normal")
    pick(page, "Record", "Your own files")
    signals = [Own("EEG C3-A2", NOISE), Own("X1", NOISE), Own("X2", 0.2 * ECG + NOISE), Own("Chin 1", NOISE)]
    upload(page, "night.edf", Edf(signals, 30).write(tmp_path / "night.edf").read_bytes())
    expect(page.get_by_role("heading", name="Which of these is the ECG?")).to_be_visible()
    settle(page)
    for name in ("X1 (mV)", "X2 (mV)"):
        expect(word_in(charts(page).first, name)).to_be_visible()
    assert widest_overhang_px(page) <= 0
    page.get_by_role("button", name="X2", exact=True).click()
    settle(page)
    page.get_by_role("button", name="Open with these leads").click()
    expect(page.get_by_role("heading", name="night")).to_be_visible()
    settle(page)
    assert picked(page, "Detection lead").input_value() == "X2"
    _unfold(page)
    expect(_understood(page)).to_contain_text("X2 (stated)")
    expect(_understood(page)).to_contain_text("EEG C3-A2")


def test_a_dicom_opens_with_its_twelve_leads_and_without_its_patient(own_files, tmp_path):  # noqa: F811
    page = own_files
    upload(page, "ecg.dcm", write_dicom(tmp_path / "ecg.dcm").read_bytes())
    expect(charts(page).first).to_be_visible()
    settle(page)
    assert picked(page, "Detection lead").input_value() == "II"
    _unfold(page)
    expect(_understood(page)).to_contain_text("DICOM")
    assert PERSON not in page.locator("body").inner_text()


def test_a_stay_that_is_dropped_on_the_record_screen_is_open_on_its_own(own_files):  # noqa: F811
    page = own_files
    upload(page, "900001.csv", _wide_stay())
    page.get_by_role("link", name="Go to the ICU stay screen").click()
    expect(charts(page).first).to_be_visible()
    settle(page)
    expect(page.get_by_test_id("stSidebar")).to_contain_text("900001: a stay")
    expect(page.get_by_test_id("stMetric").filter(has_text="Mortality risk")).to_be_visible()


def _wide_stay() -> bytes:
    """The made stay as a grid: one row a time, one column a parameter."""
    rows = [line.split(",") for line in STAY.splitlines()[1:]]
    names = list(dict.fromkeys(name for _, name, _ in rows))
    lines = [",".join(["Time", *names])]
    for time in dict.fromkeys(time for time, _, _ in rows):
        values = {name: value for own, name, value in rows if own == time}
        lines.append(",".join([time, *(values.get(name, "") for name in names)]))
    return "\n".join(lines).encode()
