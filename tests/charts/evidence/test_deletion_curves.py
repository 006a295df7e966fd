import numpy as np
import pytest

from backend.charts.evidence.deletion_curves import plot_deletion_curves
from backend.charts.style.theme import DARK, LIGHT
from tests.charts.drawings import layers_with, rows, size_px
from tests.made_evidence import CONTROLS, TECHNIQUES, made_evidence

ORDER = (*TECHNIQUES, *CONTROLS)


def curves():
    table = made_evidence().curves
    return table[(table["class"] == "all") & (table.fill == "0")]


def drop_layer(spec):
    return next(layer for layer in layers_with(spec, "line") if layer["encoding"]["y"]["field"] == "drop")


def test_each_chosen_technique_and_control_is_a_line_of_its_drops():
    spec = plot_deletion_curves(curves(), ("mask", "random")).to_dict()
    drawn = {(row["technique"], row["alpha"]): row["drop"] for row in rows(spec, drop_layer(spec))}
    assert {name for name, _ in drawn} == {"mask", "random"}
    assert drawn["mask", 0.5] == pytest.approx(0.75)


def test_the_legend_has_the_given_order_with_colours_and_dashes():
    encoding = drop_layer(plot_deletion_curves(curves(), ORDER).to_dict())["encoding"]
    names = ["Occlusion", "Learned mask", "Input derivative", "Random", "Around the R peak"]
    assert encoding["color"]["scale"]["domain"] == encoding["strokeDash"]["scale"]["domain"] == names


def test_bands_span_the_intervals_and_fit_the_scale():
    spec = plot_deletion_curves(curves(), ORDER).to_dict()
    (band,) = layers_with(spec, "area")
    assert (band["encoding"]["y"]["field"], band["encoding"]["y2"]["field"]) == ("low", "high")
    low, high = band["encoding"]["y"]["scale"]["domain"]
    assert low < min(row["low"] for row in rows(spec, band))
    assert high > max(row["high"] for row in rows(spec, band))


def test_the_share_deleted_is_below_and_does_not_overlap():
    spec = plot_deletion_curves(curves(), ORDER).to_dict()
    ranges = {
        layer["encoding"]["y"]["field"]: layer["encoding"]["y"]["scale"]["range"] for layer in layers_with(spec, "line")
    }
    assert max(ranges["drop"]) < min(ranges["occluded"])


def test_curves_without_an_interval_are_drawn():
    single = curves().assign(low=np.nan, high=np.nan)
    spec = plot_deletion_curves(single, ORDER).to_dict()
    low, high = drop_layer(spec)["encoding"]["y"]["scale"]["domain"]
    assert low < 0 < 0.75 < high


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_chart_fits_its_width(theme):
    assert size_px(plot_deletion_curves(curves(), ORDER, 955, theme))[0] <= 955
