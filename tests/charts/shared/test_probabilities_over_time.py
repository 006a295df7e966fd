import numpy as np
import pytest

from backend.charts.axes.ecg_paper import fit_time_axis
from backend.charts.shared.probabilities_over_time import plot_probabilities_over_time
from backend.charts.style.theme import DARK, LIGHT
from tests.charts.drawings import CLASSES, layers_with, rows, size_px

ALARMS = ("true alarm", "false alarm")


def probabilities_of(*runs):
    """Probabilities over time whose most likely class is each of these for so many steps."""
    predicted = np.concatenate([np.full(steps, CLASSES.index(name)) for name, steps in runs])
    return np.where(np.arange(len(CLASSES)) == predicted[:, None], 0.7, 0.06)


def plot(probabilities, stable_step=None, theme=LIGHT):
    axis = fit_time_axis(0.1, 2.1, 640)
    predicted = probabilities.argmax(axis=1)
    return plot_probabilities_over_time(CLASSES, probabilities, predicted, (0.8, 1.4), axis, stable_step, theme=theme)


def words_of(spec):
    return [row["text"] for layer in layers_with(spec, "text") for row in rows(spec, layer) if "text" in row]


def test_the_predicted_class_is_one_rectangle_for_each_unbroken_run():
    probabilities = probabilities_of(("normal", 50), ("paced", 16), ("normal", 30), ("PVC", 120))
    spec = plot(probabilities).to_dict()
    (band,) = layers_with(spec, "rect", "fill")
    runs = rows(spec, band)
    assert [row["label"] for row in runs] == ["normal", "paced", "normal", "PVC"]
    steps = [round((row["end_s"] - row["time_s"]) / 0.6 * 216) for row in runs]
    # Row 50 is known when step 50 has been read, 51 steps after the start of the window.
    assert steps == [51, 16, 30, 119]
    assert runs[0]["time_s"] == pytest.approx(0.8)
    assert runs[-1]["end_s"] == pytest.approx(1.4)


def test_the_stable_step_is_marked_after_the_time_that_it_takes():
    assert "stable from 0.30 s" in words_of(plot(probabilities_of(("normal", 108), ("PVC", 108)), 108).to_dict())


@pytest.mark.parametrize("stable_step", [0, 215])
def test_a_prediction_that_is_stable_from_the_first_or_the_last_step_is_marked_within_the_window(stable_step):
    spec = plot(probabilities_of(("normal", 215), ("PVC", 1)), stable_step).to_dict()
    assert f"stable from {(stable_step + 1) / 360:.2f} s" in words_of(spec)


def test_the_names_beside_the_curves_do_not_overlap():
    spec = plot(np.full((216, 6), 1 / 6)).to_dict()
    names = [
        layer["encoding"]["y"]["value"]
        for layer in layers_with(spec, "text")
        if any(row.get("text", "").startswith(CLASSES) for row in rows(spec, layer))
    ]
    assert len(names) == len(CLASSES)
    assert np.diff(sorted(names)).min() >= 12
    assert min(names) >= 0
    assert max(names) <= spec["height"]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_chart_fits_the_width_of_its_axis(theme):
    assert size_px(plot(probabilities_of(("PVC", 216)), 3, theme))[0] <= 640


def test_with_a_threshold_the_band_follows_the_given_predictions_and_a_line_marks_the_threshold():
    probabilities = np.tile([[0.3, 0.7]], (100, 1)).astype(np.float32)
    probabilities[50:] = [0.1, 0.9]
    predicted = np.repeat([0, 1], 50)
    axis = fit_time_axis(0.0, 10.0, 640)
    threshold = ("true alarm", 1 / 6)
    chart = plot_probabilities_over_time(ALARMS, probabilities, predicted, (0.0, 10.0), axis, threshold=threshold)
    spec = chart.to_dict()
    (band,) = layers_with(spec, "rect", "fill")
    assert [row["label"] for row in rows(spec, band)] == ["true alarm", "false alarm"]
    assert [row["end_s"] for row in rows(spec, band)] == pytest.approx([5.1, 10.0])
    assert {"class", "true alarm predicted from 17%"} <= set(words_of(spec))
    (level,) = [row for layer in layers_with(spec, "rule", "y") for row in rows(spec, layer) if "probability" in row]
    assert level["probability"] == pytest.approx(1 / 6)
