"""What a person sees of an uploaded file: what was understood, which channel is asked about, where a stay goes."""

import numpy as np
import pytest

from tests.records.edf_files import Edf, Own
from tests.records.well_formed import STAY, synthetic_ecg
from tests.screens.driving import (
    address,
    box,
    charts,
    choose,
    go_to,
    has_chart_of,
    open_screen,
    press,
    prose,
    run,
    upload,
    visible_sentences,
)
from tests.screens.test_prose import MOST_WORDS, words

ECG = np.tile(synthetic_ecg()[:, 0], 3)
NOISE = np.random.default_rng(3).normal(0, 0.3, len(ECG))


@pytest.fixture
def own_files():
    return choose(open_screen("record"), "Record", "Your own files …")


def _edf(tmp_path, *signals, **fields):
    return Edf(signals, 30, fields).write(tmp_path / "night.edf").read_bytes()


def test_what_was_understood_is_shown_and_can_be_corrected(own_files, tmp_path):
    content = _edf(
        tmp_path, Own("EEG C3-A2", NOISE), Own("ECG1", NOISE), Own("ECG2", ECG), Own("-", ECG * 0, "", ("0",) * 4)
    )
    screen = upload(own_files, {"night.edf": content})
    said = prose(screen).replace("\\", "")
    for sentence in (
        "**Format:** EDF",
        "**Sampling rate:** 250 Hz (header)",
        "**Unit:** mV (header)",
        "**ECG leads:** ECG1, ECG2 (by name)",
        "**Other signals:** EEG C3-A2",
        "**Left out:** - (no range of values in the header)",
    ):
        assert sentence in said
    next(one for one in screen.multiselect if one.label == "Correct ECG leads").set_value(["ECG2"])
    next(one for one in screen.number_input if one.label == "Correct rate (Hz)").set_value(500.0)
    screen = press(screen, "Open again")
    said = prose(screen).replace("\\", "")
    assert "**Sampling rate:** 500 Hz (stated)" in said
    assert "**ECG leads:** ECG2 (stated)" in said
    assert box(screen, "Detection lead").options == ["ECG2"]
    assert address(screen) == {}


def test_a_notice_of_a_cut_file_is_shown(own_files, tmp_path):
    screen = upload(own_files, {"night.edf": _edf(tmp_path, Own("ECG", ECG))[:-100]})
    assert [warning.value for warning in screen.warning] == [
        "The file is cut; it was read to its last whole data record, at 29 s."
    ]


def test_a_person_chooses_the_ecg_among_drawn_channels(own_files, tmp_path):
    weak = 0.2 * ECG + NOISE
    content = _edf(tmp_path, Own("EEG C3", NOISE), Own("X1", NOISE), Own("X2 *", weak))
    screen = upload(own_files, {"night.edf": content})
    assert [one.value for one in screen.subheader] == ["Which of these is the ECG?"]
    assert len(charts(screen)) == 1
    assert has_chart_of(screen, "X2 *")
    assert not has_chart_of(screen, "EEG C3")
    assert len(words(list(visible_sentences(screen))[1:])) <= MOST_WORDS
    assert next(one for one in screen.button if one.label == "Open with these leads").disabled
    screen.button_group[0].set_value(["X2 *"])
    screen = press(run(screen), "Open with these leads")
    assert "**ECG leads:** X2 * (stated)" in prose(screen).replace("\\", "")
    assert box(screen, "Detection lead").options == ["X2 *"]


def test_an_upload_in_doubt_can_be_removed(own_files, tmp_path):
    screen = upload(own_files, {"night.edf": _edf(tmp_path, Own("X1", NOISE), Own("X2", NOISE))})
    screen = press(screen, "Remove record")
    assert len(screen.subheader) == 0
    assert "Upload all files of one record" in prose(screen)


def test_a_sleep_recording_without_an_ecg_is_refused_in_a_sentence(own_files, tmp_path):
    screen = upload(own_files, {"night.edf": _edf(tmp_path, Own("EEG C3-A2", ECG), Own("Chin 1", NOISE))})
    assert "has no ECG lead, only EEG C3-A2, Chin 1" in screen.error[0].value.replace("\\", "")
    assert len(charts(screen)) == 0


@pytest.mark.parametrize("page", ["record", "icu_alarm"])
def test_a_stay_that_is_dropped_on_another_screen_is_open_on_its_own(page):
    screen = choose(open_screen(page), "Record", "Your own files …")
    screen = upload(screen, {"900001.txt": STAY.encode()})
    assert ["holds charted values instead of signals" in own.value for own in screen.main.info] == [True]
    assert [link.label for link in screen.get("page_link")] == ["Go to the ICU stay screen"]
    screen = go_to(screen, "icu_stay")
    assert "**900001**: a stay" in prose(screen)


def test_signals_that_are_dropped_on_the_stay_screen_are_open_on_the_beat_screen(tmp_path):
    screen = choose(open_screen("icu_stay"), "Record", "Your own files …")
    screen = upload(screen, {"night.edf": _edf(tmp_path, Own("ECG", ECG))})
    assert [link.label for link in screen.get("page_link")] == ["Go to the Beat screen"]
    screen = go_to(screen, "record")
    assert "**night**: 1 signals at 250 Hz" in prose(screen)
