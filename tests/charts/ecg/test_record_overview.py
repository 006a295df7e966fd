import numpy as np
import pytest

from backend.charts.axes.ecg_paper import Trace
from backend.charts.ecg.artifact_marks import Artifact
from backend.charts.ecg.beat_marks import BeatMarks
from backend.charts.ecg.record_overview import plot_record_overview
from backend.charts.style.theme import DARK, LIGHT
from tests.charts.drawings import layers_with, made_up_beats, made_up_trace, rows, size_px

DURATION_S = 1800


@pytest.fixture(scope="module")
def spec():
    beats = made_up_beats(DURATION_S)
    rate = np.full(len(beats.labels), 75.0)
    rate[0] = np.nan
    return plot_record_overview(
        made_up_trace(DURATION_S), beats, rate, [Artifact(600, 660, "no signal")], (100, 110)
    ).to_dict()


def test_half_an_hour_is_drawn_with_at_most_3000_points_of_the_trace(spec):
    (trace,) = layers_with(spec, "line")
    assert 1500 < len(rows(spec, trace)) <= 3000


def test_the_overview_shows_the_full_height_of_the_beats(spec):
    (trace,) = layers_with(spec, "line")
    times_s = np.array([row["time_s"] for row in rows(spec, trace)])
    mv = np.array([row["mv"] for row in rows(spec, trace)])
    whole = made_up_trace(DURATION_S)
    for start_s in range(0, DURATION_S, 10):
        shown = mv[(times_s >= start_s) & (times_s < start_s + 10)]
        there = whole.signal_mv[start_s * 360 : (start_s + 10) * 360]
        assert shown.max() == pytest.approx(there.max(), abs=0.05)


def test_every_beat_has_a_tick_in_the_row_of_its_class(spec):
    (ticks,) = layers_with(spec, "rect", "fill")
    drawn = {row["beat"]: row["letter"] for row in rows(spec, ticks) if row["letter"] != "≠"}
    beats = made_up_beats(DURATION_S)
    assert drawn == {n: {"normal": "N", "PVC": "V"}[label] for n, label in zip(beats.number, beats.labels, strict=True)}


def test_disagreements_are_ringed_in_a_row_of_their_own(spec):
    (rings,) = layers_with(spec, "point")
    beats = made_up_beats(DURATION_S)
    pairs = zip(beats.number, beats.labels, beats.references, strict=True)
    assert {row["beat"] for row in rows(spec, rings)} == {n for n, label, reference in pairs if label != reference}
    assert {row["letter"] for row in rows(spec, rings)} == {"≠"}


def test_the_brush_and_the_click_have_the_names_that_the_screen_reads(spec):
    selections = {param["name"]: param["select"] for param in spec["params"]}
    assert selections["stretch"]["type"] == "interval"
    assert selections["stretch"]["encodings"] == ["x"]
    assert selections["beat"]["type"] == "point"
    assert selections["beat"]["fields"] == ["beat"]


def test_a_beat_without_a_heart_rate_has_no_point(spec):
    (points,) = layers_with(spec, "circle")
    assert len(rows(spec, points)) == len(made_up_beats(DURATION_S).labels) - 1


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_overview_fits_its_width(theme):
    beats = made_up_beats(300)
    chart = plot_record_overview(made_up_trace(300), beats, np.full(len(beats.labels), 75.0), theme=theme)
    assert size_px(chart)[0] <= 940


def test_a_record_without_beats_is_drawn():
    nothing = BeatMarks(np.arange(0), np.zeros(0), ())
    assert size_px(plot_record_overview(Trace("II", np.zeros(3600), 360.0), nothing, np.zeros(0)))[0] > 600


def test_a_click_beside_the_beats_selects_its_place(spec):
    (place,) = (param["select"] for param in spec["params"] if param["name"] == "place")
    assert place["fields"] == ["place_s", "turn"]
    (columns,) = (layer for layer in layers_with(spec, "rect") if "place_s" in rows(spec, layer)[0])
    places_s = [row["place_s"] for row in rows(spec, columns)]
    assert np.diff(places_s).max() < 10
    assert places_s[0] < 10
    assert places_s[-1] > DURATION_S - 10


def test_missed_false_positive_and_manual_beats_have_rows_of_their_own():
    beats = BeatMarks(
        np.arange(1),
        np.array([2.0]),
        ("normal",),
        ("normal",),
        missed_s=np.array([5.0, 8.0]),
        false_s=np.array([9.0]),
        manual_s=np.array([2.0]),
    )
    spec = plot_record_overview(made_up_trace(20), beats, np.array([np.nan])).to_dict()
    (signs,) = layers_with(spec, "text")
    drawn = [(row["time_s"], row["letter"]) for row in rows(spec, signs)]
    assert drawn == [(5.0, "–"), (8.0, "–"), (9.0, "×"), (2.0, "□")]
    for words in ("– missed", "× false", "□ manually placed"):
        assert words in spec["title"]["text"]


def test_manual_beats_have_a_row_before_there_are_any():
    beats = BeatMarks(np.arange(1), np.array([2.0]), ("normal",))
    correcting = BeatMarks(np.arange(1), np.array([2.0]), ("normal",), manual_s=np.zeros(0))
    corrected = BeatMarks(np.arange(1), np.array([2.0]), ("normal",), manual_s=np.array([2.0]))
    before, during, after = (
        plot_record_overview(made_up_trace(20), marks, np.array([60.0])).to_dict()["height"]
        for marks in (beats, correcting, corrected)
    )
    assert before < during == after


def test_a_second_click_at_the_same_place_counts_after_the_segment_has_moved():
    def turns(stretch):
        spec = plot_record_overview(made_up_trace(20), made_up_beats(20), np.zeros(24), stretch=stretch).to_dict()
        (columns,) = (layer for layer in layers_with(spec, "rect") if "place_s" in rows(spec, layer)[0])
        return {row["turn"] for row in rows(spec, columns)}

    assert turns((2.0, 10.0)).isdisjoint(turns((4.0, 12.0)))
