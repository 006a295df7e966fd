import numpy as np
import pytest

from backend.charts.stay.mortality_risk import plot_mortality_risk
from backend.charts.style.theme import DARK, LIGHT
from tests.charts.drawings import layers_with, rows, size_px

RISING = np.linspace(0.05, 0.34, 48)


def words_of(spec):
    return [row["text"] for layer in layers_with(spec, "text") for row in rows(spec, layer) if "text" in row]


def curves_of(spec):
    """The hours and risks of each drawn curve, by what it shows."""
    found = {}
    for line in layers_with(spec, "line"):
        for row in rows(spec, line):
            found.setdefault(row["version"], []).append((row["hour"], row["risk"]))
    return found


def test_the_risk_is_drawn_after_each_hour():
    (curve,) = curves_of(plot_mortality_risk(RISING, 0.14).to_dict()).values()
    assert [hour for hour, _ in curve] == list(range(1, 49))
    assert [risk for _, risk in curve] == pytest.approx(RISING.tolist())


def test_the_mortality_in_training_and_the_threshold_are_drawn_and_labelled():
    spec = plot_mortality_risk(RISING, 0.14, threshold=0.25).to_dict()
    levels = list(layers_with(spec, "rule"))
    assert [row["risk"] for level in levels for row in rows(spec, level)] == [0.14, 0.25]
    assert levels[0]["mark"]["strokeDash"] != levels[1]["mark"]["strokeDash"]
    assert any(word == "mortality in training 14%" for word in words_of(spec))
    assert any(word == "death predicted from 25%" for word in words_of(spec))


def test_an_edited_stay_is_drawn_over_the_original_and_both_end_in_their_figures():
    spec = plot_mortality_risk(RISING, 0.14, changed=RISING / 2).to_dict()
    assert list(curves_of(spec)) == ["as charted", "with edits"]
    ends = [row for layer in layers_with(spec, "text") for row in rows(spec, layer) if row.get("hour") == 48]
    figures = [row["text"] for row in ends if "version" in row]
    assert figures == ["34%", "17%"]


def test_figures_of_curves_that_end_together_do_not_overlap():
    spec = plot_mortality_risk(RISING, 0.14, changed=RISING + 0.001).to_dict()
    ends = [row for layer in layers_with(spec, "text") for row in rows(spec, layer) if "version" in row]
    first, second = (row["y"] for row in ends)
    assert abs(first - second) >= 12


@pytest.mark.parametrize(("highest", "top"), [(0.2, 0.25), (0.3, 0.5), (0.99, 1.0)])
def test_the_axis_of_a_low_risk_ends_near_it(highest, top):
    spec = plot_mortality_risk(np.full(48, highest), 0.14).to_dict()
    assert spec["layer"][0]["encoding"]["y"]["scale"]["domain"] == [0, top]


def words_beside_levels(spec):
    return [
        row
        for layer in layers_with(spec, "text")
        for row in rows(spec, layer)
        if "text" in row and "version" not in row
    ]


CURVES = {
    "crossing": np.where(np.arange(48) < 24, 0.16, 0.12),
    "falling at once": np.concatenate([[0.21, 0.13, 0.1, 0.09], np.full(44, 0.01)]),
    "rising": np.linspace(0.28, 0.55, 48) - 0.18 * np.exp(-(((np.arange(48) - 9) / 6) ** 2)),
    "high": np.full(48, 0.79),
    "low": np.full(48, 0.01),
}


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("named_from", [0.2, 0.33])
def test_labels_overlap_neither_curves_nor_each_other(curve, named_from):
    spec = plot_mortality_risk(CURVES[curve], 0.14, named_from).to_dict()
    top = spec["layer"][0]["encoding"]["y"]["scale"]["domain"][1]
    per_hour = spec["width"] / 48
    first, second = words_beside_levels(spec)
    for words in (first, second):
        hours = np.linspace(words["hour"], words["hour"] + 5 * len(words["text"]) / per_hour, 60)
        curve_px = 4 + (1 - np.interp(hours, np.arange(1, 49), CURVES[curve]) / top) * 146
        assert np.abs(curve_px - words["y"]).min() > 6
        assert hours[-1] <= 48
    apart = abs(first["y"] - second["y"]) > 10
    left, right = sorted((first, second), key=lambda words: words["hour"])
    assert apart or left["hour"] + 5 * len(left["text"]) / per_hour < right["hour"]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_risk_fits_the_width_it_was_given(theme):
    assert size_px(plot_mortality_risk(RISING, 0.14, 0.25, RISING / 2, 655, theme))[0] <= 655
