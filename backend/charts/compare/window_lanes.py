"""The signals and measurements of a window in slim lanes, each on its own scale."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import numpy as np
import pandas as pd

from backend.charts.axes.ecg_paper import MARGIN_MV, Panel, draw_paper
from backend.charts.axes.time_axis import TimeAxis
from backend.charts.style.theme import Theme
from backend.charts.style.thinning import thin

__all__ = ["WindowLane", "draw_lanes", "find_bottom_px", "scale_to_bounds"]

_PAPER_PX = 104.0
_PLAIN_PX = 44.0
_ALONE_PX = 96.0
_GAP_PX = 8.0
_MOST_POINTS = 1500
_LETTERS, _LINE_PX = 15, 13
_TICKS = 3
_LEAST_RANGE = 1e-3
_EMPTY = "not measured"
_LEAST_RANGE_MV = 1.0


@dataclass(frozen=True, eq=False)
class WindowLane:
    """One signal or one measurement along a window.

    Attributes
    ----------
    name, unit : str
        For the screen; the unit is empty where there is none.
    times : array, shape = (n,)
        Times on the axis of the chart.
    values : array, shape = (n,)
        In ``unit``; NaN where missing.
    colour : str
        Colour of the line; empty for the theme's trace colour.
    is_on_paper : bool
        Whether it is a lead in mV on ECG paper; the time axis sets the width of its boxes.
    is_read : bool
        Whether it is an input of the model rather than its output.
    """

    name: str
    unit: str
    times: np.ndarray
    values: np.ndarray
    colour: str = ""
    is_on_paper: bool = False
    is_read: bool = True

    @property
    def bounds(self) -> tuple[float, float]:
        """The bottom and the top of the lane in ``unit``."""
        finite = self.values[np.isfinite(self.values)]
        low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 0.0)
        least, margin = (_LEAST_RANGE_MV, MARGIN_MV) if self.is_on_paper else (_LEAST_RANGE, 0.08 * (high - low))
        spare = max(0.0, least - (high - low)) / 2
        return low - margin - spare, high + margin + spare


def scale_to_bounds(lane: WindowLane) -> np.ndarray:
    """Return the values of a lane scaled from its bounds to 0..1, shape = (n,)."""
    low, high = lane.bounds
    return (lane.values - low) / (high - low)


def find_bottom_px(lanes: Sequence[WindowLane]) -> float:
    """Return the bottom of the last lane in pixels from the top."""
    return max((panel.bottom_px for panel in _stack_panels(lanes)), default=0.0)


def draw_lanes(lanes: Sequence[WindowLane], labels_px: float, axis: TimeAxis, theme: Theme) -> list[alt.Chart]:
    """Return the layers of the lanes from the top: ground, line, and name and scale in ``labels_px`` on the left."""
    return [
        layer
        for lane, panel in zip(lanes, _stack_panels(lanes), strict=True)
        for layer in (
            *_draw_ground(lane, panel, axis, theme),
            _draw_line(lane, panel, axis, theme),
            *_draw_label(lane, panel, labels_px, theme),
        )
    ]


def _stack_panels(lanes: Sequence[WindowLane]) -> list[Panel]:
    panels: list[Panel] = []
    top_px = 0.0
    for lane in lanes:
        low, high = lane.bounds
        height_px = _PAPER_PX if lane.is_on_paper else _ALONE_PX if len(lanes) == 1 else _PLAIN_PX
        panels.append(Panel(lane.name, low, high, top_px, height_px / (high - low)))
        top_px = panels[-1].bottom_px + _GAP_PX
    return panels


def _draw_ground(lane: WindowLane, panel: Panel, axis: TimeAxis, theme: Theme) -> list[alt.Chart]:
    if lane.is_on_paper:
        return draw_paper(panel, axis, theme)
    ground = pd.DataFrame({"time_s": [axis.start_s], "end_s": axis.end_s, "mv": panel.low_mv, "high_mv": panel.high_mv})
    scale = alt.Scale(domain=[lane.bounds[0], lane.bounds[1]], range=[panel.bottom_px, panel.top_px], nice=False)
    ticks = alt.Axis(title=None, tickCount=_TICKS, grid=False, domain=False, orient="left")
    is_empty = not np.isfinite(lane.values).any()
    empty = pd.DataFrame({"text": [_EMPTY] * is_empty})
    return [
        alt.Chart(ground)
        .mark_rect(fill=theme.paper)
        .encode(
            x=axis.x(),
            x2=alt.X2(field="end_s"),
            y=alt.Y(field="mv", type="quantitative", scale=scale, axis=None if is_empty else ticks),
            y2=alt.Y2(field="high_mv"),
        ),
        alt.Chart(empty)
        .mark_text(color=theme.muted, fontSize=12, fontStyle="italic", align="left", baseline="middle")
        .encode(
            x=alt.value(8),
            y=alt.value((panel.top_px + panel.bottom_px) / 2),
            text=alt.Text(field="text", type="nominal"),
        ),
    ]


def _draw_label(lane: WindowLane, panel: Panel, labels_px: float, theme: Theme) -> list[alt.Chart]:
    """Draw the lane's name left of its scale; ECG paper has the name in its axis title."""
    if lane.is_on_paper:
        return []
    lines = textwrap.wrap(f"{lane.name} ({lane.unit})" if lane.unit else lane.name, _LETTERS)
    middle_px = (panel.top_px + panel.bottom_px - _LINE_PX * (len(lines) - 1)) / 2
    return [
        alt.Chart(pd.DataFrame({"name": ["\n".join(lines)]}))
        .mark_text(
            color=lane.colour or theme.text,
            align="left",
            baseline="middle",
            fontSize=12,
            lineBreak="\n",
            lineHeight=_LINE_PX,
        )
        .encode(x=alt.value(8 - labels_px), y=alt.value(middle_px), text=alt.Text(field="name", type="nominal"))
    ]


def _draw_line(lane: WindowLane, panel: Panel, axis: TimeAxis, theme: Theme) -> alt.Chart:
    kept = thin(lane.values, _MOST_POINTS)
    table = pd.DataFrame({"time_s": lane.times[kept], "mv": lane.values[kept]})
    return (
        alt.Chart(table)
        .mark_line(
            color=lane.colour or theme.trace, strokeWidth=1.4, strokeJoin="round", invalid="break-paths-show-domains"
        )
        .encode(x=axis.x(), y=panel.y())
    )
