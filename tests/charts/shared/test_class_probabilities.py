import numpy as np
import pytest

from backend.charts.axes.ecg_paper import time_axis
from backend.charts.shared.class_probabilities import plot_class_probabilities
from backend.charts.shared.probabilities_over_time import plot_predictions_over_time, plot_probabilities_over_time
from backend.charts.style.theme import DARK, LIGHT
from tests.charts.drawings import CLASSES, layers_with, rows, size_px

PROBABILITIES = np.array([0.004, 0.016, 0.03, 0.05, 0.9, 0.0])


def leaders_of(*runs):
    """Probabilities over time with these classes in the lead for so many steps each."""
    leader = np.concatenate([np.full(steps, CLASSES.index(name)) for name, steps in runs])
    return np.where(np.arange(len(CLASSES)) == leader[:, None], 0.7, 0.06)


def test_each_class_has_a_bar_of_its_probability_in_its_colour():
    spec = plot_class_probabilities(CLASSES, PROBABILITIES).to_dict()
    (bars,) = layers_with(spec, "bar")
    drawn = rows(spec, bars)
    assert [row["probability"] for row in drawn] == PROBABILITIES.tolist()
    assert [row["colour"] for row in drawn] == [LIGHT.colour_of(name) for name in CLASSES]


def test_small_probabilities_are_not_rounded_to_nothing():
    spec = plot_class_probabilities(CLASSES, np.array([0.004, 0.0, 0.0, 0.0, 0.996, 0.0])).to_dict()
    (bars,) = layers_with(spec, "bar")
    assert [row["words"] for row in rows(spec, bars)] == ["<1%", "0%", "0%", "0%", ">99%", "0%"]


def test_what_if_stands_beside_what_was():
    changed = np.array([0.9, 0.016, 0.03, 0.05, 0.004, 0.0])
    spec = plot_class_probabilities(CLASSES, PROBABILITIES, changed).to_dict()
    (bars,) = layers_with(spec, "bar")
    pvc = {row["version"]: row["words"] for row in rows(spec, bars) if row["name"].endswith("PVC")}
    assert pvc == {"before": "was 90%", "after": "now <1%"}


def test_the_most_likely_class_is_one_rectangle_for_each_unbroken_run():
    probabilities = leaders_of(("normal", 50), ("paced", 16), ("normal", 30), ("PVC", 120))
    spec = plot_probabilities_over_time(CLASSES, probabilities, (0.8, 1.4), (0.1, 2.1)).to_dict()
    (band,) = layers_with(spec, "rect", "fill")
    runs = rows(spec, band)
    assert [row["label"] for row in runs] == ["normal", "paced", "normal", "PVC"]
    steps = [round((row["end_s"] - row["time_s"]) / 0.6 * 216) for row in runs]
    assert steps == [50, 16, 30, 120]
    assert runs[0]["time_s"] == pytest.approx(0.8)
    assert runs[-1]["end_s"] == pytest.approx(1.4)


def test_the_settled_step_is_marked_after_the_time_that_it_takes():
    probabilities = leaders_of(("normal", 108), ("PVC", 108))
    spec = plot_probabilities_over_time(CLASSES, probabilities, (0.8, 1.4), (0.1, 2.1), settled_step=108).to_dict()
    words = [row["word"] for layer in layers_with(spec, "text") for row in rows(spec, layer) if "word" in row]
    assert "settled after 0.30 s" in words


def test_the_names_beside_the_curves_do_not_overlap():
    spec = plot_probabilities_over_time(CLASSES, np.full((216, 6), 1 / 6), (0.8, 1.4), (0.1, 2.1)).to_dict()
    names = [
        layer["encoding"]["y"]["value"]
        for layer in layers_with(spec, "text")
        if any(row.get("word", "").startswith(CLASSES) for row in rows(spec, layer))
    ]
    assert len(names) == len(CLASSES)
    assert np.diff(sorted(names)).min() >= 12
    assert min(names) >= 0
    assert max(names) <= spec["height"]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("width_px", [320, 460])
def test_no_chart_of_scores_is_wider_than_it_was_asked_to_be(theme, width_px):
    for changed in (None, PROBABILITIES[::-1]):
        chart = plot_class_probabilities(CLASSES, PROBABILITIES, changed, "PVC", width_px, theme)
        assert size_px(chart)[0] <= width_px
    over_time = plot_probabilities_over_time(CLASSES, leaders_of(("PVC", 216)), (0.8, 1.4), (0.1, 2.1), 3, 640, theme)
    assert size_px(over_time)[0] <= 640


@pytest.mark.parametrize("settled_step", [0, 215])
def test_a_class_that_settles_at_the_first_or_the_last_step_is_marked_within_the_window(settled_step):
    probabilities = leaders_of(("normal", 215), ("PVC", 1))
    spec = plot_probabilities_over_time(CLASSES, probabilities, (0.8, 1.4), (0.1, 2.1), settled_step).to_dict()
    words = [row["word"] for layer in layers_with(spec, "text") for row in rows(spec, layer) if "word" in row]
    assert f"settled after {(settled_step + 1) / 360:.2f} s" in words


def test_where_missing_a_class_is_dearer_the_band_says_what_is_named_and_a_line_from_when_on():
    probabilities = np.tile([[0.3, 0.7]], (100, 1)).astype(np.float32)
    probabilities[50:] = [0.1, 0.9]
    named = np.repeat([0, 1], 50)
    alarms = ("true alarm", "false alarm")
    axis = time_axis(0.0, 10.0, 640)
    spec = plot_predictions_over_time(alarms, probabilities, named, ("true alarm", 1 / 6), (0.0, 10.0), axis).to_dict()
    (band,) = layers_with(spec, "rect", "fill")
    assert [(row["label"], row["end_s"]) for row in rows(spec, band)] == [("true alarm", 5.0), ("false alarm", 10.0)]
    words = {row["word"] for layer in layers_with(spec, "text") for row in rows(spec, layer) if "word" in row}
    assert {"named", "true alarm is named from 17%"} <= words
    (level,) = [row for layer in layers_with(spec, "rule", "y") for row in rows(spec, layer) if "probability" in row]
    assert level["probability"] == pytest.approx(1 / 6)
