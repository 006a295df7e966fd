"""The model's window on a chart of signals, and the brush that deletes a segment of it."""

import altair as alt
import pandas as pd

from backend.charts.axes.time_axis import TimeAxis
from backend.charts.axes.value_axis import pixel_y
from backend.charts.style.theme import Theme

__all__ = ["draw_deletion_brush", "draw_window_frame"]


def draw_window_frame(
    outside: pd.DataFrame,
    window_s: tuple[float, float],
    edges_px: tuple[float, float],
    axis: TimeAxis,
    theme: Theme,
) -> list[alt.Chart]:
    """Return a veil over what lies outside the model's window, and a bracket over the window.

    Parameters
    ----------
    outside : DataFrame
        The veiled rectangles: ``time_s``, ``end_s``, and ``top`` and ``bottom`` in pixels.
    window_s : (float, float)
        Start and end of the window on the axis.
    edges_px : (float, float)
        Top and bottom of the bracket in pixels from the top.
    axis : TimeAxis
    theme : Theme
    """
    (start_s, end_s), (top_px, bottom_px) = window_s, edges_px
    bracket = pd.DataFrame({"time_s": [start_s, start_s, end_s, end_s], "y": [bottom_px, top_px, top_px, bottom_px]})
    return [
        alt.Chart(outside[outside.end_s > outside.time_s])
        .mark_rect(fill=theme.paper, fillOpacity=0.55)
        .encode(x=axis.x(), x2=alt.X2(field="end_s"), y=pixel_y("top"), y2=alt.Y2(field="bottom")),
        alt.Chart(bracket)
        .mark_line(color=theme.accent, strokeWidth=1.4, strokeJoin="miter")
        .encode(x=axis.x(), y=pixel_y("y"), order=alt.value(0)),
    ]


def draw_deletion_brush(axis: TimeAxis, height_px: float, theme: Theme) -> alt.Chart:
    """Return a brush over the whole plot that selects ``deleted`` (field ``time_s``).

    It lies on a transparent rectangle: only drawn marks receive the pointer.
    """
    brush = alt.selection_interval(
        name="deleted",
        encodings=["x"],
        mark=alt.BrushConfig(fill=theme.accent, fillOpacity=0.12, stroke=theme.accent, strokeWidth=1.5),
    )
    return (
        alt.Chart(pd.DataFrame({"time_s": [axis.start_s], "end_s": [axis.end_s]}))
        .mark_rect(fill=theme.paper, fillOpacity=0, cursor="crosshair")
        .encode(x=axis.x(), x2=alt.X2(field="end_s"), y=alt.value(0), y2=alt.value(height_px))
        .add_params(brush)
    )
