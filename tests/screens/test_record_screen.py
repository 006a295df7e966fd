import re

import numpy as np
import wfdb

from tests.browser.conftest import ROOT
from tests.screens.driving import (
    address,
    box,
    charts,
    choose,
    figure,
    go_to,
    has_chart_of,
    names,
    open_screen,
    press,
    prose,
    run,
    select,
    switch,
    tick,
    turn,
    upload,
    warned,
)

SIMULATED = ROOT / "sample_records" / "simulated"
STRIP, PAPER = 0, 1


def files_of(name, *endings):
    return {f"{name}.{ending}": (SIMULATED / f"{name}.{ending}").read_bytes() for ending in endings}


def r_peaks_s(name):
    record, marks = wfdb.rdheader(str(SIMULATED / name)), wfdb.rdann(str(SIMULATED / name), "atr")
    return marks.sample[[symbol == "N" for symbol in marks.symbol]] / record.fs


def hidden(folder):
    """The files of sim_normal, one of whose beats has lost its label while two labels are where no beat is."""
    annotations = wfdb.rdann(str(SIMULATED / "sim_normal"), "atr")
    marks = annotations.sample[[symbol == "N" for symbol in annotations.symbol]]
    between = (marks[[60, 90]] + marks[[61, 91]]) // 2
    labels = np.sort(np.concatenate([np.delete(marks, 20), between]))
    wfdb.wrann("sim_normal", "atr", labels, ["N"] * len(labels), write_dir=str(folder))
    return files_of("sim_normal", "hea", "dat") | {"sim_normal.atr": (folder / "sim_normal.atr").read_bytes()}


def stretch(screen):
    """What the screen says of the stretch on the paper."""
    return next(caption.value for caption in screen.caption if re.match(r"\d+:[\d.]+–", caption.value))


def test_a_new_user_sees_a_simulated_record_with_its_figures():
    screen = open_screen("record")
    assert address(screen)["record"] == "sim_ventricular_premature"
    assert figure(screen, "Duration") == "3:00"
    assert float(figure(screen, "Sensitivity").rstrip("%")) > 99
    assert "Not a medical device" in prose(screen)


def test_a_brush_on_the_strip_chooses_the_stretch_on_the_paper():
    screen = open_screen("record", record="sim_normal")
    assert "0:00.0–0:08.0 of 2:00.0" in prose(screen)
    select(screen, charts(screen)[STRIP], {"stretch": {"time_s": [60.0, 66.0]}})
    assert "1:00.0–1:06.0 of 2:00.0" in prose(screen)
    select(screen, charts(screen)[STRIP], {"place": [{"place_s": 30.0}]})
    assert "0:26.0–0:34.0 of 2:00.0" in prose(screen)
    press(screen, "Earlier")
    assert "0:18.0–0:26.0 of 2:00.0" in prose(screen)


def test_a_click_on_a_beat_of_the_paper_or_the_table_opens_it_on_the_beat_screen():
    screen = open_screen("record", record="sim_normal")
    select(screen, charts(screen)[PAPER], {"beat": [{"beat": 4}]})
    assert (address(screen)["beat"], "Technique" in names(screen, "selectbox")) == ("4", True)
    go_to(screen, "record")
    tick(screen, screen.dataframe[-1], 7)
    assert (address(screen)["beat"], "Technique" in names(screen, "selectbox")) == ("7", True)


def test_the_table_keeps_only_the_beats_that_match_the_filters():
    screen = open_screen("record", record="sim_ventricular_premature")
    n_beats = len(screen.dataframe[-1].value)
    screen.multiselect[0].set_value(["PVC"])
    run(screen)
    n_premature = len(screen.dataframe[-1].value)
    assert 0 < n_premature < n_beats
    assert set(screen.dataframe[-1].value["model"]) == {"PVC"}
    switch(screen, "Beats", "disagreements")
    assert len(screen.dataframe[-1].value) <= n_premature


def test_a_corrected_beat_changes_the_figures_until_it_is_undone():
    screen = turn(open_screen("record", record="sim_normal"), "Correct beats")
    fourth_s = r_peaks_s("sim_normal")[3]
    n_found = int(figure(screen, "Beats detected"))
    switch(screen, "Correction tool", "Delete")
    select(screen, charts(screen)[PAPER], {"place": [{"place_s": fourth_s}]})
    assert int(figure(screen, "Beats detected")) == n_found - 1
    assert figure(screen, "Sensitivity") != "100.00%"
    switch(screen, "Correction tool", "Add")
    select(screen, charts(screen)[PAPER], {"place": [{"place_s": fourth_s + 0.01}]})
    assert (int(figure(screen, "Beats detected")), figure(screen, "Sensitivity")) == (n_found, "100.00%")
    press(screen, "Undo all")
    assert int(figure(screen, "Beats detected")) == n_found
    assert "1 correction" not in prose(screen)


def test_a_beat_is_moved_by_a_nudge_and_a_click_beside_any_beat_is_refused():
    screen = turn(open_screen("record", record="sim_normal"), "Correct beats")
    fourth_s = r_peaks_s("sim_normal")[3]
    switch(screen, "Correction tool", "Move")
    select(screen, charts(screen)[PAPER], {"place": [{"place_s": fourth_s + 0.4}]})
    assert ":material/block:" in prose(screen)
    select(screen, charts(screen)[PAPER], {"place": [{"place_s": fourth_s}]})
    press(screen, "11 ms later")
    assert screen.dataframe[0].value["correction"].tolist() == ["moved"]


def test_another_detector_is_kept_in_the_address():
    screen = open_screen("record", record="sim_normal")
    (other,) = set(box(screen, "Detector").options) - {box(screen, "Detector").format_func(address(screen)["detector"])}
    assert other
    choose(screen, "Detector", "biosppy")
    assert address(screen)["detector"] == "biosppy"
    assert figure(screen, "Sensitivity") == "100.00%"


def test_missed_and_false_beats_are_listed_and_a_tick_shows_one_on_the_paper(tmp_path):
    screen = choose(open_screen("record", record="sim_normal"), "Record", "Your own files …")
    upload(screen, hidden(tmp_path))
    errors = screen.dataframe[0].value
    assert sorted(errors["error"]) == ["false", "missed", "missed"]
    before = stretch(screen)
    tick(screen, screen.dataframe[0], 0)
    assert stretch(screen) != before
    press(screen, "Next error")
    assert stretch(screen) == before


def test_segments_without_signal_are_drawn_and_counted():
    screen = open_screen("record", record="sim_dropouts")
    # The screen opens at the first disagreement with the reference; the first gap is at 30 s.
    for _ in range(20):
        if not has_chart_of(screen, "no signal"):
            press(screen, "Earlier" if stretch(screen) > "0:3" else "Later")
    assert has_chart_of(screen, "no signal")
    assert int(figure(screen, "Excluded")) >= 3


def test_an_upload_is_kept_out_of_the_address_until_it_is_removed():
    screen = choose(open_screen("record", record="sim_normal"), "Record", "Your own files …")
    upload(screen, files_of("sim_bigeminy", "hea", "dat"))
    assert screen.subheader[0].value == "sim_bigeminy"
    assert address(screen) == {}
    assert "agreement cannot be measured" in prose(screen)
    go_to(screen, "beat")
    assert address(screen) == {}
    press(screen, "Remove record")
    assert len(screen.file_uploader) == 1


def test_a_bad_upload_is_refused_in_a_sentence():
    screen = choose(open_screen("record", record="sim_normal"), "Record", "Your own files …")
    upload(screen, files_of("sim_bigeminy", "hea"))
    assert "is missing" in screen.error[0].value
    assert charts(screen) == []


def test_a_table_without_sampling_rate_and_unit_waits_for_them():
    screen = choose(open_screen("record", record="sim_normal"), "Record", "Your own files …")
    beat = [0.0] * 30 + [0.3, 1.0, 0.3] + [0.0] * 40 + [0.2] * 10 + [0.0] * 117
    upload(screen, {"mine.csv": "\n".join(["II", *map(str, beat * 20)]).encode()})
    assert "sampling rate" in screen.error[0].value
    next(one for one in screen.number_input if one.label.startswith("Sampling rate")).set_value(250.0)
    next(one for one in screen.selectbox if one.label.startswith("Unit")).set_value("mV")
    run(screen)
    assert screen.subheader[0].value == "mine"


def test_a_stay_is_sent_from_the_record_screen_to_its_own():
    screen = choose(open_screen("record", record="sim_normal"), "Record", "Your own files …")
    upload(screen, {"stay.txt": (SIMULATED / "sim_stay_sparse.txt").read_bytes()})
    assert "ICU stay" in screen.main.info[0].value
    assert [link.label for link in screen.get("page_link")] == ["Go to the ICU stay screen"]


def test_a_link_with_unknown_names_opens_with_a_sentence_for_each():
    screen = open_screen("record", record="../../secret", model="none", lead="V9", detector="guess")
    assert warned(screen, "secret", "none", "guess")
    assert charts(screen)


def test_the_card_of_a_model_opens_beside_its_record():
    screen = press(open_screen("record", record="sim_normal"), "About this model")
    assert "Macro-F1" in names(screen, "metric")
