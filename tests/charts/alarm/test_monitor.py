from dataclasses import replace

import numpy as np
import pytest

from backend.charts.alarm.monitor import monitor_axis, plot_monitor
from backend.charts.alarm.monitor_lanes import MonitorLane
from backend.charts.shared.probabilities_over_time import plot_probabilities_over_time
from backend.charts.shared.row_salience import RowSalience
from backend.charts.style.theme import DARK, LIGHT
from backend.charts.style.trace_colours import trace_colour
from tests.charts.drawings import layers_with, rows, size_px

WINDOW_S = (-16.0, 0.0)
RATE = 250.0
N_STEPS = 400


def lane(name, unit, low, high, colour="green", length_s=60.0):
    """A pulse of one a second between two values, up to the alarm."""
    times_s = np.arange(-round(length_s * RATE), 1) / RATE
    values = low + (high - low) * np.exp(-(((times_s % 1.0 - 0.3) / 0.06) ** 2))
    return MonitorLane(name, colour, values.astype(np.float32), unit, RATE, float(times_s[0]))


LANES = (
    lane("ECG II", "mV", -0.1, 1.2),
    lane("ABP", "mmHg", 62.0, 114.0, "red"),
    MonitorLane("PLETH", "cyan"),
    lane("RESP", "NU", 0.0, 0.02, "yellow"),
)


def rising_salience(n_lanes):
    return RowSalience(np.linspace(0, 1, N_STEPS * n_lanes).reshape(N_STEPS, n_lanes), WINDOW_S)


def drawn(lanes=LANES, shown_s=WINDOW_S, **looks):
    return plot_monitor(lanes, rising_salience(len(lanes)), shown_s, "ventricular tachycardia", **looks)


@pytest.fixture(scope="module")
def spec():
    return drawn().to_dict()


def traces(spec):
    """The lines that draw the sensors, without their outlines."""
    lines = [line for line in layers_with(spec, "line", "y") if "value" in rows(spec, line)[0]]
    return [line for line in lines if line["mark"]["color"] != LIGHT.paper]


def words(spec, field="text"):
    return [row[field] for layer in layers_with(spec, "text") for row in rows(spec, layer) if field in row]


def test_each_sensor_and_its_name_have_its_colour(spec):
    colours = [trace_colour(name, LIGHT) for name in ("green", "red", "yellow")]
    assert [line["mark"]["color"] for line in traces(spec)] == colours
    texts = layers_with(spec, "text")
    named = {row["name"]: text["mark"]["color"] for text in texts for row in rows(spec, text) if "name" in row}
    assert named == dict(zip(("ECG II", "ABP", "RESP"), colours, strict=True))


def test_a_sensor_that_was_not_recorded_is_labelled_and_not_drawn(spec):
    assert "PLETH not recorded" in words(spec)
    assert "PLETH" not in words(spec, "name")
    (salience,) = layers_with(spec, "rect", "fill")
    assert {row["sensor"] for row in rows(spec, salience)} == {"ECG II", "ABP", "RESP"}


def test_each_scale_has_its_unit_and_holds_the_whole_pulse(spec):
    scales = [layer["encoding"]["y"] for layer in layers_with(spec, "rect", "y") if layer["encoding"]["y"].get("axis")]
    assert [scale["axis"]["title"] for scale in scales] == ["mV", "mmHg", "NU"]
    pressure = scales[1]["scale"]["domain"]
    assert pressure[0] < 62
    assert pressure[1] > 114
    assert {80, 100} <= set(scales[1]["axis"]["values"])


def test_noise_without_a_pulse_is_not_magnified_to_the_height_of_its_lane(spec):
    low, high = traces(spec)[2]["encoding"]["y"]["scale"]["domain"]
    assert high - low > 5 * 0.02


def test_a_spike_far_out_does_not_flatten_the_pulse():
    spiky = LANES[1].signal.copy()
    spiky[-500] = 4000.0
    line = traces(drawn((replace(LANES[1], signal=spiky),)).to_dict())[0]
    low, high = line["encoding"]["y"]["scale"]["domain"]
    assert high - low < 6 * (114 - 62)


def test_a_gap_breaks_the_line_and_is_labelled_no_signal():
    signal = LANES[1].signal.copy()
    gap = slice(-1000, -500)
    signal[gap] = np.nan
    spec = drawn((replace(LANES[1], signal=signal),)).to_dict()
    (line,) = traces(spec)
    values = [row["value"] for row in rows(spec, line)]
    assert any(value is None for value in values)
    assert "break-paths" in line["mark"]["invalid"]
    (shade,) = [row for layer in layers_with(spec, "rect") for row in rows(spec, layer) if row.get("text")]
    assert (shade["time_s"], shade["end_s"]) == pytest.approx((LANES[1].times_s[-1000], LANES[1].times_s[-500]))
    assert "no signal" in words(spec)


def test_each_lane_is_coloured_by_the_salience_of_its_own_sensor_at_every_step(spec):
    (layer,) = layers_with(spec, "rect", "fill")
    fill = layer["encoding"]["fill"]
    assert fill["scale"]["domain"] == [0, 1]
    assert fill["legend"]["title"] == "salience"
    for column, name in ((0, "ECG II"), (1, "ABP"), (3, "RESP")):
        steps = [row for row in rows(spec, layer) if row["sensor"] == name]
        expected = rising_salience(4).values[:, column]
        assert [row["salience"] for row in steps] == pytest.approx(expected.tolist())
        assert steps[0]["time_s"] == WINDOW_S[0]
        assert steps[-1]["end_s"] == WINDOW_S[1]


def test_traces_are_drawn_over_the_salience_with_an_outline_in_the_colour_of_the_ground(spec):
    kinds = [(layer["mark"]["type"], "fill" in layer["encoding"]) for layer in spec["layer"]]
    above = spec["layer"][kinds.index(("rect", True)) + 1 :]
    strokes = [layer["mark"]["color"] for layer in above if "value" in layer["encoding"].get("y", {}).get("field", "")]
    assert strokes[::2] == [LIGHT.paper] * 3
    assert len(strokes) == 6


def test_the_kind_of_alarm_is_printed_at_the_alarm_time(spec):
    (mark,) = [row for layer in layers_with(spec, "rule") for row in rows(spec, layer)]
    assert mark["time_s"] == 0
    assert mark["text"] == "alarm:\nventricular\ntachycardia"


def test_signal_before_the_window_is_faint():
    spec = drawn(shown_s=(-60.0, 0.0)).to_dict()
    veils = [layer for layer in layers_with(spec, "rect") if layer["mark"].get("fillOpacity") == 0.55]
    (veil,) = veils
    assert {(row["time_s"], row["end_s"]) for row in rows(spec, veil)} == {(-60.0, -16.0)}
    assert rows(spec, traces(spec)[0])[0]["time_s"] == -60.0
    assert "model window: 16 s" in words(spec)


def deleted(spec):
    """The veils over what is deleted, and how often that is written."""
    (veils,) = [layer for layer in layers_with(spec, "rect") if layer["mark"].get("strokeDash") == [4, 3]]
    return [(row["time_s"], row["end_s"], row["top"]) for row in rows(spec, veils)], words(spec).count("deleted")


def test_a_deleted_segment_of_a_sensor_is_veiled_on_its_lane_alone(spec):
    (top,) = {row["top"] for row in rows(spec, next(layers_with(spec, "rect", "fill"))) if row["sensor"] == "ABP"}
    lanes = (LANES[0], replace(LANES[1], deleted_s=(-9.0, -4.0)), *LANES[2:])
    assert deleted(drawn(lanes).to_dict()) == ([(-9.0, -4.0, top)], 1)
    assert deleted(spec) == ([], 0)


def test_readings_are_beside_their_lane():
    spec = drawn((replace(LANES[1], reading="114/62 mmHg", note="last pulse"),)).to_dict()
    drawn_beside = {layer["encoding"]["text"]["field"] for layer in layers_with(spec, "text")}
    assert {"reading", "note"} <= drawn_beside
    assert set(words(spec, "reading")) == {"114/62 mmHg"}
    assert set(words(spec, "note")) == {"last pulse"}


def test_the_brush_selects_the_seconds_to_delete(spec):
    (brush,) = spec["params"]
    assert brush["name"] == "deleted"
    assert brush["select"]["type"] == "interval"
    assert brush["select"]["encodings"] == ["x"]


def test_a_minute_of_five_sensors_is_thinned_to_what_a_screen_can_show():
    spec = drawn([replace(LANES[0], name=str(number)) for number in range(5)], (-60.0, 0.0)).to_dict()
    for line in traces(spec):
        assert len(rows(spec, line)) <= 2 * spec["width"]


@pytest.mark.parametrize("shown_s", [(-16.0, 0.0), (-60.0, 0.0)])
def test_probabilities_over_time_line_up_with_the_monitor_second_for_second(shown_s):
    one = drawn(shown_s=shown_s, width_px=655).to_dict()
    classes = ("true alarm", "false alarm")
    axis = monitor_axis(*shown_s, 655)
    predicted, threshold = np.zeros(N_STEPS, dtype=int), ("true alarm", 1 / 6)
    probabilities = np.full((N_STEPS, 2), 0.5)
    below = plot_probabilities_over_time(classes, probabilities, predicted, WINDOW_S, axis, threshold=threshold)
    other = below.to_dict()
    assert one["width"] == other["width"]
    assert one["layer"][0]["encoding"]["x"] == other["layer"][0]["encoding"]["x"]
    assert size_px(below)[0] <= 655


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("shown_s", [(-16.0, 0.0), (-60.0, 0.0)])
def test_the_monitor_fits_the_width_it_was_given(theme, shown_s):
    lanes = [replace(lane, reading="114/62 mmHg", note="last pulse") for lane in LANES]
    chart = plot_monitor(lanes, rising_salience(4), shown_s, "ventricular flutter or fibrillation", 655, theme)
    assert size_px(chart)[0] <= 655
