from itertools import pairwise

import numpy as np
import pytest

from backend.charts.axes.ecg_paper import Trace
from backend.charts.ecg.artifact_marks import Artifact
from backend.charts.ecg.beat_marks import BeatMarks
from backend.charts.ecg.rhythm_strip import plot_correction_strip, plot_rhythm_strip
from backend.charts.style.chart_width import FULL_PX
from backend.charts.style.theme import DARK, LIGHT
from tests.charts.drawings import layers_with, made_up_beats, made_up_trace, px_per_unit, rows, size_px

START_S, LENGTH_S = 16.0, 10.0


@pytest.fixture(scope="module")
def spec():
    traces = [made_up_trace(LENGTH_S, name, start_s=START_S) for name in ("MLII", "V1")]
    artifacts = [Artifact(18, 20, "no signal"), Artifact(21, 22, "clipped", "V1")]
    return plot_rhythm_strip(traces, made_up_beats(60), artifacts, framed_s=18.4).to_dict()


def letters(spec):
    return [row for layer in layers_with(spec, "text", "color") for row in rows(spec, layer)]


def test_both_leads_have_square_big_boxes(spec):
    lines = list(layers_with(spec, "line", "y"))
    assert len(lines) == 4
    for line in lines:
        per_s = px_per_unit(line["encoding"]["x"], spec["width"])
        assert 0.2 * per_s == pytest.approx(0.5 * px_per_unit(line["encoding"]["y"]))


def test_every_beat_of_the_stretch_has_a_letter_in_the_colour_of_its_class(spec):
    beats = made_up_beats(60).between(START_S, START_S + LENGTH_S)
    drawn = letters(spec)
    assert [row["beat"] for row in drawn] == beats.number.tolist()
    for row, label in zip(drawn, beats.labels, strict=True):
        assert row["letter"] == {"normal": "N", "PVC": "V"}[label]
        assert row["colour"] == LIGHT.colour_of(label)


def test_rings_mark_disagreements_between_model_and_reference_alone(spec):
    rings, _ = layers_with(spec, "point")
    wrong = {row["beat"] for row in letters(spec) if row["label"] != row["reference"]}
    assert wrong
    assert {row["beat"] for row in rows(spec, rings)} == wrong


def test_an_empty_reference_does_not_disagree():
    beats = BeatMarks(np.arange(2), np.array([1.0, 2.0]), ("normal", "PVC"), ("", ""))
    spec = plot_rhythm_strip([made_up_trace(4)], beats).to_dict()
    rings, _ = layers_with(spec, "point")
    assert rows(spec, rings) == []


def test_a_click_anywhere_on_the_strip_selects_the_nearest_beat(spec):
    (param,) = (param for param in spec["params"] if param["name"] == "beat")
    assert param["select"]["type"] == "point"
    assert param["select"]["fields"] == ["beat"]
    (reach,) = layers_with(spec, "rect", "tooltip")
    areas = rows(spec, reach)
    assert areas[0]["time_s"] == START_S
    assert areas[-1]["end_s"] == START_S + LENGTH_S
    for before, after in pairwise(areas):
        assert before["end_s"] == after["time_s"] == pytest.approx((before["r_peak_s"] + after["r_peak_s"]) / 2)


def test_artifacts_are_labelled_on_the_leads_they_concern(spec):
    words = [row["kind"] for layer in layers_with(spec, "text", "y") for row in rows(spec, layer) if "kind" in row]
    assert sorted(words) == ["clipped", "no signal", "no signal"]


def test_another_beat_changes_only_data(spec):
    traces = [made_up_trace(LENGTH_S, name, start_s=START_S) for name in ("MLII", "V1")]
    artifacts = [Artifact(18, 20, "no signal"), Artifact(21, 22, "clipped", "V1")]
    other = plot_rhythm_strip(traces, made_up_beats(60), artifacts, framed_s=None).to_dict()

    def shape(chart):
        return [(layer["mark"], sorted(layer["encoding"])) for layer in chart["layer"]]

    assert shape(other) == shape(spec)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("duration_s", [1, 4, 12])
def test_the_whole_chart_fits_the_width_it_was_given(theme, duration_s):
    width_px, height_px = size_px(plot_rhythm_strip([made_up_trace(duration_s)], made_up_beats(12), theme=theme))
    assert width_px <= FULL_PX
    assert height_px < 900


def test_a_segment_sampled_at_5000_hz_is_thinned():
    spec = plot_rhythm_strip([made_up_trace(12, sampling_rate=5000)], made_up_beats(12)).to_dict()
    assert max(len(table) for table in spec["datasets"].values()) <= 3000


def test_a_segment_without_beats_and_signal_is_drawn():
    nothing = BeatMarks(np.arange(0), np.zeros(0), ())
    assert size_px(plot_rhythm_strip([Trace("II", np.full(720, np.nan), 360.0)], nothing))[0] > 100


def test_a_missed_beat_is_marked_at_its_time_in_the_reference():
    beats = BeatMarks(np.arange(1), np.array([2.0]), ("normal",), ("normal",), missed_s=np.array([3.0, 30.0]))
    spec = plot_rhythm_strip([made_up_trace(4)], beats).to_dict()
    assert [row["time_s"] for row in letters(spec) if row["letter"] == "–"] == [3.0]


def test_a_false_positive_beat_is_marked_below_its_letter():
    beats = BeatMarks(np.arange(2), np.array([2.0, 3.0]), ("PVC", "PVC"), ("", "PVC"), false_s=np.array([2.0, 30.0]))
    spec = plot_rhythm_strip([made_up_trace(4)], beats).to_dict()
    assert [row["time_s"] for row in letters(spec) if row["letter"] == "×"] == [2.0]
    assert "× false" in spec["title"]["text"]


def test_a_manually_placed_beat_has_a_box():
    beats = BeatMarks(np.arange(2), np.array([2.0, 3.0]), ("PVC", "PVC"), manual_s=np.array([3.0]))
    spec = plot_rhythm_strip([made_up_trace(4)], beats).to_dict()
    _, boxes = layers_with(spec, "point")
    assert [row["time_s"] for row in rows(spec, boxes)] == [3.0]
    assert boxes["mark"]["shape"] == "square"
    assert "□ manually placed" in spec["title"]["text"]


def test_during_correction_a_click_selects_its_place_to_a_pixel_and_opens_nothing():
    spec = plot_correction_strip([made_up_trace(8, start_s=4.0)], made_up_beats(20)).to_dict()
    assert [param["name"] for param in spec["params"]] == ["place"]
    *_, columns = layers_with(spec, "rect")
    edges_s = [(row["time_s"], row["end_s"]) for row in rows(spec, columns)]
    assert all(row["time_s"] <= row["place_s"] <= row["end_s"] for row in rows(spec, columns))
    assert (edges_s[0][0], edges_s[-1][1]) == (4.0, 12.0)
    px_per_s = px_per_unit(columns["encoding"]["x"], spec["width"])
    assert max(end_s - start_s for start_s, end_s in edges_s) * px_per_s <= 2.2


def test_a_second_click_at_the_same_place_counts_after_the_first_was_answered():
    def turns(turn):
        spec = plot_correction_strip([made_up_trace(8)], made_up_beats(8), turn=turn).to_dict()
        *_, columns = layers_with(spec, "rect")
        return {row["turn"] for row in rows(spec, columns)}

    assert turns(0).isdisjoint(turns(1))
