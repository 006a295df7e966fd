from itertools import pairwise

import numpy as np
import pytest

from backend.charts.technique_dots import DotPanel, technique_dots_chart
from backend.charts.theme import DARK, LIGHT
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
    return list(layers_with(spec, "point"))


def test_each_panel_has_a_dot_for_each_technique_on_its_interval():
    spec = technique_dots_chart(table(), PANELS, ORDER).to_dict()
    assert len(dots(spec)) == 3
    drawn = {row["technique"]: (row["low"], row["value"], row["high"]) for row in rows(spec, dots(spec)[0])}
    assert drawn["mask"] == pytest.approx((2.9, 3.0, 3.1))
    assert set(drawn) == set(ORDER)


def test_controls_are_hollow():
    fills = {
        row["technique"]: row["fill"]
        for spec in [technique_dots_chart(table(), PANELS, ORDER).to_dict()]
        for row in rows(spec, dots(spec)[0])
    }
    assert {name for name, fill in fills.items() if fill == LIGHT.background} == set(CONTROLS)


def test_panels_stand_beside_each_other_without_overlap():
    spec = technique_dots_chart(table(), PANELS, ORDER).to_dict()
    ranges = [layer["encoding"]["x"]["scale"]["range"] for layer in dots(spec)]
    assert all(left[1] < right[0] for left, right in pairwise(ranges))


def test_every_dot_line_and_reference_lies_within_its_panel():
    spec = technique_dots_chart(table(), PANELS, ORDER).to_dict()
    for layer in (*layers_with(spec, "rule", "x", "x2"), *dots(spec)):
        low, high = layer["encoding"]["x"]["scale"]["domain"]
        for row in rows(spec, layer):
            assert low <= row["low"] <= row["high"] <= high
    references = [row["at"] for layer in layers_with(spec, "rule", "x") for row in rows(spec, layer) if "at" in row]
    assert references == [1.0]


def test_a_technique_without_a_figure_keeps_its_row_and_has_no_dot():
    spec = technique_dots_chart(table()[lambda all: all.technique != "mask"], PANELS, ORDER).to_dict()
    assert "mask" not in {row["technique"] for row in rows(spec, dots(spec)[0])}
    assert "Learned mask" in dots(spec)[0]["encoding"]["y"]["scale"]["domain"]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_it_fits_its_width(theme):
    assert size_px(technique_dots_chart(table(), PANELS, ORDER, 955, theme))[0] <= 955


def test_nothing_to_draw_is_still_a_chart():
    assert np.isfinite(size_px(technique_dots_chart(table().head(0), PANELS, ()))).all()
