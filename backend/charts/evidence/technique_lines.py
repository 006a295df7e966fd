"""Lines of techniques with the bands of their intervals and one legend."""

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
    """The scales of colour and dash of techniques' lines, with one legend right of the chart.

    Attributes
    ----------
    colours : altair.Scale
    dashes : altair.Scale
    legend : altair.Legend
    highlighted : altair.Parameter
        The technique whose name was clicked in the legend.
    """

    colours: alt.Scale
    dashes: alt.Scale
    legend: alt.Legend
    highlighted: Any

    @property
    def legend_px(self) -> float:
        """Width of the legend."""
        return _LEGEND_PX


def technique_scales(techniques: Sequence[str], theme: Theme) -> LineScales:
    """Return the scales of techniques in the order of the legend."""
    styles = [technique_style(name) for name in techniques]
    labels = [style.label for style in styles]
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
    colours = alt.Scale(domain=labels, range=[style.colour(theme) for style in styles])
    dashes = alt.Scale(domain=labels, range=[list(style.dash) for style in styles])
    return LineScales(colours, dashes, legend, alt.selection_point(name="picked", fields=[_NAME], bind="legend"))


def add_labels(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with the screen ``name`` of each row's ``technique``."""
    return table.assign(**{_NAME: [technique_style(name).label for name in table.technique]})


def draw_bands(table: pd.DataFrame, x: alt.X, low: alt.Y, high: str, scales: LineScales) -> alt.Chart:
    """Return the intervals as faint bands, so that overlapping lines stay readable."""
    return (
        alt.Chart(table)
        .mark_area(interpolate="linear")
        .encode(
            x=x,
            y=low,
            y2=alt.Y2(field=high),
            color=alt.Color(f"{_NAME}:N", scale=scales.colours, legend=scales.legend),
            opacity=alt.condition(scales.highlighted, alt.value(0.13), alt.value(0.02)),
        )
    )


def draw_lines(table: pd.DataFrame, x: alt.X, y: alt.Y, scales: LineScales) -> alt.Chart:
    """Return the lines; those not highlighted in the legend fade."""
    return (
        alt.Chart(table)
        .mark_line(strokeWidth=2.2, strokeJoin="round")
        .encode(
            x=x,
            y=y,
            color=alt.Color(f"{_NAME}:N", scale=scales.colours, legend=scales.legend),
            strokeDash=alt.StrokeDash(f"{_NAME}:N", scale=scales.dashes, legend=scales.legend),
            opacity=alt.condition(scales.highlighted, alt.value(1.0), alt.value(0.15)),
        )
    )


def draw_hover_points(table: pd.DataFrame, x: alt.X, y: alt.Y, *titles: tuple[str, str, str]) -> alt.Chart:
    """Return invisible points on the lines that carry the tooltips.

    Parameters
    ----------
    titles : tuple of str
        Field with its Vega type, title, and number format (empty for text).
    """
    fields = (*titles, ("low:Q", "lower limit", ".2f"), ("high:Q", "upper limit", ".2f"))
    return (
        alt.Chart(table)
        .mark_point(size=90, opacity=0, filled=True)
        .encode(
            x=x,
            y=y,
            tooltip=[
                alt.Tooltip(f"{_NAME}:N", title="technique"),
                *(alt.Tooltip(field, title=title, format=form or alt.Undefined) for field, title, form in fields),
            ],
        )
    )
