import pytest

from backend.charts.stay.variable_course import plot_variable_course
from backend.charts.style.theme import DARK, LIGHT
from tests.charts.drawings import layers_with, rows, size_px
from tests.charts.made_courses import course


def test_each_measurement_is_at_its_minute_and_the_model_reads_whole_hours():
    spec = plot_variable_course(course()).to_dict()
    (dots,) = layers_with(spec, "circle")
    assert [(row["hour"], row["value"]) for row in rows(spec, dots)] == [(37 / 60, 80), (100 / 60, 132), (25, 61)]
    (line,) = layers_with(spec, "line")
    corners = [(row["hour"], row["value"]) for row in rows(spec, line)]
    assert corners[:4] == [(0, 80), (1, 80), (1, 132), (2, 132)]
    assert corners[-1] == (48, 61)


@pytest.mark.parametrize(
    ("normal", "text", "band"),
    [
        ((60, 100), "normal: 60–100", (60, 100)),
        ((None, 100), "normal: ≤ 100", (None, 100)),
        ((15, 15), "normal: 15", (15, 15)),
        ((None, None), None, None),
    ],
)
def test_the_normal_range_is_shaded_and_labelled(normal, text, band):
    spec = plot_variable_course(course(), normal).to_dict()
    drawn = [row for layer in layers_with(spec, "rect") for row in rows(spec, layer) if "text" in row]
    assert [row["text"] for row in drawn] == ([text] if text else [])
    if band is not None:
        assert drawn[0]["top"] == band[1]
        assert drawn[0]["value"] == (band[0] if band[0] is not None else spec_low(spec))


def spec_low(spec):
    return spec["layer"][0]["encoding"]["y"]["scale"]["domain"][0]


def test_only_the_near_bound_of_a_normal_range_far_above_the_values_is_drawn():
    low_platelets = course("Platelets", measured=(20.0, 30.0, 25.0))
    domain = plot_variable_course(low_platelets, (150, 400)).to_dict()["layer"][0]["encoding"]["y"]["scale"]["domain"]
    assert domain[0] < 20
    assert 150 < domain[1] < 200


def test_edited_measurements_are_hollow_at_their_original_values():
    was = course(measured=(80.0, 190.0, 61.0))
    spec = plot_variable_course(course(), before=was).to_dict()
    (hollow,) = [layer for layer in layers_with(spec, "point", "tooltip") if rows(spec, layer)]
    assert [(row["minute"], row["value"]) for row in rows(spec, hollow)] == [(100, 190)]


def test_a_click_on_a_measurement_selects_its_minute_and_the_chosen_one_has_a_ring():
    spec = plot_variable_course(course(), chosen_minute=100).to_dict()
    (clicked,) = spec["params"]
    assert (clicked["name"], clicked["select"]["fields"]) == ("measurement", ["minute"])
    rings = [layer for layer in layers_with(spec, "point") if "tooltip" not in layer["encoding"]]
    assert [row["minute"] for layer in rings for row in rows(spec, layer)] == [100]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_a_course_fits_the_width_it_was_given(theme):
    assert size_px(plot_variable_course(course(), (60, 100), theme=theme))[0] <= 655


def test_each_code_has_its_meaning_on_its_line():
    vented = course("MechVent", (60, 200), (0.0, 1.0), meanings={0: "no", 1: "yes"}, unit="")
    axis = plot_variable_course(vented).to_dict()["layer"][0]["encoding"]["y"]["axis"]
    assert axis["values"] == [0, 1]
    assert "'yes'" in axis["labelExpr"]


def test_a_course_whose_measurements_were_all_deleted_shows_them_hollow():
    spec = plot_variable_course(course(minutes=(), measured=()), before=course()).to_dict()
    (hollow,) = [layer for layer in layers_with(spec, "point", "tooltip") if rows(spec, layer)]
    assert len(rows(spec, hollow)) == 3
    assert all(not rows(spec, layer) for layer in (*layers_with(spec, "circle"), *layers_with(spec, "line")))
