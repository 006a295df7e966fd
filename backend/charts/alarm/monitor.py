"""The traces of a bedside monitor before an alarm, coloured by salience."""

import textwrap
from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from backend.charts.alarm.monitor_lanes import TOP_PX, MonitorLane, PlacedLane, stack_lanes
from backend.charts.axes.time_axis import TimeAxis
from backend.charts.axes.value_axis import LEFT_PX, pixel_y
from backend.charts.shared.model_window import draw_deletion_brush, draw_window_frame
from backend.charts.shared.row_salience import RowSalience, draw_salience, salience_tooltip, tabulate_salience
from backend.charts.style.chart_width import WIDE_PX
from backend.charts.style.theme import LIGHT, Theme
from backend.charts.style.thinning import thin
from backend.charts.style.trace_colours import trace_colour

__all__ = ["monitor_axis", "plot_monitor"]

READINGS_PX = 130
"""Right margin, for the alarm's kind and the readings."""

_POINTS_PER_PX = 2
_SHORTEST_GAP_S = 0.1
_NAMED_GAP_PX = 56
_CASING_PX = 3.6
_TRACE_PX = 1.4
_PX_PER_LETTER = 5.8
_ALARM_LETTERS = 12
_NO_SIGNAL = "no signal"


def monitor_axis(start_s: float, end_s: float, width_px: float) -> TimeAxis:
    """Return the time axis of a chart ``width_px`` wide in all: seconds from the alarm, readings on the right.

    Charts with the same three values have the same seconds at the same pixels.
    """
    return TimeAxis(start_s, end_s, 0.0, width_px - LEFT_PX - READINGS_PX, "time from alarm (s)")


def plot_monitor(
    lanes: Sequence[MonitorLane],
    salience: RowSalience,
    shown_s: tuple[float, float],
    alarm: str,
    width_px: float = WIDE_PX,
    theme: Theme = LIGHT,
) -> alt.LayerChart:
    """Return a chart of all sensors below each other, up to the alarm.

    What lies outside the model's window is faint. A brush along the time axis selects ``deleted`` (field ``time_s``).

    Parameters
    ----------
    lanes : sequence of MonitorLane
        From the top; a sensor that was not recorded is a slim lane with a note.
    salience : RowSalience
        One column per lane, over the model's window.
    shown_s : (float, float)
        Seconds from the alarm that are drawn, up to the alarm time.
    alarm : str
        Kind of alarm.
    width_px : float
        Width of the whole chart.
    theme : Theme

    Returns
    -------
    altair.LayerChart
    """
    axis = monitor_axis(*shown_s, width_px)
    placed_lanes = stack_lanes(lanes, axis)
    height_px = placed_lanes[-1].bottom_px
    steps = _tabulate_salience(placed_lanes, salience, axis)
    layers = [
        _draw_time_axis(axis, height_px, theme),
        *(_draw_lane_ground(placed, axis, theme) for placed in placed_lanes),
        draw_salience(steps, axis, theme),
        *(layer for placed in placed_lanes for layer in _draw_trace(placed, axis, theme)),
        *_draw_window(salience.window_s, placed_lanes, axis, theme),
        *_draw_deleted(placed_lanes, axis, theme),
        *(layer for placed in placed_lanes for layer in _draw_lane_labels(placed, axis, theme)),
        *_draw_alarm_time(alarm, axis, height_px, theme),
        draw_deletion_brush(axis, height_px, theme),
        _draw_salience_hover(steps, axis, theme),
    ]
    return theme.layered(layers, axis.width_px, height_px)


def _draw_time_axis(axis: TimeAxis, height_px: float, theme: Theme) -> alt.Chart:
    """Draw the time axis on an invisible ground behind everything else."""
    return (
        alt.Chart(pd.DataFrame({"time_s": [axis.start_s], "end_s": [axis.end_s]}))
        .mark_rect(fill=theme.background, fillOpacity=0)
        .encode(x=axis.labelled_x(), x2=alt.X2(field="end_s"), y=alt.value(0), y2=alt.value(height_px))
    )


def _draw_lane_ground(placed: PlacedLane, axis: TimeAxis, theme: Theme) -> alt.Chart:
    """Draw the ground of a lane with its scale; a sensor that was not recorded has none."""
    ground = pd.DataFrame({"time_s": [axis.start_s], "end_s": [axis.end_s], "value": placed.low, "top": placed.high})
    is_missing = placed.lane.signal is None
    fill = theme.muted if is_missing else theme.paper
    return (
        alt.Chart(ground)
        .mark_rect(fill=fill, fillOpacity=0.08 if is_missing else 1)
        .encode(
            x=axis.x(),
            x2=alt.X2(field="end_s"),
            y=placed.y() if is_missing else placed.labelled_y(),
            y2=alt.Y2(field="top"),
        )
    )


def _tabulate_salience(placed_lanes: Sequence[PlacedLane], salience: RowSalience, axis: TimeAxis) -> pd.DataFrame:
    """Return one row per run of steps of equal salience, as high as its lane."""
    tables = [
        salience.runs(column).assign(sensor=placed.lane.name, top=placed.top_px, bottom=placed.bottom_px)
        for column, placed in enumerate(placed_lanes)
        if placed.lane.signal is not None
    ]
    return tabulate_salience(tables, salience, axis)


def _draw_salience_hover(steps: pd.DataFrame, axis: TimeAxis, theme: Theme) -> alt.Chart:
    """Draw transparent steps over the brush whose tooltips show the salience."""
    return (
        alt.Chart(steps)
        .mark_rect(fill=theme.paper, fillOpacity=0, cursor="crosshair")
        .encode(
            x=axis.x(),
            x2=alt.X2(field="end_s"),
            y=pixel_y("top"),
            y2=alt.Y2(field="bottom"),
            tooltip=salience_tooltip("sensor"),
        )
    )


def _draw_deleted(placed_lanes: Sequence[PlacedLane], axis: TimeAxis, theme: Theme) -> list[alt.Chart]:
    """Draw the segments that the what-if deletes; empty layers without any, so that only data change."""
    veils = [
        (*placed.lane.deleted_s, placed.top_px, placed.bottom_px, placed.middle_px)
        for placed in placed_lanes
        if placed.lane.deleted_s is not None and placed.lane.signal is not None
    ]
    table = pd.DataFrame(veils, columns=["time_s", "end_s", "top", "bottom", "middle"], dtype=float)
    table = table.assign(middle_s=(table.time_s + table.end_s) / 2, text="deleted")
    roomy = table[(table.end_s - table.time_s) * axis.px_per_s >= _NAMED_GAP_PX]
    return [
        alt.Chart(table)
        .mark_rect(fill=theme.paper, fillOpacity=0.8, stroke=theme.text, strokeDash=[4, 3])
        .encode(x=axis.x(), x2=alt.X2(field="end_s"), y=pixel_y("top"), y2=alt.Y2(field="bottom")),
        alt.Chart(roomy)
        .mark_text(color=theme.text, fontSize=12, fontWeight="bold", baseline="middle")
        .encode(x=axis.x("middle_s"), y=pixel_y("middle"), text=alt.Text(field="text", type="nominal")),
    ]


def _draw_trace(placed: PlacedLane, axis: TimeAxis, theme: Theme) -> list[alt.Chart]:
    lane = placed.lane
    if lane.signal is None:
        return []
    colour = trace_colour(lane.colour, theme)
    shown = np.flatnonzero((lane.times_s >= axis.start_s) & (lane.times_s <= axis.end_s))
    kept = shown[thin(lane.signal[shown], round(_POINTS_PER_PX * axis.width_px))]
    values = np.clip(lane.signal[kept], placed.low, placed.high)
    line = alt.Chart(pd.DataFrame({"time_s": lane.times_s[kept], "value": values}))
    style: dict[str, Any] = {"strokeJoin": "round", "invalid": "break-paths-show-domains"}
    # Outlined: every trace colour must be readable on every salience colour.
    return [
        *_draw_gaps(placed, lane.times_s[shown], lane.signal[shown], axis, theme),
        *(
            line.mark_line(color=stroke, strokeWidth=width_px, **style).encode(x=axis.x(), y=placed.y())
            for stroke, width_px in ((theme.paper, _CASING_PX), (colour, _TRACE_PX))
        ),
    ]


def _draw_gaps(
    placed: PlacedLane, times_s: np.ndarray, signal: np.ndarray, axis: TimeAxis, theme: Theme
) -> list[alt.Chart]:
    """Shade segments without signal, labelled where there is room."""
    edges = np.flatnonzero(np.diff(np.isnan(signal).astype(int), prepend=0, append=0)).reshape(-1, 2)
    step_s = 1 / placed.lane.sampling_rate
    gaps = pd.DataFrame(
        {
            "time_s": [times_s[first] for first, _ in edges],
            "end_s": [times_s[last - 1] + step_s for _, last in edges],
            "text": _NO_SIGNAL,
        },
    )
    gaps = gaps[gaps.end_s - gaps.time_s >= _SHORTEST_GAP_S] if len(gaps) else gaps
    if gaps.empty:
        return []
    gaps = gaps.assign(middle_s=(gaps.time_s + gaps.end_s) / 2)
    roomy = gaps[(gaps.end_s - gaps.time_s) * axis.px_per_s >= _NAMED_GAP_PX]
    return [
        alt.Chart(gaps)
        .mark_rect(fill=theme.artifact, fillOpacity=0.28, stroke=theme.artifact, strokeDash=[3, 3])
        .encode(
            x=axis.x(),
            x2=alt.X2(field="end_s"),
            y=alt.value(placed.top_px),
            y2=alt.value(placed.bottom_px),
        ),
        alt.Chart(roomy)
        .mark_text(color=theme.text, fontSize=11, baseline="middle")
        .encode(x=axis.x("middle_s"), y=alt.value(placed.middle_px), text=alt.Text(field="text", type="nominal")),
    ]


def _draw_lane_labels(placed: PlacedLane, axis: TimeAxis, theme: Theme) -> list[alt.Chart]:
    """Draw the sensor's name on its lane and its reading beside it, or that it was not recorded."""
    lane = placed.lane
    if lane.signal is None:
        missing = pd.DataFrame({"time_s": [axis.end_s], "text": f"{lane.name} not recorded"})
        return [
            alt.Chart(missing)
            .mark_text(color=theme.muted, fontSize=12, fontStyle="italic", align="right", baseline="middle", dx=-8)
            .encode(x=axis.x(), y=alt.value(placed.middle_px), text=alt.Text(field="text", type="nominal"))
        ]
    colour = trace_colour(lane.colour, theme)
    name = alt.Chart(pd.DataFrame({"time_s": [axis.start_s], "name": [lane.name]}))
    at_start = name.encode(x=axis.x(), text=alt.Text(field="name", type="nominal"), y=alt.value(placed.top_px + 4))
    style: dict[str, Any] = {"align": "left", "baseline": "top", "fontSize": 13, "fontWeight": "bold", "dx": 5}
    at_end = alt.Chart(pd.DataFrame({"time_s": [axis.end_s], "reading": [lane.reading], "note": [lane.note]}))
    middle_px = placed.middle_px - (8 if lane.note else 0)
    return [
        at_start.mark_text(color=theme.paper, stroke=theme.paper, strokeWidth=4, strokeJoin="round", **style),
        at_start.mark_text(color=colour, **style),
        at_end.mark_text(color=colour, align="left", baseline="middle", fontSize=14, fontWeight="bold", dx=9).encode(
            x=axis.x(), y=alt.value(middle_px), text=alt.Text(field="reading", type="nominal")
        ),
        at_end.mark_text(color=theme.muted, align="left", baseline="middle", fontSize=11, dx=9).encode(
            x=axis.x(), y=alt.value(middle_px + 16), text=alt.Text(field="note", type="nominal")
        ),
    ]


def _draw_window(
    window_s: tuple[float, float], placed_lanes: Sequence[PlacedLane], axis: TimeAxis, theme: Theme
) -> list[alt.Chart]:
    """Fade what lies outside the model's window and draw a bracket over the window."""
    start_s, end_s = max(window_s[0], axis.start_s), min(window_s[1], axis.end_s)
    before = pd.DataFrame(
        {
            "time_s": axis.start_s,
            "end_s": start_s,
            "top": [placed.top_px for placed in placed_lanes],
            "bottom": [placed.bottom_px for placed in placed_lanes],
        }
    )
    top_px, bottom_px = TOP_PX - 7, placed_lanes[-1].bottom_px
    text = f"model window: {end_s - start_s:.3g} s"
    is_roomy = (end_s - start_s) * axis.px_per_s >= _PX_PER_LETTER * len(text)
    place, style = (start_s + end_s) / 2, dict[str, Any](align="center")
    if not is_roomy:
        place, style = end_s, {"align": "right", "dx": -6}
    return [
        *draw_window_frame(before, (start_s, end_s), (top_px, bottom_px), axis, theme),
        alt.Chart(pd.DataFrame({"time_s": [place], "text": text}))
        .mark_text(color=theme.accent, fontSize=11, baseline="bottom", dy=-3, **style)
        .encode(x=axis.x(), y=alt.value(top_px), text=alt.Text(field="text", type="nominal")),
    ]


def _draw_alarm_time(kind: str, axis: TimeAxis, height_px: float, theme: Theme) -> list[alt.Chart]:
    """Draw a line at the alarm time with the kind of alarm beside it."""
    lines = "\n".join(["alarm:", *textwrap.wrap(kind, _ALARM_LETTERS)])
    at = alt.Chart(pd.DataFrame({"time_s": [0.0], "text": [lines]}))
    return [
        at.mark_rule(color=theme.text, strokeWidth=2.2).encode(x=axis.x(), y=alt.value(0), y2=alt.value(height_px)),
        at.mark_text(
            color=theme.text,
            align="left",
            baseline="top",
            fontSize=12,
            fontWeight="bold",
            dx=7,
            dy=-7,
            lineHeight=13,
            lineBreak="\n",
        ).encode(x=axis.x(), y=alt.value(0), text=alt.Text(field="text", type="nominal")),
    ]
