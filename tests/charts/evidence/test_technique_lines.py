import altair as alt

from backend.charts.evidence.technique_lines import add_labels, draw_hover_points, draw_lines, technique_scales
from backend.charts.style.theme import LIGHT
from tests.made_evidence import made_evidence


def test_a_point_of_a_line_tells_who_it_is_and_its_interval():
    table = add_labels(made_evidence().sanity)
    shown = draw_hover_points(
        table, alt.X("stage:O"), alt.Y("correlation:Q"), ("correlation:Q", "likeness", ".2f")
    ).to_dict()
    assert [one["title"] for one in shown["encoding"]["tooltip"]] == ["technique", "likeness", "at least", "at most"]


def test_a_line_that_is_not_picked_in_the_legend_fades():
    looks = technique_scales(("mask", "random"), LIGHT)
    drawn = draw_lines(add_labels(made_evidence().sanity), alt.X("stage:O"), alt.Y("correlation:Q"), looks).add_params(
        looks.picked
    )
    spec = drawn.to_dict()
    (picked,) = spec["params"]
    assert (picked["bind"], picked["select"]["fields"]) == ("legend", ["name"])
    opacity = spec["encoding"]["opacity"]
    assert (opacity["condition"]["param"], opacity["condition"]["value"]) == (picked["name"], 1.0)
    assert opacity["value"] < 0.3
