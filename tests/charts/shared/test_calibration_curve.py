import pytest

from backend.charts.shared.calibration_curve import plot_calibration_curve
from backend.charts.style.theme import DARK, LIGHT
from tests.charts.drawings import layers_with, rows, size_px

BINS = [
    {"low": 0.0, "high": 0.1, "count": 900, "mean_risk": 0.04, "event_share": 0.05},
    {"low": 0.1, "high": 0.2, "count": 0, "mean_risk": 0.15, "event_share": 0.0},
    {"low": 0.2, "high": 0.3, "count": 40, "mean_risk": 0.26, "event_share": 0.35},
]


def test_each_bin_with_windows_is_a_point_of_predicted_and_observed():
    spec = plot_calibration_curve(BINS, "death").to_dict()
    (points,) = layers_with(spec, "circle")
    assert [(row["mean_risk"], row["event_share"]) for row in rows(spec, points)] == [(0.04, 0.05), (0.26, 0.35)]
    assert rows(spec, points)[1]["figures"] == "predicted 26%, observed 35% (n = 40)"


def test_both_axes_run_from_0_to_1():
    spec = plot_calibration_curve(BINS, "death").to_dict()
    for layer in spec["layer"]:
        assert layer["encoding"]["x"]["scale"]["domain"] == layer["encoding"]["y"]["scale"]["domain"] == [0, 1]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_chart_fits_its_width(theme):
    assert size_px(plot_calibration_curve(BINS, "death", 300, theme))[0] <= 300
