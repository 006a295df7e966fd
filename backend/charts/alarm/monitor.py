"""A bedside monitor's stack of traces before an alarm, and what of it mattered to the model."""

import textwrap
from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from backend.charts.alarm.monitor_lanes import _TOP_PX, MonitorLane, _stacked, _Strip
from backend.charts.axes.time_axis import TimeAxis
from backend.charts.axes.value_axis import LEFT_PX, pixel_y
from backend.charts.shared.row_salience import RowSalience, salience_rects, salience_table, salience_tooltip
from backend.charts.style.chart_width import WIDE_PX
from backend.charts.style.theme import LIGHT, Theme
from backend.charts.style.thinning import thinned
from backend.charts.style.trace_colours import trace_colour

__all__ = ["monitor_axis", "plot_monitor"]

READINGS_PX = 130
"""Room right of the traces, for the alarm's name and the readings."""

_POINTS_PER_PX = 2
_SHORTEST_GAP_S = 0.1
_NAMED_GAP_PX = 56
_CASING_PX = 3.6
_TRACE_PX = 1.4
_PX_PER_LETTER = 5.8
_ALARM_LETTERS = 12
_NO_SIGNAL = "no signal"


def monitor_axis(start_s: float, end_s: float, width_px: float) -> TimeAxis:
    """The time axis of a chart ``width_px`` wide in all: seconds from the alarm, with room for readings on the right.

    Charts made with the same three values have the same seconds at the same pixels.
    """
    return TimeAxis(start_s, end_s, 0.0, width_px - LEFT_PX - READINGS_PX, "time from the alarm (s)")


def plot_monitor(
    lanes: Sequence[MonitorLane],
    salience: RowSalience,
    shown_s: tuple[float, float],
    alarm: str,
    width_px: float = WIDE_PX,
    theme: Theme = LIGHT,
) -> alt.LayerChart:
    """Draw the traces of all sensors below each other, up to the alarm.

    What lies outside the model's window is faint. A brush along the time selects ``deleted`` (field ``time_s``).

    Parameters
    ----------
    lanes : sequence of MonitorLane
        From the top; a sensor that the record does not have is a thin lane that says so.
    salience : RowSalience
        With a column for each lane, and when the model's window begins and ends.
    shown_s : (float, float)
        Seconds from the alarm that are drawn; the alarm stands at their end.
    alarm : str
        Its kind.
    width_px : float
        Width of the whole chart.
    theme : Theme

    Returns
    -------
    altair.LayerChart
    """
    axis = monitor_axis(*shown_s, width_px)
    strips = _stacked(lanes, axis)
    height_px = strips[-1].bottom_px
    steps = _salience_table(strips, salience, axis)
    layers = [
        _ground(axis, height_px, theme),
        *(_lane_ground(strip, axis, theme) for strip in strips),
        salience_rects(steps, axis, theme),
        *(layer for strip in strips for layer in _trace_layers(strip, axis, theme)),
        *_window(salience.window_s, strips, axis, theme),
        *_deleted(strips, axis, theme),
        *(layer for strip in strips for layer in _words(strip, axis, theme)),
        *_alarm(alarm, axis, height_px, theme),
        _brush(axis, height_px, theme),
        _told_steps(steps, axis, theme),
    ]
    return theme.layered(layers, axis.width_px, height_px)


def _ground(axis: TimeAxis, height_px: float, theme: Theme) -> alt.Chart:
    """What carries the time axis, behind all else."""
    return (
        alt.Chart(pd.DataFrame({"time_s": [axis.start_s], "end_s": [axis.end_s]}))
        .mark_rect(fill=theme.background, fillOpacity=0)
        .encode(x=axis.labelled_x(), x2=alt.X2(field="end_s"), y=alt.value(0), y2=alt.value(height_px))
    )


def _lane_ground(strip: _Strip, axis: TimeAxis, theme: Theme) -> alt.Chart:
    """The ground of a lane with its scale; without one for a sensor that is missing."""
    ground = pd.DataFrame({"time_s": [axis.start_s], "end_s": [axis.end_s], "value": strip.low, "top": strip.high})
    is_missing = strip.lane.signal is None
    fill = theme.muted if is_missing else theme.paper
    return (
        alt.Chart(ground)
        .mark_rect(fill=fill, fillOpacity=0.08 if is_missing else 1)
        .encode(
            x=axis.x(),
            x2=alt.X2(field="end_s"),
            y=strip.y() if is_missing else strip.labelled_y(),
            y2=alt.Y2(field="top"),
        )
    )


def _salience_table(strips: Sequence[_Strip], salience: RowSalience, axis: TimeAxis) -> pd.DataFrame:
    """One row for each run of steps with the same salience, over the whole height of its lane."""
    tables = [
        salience.runs(column).assign(sensor=strip.lane.name, top=strip.top_px, bottom=strip.bottom_px)
        for column, strip in enumerate(strips)
        if strip.lane.signal is not None
    ]
    return salience_table(tables, salience, axis)


def _brush(axis: TimeAxis, height_px: float, theme: Theme) -> alt.Chart:
    """The brush, over all else and everywhere: where nothing is drawn a screen would not feel the hand."""
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


def _told_steps(steps: pd.DataFrame, axis: TimeAxis, theme: Theme) -> alt.Chart:
    """Clear steps over the brush that tell their salience."""
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


def _deleted(strips: Sequence[_Strip], axis: TimeAxis, theme: Theme) -> list[alt.Chart]:
    """What the what-if leaves out; without any the layers stand empty, so that the screen only swaps their data."""
    veils = [
        (*strip.lane.deleted_s, strip.top_px, strip.bottom_px, strip.middle_px)
        for strip in strips
        if strip.lane.deleted_s is not None and strip.lane.signal is not None
    ]
    table = pd.DataFrame(veils, columns=["time_s", "end_s", "top", "bottom", "middle"], dtype=float)
    table = table.assign(middle_s=(table.time_s + table.end_s) / 2, word="deleted")
    roomy = table[(table.end_s - table.time_s) * axis.px_per_s >= _NAMED_GAP_PX]
    return [
        alt.Chart(table)
        .mark_rect(fill=theme.paper, fillOpacity=0.8, stroke=theme.text, strokeDash=[4, 3])
        .encode(x=axis.x(), x2=alt.X2(field="end_s"), y=pixel_y("top"), y2=alt.Y2(field="bottom")),
        alt.Chart(roomy)
        .mark_text(color=theme.text, fontSize=12, fontWeight="bold", baseline="middle")
        .encode(x=axis.x("middle_s"), y=pixel_y("middle"), text=alt.Text(field="word", type="nominal")),
    ]


def _trace_layers(strip: _Strip, axis: TimeAxis, theme: Theme) -> list[alt.Chart]:
    lane = strip.lane
    if lane.signal is None:
        return []
    colour = trace_colour(lane.colour, theme)
    shown = np.flatnonzero((lane.times_s >= axis.start_s) & (lane.times_s <= axis.end_s))
    kept = shown[thinned(lane.signal[shown], round(_POINTS_PER_PX * axis.width_px))]
    values = np.clip(lane.signal[kept], strip.low, strip.high)
    line = alt.Chart(pd.DataFrame({"time_s": lane.times_s[kept], "value": values}))
    looks: dict[str, Any] = {"strokeJoin": "round", "invalid": "break-paths-show-domains"}
    # Outlined, so that every colour can be read on every salience.
    return [
        *_gaps(strip, lane.times_s[shown], lane.signal[shown], axis, theme),
        *(
            line.mark_line(color=stroke, strokeWidth=width_px, **looks).encode(x=axis.x(), y=strip.y())
            for stroke, width_px in ((theme.paper, _CASING_PX), (colour, _TRACE_PX))
        ),
    ]


def _gaps(strip: _Strip, times_s: np.ndarray, signal: np.ndarray, axis: TimeAxis, theme: Theme) -> list[alt.Chart]:
    """Shade where nothing was recorded, and say so where there is room."""
    edges = np.flatnonzero(np.diff(np.isnan(signal).astype(int), prepend=0, append=0)).reshape(-1, 2)
    step_s = 1 / strip.lane.sampling_rate
    gaps = pd.DataFrame(
        {
            "time_s": [times_s[first] for first, _ in edges],
            "end_s": [times_s[last - 1] + step_s for _, last in edges],
            "word": _NO_SIGNAL,
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
            y=alt.value(strip.top_px),
            y2=alt.value(strip.bottom_px),
        ),
        alt.Chart(roomy)
        .mark_text(color=theme.text, fontSize=11, baseline="middle")
        .encode(x=axis.x("middle_s"), y=alt.value(strip.middle_px), text=alt.Text(field="word", type="nominal")),
    ]


def _words(strip: _Strip, axis: TimeAxis, theme: Theme) -> list[alt.Chart]:
    """The sensor's name on its lane, its reading beside it, both in its colour; or that there is no such sensor."""
    lane = strip.lane
    if lane.signal is None:
        words = pd.DataFrame({"time_s": [axis.end_s], "word": f"no {lane.name} in this record"})
        return [
            alt.Chart(words)
            .mark_text(color=theme.muted, fontSize=12, fontStyle="italic", align="right", baseline="middle", dx=-8)
            .encode(x=axis.x(), y=alt.value(strip.middle_px), text=alt.Text(field="word", type="nominal"))
        ]
    colour = trace_colour(lane.colour, theme)
    words = alt.Chart(pd.DataFrame({"time_s": [axis.start_s], "name": [lane.name]}))
    at = words.encode(x=axis.x(), text=alt.Text(field="name", type="nominal"), y=alt.value(strip.top_px + 4))
    looks: dict[str, Any] = {"align": "left", "baseline": "top", "fontSize": 13, "fontWeight": "bold", "dx": 5}
    beside = alt.Chart(pd.DataFrame({"time_s": [axis.end_s], "reading": [lane.reading], "note": [lane.note]}))
    middle_px = strip.middle_px - (8 if lane.note else 0)
    return [
        at.mark_text(color=theme.paper, stroke=theme.paper, strokeWidth=4, strokeJoin="round", **looks),
        at.mark_text(color=colour, **looks),
        beside.mark_text(color=colour, align="left", baseline="middle", fontSize=14, fontWeight="bold", dx=9).encode(
            x=axis.x(), y=alt.value(middle_px), text=alt.Text(field="reading", type="nominal")
        ),
        beside.mark_text(color=theme.muted, align="left", baseline="middle", fontSize=11, dx=9).encode(
            x=axis.x(), y=alt.value(middle_px + 16), text=alt.Text(field="note", type="nominal")
        ),
    ]


def _window(window_s: tuple[float, float], strips: Sequence[_Strip], axis: TimeAxis, theme: Theme) -> list[alt.Chart]:
    """Make what the model does not read faint, and put a roof over what it does."""
    start_s, end_s = max(window_s[0], axis.start_s), min(window_s[1], axis.end_s)
    before = pd.DataFrame(
        {
            "time_s": axis.start_s,
            "end_s": start_s,
            "top": [strip.top_px for strip in strips],
            "bottom": [strip.bottom_px for strip in strips],
        }
    )
    roof_px, floor_px = _TOP_PX - 7, strips[-1].bottom_px
    frame = pd.DataFrame({"time_s": [start_s, start_s, end_s, end_s], "y": [floor_px, roof_px, roof_px, floor_px]})
    word = f"what the model reads: {end_s - start_s:.3g} s"
    is_roomy = (end_s - start_s) * axis.px_per_s >= _PX_PER_LETTER * len(word)
    place, looks = (start_s + end_s) / 2, dict[str, Any](align="center")
    if not is_roomy:
        place, looks = end_s, {"align": "right", "dx": -6}
    return [
        alt.Chart(before[before.end_s > before.time_s])
        .mark_rect(fill=theme.paper, fillOpacity=0.55)
        .encode(x=axis.x(), x2=alt.X2(field="end_s"), y=pixel_y("top"), y2=alt.Y2(field="bottom")),
        alt.Chart(frame)
        .mark_line(color=theme.accent, strokeWidth=1.4, strokeJoin="miter")
        .encode(x=axis.x(), y=pixel_y("y"), order=alt.value(0)),
        alt.Chart(pd.DataFrame({"time_s": [place], "word": word}))
        .mark_text(color=theme.accent, fontSize=11, baseline="bottom", dy=-3, **looks)
        .encode(x=axis.x(), y=alt.value(roof_px), text=alt.Text(field="word", type="nominal")),
    ]


def _alarm(kind: str, axis: TimeAxis, height_px: float, theme: Theme) -> list[alt.Chart]:
    """A line at the alarm's moment, and its kind beside it."""
    lines = "\n".join(["alarm:", *textwrap.wrap(kind, _ALARM_LETTERS)])
    at = alt.Chart(pd.DataFrame({"time_s": [0.0], "word": [lines]}))
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
        ).encode(x=axis.x(), y=alt.value(0), text=alt.Text(field="word", type="nominal")),
    ]
