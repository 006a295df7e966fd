import numpy as np
import pytest

from backend.charts.compare.technique_rows import TechniqueRow, comparison_axis, plot_comparison
from backend.charts.compare.window_lanes import WindowLane
from backend.charts.ecg.wave_marks import WaveMark
from backend.charts.style.theme import DARK, LIGHT
from tests.charts.drawings import layers_with, rows, size_px

STEPS = 60
AXIS = comparison_axis(10.0, 10.6, "time in record (s)")
TIMES = np.linspace(10.0, 10.6, 216)
LEAD = WindowLane("MLII", "mV", TIMES, np.exp(-(((TIMES - 10.2) / 0.01) ** 2)), is_on_paper=True)
HEADINGS = ("takes", "score falls by\n(chance: 0.41)", "agreement")
ROWS = (
    TechniqueRow("occlusion", "Occlusion", np.linspace(0, 1, STEPS), figures=("0.10 s", "2.31", "0.75")),
    TechniqueRow("mask", "Learned mask", None, "being worked out …"),
    TechniqueRow(
        "random", "Random (control)", np.linspace(1, 0, STEPS), figures=("0.00 s", "0.40", "0.01"), is_doubtful=True
    ),
)


def chart(shown=ROWS, theme=LIGHT, chosen="mask", behind=LEAD, **given):
    return plot_comparison(shown, HEADINGS, AXIS, (LEAD,), behind=behind, chosen=chosen, theme=theme, **given)


def texts_of(spec, field):
    """What is written from this field, row by row."""
    written = (layer for layer in layers_with(spec, "text") if layer["encoding"]["text"]["field"] == field)
    return [row[field] for layer in written for row in rows(spec, layer) if row[field]]


def steps_of(spec):
    (steps,) = (layer for layer in layers_with(spec, "rect", "tooltip"))
    return rows(spec, steps)


def test_each_technique_is_a_row_coloured_on_one_scale_from_0_to_1():
    spec = chart().to_dict()
    (coloured,) = (layer for layer in layers_with(spec, "rect", "fill"))
    assert coloured["encoding"]["fill"]["scale"]["domain"] == [0, 1]
    of_row = {name: [step for step in steps_of(spec) if step["technique"] == name] for name in ("occlusion", "random")}
    assert [len(steps) for steps in of_row.values()] == [STEPS, STEPS]
    assert [step["salience"] for step in of_row["random"]] == pytest.approx(np.linspace(1, 0, STEPS).tolist())
    assert of_row["occlusion"][0]["bottom"] < of_row["random"][0]["top"]


def test_a_row_without_salience_has_a_note_and_the_others_keep_their_places():
    spec = chart().to_dict()
    assert texts_of(spec, "note") == ["being worked out …"]
    done = (ROWS[0], TechniqueRow("mask", "Learned mask", np.ones(STEPS), figures=("1 s", "1", "1")), ROWS[2])
    later = chart(done).to_dict()
    assert texts_of(later, "note") == []
    top = {step["top"] for step in steps_of(spec) if step["technique"] == "random"}
    assert top == {step["top"] for step in steps_of(later) if step["technique"] == "random"}
    assert [layer["mark"] for layer in later["layer"]] == [layer["mark"] for layer in spec["layer"]]


def test_names_are_left_and_figures_right_under_their_headings():
    spec = chart().to_dict()
    assert sorted(texts_of(spec, "label")) == ["Learned mask", "Occlusion", "Random (control)"]
    assert texts_of(spec, "heading") == list(HEADINGS)
    assert texts_of(spec, "text") == ["0.10 s", "0.00 s", "2.31", "0.40", "0.75", "0.01"]


def test_figures_of_a_doubtful_technique_are_grey():
    spec = chart().to_dict()
    figures = [row for layer in layers_with(spec, "text", "color") for row in rows(spec, layer) if "colour" in row]
    colours = {row["technique"]: row["colour"] for row in figures}
    assert colours["random"] == LIGHT.artifact
    assert colours["occlusion"] == LIGHT.text


def test_a_click_on_a_row_selects_its_technique_and_the_chosen_row_is_framed():
    spec = chart().to_dict()
    (clicked,) = spec["params"]
    assert (clicked["name"], clicked["select"]["fields"]) == ("chosen", ["technique"])
    for chosen, frames in (("mask", 1), ("", 0)):
        spec = chart(chosen=chosen).to_dict()
        (frame,) = (layer for layer in layers_with(spec, "rect") if layer["mark"].get("stroke") == LIGHT.accent)
        assert len(rows(spec, frame)) == frames


def test_waves_are_marked_under_the_lead_and_their_edges_cross_all_rows():
    spec = chart(waves=[WaveMark("QRS", 10.15, 10.2, 10.26)]).to_dict()
    assert "QRS" in texts_of(spec, "name")
    (edges,) = (
        layer
        for layer in layers_with(spec, "rule", "y2")
        if layer["mark"].get("opacity") == 0.6 and not layer["mark"].get("strokeDash")
    )
    assert edges["encoding"]["y2"]["value"] >= max(step["bottom"] for step in steps_of(spec))


def test_the_signal_is_repeated_in_each_row_that_has_salience():
    spec = chart().to_dict()
    (line,) = (layer for layer in layers_with(spec, "line") if "detail" in layer["encoding"])
    assert {row["row"] for row in rows(spec, line)} == {0, 1}
    assert not [layer for layer in layers_with(chart(behind=None).to_dict(), "line") if "detail" in layer["encoding"]]


def test_no_line_is_drawn_across_a_gap_of_the_signal():
    values = np.where((TIMES < 10.1) | ((TIMES > 10.3) & (TIMES < 10.4)), np.nan, 1.0 + TIMES)
    spec = chart(ROWS[:1], behind=WindowLane("HR", "/min", TIMES, values)).to_dict()
    (line,) = (layer for layer in layers_with(spec, "line") if "detail" in layer["encoding"])
    drawn = rows(spec, line)
    assert len(drawn) == np.isfinite(values).sum()
    assert len({row["segment"] for row in drawn if row["time_s"] < 10.3}) == 1
    assert len({row["segment"] for row in drawn}) == 2


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("shown", [ROWS, (ROWS[1],)])
def test_the_comparison_fits_the_screen(theme, shown):
    assert size_px(chart(shown, theme))[0] <= 955


def test_hours_of_a_stay_have_a_tick_every_six():
    axis = comparison_axis(0.0, 48.0, "hours since admission", 6.0)
    spec = plot_comparison(ROWS, HEADINGS, axis).to_dict()
    ticks = next(
        layer["encoding"]["x"]["axis"]["values"] for layer in spec["layer"] if "axis" in layer["encoding"]["x"]
    )
    assert ticks == list(range(0, 49, 6))
