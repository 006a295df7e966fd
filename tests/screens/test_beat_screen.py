import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from backend.cohort.stabilisers import read_study
from backend.explain.questions.tracing_share import TracingShare
from backend.explain.techniques.lrp import LRPParameters, measure_lost_shares
from backend.models.bundle import load_bundle
from backend.models.classification import classify_beats
from backend.records.samples.library import open_sample
from pages.parts.explanation import explanation_text
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
    names,
    open_screen,
    press,
    prose,
    select,
    share_line,
    switch,
    turn,
    warned,
)

BEAT = 0


def test_a_beat_opens_with_its_class_intervals_and_salience_by_wave():
    screen = open_screen("beat", record="sim_ventricular_premature", beat="40")
    assert "**PVC**" in prose(screen)
    qrs = screen.dataframe[0].value.iloc[2]
    assert qrs.iloc[1].startswith("▲")
    assert has_chart_of(screen, "QRS")
    assert "over all leads, intervals are often longer" in hints(screen)


@pytest.mark.parametrize(("technique", "parameter"), [("derivative", None), ("mask", "p_steps")])
def test_another_technique_explains_the_beat_and_is_kept_in_the_address(technique, parameter):
    link = {} if parameter is None else {parameter: "5"}
    screen = open_screen("beat", record="sim_normal", beat="20", technique=technique, **link)
    assert address(screen).items() >= {"technique": technique, **link}.items()
    choose(screen, "Technique", "occlusion")
    assert address(screen)["technique"] == "occlusion"
    assert "p_steps" not in address(screen)


def test_relevance_states_how_much_of_the_score_it_loses_and_occlusion_loses_none():
    screen = open_screen("beat", record="sim_normal", beat="20", technique="relevance", model="ecg-beat-2018")
    bundle = load_bundle("ecg-beat-2018")
    classified = classify_beats(bundle, open_sample("sim_normal"))
    label = classified.scores.labels[20]
    window = classified.windows.values[20][np.newaxis]
    (lost,) = measure_lost_shares(bundle, window, (label,), LRPParameters())
    assert explanation_text.lost_line(lost, read_study("ecg-beat-2018").test[-1].lost) in prose(screen)
    assert "lost" not in prose(choose(screen, "Technique", "occlusion"))


def test_a_lost_share_is_stated_with_what_is_usual():
    assert explanation_text.lost_line(0.294, None) == "29% of the score is lost to stabiliser and biases."
    usual = explanation_text.lost_line(0.294, 0.31)
    assert usual == "29% of the score is lost to stabiliser and biases; on test beats, 31% is lost."
    more_than_all = explanation_text.lost_line(1.93, None)
    assert more_than_all == "Stabiliser and biases outweigh the values, which sum to −0.9 times the score."


def test_the_next_beat_and_a_beat_by_number_open_and_another_class_is_explained():
    screen = press(open_screen("beat", record="sim_normal", beat="20"), "Next beat")
    assert address(screen)["beat"] == "21"
    enter(screen, "Beat (at", 30)
    assert address(screen)["beat"] == "30"
    choose(screen, "Target class", "PVC")
    assert address(screen)["target"] == "PVC"


def test_a_deleted_stretch_gives_new_probabilities():
    screen = open_screen("beat", record="sim_normal", beat="20")
    r_peak_s = 19.09
    select(screen, charts(screen)[BEAT], {"deleted": {"time_s": [r_peak_s - 0.05, r_peak_s + 0.05]}})
    assert "Without the tracing from −0.05 to +0.05 s, the prediction" in prose(screen)


def test_the_share_of_the_tracing_stands_above_the_picture_and_each_measurement_has_a_bar():
    screen = open_screen("beat", record="sim_normal", beat="20")
    assert share_line("sim_normal", 20) in prose(screen)
    assert "Shapley" in hints(screen)
    assert has_chart_of(screen, "RR before")
    lead_alone = open_screen("beat", record="sim_normal", beat="20", model="ecg-beat-2018")
    assert "measurements" not in prose(lead_alone)
    assert not has_chart_of(lead_alone, "RR before")


def test_the_share_is_stated_in_percent_unless_one_opposes_the_class():
    stated = explanation_text.share_sentence
    assert stated(TracingShare(3.0, 1.0)) == "Score: **75% tracing, 25% measurements**."
    opposed = "Score: **tracing supports** it (+3.00), **measurements oppose** it (−1.00)."
    assert stated(TracingShare(3.0, -1.0)) == opposed
    assert "**tracing opposes**" in stated(TracingShare(-0.5, 1.0))


def test_measurements_are_removed_by_clicks_beside_a_deleted_stretch():
    screen = open_screen("beat", record="sim_normal", beat="20")
    (bars,) = [chart for chart in charts(screen) if "RR before" in str(chart.proto)]
    select(screen, bars, {"removed": [{"measurement": "RR before"}]})
    assert "Without RR before, the prediction" in prose(screen)
    assert "click the row again" in prose(screen)


def test_a_width_is_a_parameter_of_the_link_and_a_wrong_one_is_refused_in_a_sentence():
    screen = open_screen("beat", record="sim_normal", beat="20", p_width_steps="40")
    assert address(screen)["p_width_steps"] == "40"
    screen = open_screen("beat", record="sim_normal", beat="20", p_width_steps="wide", target="flutter")
    assert warned(screen, "width", "flutter")
    assert charts(screen)


def test_a_beat_that_the_record_does_not_have_is_refused_in_a_sentence():
    screen = open_screen("beat", record="sim_normal", beat="99999")
    assert "99999" in screen.warning[0].value
    assert charts(screen)


def test_another_model_keeps_the_open_beat_and_brings_its_detector():
    screen = open_screen("beat", record="sim_normal", beat="20")
    choose(screen, "Model", "ecg-beat-2018")
    assert address(screen)["detector"] == "biosppy"
    assert abs(int(address(screen)["beat"]) - 20) <= 1


def test_corrections_of_the_record_number_the_beats_and_stay_out_of_the_address():
    screen = turn(open_screen("record", record="sim_normal"), "Correct beats")
    switch(screen, "Correction tool", "Delete")
    select(screen, charts(screen)[1], {"place": [{"place_s": 2.7}]})
    n_found = int(figure(screen, "Beats detected"))
    go_to(screen, "beat")
    number = next(one for one in screen.number_input if one.label.startswith("Beat (at"))
    assert number.max + 1 <= n_found
    assert "1 correction" in prose(screen)
    assert address(screen).keys().isdisjoint({"beat", "target"})


def test_pictures_table_and_values_can_be_downloaded():
    screen = open_screen("beat", record="sim_paced", beat="12")
    assert names(screen, "download_button")[-2:] == ["Table (CSV)", "All values (JSON)"]
    assert box(screen, "Record").value == "sim_paced"


def _figures():
    """The figures of the default model with thresholds of two of its classes."""
    import json

    from backend.models.bundle import BUNDLES
    from pages.parts.beat.beat_figures import show_beat_figures

    card = json.loads((BUNDLES / "ecg-beat" / "card.json").read_text(encoding="utf-8"))
    card["certain_from"] = {"normal": 0.82, "PVC": None}
    card["test"]["calibration"]["certain_by_class"] = {
        "normal": {"predicted": 1200, "certain": 1100, "accuracy_of_certain": 0.991},
        "PVC": {"predicted": 40, "certain": 0, "accuracy_of_certain": None},
    }
    show_beat_figures(card)


def test_the_model_dialog_gives_threshold_number_and_accuracy_of_the_certain_predictions_of_each_class():
    screen = AppTest.from_function(_figures).run()
    (table,) = [own.value for own in screen.dataframe if "certain from" in own.value]
    assert table.to_numpy().tolist() == [["normal", "82%", 1200, 1100, "99.1%"], ["PVC", "–", 40, 0, "–"]]
