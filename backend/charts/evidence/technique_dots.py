"""Techniques in rows: a dot with its interval in each of several panels."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import pandas as pd

from backend.charts.axes.row_labels import label_axis
from backend.charts.axes.value_axis import pixel_x
from backend.charts.axes.value_extent import value_extent
from backend.charts.style.chart_width import FULL_PX
from backend.charts.style.technique_styles import CONTROLS, technique_style
from backend.charts.style.theme import LIGHT, Theme

__all__ = ["DotPanel", "plot_technique_dots"]

_ROW_LABELS_PX = 148
_GAP_PX = 26
_EDGE_PX = 16
_ROW_PX = 23
_MARGIN = 0.06
_TICKS = 3


@dataclass(frozen=True)
class DotPanel:
    """One figure for all techniques.

    Attributes
    ----------
    name : str
        Its value in the table's column ``panel``.
    title : str
        Title above the panel; ``|`` starts a second line.
    tick_format : str
        Vega's format of the ticks: ``.1f``, ``.0%``.
    references : tuple of float
        Values of dashed lines across all rows, such as the share of the time.
    domain : tuple of float or None
        Ends of the axis; None for the extent of the table.
    ticks : tuple of float or None
        Ticks of the axis; None for a few round values.
    """

    name: str
    title: str
    tick_format: str
    references: tuple[float, ...] = ()
    domain: tuple[float, float] | None = None
    ticks: tuple[float, ...] | None = None


@dataclass(frozen=True)
class _Scale:
    """The values of one panel against pixels from the left edge of the first."""

    low: float
    high: float
    first_px: float
    last_px: float

    def px(self, values: pd.Series) -> pd.Series:
        return self.first_px + (values - self.low) / (self.high - self.low) * (self.last_px - self.first_px)


def plot_technique_dots(
    table: pd.DataFrame,
    panels: Sequence[DotPanel],
    order: Sequence[str],
    width_px: float = FULL_PX,
    theme: Theme = LIGHT,
) -> alt.LayerChart:
    """Return a chart with a row for each technique and in each panel a dot on its interval.

    Controls are hollow. A technique without a figure in a panel has no dot there.

    Parameters
    ----------
    table : DataFrame
        ``technique``, ``panel``, ``value`` with ``low`` and ``high``, ``n``.
    panels : sequence of DotPanel
        From left to right; each has a scale of its panel_rows.
    order : sequence of str
        The techniques and controls that are drawn, from the top.
    width_px : float
        Width of the whole chart, names included.
    theme : Theme

    Returns
    -------
    altair.LayerChart
    """
    labels = [technique_style(name).label for name in order]
    inner_px = width_px - _ROW_LABELS_PX - _EDGE_PX
    panel_px = (inner_px + _GAP_PX) / len(panels) - _GAP_PX
    kept = table[table.technique.isin(order)]
    placed, axes = [], []
    for at, panel in enumerate(panels):
        panel_rows = kept[kept.panel == panel.name]
        first_px = at * (panel_px + _GAP_PX)
        scale = _Scale(*(panel.domain or _find_domain(panel_rows, panel)), first_px, first_px + panel_px)
        placed.append(_place_dots(panel_rows, panel, scale, theme))
        axes.append(_draw_axis(panel, scale, theme))
    shown = pd.concat(placed, ignore_index=True).dropna(subset=["value"])
    chart = theme.layered([_draw_labels(labels), *axes, *_draw_dots(shown, labels)], inner_px, _ROW_PX * len(order))
    chart.resolve = alt.Resolve(scale=alt.ScaleResolveMap(x="independent", y="independent"))
    return chart


def _place_dots(panel_rows: pd.DataFrame, panel: DotPanel, scale: _Scale, theme: Theme) -> pd.DataFrame:
    """Return the rows of one panel with their positions and colours."""
    styles = [technique_style(name) for name in panel_rows.technique]
    colours = [style.colour(theme) for style in styles]
    return panel_rows.assign(
        figure=panel.title.replace("|", ", "),
        name=[style.label for style in styles],
        colour=colours,
        fill=[
            theme.background if name in CONTROLS else colour
            for name, colour in zip(panel_rows.technique, colours, strict=True)
        ],
        **{f"{field}_px": scale.px(panel_rows[field]) for field in ("low", "value", "high")},
    )


def _y(labels: Sequence[str], axis: alt.Axis | None = None) -> alt.Y:
    return alt.Y("name:N", sort=list(labels), scale=alt.Scale(type="band", domain=list(labels), padding=0.1), axis=axis)


def _draw_labels(labels: Sequence[str]) -> alt.Chart:
    """Draw the names of the rows, with a grid line for each."""
    axis = label_axis(_ROW_LABELS_PX)
    axis.grid, axis.gridOpacity = True, 0.35
    rows = pd.DataFrame({"name": list(labels)})
    return alt.Chart(rows).mark_rule(opacity=0).encode(y=_y(labels, axis))


def _draw_axis(panel: DotPanel, scale: _Scale, theme: Theme) -> alt.Chart:
    """Draw a panel's title and axis above it, and its references across all rows."""
    axis = alt.Axis(
        title=panel.title.split("|"),
        orient="top",
        format=panel.tick_format,
        values=alt.Undefined if panel.ticks is None else list(panel.ticks),
        tickCount=_TICKS,
        labelOverlap=True,
        labelFlush=False,
        grid=False,
        titlePadding=6,
    )
    drawn = alt.Scale(domain=[scale.low, scale.high], range=[scale.first_px, scale.last_px], nice=False, zero=False)
    references = pd.DataFrame({"at": [float(at) for at in panel.references]})
    return (
        alt.Chart(references)
        .mark_rule(color=theme.muted, strokeDash=[4, 3], strokeWidth=1.4)
        .encode(x=alt.X(field="at", type="quantitative", scale=drawn, axis=axis))
    )


def _draw_dots(shown: pd.DataFrame, labels: Sequence[str]) -> list[alt.Chart]:
    """Draw all dots on their intervals."""
    # Vega would draw a missing interval from the left edge.
    intervals = shown.dropna(subset=["low", "high"])
    return [
        alt.Chart(intervals)
        .mark_rule(strokeWidth=2)
        .encode(
            x=pixel_x("low_px"),
            x2=alt.X2(field="high_px"),
            y=_y(labels),
            color=alt.Color(field="colour", type="nominal", scale=None),
        ),
        alt.Chart(shown)
        .mark_point(size=40, opacity=1, strokeWidth=2)
        .encode(
            x=pixel_x("value_px"),
            y=_y(labels),
            stroke=alt.Stroke(field="colour", type="nominal", scale=None),
            fill=alt.Fill(field="fill", type="nominal", scale=None),
            tooltip=[
                alt.Tooltip(field="name", type="nominal", title="technique"),
                alt.Tooltip(field="figure", type="nominal"),
                alt.Tooltip(field="value", type="quantitative", format=".3f"),
                alt.Tooltip(field="low", type="quantitative", title="lower limit", format=".3f"),
                alt.Tooltip(field="high", type="quantitative", title="upper limit", format=".3f"),
                alt.Tooltip(field="n", type="quantitative", title="n"),
            ],
        ),
    ]


def _find_domain(table: pd.DataFrame, panel: DotPanel) -> tuple[float, float]:
    """Return the extent of the drawn values with a margin at both ends."""
    low, high = value_extent(table, "value", panel.references)
    margin = _MARGIN * ((high - low) or 1.0)
    return low - margin, high + margin
