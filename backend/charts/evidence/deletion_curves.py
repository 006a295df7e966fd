"""Deletion curves: the score drop when salient steps are deleted, at each threshold of the salience."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from backend.charts.axes.value_axis import GRID_LABELS_PX, left_axis, left_grid_axis
from backend.charts.axes.value_extent import value_extent
from backend.charts.evidence.technique_lines import (
    add_labels,
    draw_bands,
    draw_hover_points,
    draw_lines,
    technique_scales,
)
from backend.charts.style.chart_width import FULL_PX
from backend.charts.style.theme import LIGHT, Theme

__all__ = ["plot_deletion_curves"]

_AXIS_PX = 66
_DROPS_PX, _GAP_PX, _SHARES_PX = 230, 34, 84
_MARGIN = 0.04


def plot_deletion_curves(
    curves: pd.DataFrame, order: Sequence[str], width_px: float = FULL_PX, theme: Theme = LIGHT
) -> alt.LayerChart:
    """Return a chart of the score drop over the threshold with its interval, above the share of deleted steps.

    A click on a name in the legend highlights its line. A drop is only comparable at the same share deleted.

    Parameters
    ----------
    curves : DataFrame
        ``technique``, ``alpha`` (0..1), ``drop`` with ``low`` and ``high``, ``occluded`` (0..1).
    order : sequence of str
        The techniques and controls that are drawn, in the order in which the legend names them.
    width_px : float
        Width of the whole chart, legend included.
    theme : Theme

    Returns
    -------
    altair.LayerChart

    References
    ----------
    Van der Westhuizen & Lasenby 2018, section 4.2.
    """
    table = add_labels(curves[curves.technique.isin(order)].sort_values(["technique", "alpha"]))
    scales = technique_scales(order, theme)
    low, high = value_extent(table, "drop", [0.0])
    margin = _MARGIN * (high - low or 1.0)
    bottom_px = _DROPS_PX + _GAP_PX + _SHARES_PX
    drops = alt.Scale(domain=[low - margin, high + margin], range=[_DROPS_PX, 0], nice=False)
    shares = alt.Scale(domain=[0, 1], range=[bottom_px, bottom_px - _SHARES_PX])
    x = alt.X(
        "alpha:Q",
        scale=alt.Scale(domain=[0, 1], nice=False),
        axis=alt.Axis(
            title="threshold α (steps with salience above α are deleted)",
            values=[0, 0.2, 0.4, 0.6, 0.8, 1],
            format=".1f",
            grid=False,
            domain=False,
        ),
    )
    share_axis = left_axis("share deleted", [0, 0.5, 1], ".0%")
    share_axis.minExtent = share_axis.maxExtent = GRID_LABELS_PX
    drop_axis = left_grid_axis("score drop (scaled)", tickCount=6)
    layers = [
        draw_bands(table, x, alt.Y("low:Q", scale=drops, axis=None), "high", scales),
        alt.Chart(pd.DataFrame({"zero": [0.0]}))
        .mark_rule(color=theme.muted, strokeWidth=1)
        .encode(y=alt.Y("zero:Q", scale=drops, axis=None)),
        draw_lines(table, x, alt.Y("drop:Q", scale=drops, axis=drop_axis), scales).add_params(scales.highlighted),
        draw_lines(table, x, alt.Y("occluded:Q", scale=shares, axis=share_axis), scales),
        draw_hover_points(
            table,
            x,
            alt.Y("drop:Q", scale=drops, axis=None),
            ("alpha:Q", "threshold", ".2f"),
            ("occluded:Q", "share deleted", ".0%"),
            ("drop:Q", "score drop (scaled)", ".2f"),
        ),
    ]
    return theme.layered(layers, width_px - _AXIS_PX - scales.legend_px, bottom_px)
