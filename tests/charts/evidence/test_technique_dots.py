from itertools import pairwise

import numpy as np
import pytest

from backend.charts.evidence.technique_dots import DotPanel, plot_technique_dots
from backend.charts.style.theme import DARK, LIGHT
from tests.charts.drawings import layers_with, rows, size_px
from tests.made_evidence import CONTROLS, TECHNIQUES, made_evidence

ORDER = (*TECHNIQUES, *CONTROLS)
PANELS = (
    DotPanel("comprehensiveness", "lost|more is better", ".1f"),
    DotPanel("sufficiency", "lost|less is better", ".1f", references=(1.0,)),
    DotPanel("area", "area", ".0%", domain=(0.0, 2.0), ticks=(0.0, 1.0)),
)


def table():
    measures = made_evidence().measures
    own = measures[(measures["class"] == "all") & (measures.fill == "0")]
    return own.rename(columns={"measure": "panel"})


def dots(spec):
    """What is drawn of each technique in each panel."""
    (layer,) = layers_with(spec, "point")
    return {(row["panel"], row["technique"]): row for row in rows(spec, layer)}


def axes(spec):
    """The horizontal scale of each panel, from the left."""
    return [layer["encoding"]["x"]["scale"] for layer in layers_with(spec, "rule", "x") if "y" not in layer["encoding"]]


def test_each_panel_has_a_dot_for_each_technique_on_its_interval():
    drawn = dots(plot_technique_dots(table(), PANELS, ORDER).to_dict())
    assert set(drawn) == {(panel.name, name) for panel in PANELS for name in ORDER}
    mask = drawn["comprehensiveness", "mask"]
    assert (mask["low"], mask["value"], mask["high"]) == pytest.approx((2.9, 3.0, 3.1))


def test_every_dot_and_interval_is_at_its_value_on_the_axis_of_its_panel():
    spec = plot_technique_dots(table(), PANELS, ORDER).to_dict()
    for panel, scale in zip(PANELS, axes(spec), strict=True):
        for name in ORDER:
            row = dots(spec)[panel.name, name]
            for field in ("low", "value", "high"):
                assert row[f"{field}_px"] == pytest.approx(np.interp(row[field], scale["domain"], scale["range"]))
                assert scale["domain"][0] <= row[field] <= scale["domain"][1]


def test_panels_do_not_overlap():
    ranges = [scale["range"] for scale in axes(plot_technique_dots(table(), PANELS, ORDER).to_dict())]
    assert all(left[1] < right[0] for left, right in pairwise(ranges))


def test_a_reference_crosses_all_rows_of_its_panel_alone():
    spec = plot_technique_dots(table(), PANELS, ORDER).to_dict()
    across = [layer for layer in layers_with(spec, "rule", "x") if "y" not in layer["encoding"]]
    assert [[row["at"] for row in rows(spec, layer)] for layer in across] == [[], [1.0], []]


def test_controls_are_hollow():
    drawn = dots(plot_technique_dots(table(), PANELS, ORDER).to_dict())
    assert {name for (_, name), row in drawn.items() if row["fill"] == LIGHT.background} == set(CONTROLS)


def test_a_technique_without_a_figure_keeps_its_row_and_has_no_dot():
    spec = plot_technique_dots(table()[lambda all: all.technique != "mask"], PANELS, ORDER).to_dict()
    assert ("area", "mask") not in dots(spec)
    (layer,) = layers_with(spec, "point")
    assert "Learned mask" in layer["encoding"]["y"]["scale"]["domain"]


def test_a_figure_without_an_interval_is_a_dot_alone():
    vague = table()
    vague.loc[vague.technique == "mask", ["low", "high"]] = np.nan
    spec = plot_technique_dots(vague, PANELS, ORDER).to_dict()
    (lines,) = layers_with(spec, "rule", "x", "x2")
    assert {row["technique"] for row in rows(spec, lines)} == set(ORDER) - {"mask"}
    assert ("area", "mask") in dots(spec)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_chart_fits_its_width(theme):
    assert size_px(plot_technique_dots(table(), PANELS, ORDER, 955, theme))[0] <= 955


def test_an_empty_table_is_still_a_chart():
    assert np.isfinite(size_px(plot_technique_dots(table().head(0), PANELS, ()))).all()
