import numpy as np
import pytest

from backend.charts.alarm.feature_rows import FeatureRow, plot_feature_rows
from backend.charts.alarm.monitor import plot_monitor
from backend.charts.alarm.monitor_lanes import MonitorLane
from backend.charts.shared.row_salience import RowSalience
from backend.charts.style.picture_export import render_png
from backend.charts.style.theme import DARK, LIGHT
from backend.charts.style.trace_colours import trace_colour
from tests.charts.drawings import layers_with, rows, size_px

WINDOW_S = (-16.0, 0.0)
N_STEPS = 400
FEATURES = (
    FeatureRow("ABP beats a minute", "red", np.linspace(0.4, 1.2, N_STEPS, dtype=np.float32)),
    FeatureRow("ECG 1 seconds since", "green", np.tile(np.linspace(0, 1, 20, dtype=np.float32), 20)),
    FeatureRow("alarm is asystole", "white", np.full(N_STEPS, -1.0, dtype=np.float32)),
)
SALIENCE = RowSalience(np.linspace(0, 1, N_STEPS * 3).reshape(N_STEPS, 3), WINDOW_S)


@pytest.fixture(scope="module")
def spec():
    return plot_feature_rows(FEATURES, WINDOW_S, SALIENCE).to_dict()


def words(spec, field):
    return [
        row[layer["encoding"]["text"]["field"]]
        for layer in layers_with(spec, "text")
        for row in rows(spec, layer)
        if layer["encoding"]["text"]["field"] == field
    ]


def test_every_feature_and_its_name_have_the_colour_of_their_sensor(spec):
    _outlines, lines = layers_with(spec, "line")
    for feature in FEATURES:
        drawn = [row for row in rows(spec, lines) if row["feature"] == feature.name]
        assert {row["colour"] for row in drawn} == {trace_colour(feature.colour, LIGHT)}
        assert (drawn[0]["time_s"], drawn[-1]["time_s"]) == pytest.approx((-15.96, 0.0))
    assert [name.replace("\n", " ") for name in words(spec, "name")] == [feature.name for feature in FEATURES]


def test_each_row_spans_its_own_minimum_and_maximum(spec):
    assert words(spec, "low") == ["0.40", "0.00", "−1.00"]
    assert words(spec, "high") == ["1.20", "1.00", "−1.00"]
    (_, lines) = layers_with(spec, "line")
    rising = [row["y"] for row in rows(spec, lines) if row["feature"] == FEATURES[0].name]
    assert rising == sorted(rising, reverse=True)
    assert rising[0] - rising[-1] == pytest.approx(22)


def test_each_row_shows_its_own_salience_at_every_step(spec):
    (steps,) = layers_with(spec, "rect", "fill")
    for index, feature in enumerate(FEATURES):
        drawn = [row["salience"] for row in rows(spec, steps) if row["feature"] == feature.name]
        assert drawn == pytest.approx(SALIENCE.values[:, index].tolist())


@pytest.mark.parametrize("shown_s", [(-16.0, 0.0), (-60.0, 0.0)])
def test_the_features_line_up_with_the_monitor_second_for_second(shown_s):
    lane = MonitorLane("II", "green", np.zeros(16000, dtype=np.float32), "mV", 250.0, -64.0)
    salience = RowSalience(SALIENCE.values[:, :1], WINDOW_S)
    one = plot_monitor([lane], salience, shown_s, "asystole").to_dict()
    other = plot_feature_rows(FEATURES, shown_s, SALIENCE).to_dict()
    assert one["width"] == other["width"]
    assert one["layer"][0]["encoding"]["x"] == other["layer"][0]["encoding"]["x"]
    axes = [
        next(layer["encoding"]["y"]["axis"] for layer in spec["layer"] if layer["encoding"]["y"].get("axis"))
        for spec in (one, other)
    ]
    assert axes[0]["minExtent"] == axes[1]["minExtent"]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_features_fit_the_width_they_were_given(theme):
    assert size_px(plot_feature_rows(FEATURES, WINDOW_S, SALIENCE, 655, theme))[0] <= 655


def test_summaries_are_thin_lines_on_the_scale_of_their_feature_and_extend_it():
    values = np.where(np.arange(N_STEPS) < 100, np.nan, 2.0 + np.sin(np.arange(N_STEPS) / 9))
    greatest = np.maximum.accumulate(np.nan_to_num(values))
    spec = plot_feature_rows([FeatureRow("rate", "red", values, [greatest])], WINDOW_S, SALIENCE).to_dict()
    thin, _outlines, lines = layers_with(spec, "line")
    assert thin["mark"]["strokeWidth"] < lines["mark"]["strokeWidth"]
    assert rows(spec, thin)[-1]["y"] < rows(spec, thin)[0]["y"]
    assert any(row["y"] is None for row in rows(spec, lines))
    assert words(spec, "low") == ["0.00"]


def test_a_feature_without_values_has_an_empty_row():
    spec = plot_feature_rows([FeatureRow("rate", "red", np.full(N_STEPS, np.nan))], WINDOW_S, SALIENCE).to_dict()
    assert (words(spec, "low"), words(spec, "high")) == ([""], [""])


def test_a_chart_of_all_features_of_a_sensor_can_be_exported():
    so_far = [np.linspace(0.0, 1.0, 96)] * 3
    many = [FeatureRow(f"feature {number}", "green", np.linspace(0.0, 1.0, 96), so_far) for number in range(18)]
    salience = RowSalience(np.random.default_rng(1).random((96, 18)), WINDOW_S)
    assert render_png(plot_feature_rows(many, WINDOW_S, salience, 955), LIGHT).startswith(b"\x89PNG")
