from io import BytesIO
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from backend.charts.stay.charted_grid import Heading, plot_charted_grid
from backend.charts.stay.variable_course import plot_variable_course
from backend.charts.style.picture_export import render_png
from backend.charts.style.theme import DARK, LIGHT
from tests.charts.drawings import layers_with, rows, size_px
from tests.charts.made_courses import HOURS, course


def every_hour(value_of_hour):
    minutes = np.arange(HOURS) * 60 + 5
    return course(minutes=tuple(minutes), measured=tuple(value_of_hour(hour) for hour in range(HOURS)))


def cells_of(chart):
    spec = chart.to_dict()
    _, cells = layers_with(spec, "rect", "fill")
    return rows(spec, cells)


def texts_of(chart):
    """Hour and text of each value that is written out."""
    return {row["hour"]: row["text"] for row in cells_of(chart) if row["kind"] == "written"}


def test_every_hour_of_every_variable_is_a_cell_coloured_by_its_salience_from_0_to_1():
    chart = plot_charted_grid([course("HR"), course("Temp")])
    cells = cells_of(chart)
    assert len(cells) == 2 * HOURS
    assert [cell["salience"] for cell in cells[:HOURS]] == pytest.approx(np.linspace(0, 1, HOURS).tolist())
    spec = chart.to_dict()
    key, cells = layers_with(spec, "rect", "fill")
    assert key["encoding"]["fill"] == cells["encoding"]["fill"]
    assert cells["encoding"]["fill"]["scale"]["domain"] == [0, 1]
    words = [
        row["text"]
        for layer in layers_with(spec, "text")
        for row in rows(spec, layer)
        if "text" in row and "kind" not in row
    ]
    assert words == ["0", "0.1", "0.5", "1", "salience"]


def test_measured_carried_and_empty_hours_differ():
    chart = plot_charted_grid([course(minutes=(185, 610), measured=(7.31, 7.4))])
    assert texts_of(chart) == {3: "7.31", 10: "7.4"}
    kinds = [cell["kind"] for cell in cells_of(chart)]
    assert set(kinds[:3]) == {"empty"}
    assert set(kinds[4:10]) <= {"carried", "covered"}
    assert kinds[5] == kinds[30] == "carried"
    spec = chart.to_dict()
    (lines,) = [layer for layer in layers_with(spec, "rule", "color") if "from" in rows(spec, layer)[0]]
    assert {row["hour"] for row in rows(spec, lines)} == {hour for hour, kind in enumerate(kinds) if kind == "carried"}


def test_values_have_three_digits():
    values = (7.384, 35.12, 147.2, 1250.0, 0.8, 15.0)
    chart = plot_charted_grid([course(minutes=tuple(range(60, 60 + 480 * 6, 480)), measured=values)])
    assert list(texts_of(chart).values()) == ["7.38", "35.1", "147", "1250", "0.8", "15"]


def test_values_that_do_not_fit_become_dots_and_no_two_overlap():
    chart = plot_charted_grid([every_hour(lambda hour: 100.0 + hour)])
    kinds = [cell["kind"] for cell in cells_of(chart)]
    assert set(kinds) == {"written", "dot"}
    assert kinds.count("written") >= HOURS // 3
    spans = sorted((cell["from"], cell["to"]) for cell in cells_of(chart) if cell["kind"] == "written")
    assert all(end < start for (_, end), (start, _) in pairwise(spans))
    assert spans[0][0] >= 0
    assert spans[-1][1] <= HOURS


def test_the_minimum_and_the_maximum_are_printed_before_their_neighbours():
    chart = plot_charted_grid([every_hour(lambda hour: {20: 40.0, 30: 190.0, 22: 41.0}.get(hour, 100.0 + hour / 10))])
    assert {"40", "190"} <= set(texts_of(chart).values())


def test_a_code_is_printed_as_its_meaning():
    kind = course("ICUType", (0,), (2.0,), meanings={2: "cardiac surgery recovery"}, label="Kind of unit", unit="")
    assert texts_of(plot_charted_grid([kind])) == {0: "cardiac surgery recovery"}


def luminance(colour):
    """Relative luminance of sRGB values from 0 to 255 (WCAG 2.1)."""
    share = np.asarray(colour) / 255
    return np.where(share <= 0.03928, share / 12.92, ((share + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]


def contrast(one, other):
    lighter, darker = max(luminance(one), luminance(other)), min(luminance(one), luminance(other))
    return (lighter + 0.05) / (darker + 0.05)


def from_hex(colour):
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_letters_can_be_read_on_every_salience(theme):
    # No line and no letter: what is not measured at all is a bare cell.
    unmeasured = course(minutes=(), measured=())
    chart = plot_charted_grid([unmeasured], theme=theme)
    drawn = np.array(Image.open(BytesIO(render_png(chart, theme))).convert("RGB"))
    cells = drawn[drawn.shape[0] - 2 * (4 + 10)]
    px = 2 * chart.width / HOURS
    left = cells.shape[0] - 2 * 2 - HOURS * px
    for cell in cells_of(chart):
        ground = cells[int(left + (cell["hour"] + 0.7) * px)]
        assert contrast(from_hex(cell["ink"]), ground) > 4


def test_the_tooltip_has_the_value_its_unit_and_when_it_was_measured():
    cells = cells_of(plot_charted_grid([course()]))
    assert (cells[1]["label"], cells[1]["value"], cells[1]["when"]) == ("Heart rate", "132 /min", "at 1:40")
    assert cells[5]["when"] == "carried forward from 1:40"
    assert cells[5]["between"] == "5:00–6:00"
    (later,) = {cell["when"] for cell in cells_of(plot_charted_grid([course(minutes=(600,), measured=(80.0,))]))[:10]}
    assert later == "not yet measured"


def test_a_measurement_at_48_hours_belongs_to_the_last_hour():
    cells = cells_of(plot_charted_grid([course(minutes=(2880,), measured=(80.0,))]))
    assert [cell["kind"] for cell in cells] == ["empty"] * 47 + ["written"]


@pytest.mark.parametrize("spec", [plot_charted_grid([course()]).to_dict(), plot_variable_course(course()).to_dict()])
def test_no_legend_is_a_gradient_since_it_disappears_when_the_address_changes(spec):
    colours = [
        layer["encoding"][name] for layer in spec["layer"] for name in ("fill", "stroke") if name in layer["encoding"]
    ]
    assert colours
    assert all(colour["legend"] is None for colour in colours)


def test_a_click_on_a_cell_selects_its_variable_and_the_chosen_row_is_framed():
    chart = plot_charted_grid([course("HR"), Heading("Breathing"), course("Temp")], chosen="Temp").to_dict()
    (clicked,) = chart["params"]
    assert (clicked["name"], clicked["select"]["fields"]) == ("chosen", ["variable"])
    tops = {
        row["variable"]: row["top"] for row in cells_of(plot_charted_grid([course("HR"), Heading("B"), course("Temp")]))
    }
    frames = [layer for layer in layers_with(chart, "rect") if layer["mark"].get("stroke") == LIGHT.accent]
    assert [row["top"] for layer in frames for row in rows(chart, layer)] == [tops["Temp"]]


def test_variables_that_the_model_does_not_read_have_no_colour():
    unread = course("Cholesterol", salience=np.full(HOURS, np.nan))
    chart = plot_charted_grid([course("HR"), unread])
    assert {cell["variable"] for cell in cells_of(chart)} == {"HR"}
    spec = chart.to_dict()
    written = [row["text"] for layer in layers_with(spec, "text") for row in rows(spec, layer) if row.get("text")]
    assert written.count("132") == 2


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_grid_fits_the_width_it_was_given(theme):
    assert size_px(plot_charted_grid([course()], "HR", 955, theme))[0] <= 955


def test_an_empty_grid_is_still_a_chart():
    assert size_px(plot_charted_grid([]))[1] > 0
