"""One line a technique with the band of its interval: over a threshold, or as a network is randomised."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from backend.charts.style.technique_styles import technique_style
from backend.charts.style.theme import Theme

__all__ = ["LineScales", "add_labels", "draw_bands", "draw_hover_points", "draw_lines", "technique_scales"]

_LEGEND_PX = 186
_NAME = "name"


@dataclass(frozen=True)
class LineScales:
    """The scales of colour and dash that the draw_lines of some techniques share, with one legend right of the chart.

    Attributes
    ----------
    colours : altair.Scale
    dashes : altair.Scale
    legend : altair.Legend
    picked : altair.Parameter
        A click on a name in the legend.
    """

    colours: alt.Scale
    dashes: alt.Scale
    legend: alt.Legend
    picked: Any

    @property
    def legend_px(self) -> float:
        """Room that the legend needs."""
        return _LEGEND_PX


def technique_scales(techniques: Sequence[str], theme: Theme) -> LineScales:
    """The looks of techniques, in the order in which the legend names them."""
    looks = [technique_style(name) for name in techniques]
    labels = [look.label for look in looks]
    legend = alt.Legend(
        title=None,
        orient="right",
        offset=12,
        symbolType="stroke",
        symbolSize=640,
        symbolStrokeWidth=2.4,
        symbolOpacity=1,
        rowPadding=5,
        labelFontSize=12,
        labelColor=theme.text,
    )
    colours = alt.Scale(domain=labels, range=[look.colour(theme) for look in looks])
    dashes = alt.Scale(domain=labels, range=[list(look.dash) for look in looks])
    return LineScales(colours, dashes, legend, alt.selection_point(name="picked", fields=[_NAME], bind="legend"))


def add_labels(table: pd.DataFrame) -> pd.DataFrame:
    """The table with the ``name`` of each row's ``technique`` for a reader."""
    return table.assign(**{_NAME: [technique_style(name).label for name in table.technique]})


def draw_bands(table: pd.DataFrame, x: alt.X, low: alt.Y, high: str, looks: LineScales) -> alt.Chart:
    """The intervals, faint, so that draw_lines on top stay readable where they overlap."""
    return (
        alt.Chart(table)
        .mark_area(interpolate="linear")
        .encode(
            x=x,
            y=low,
            y2=alt.Y2(field=high),
            color=alt.Color(f"{_NAME}:N", scale=looks.colours, legend=looks.legend),
            opacity=alt.condition(looks.picked, alt.value(0.13), alt.value(0.02)),
        )
    )


def draw_lines(table: pd.DataFrame, x: alt.X, y: alt.Y, looks: LineScales) -> alt.Chart:
    """The draw_lines; those that are not picked in the legend fade."""
    return (
        alt.Chart(table)
        .mark_line(strokeWidth=2.2, strokeJoin="round")
        .encode(
            x=x,
            y=y,
            color=alt.Color(f"{_NAME}:N", scale=looks.colours, legend=looks.legend),
            strokeDash=alt.StrokeDash(f"{_NAME}:N", scale=looks.dashes, legend=looks.legend),
            opacity=alt.condition(looks.picked, alt.value(1.0), alt.value(0.15)),
        )
    )


def draw_hover_points(table: pd.DataFrame, x: alt.X, y: alt.Y, *titles: tuple[str, str, str]) -> alt.Chart:
    """Unseen points on the draw_lines that tell their draw_hover_points.

    Parameters
    ----------
    titles : tuple of str
        Field with its Vega type, what a reader calls it, and the format of its draw_hover_points (empty for words).
    """
    add_labels = (*titles, ("low:Q", "at least", ".2f"), ("high:Q", "at most", ".2f"))
    return (
        alt.Chart(table)
        .mark_point(size=90, opacity=0, filled=True)
        .encode(
            x=x,
            y=y,
            tooltip=[
                alt.Tooltip(f"{_NAME}:N", title="technique"),
                *(alt.Tooltip(field, title=title, format=form or alt.Undefined) for field, title, form in add_labels),
            ],
        )
    )
