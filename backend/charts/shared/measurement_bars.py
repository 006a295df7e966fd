"""The measurements of a window: one bar each for the score drop when it is removed whole."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from backend.charts.axes.row_labels import LABEL_GAP_PX, label_axis
from backend.charts.style.chart_width import WIDE_PX
from backend.charts.style.number_format import format_signed
from backend.charts.style.theme import LIGHT, Theme
from backend.explain.questions.measurements import MeasurementDrop

__all__ = ["plot_measurements"]

_PX_PER_LETTER = 6.2
_FIGURE_PX = 44
_MARGINS_PX = 25
_LEGEND_PX = 20
_LEGEND_PX_PER_LETTER = 6.5  # with the symbol before it
_ROW_PX = 24
_BAR_PX = 13
_LEAST_EXTENT = 1e-6


def plot_measurements(
    drops: Sequence[MeasurementDrop], target: str, width_px: float = WIDE_PX, theme: Theme = LIGHT
) -> alt.LayerChart:
    """Return a chart of the score drop when each measurement is removed whole, in their own order.

    Bars to the right are filled: the measurement supports the class. Bars to the left are hollow: it opposes the class.
    Clicks on rows select ``removed`` (field ``measurement``), any number of them; removed rows are faint.

    Parameters
    ----------
    drops : sequence of MeasurementDrop
        At least one.
    target : str
        The class whose score drops.
    width_px : float
        Width of the whole chart.
    theme : Theme

    Returns
    -------
    altair.LayerChart
    """
    kinds = [f"supports {target}", f"opposes {target}"]
    table = pd.DataFrame(
        {
            "measurement": [own.measurement for own in drops],
            "drop": [own.drop for own in drops],
            "start": [min(0.0, own.drop) for own in drops],
            "end": [max(0.0, own.drop) for own in drops],
            "kind": [kinds[own.drop < 0] for own in drops],
            "figure": [format_signed(own.drop) for own in drops],
        }
    )
    order = list(table.measurement)
    labels_px = LABEL_GAP_PX + _PX_PER_LETTER * max(map(len, order))
    right_px = width_px - labels_px - _MARGINS_PX
    rows = alt.Scale(paddingInner=0.2, paddingOuter=0.1)
    extent = max([_LEAST_EXTENT, *table["drop"].abs()])
    x_scale = alt.Scale(
        domain=[min(0.0, *table.start) - 0.04 * extent, max(0.0, *table.end) + 0.04 * extent], nice=False
    )
    removed = alt.selection_point(name="removed", fields=["measurement"], on="click", clear=False, toggle="true")
    opacity = alt.condition(removed, alt.value(0.35), alt.value(1.0), empty=False)

    def y(axis: alt.Axis | None = None) -> alt.Y:
        return alt.Y("measurement:N", sort=order, axis=axis, scale=rows)

    def x(field: str) -> alt.X:
        return alt.X(field=field, type="quantitative", scale=x_scale, axis=None)

    base = alt.Chart(table)
    layers = [
        base.mark_bar(height=_BAR_PX, strokeWidth=2).encode(
            x=x("start"),
            x2=alt.X2(field="end"),
            y=y(label_axis(labels_px)),
            opacity=opacity,
            **_colours(kinds, labels_px, width_px, theme),
        ),
        base.mark_text(align="right", color=theme.text, fontSize=11).encode(
            y=y(),
            x=alt.value(right_px),
            text=alt.Text(field="figure", type="nominal"),
            opacity=opacity,
        ),
        alt.Chart(pd.DataFrame({"zero": [0.0]})).mark_rule(color=theme.text, strokeWidth=1).encode(x=x("zero")),
        # The whole row receives clicks, however short its bar.
        base.mark_bar(height=_ROW_PX, fill=theme.background, fillOpacity=0, cursor="pointer")
        .encode(
            y=y(),
            x=alt.value(-labels_px),
            x2=alt.value(right_px),
            tooltip=[
                alt.Tooltip(field="measurement", type="nominal"),
                alt.Tooltip(field="kind", type="nominal", title="effect"),
                alt.Tooltip(field="figure", type="nominal", title="score drop"),
            ],
        )
        .add_params(removed),
    ]
    return theme.layered(layers, right_px - _FIGURE_PX, _ROW_PX * len(order))


def _colours(kinds: Sequence[str], labels_px: float, width_px: float, theme: Theme) -> dict[str, Any]:
    """Return fill and stroke: filled for support, hollow for opposition, as in the variable importance."""
    is_narrow = width_px < 2 * _LEGEND_PX_PER_LETTER * max(map(len, kinds))
    legend = alt.Legend(
        title=None,
        orient="none",
        direction="vertical" if is_narrow else "horizontal",
        legendX=-labels_px,
        legendY=-_LEGEND_PX * (1.8 if is_narrow else 1),
        symbolType="square",
        symbolSize=60,
        symbolStrokeWidth=2,
        labelFontSize=11,
        columnPadding=6,
    )
    fills = alt.Scale(domain=list(kinds), range=[theme.salience_strong, theme.background])
    strokes = alt.Scale(domain=list(kinds), range=[theme.salience_strong, theme.accent])
    return {
        "fill": alt.Fill("kind:N", scale=fills, legend=legend),
        "stroke": alt.Stroke("kind:N", scale=strokes, legend=legend),
    }
