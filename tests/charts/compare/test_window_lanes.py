import numpy as np
import pytest

from backend.charts.axes.time_axis import TimeAxis
from backend.charts.compare.window_lanes import WindowLane, draw_lanes, find_bottom_px, scale_to_bounds
from backend.charts.style.theme import LIGHT

AXIS = TimeAxis(0.0, 2.0, 0.0, 400)
TIMES = np.linspace(0.0, 2.0, 200)


def lane(name="ABP", values=None, **looks) -> WindowLane:
    return WindowLane(name, "mmHg", TIMES, 80 + 20 * np.sin(TIMES) if values is None else values, **looks)


def test_every_value_of_a_lane_is_within_its_bounds():
    shares = scale_to_bounds(lane())
    assert 0 < shares.min() < 0.2
    assert 0.8 < shares.max() < 1


@pytest.mark.parametrize("values", [np.full(200, 7.0), np.full(200, np.nan)])
def test_a_lane_without_any_change_or_any_value_still_has_a_scale(values):
    low, high = lane(values=values).bounds
    assert np.isfinite([low, high]).all()
    assert low < high


def test_a_lane_without_values_is_labelled_not_measured_and_has_no_scale():
    ground, word = (layer.to_dict() for layer in draw_lanes([lane(values=np.full(200, np.nan))], 140, AXIS, LIGHT)[:2])
    assert ground["encoding"]["y"]["axis"] is None
    assert next(iter(word["datasets"].values())) == [{"text": "not measured"}]
    ground, word = (layer.to_dict() for layer in draw_lanes([lane()], 140, AXIS, LIGHT)[:2])
    assert ground["encoding"]["y"]["axis"]
    assert next(iter(word["datasets"].values())) == []


def test_noise_of_a_lead_on_paper_is_not_magnified():
    low, high = lane(values=0.001 * np.sin(40 * TIMES), is_on_paper=True).bounds
    assert high - low >= 1.0


def test_several_lanes_are_slimmer_than_one_alone():
    assert find_bottom_px([lane()] * 3) < 2 * find_bottom_px([lane()])
    assert find_bottom_px([]) == 0


def test_the_name_is_left_of_the_lane_and_a_long_one_is_wrapped():
    words = [
        layer.to_dict()
        for layer in draw_lanes([lane("Systolic, arterial line")], 140, AXIS, LIGHT)
        if layer.to_dict()["mark"]["type"] == "text" and len(layer.data)
    ]
    (word,) = words
    assert word["encoding"]["x"]["value"] < 0
    (row,) = next(iter(word["datasets"].values()))
    assert row["name"] == "Systolic,\narterial line\n(mmHg)"
