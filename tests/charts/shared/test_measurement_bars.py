import pytest

from backend.charts.shared.measurement_bars import plot_measurements
from backend.charts.style.chart_width import NARROW_PX
from backend.charts.style.theme import DARK, LIGHT
from backend.explain.questions.measurements import MeasurementDrop
from tests.charts.drawings import layers_with, rows, size_px

DROPS = (
    MeasurementDrop("RR before", 0.8),
    MeasurementDrop("RR irregularity", -1.25),
    MeasurementDrop("RR after", 0.0),
)


def bars_of(spec):
    bars, _ = layers_with(spec, "bar")
    return rows(spec, bars)


def test_every_measurement_has_one_bar_in_the_order_of_the_model():
    bars = bars_of(plot_measurements(DROPS, "atrial premature").to_dict())
    assert [bar["measurement"] for bar in bars] == ["RR before", "RR irregularity", "RR after"]
    assert [(bar["start"], bar["end"]) for bar in bars] == [(0, 0.8), (-1.25, 0), (0, 0)]
    assert [bar["figure"] for bar in bars] == ["+0.80", "−1.25", "0.00"]


def test_support_and_opposition_differ_in_side_and_filling_and_not_in_colour_alone():
    spec = plot_measurements(DROPS, "PVC").to_dict()
    assert [bar["kind"] for bar in bars_of(spec)] == ["supports PVC", "opposes PVC", "supports PVC"]
    bars, _ = layers_with(spec, "bar")
    assert bars["encoding"]["fill"]["scale"]["range"] == [LIGHT.salience_strong, LIGHT.background]


def test_clicks_on_rows_select_measurements_and_make_them_faint():
    spec = plot_measurements(DROPS, "PVC").to_dict()
    (clicked,) = spec["params"]
    assert (clicked["name"], clicked["select"]["fields"]) == ("removed", ["measurement"])
    assert clicked["select"]["toggle"] == "true"
    bars, _ = layers_with(spec, "bar")
    assert bars["encoding"]["opacity"]["condition"] == {"param": "removed", "empty": False, "value": 0.35}


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("drops", [DROPS, (MeasurementDrop("RR before", 0.0),)])
def test_the_bars_fit_the_narrow_column(theme, drops):
    for target in ("PVC", "atrial premature"):
        assert size_px(plot_measurements(drops, target, NARROW_PX, theme))[0] <= NARROW_PX
