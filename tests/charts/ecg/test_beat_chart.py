from dataclasses import replace

import numpy as np
import pytest

from backend.charts.axes.ecg_paper import fit_time_axis
from backend.charts.ecg.beat_chart import Deflection, WindowSalience, plot_beat
from backend.charts.ecg.wave_marks import WaveMark
from backend.charts.shared.probabilities_over_time import plot_probabilities_over_time
from backend.charts.style.theme import DARK, LIGHT
from tests.charts.drawings import CLASSES, layers_with, made_up_beats, made_up_trace, px_per_unit, rows, size_px

R_PEAK_S = 8.0
WINDOW_S = (R_PEAK_S - 0.2, R_PEAK_S + 0.4)
WAVES = (
    WaveMark("P", R_PEAK_S - 0.18, R_PEAK_S - 0.13, R_PEAK_S - 0.08),
    WaveMark("QRS", R_PEAK_S - 0.04, R_PEAK_S, R_PEAK_S + 0.05),
    WaveMark("T", None, R_PEAK_S + 0.28, None),
)


def around_the_beat(*names):
    return [made_up_trace(2.0, name, start_s=R_PEAK_S - 0.9) for name in names]


def rising_salience(n_traces):
    return WindowSalience(np.linspace(0, 1, 216 * n_traces).reshape(216, n_traces), *WINDOW_S)


@pytest.fixture(scope="module")
def spec():
    chart = plot_beat(around_the_beat("MLII", "V1"), WINDOW_S, WAVES, rising_salience(2), made_up_beats(20))
    return chart.to_dict()


def test_both_leads_are_on_paper_with_square_big_boxes(spec):
    traces = [line for line in layers_with(spec, "line", "y") if "mv" in rows(spec, line)[0]]
    assert len(traces) == 4
    for line in traces:
        per_s = px_per_unit(line["encoding"]["x"], spec["width"])
        assert 0.2 * per_s == pytest.approx(0.5 * px_per_unit(line["encoding"]["y"]))


def test_salience_is_coloured_on_a_scale_from_0_to_1_with_its_legend(spec):
    strokes = [layer["encoding"]["stroke"] for layer in layers_with(spec, "rule", "stroke")]
    assert len(strokes) == 4
    for stroke in strokes:
        assert stroke["scale"]["domain"] == [0, 1]
        assert stroke["legend"]["title"] == "salience"


def test_each_lead_shows_its_own_salience_at_every_step(spec):
    lanes = [rows(spec, layer) for layer in layers_with(spec, "rule", "stroke", "tooltip")]
    expected = rising_salience(2).values
    for column, lane in enumerate(lanes):
        assert [row["salience"] for row in lane] == pytest.approx(expected[:, column].tolist())
        assert lane[0]["time_s"] == pytest.approx(WINDOW_S[0])
        assert lane[-1]["end_s"] == pytest.approx(WINDOW_S[1])


def test_the_trace_is_drawn_over_its_salience(spec):
    kinds = [(layer["mark"]["type"], "stroke" in layer["encoding"]) for layer in spec["layer"]]
    last_halo = max(k for k, kind in enumerate(kinds) if kind == ("rule", True))
    assert kinds[last_halo + 1 :].count(("line", False)) >= 2


def test_a_lead_that_the_model_does_not_read_has_no_salience():
    values = np.column_stack([np.linspace(0, 1, 216), np.full(216, np.nan)])
    chart = plot_beat(around_the_beat("MLII", "V5"), WINDOW_S, salience=WindowSalience(values, *WINDOW_S))
    spec = chart.to_dict()
    lengths = [len(rows(spec, layer)) for layer in layers_with(spec, "rule", "stroke", "tooltip")]
    assert lengths == [216, 0]


def edges_of(spec):
    """The layers that draw onsets and ends."""
    return [edges for edges, _ in edges_with_dash(spec)]


def edges_with_dash(spec):
    """The same with how each layer dashes its lines."""
    drawn = [(rows(spec, layer), layer["mark"].get("strokeDash")) for layer in layers_with(spec, "rule", "x", "y")]
    return [(edges, dash) for edges, dash in drawn if edges and "mark" in edges[0]]


def words_of(spec, field):
    return [row[field] for layer in layers_with(spec, "text") for row in rows(spec, layer) if field in row]


def test_every_wave_is_labelled_and_only_known_edges_are_drawn(spec):
    assert words_of(spec, "name") == ["P", "QRS", "T"]
    (peaks,) = layers_with(spec, "point")
    assert len(rows(spec, peaks)) == 3
    assert len(edges_of(spec)) == 2
    for edges in edges_of(spec):
        assert [row["mark"] for row in edges] == ["P onset", "P end", "QRS onset", "QRS end"]
        assert not any(row["is_uncertain"] for row in edges)


def test_an_uncertain_mark_is_dashed_with_a_question_mark_and_the_legend_explains_both(spec):
    p, qrs, t = WAVES
    waves = (p, replace(qrs, uncertain=frozenset({"end"})), replace(t, uncertain=frozenset({"peak"})))
    doubtful = plot_beat(around_the_beat("MLII", "V1"), WINDOW_S, waves, rising_salience(2)).to_dict()
    assert words_of(doubtful, "name") == ["P", "QRS ?", "T ?"]
    dashed = [edges for edges, dash in edges_with_dash(doubtful) if dash]
    assert [[row["mark"] for row in edges] for edges in dashed] == [["QRS end"]]
    (bars,) = (layer for layer in layers_with(doubtful, "rule", "x2") if layer["mark"].get("strokeDash"))
    assert [row["name"] for row in rows(doubtful, bars)] == ["QRS ?"]
    (peaks,) = layers_with(doubtful, "point")
    assert [row["mark"] for row in rows(doubtful, peaks) if row["fill"] == 0] == ["T peak"]
    assert [word for word in words_of(doubtful, "text") if "?" in word] == ["?", "dashed or ?: uncertain"]
    assert not any("?" in word for word in words_of(spec, "text"))


def letters_of(spec):
    """The rows that draw Q, R and S."""
    return [row for layer in layers_with(spec, "text") for row in rows(spec, layer) if {"letter", "y"} <= set(row)]


def test_q_r_and_s_are_at_the_tips_of_their_deflections():
    tips = (Deflection("Q", R_PEAK_S - 0.03), Deflection("R", R_PEAK_S), Deflection("S", R_PEAK_S + 0.03))
    spec = plot_beat(around_the_beat("MLII"), WINDOW_S, WAVES, deflections=tips).to_dict()
    q, r, s = letters_of(spec)
    assert [q["letter"], r["letter"], s["letter"]] == ["Q", "R", "S"]
    assert r["time_s"] == R_PEAK_S
    assert r["y"] < min(q["y"], s["y"])
    assert q["time_s"] < R_PEAK_S - 0.03
    assert s["time_s"] > R_PEAK_S + 0.03


def test_a_deflection_off_the_paper_or_in_a_gap_has_no_letter():
    trace = made_up_trace(2.0, "MLII", start_s=R_PEAK_S - 0.9)
    signal = trace.signal_mv.copy()
    signal[324] = np.nan
    tips = (Deflection("Q", R_PEAK_S - 3), Deflection("R", trace.times_s[324]), Deflection("S", R_PEAK_S + 0.03))
    spec = plot_beat([replace(trace, signal_mv=signal)], WINDOW_S, deflections=tips).to_dict()
    assert [row["letter"] for row in letters_of(spec)] == ["S"]


def test_the_brush_selects_the_seconds_to_delete(spec):
    (brush,) = spec["params"]
    assert brush["name"] == "deleted"
    assert brush["select"]["type"] == "interval"
    assert brush["select"]["encodings"] == ["x"]


def test_a_deleted_segment_is_drawn_and_labelled(spec):
    stretch = (R_PEAK_S + 0.1, R_PEAK_S + 0.3)
    chart = plot_beat(around_the_beat("MLII"), WINDOW_S, WAVES, rising_salience(1), deleted_s=stretch)
    deleted = [row for table in chart.to_dict()["datasets"].values() for row in table if row.get("text") == "deleted"]
    assert [(row["time_s"], row["end_s"]) for row in deleted] == [stretch]
    assert not any(row.get("text") == "deleted" for table in spec["datasets"].values() for row in table)


@pytest.mark.parametrize("width_px", [560, 640, 940])
def test_probabilities_over_time_line_up_with_the_beat_second_for_second(width_px):
    traces = around_the_beat("MLII")
    beat = plot_beat(traces, WINDOW_S, width_px=width_px)
    shown_s = (traces[0].start_s, traces[0].end_s)
    axis = fit_time_axis(*shown_s, width_px)
    predicted = np.zeros(216, dtype=int)
    scores = plot_probabilities_over_time(CLASSES, np.full((216, 6), 1 / 6), predicted, WINDOW_S, axis)
    one, other = beat.to_dict(), scores.to_dict()
    assert one["width"] == other["width"]
    assert one["layer"][0]["encoding"]["x"] == other["layer"][0]["encoding"]["x"]
    assert (
        one["layer"][0]["encoding"]["y"]["axis"]["minExtent"] == other["layer"][0]["encoding"]["y"]["axis"]["minExtent"]
    )


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("names", [("MLII",), ("MLII", "V1")])
def test_the_beat_fits_the_width_it_was_given(theme, names):
    traces = around_the_beat(*names)
    chart = plot_beat(traces, WINDOW_S, WAVES, rising_salience(len(names)), made_up_beats(20), theme=theme)
    assert size_px(chart)[0] <= 640
