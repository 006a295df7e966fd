import altair as alt

from backend.charts.evidence.technique_lines import add_labels, draw_hover_points, draw_lines, technique_scales
from backend.charts.style.theme import LIGHT
from tests.made_evidence import made_evidence


def test_the_tooltip_of_a_line_has_its_technique_and_interval():
    table = add_labels(made_evidence().sanity)
    shown = draw_hover_points(
        table, alt.X("stage:O"), alt.Y("correlation:Q"), ("correlation:Q", "similarity", ".2f")
    ).to_dict()
    assert [one["title"] for one in shown["encoding"]["tooltip"]] == [
        "technique",
        "similarity",
        "lower limit",
        "upper limit",
    ]


def test_a_line_that_is_not_highlighted_in_the_legend_fades():
    scales = technique_scales(("mask", "random"), LIGHT)
    drawn = draw_lines(add_labels(made_evidence().sanity), alt.X("stage:O"), alt.Y("correlation:Q"), scales).add_params(
        scales.highlighted
    )
    spec = drawn.to_dict()
    (picked,) = spec["params"]
    assert (picked["bind"], picked["select"]["fields"]) == ("legend", ["name"])
    opacity = spec["encoding"]["opacity"]
    assert (opacity["condition"]["param"], opacity["condition"]["value"]) == (picked["name"], 1.0)
    assert opacity["value"] < 0.3
