import numpy as np
import pytest

from backend.charts.shared.class_probabilities import plot_class_probabilities
from backend.charts.style.theme import DARK, LIGHT
from tests.charts.drawings import CLASSES, layers_with, rows, size_px

PROBABILITIES = np.array([0.004, 0.016, 0.03, 0.05, 0.9, 0.0])


def test_each_class_has_a_bar_of_its_probability_in_its_colour():
    spec = plot_class_probabilities(CLASSES, PROBABILITIES).to_dict()
    (bars,) = layers_with(spec, "bar")
    drawn = rows(spec, bars)
    assert [row["probability"] for row in drawn] == PROBABILITIES.tolist()
    assert [row["colour"] for row in drawn] == [LIGHT.colour_of(name) for name in CLASSES]


def test_small_probabilities_are_not_rounded_to_0():
    spec = plot_class_probabilities(CLASSES, np.array([0.004, 0.0, 0.0, 0.0, 0.996, 0.0])).to_dict()
    (bars,) = layers_with(spec, "bar")
    assert [row["text"] for row in rows(spec, bars)] == ["<1%", "0%", "0%", "0%", ">99%", "0%"]


def test_with_a_deletion_each_class_has_its_probability_before_and_after():
    changed = np.array([0.9, 0.016, 0.03, 0.05, 0.004, 0.0])
    spec = plot_class_probabilities(CLASSES, PROBABILITIES, changed).to_dict()
    (bars,) = layers_with(spec, "bar")
    pvc = {row["version"]: row["text"] for row in rows(spec, bars) if row["name"].endswith("PVC")}
    assert pvc == {"before": "was 90%", "after": "now <1%"}


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("width_px", [320, 460])
def test_the_bars_fit_the_width_they_were_given(theme, width_px):
    for changed in (None, PROBABILITIES[::-1]):
        chart = plot_class_probabilities(CLASSES, PROBABILITIES, changed, "PVC", width_px, theme)
        assert size_px(chart)[0] <= width_px
