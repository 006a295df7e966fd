"""All that a model reads of an alarm, column by column, on the time axis of the monitor above."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from backend.charts.alarm.monitor import monitor_axis
from backend.charts.axes.time_axis import TimeAxis
from backend.charts.axes.value_axis import pixel_y, value_axis
from backend.charts.shared.row_salience import RowSalience, salience_rects, salience_table, salience_tooltip
from backend.charts.style.chart_width import WIDE_PX
from backend.charts.style.number_format import format_decimal
from backend.charts.style.theme import LIGHT, Theme
from backend.charts.style.thinning import thinned
from backend.charts.style.trace_colours import trace_colour

__all__ = ["FeatureRow", "plot_feature_rows"]

_ROW_PX = 30.0
_GAP_PX = 3.0
_INSET_PX = 4.0
_POINTS_PER_PX = 1
_SAME = 1e-3
_LETTERS = 17
_LINE_PX = 11
_LINE_WIDTH_PX, _THIN_PX, _OUTLINE_PX = 1.4, 0.6, 3.2


@dataclass(frozen=True, eq=False)
class FeatureRow:
    """One column of a window.

    Attributes
    ----------
    name : str
    colour : str
        The name of one of ``TRACE_COLOURS``: that of the sensor that the column tells of.
    values : array, shape = (T,)
        NaN where there is none.
    so_far : sequence of array, each of shape (T,)
        Other columns that sum it up since the window began: its least, its greatest, its mean.
    """

    name: str
    colour: str
    values: np.ndarray
    so_far: Sequence[np.ndarray] = ()

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the greatest of all its values; NaN for a column without any."""
        values = np.concatenate([self.values, *self.so_far])
        values = values[np.isfinite(values)]
        return (float(values.min()), float(values.max())) if len(values) else (np.nan, np.nan)


def plot_feature_rows(
    columns: Sequence[FeatureRow],
    shown_s: tuple[float, float],
    salience: RowSalience,
    width_px: float = WIDE_PX,
    theme: Theme = LIGHT,
) -> alt.LayerChart:
    """Draw each column as a small row on a scale of its own, its least and greatest value beside it.

    Thin lines are what sums it up so far.

    The seconds stand at the same pixels as in ``plot_monitor`` of the same width.

    Parameters
    ----------
    columns : sequence of FeatureRow
        From the top.
    shown_s : (float, float)
        Seconds from the alarm that are drawn, as in ``plot_monitor``.
    salience : RowSalience
        With one column for each of ``columns``, and when the window begins and ends.
    width_px : float
        Width of the whole chart.
    theme : Theme

    Returns
    -------
    altair.LayerChart
    """
    axis = monitor_axis(*shown_s, width_px)
    tops_px = np.arange(len(columns)) * (_ROW_PX + _GAP_PX)
    layers = [
        _grounds(tops_px, axis, theme),
        _salience_steps(columns, tops_px, salience, axis, theme),
        *_lines(columns, tops_px, salience.window_s, axis, theme),
        *_words(columns, tops_px, axis, theme),
    ]
    return theme.layered(layers, axis.width_px, float(tops_px[-1] + _ROW_PX))


def _grounds(tops_px: np.ndarray, axis: TimeAxis, theme: Theme) -> alt.Chart:
    height_px = float(tops_px[-1] + _ROW_PX)
    # An axis without ticks: it takes the room that the monitor's take, so that both charts line up.
    y = alt.Y(
        field="top",
        type="quantitative",
        scale=alt.Scale(domain=[0, height_px], range=[0, height_px], nice=False),
        axis=value_axis("each on a scale of its own", [], "d"),
    )
    grounds = pd.DataFrame({"time_s": axis.start_s, "end_s": axis.end_s, "top": tops_px, "bottom": tops_px + _ROW_PX})
    return (
        alt.Chart(grounds)
        .mark_rect(fill=theme.paper)
        .encode(x=axis.labelled_x(), x2=alt.X2(field="end_s"), y=y, y2=alt.Y2(field="bottom"))
    )


def _salience_steps(
    columns: Sequence[FeatureRow], tops_px: np.ndarray, salience: RowSalience, axis: TimeAxis, theme: Theme
) -> alt.Chart:
    tables = [
        salience.runs(index).assign(column=column.name, top=top_px, bottom=top_px + _ROW_PX)
        for index, (column, top_px) in enumerate(zip(columns, tops_px, strict=True))
    ]
    steps = salience_table(tables, salience, axis)
    return salience_rects(steps, axis, theme).encode(tooltip=salience_tooltip("column"))


def _lines(
    columns: Sequence[FeatureRow], tops_px: np.ndarray, window_s: tuple[float, float], axis: TimeAxis, theme: Theme
) -> list[alt.Chart]:
    """The rows' lines, outlined, so that every colour can be read on every salience; those that sum up are thin."""
    most = max(len(column.so_far) for column in columns)
    own = _line(columns, [column.values for column in columns], tops_px, window_s, axis, theme)
    thin = []
    for part in range(most):
        summed = [column for column in columns if len(column.so_far) > part]
        tops = [top_px for column, top_px in zip(columns, tops_px, strict=True) if len(column.so_far) > part]
        thin.append(_line(summed, [column.so_far[part] for column in summed], tops, window_s, axis, theme))
    looks: dict[str, Any] = {"strokeJoin": "round", "invalid": "break-paths-show-domains"}
    stroke = alt.Stroke(field="own", type="nominal", scale=None)
    return [
        *(line.mark_line(strokeWidth=_THIN_PX, **looks).encode(stroke=stroke) for line in thin),
        own.mark_line(color=theme.paper, strokeWidth=_OUTLINE_PX, **looks),
        own.mark_line(strokeWidth=_LINE_WIDTH_PX, **looks).encode(stroke=stroke),
    ]


def _line(
    columns: Sequence[FeatureRow],
    values_of: Sequence[np.ndarray],
    tops_px: Sequence[float] | np.ndarray,
    window_s: tuple[float, float],
    axis: TimeAxis,
    theme: Theme,
) -> alt.Chart:
    """One line for each column, on the scale of its row."""
    tables = []
    for column, values, top_px in zip(columns, values_of, tops_px, strict=True):
        # A step tells of the seconds up to its end.
        steps_s = np.linspace(*window_s, len(values) + 1)[1:]
        kept = thinned(values, round(_POINTS_PER_PX * axis.width_px))
        y_px = top_px + _ROW_PX - _INSET_PX - _shares(values[kept], *column.bounds) * (_ROW_PX - 2 * _INSET_PX)
        table = pd.DataFrame({"time_s": steps_s[kept].round(3), "y": y_px.round(1), "column": column.name})
        tables.append(table.assign(own=trace_colour(column.colour, theme)))
    return alt.Chart(pd.concat(tables, ignore_index=True)).encode(
        x=axis.x(), y=pixel_y("y"), detail=alt.Detail(field="column", type="nominal")
    )


def _shares(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """How high values stand between two bounds, 0 to 1; in the middle where the bounds are the same to the reader."""
    if high - low < _SAME * max(1.0, abs(high)):
        return np.where(np.isfinite(values), 0.5, np.nan)
    return (values - low) / (high - low)


def _words(columns: Sequence[FeatureRow], tops_px: np.ndarray, axis: TimeAxis, theme: Theme) -> list[alt.Chart]:
    """The columns' names right of their rows, their least and greatest values left of them."""
    table = pd.DataFrame(
        {
            "time_s": axis.end_s,
            "start_s": axis.start_s,
            "name": [textwrap.fill(column.name, _LETTERS) for column in columns],
            "own": [trace_colour(column.colour, theme) for column in columns],
            "low": [_number(column.bounds[0]) for column in columns],
            "high": [_number(column.bounds[1]) for column in columns],
            "top": tops_px + 6,
            "bottom": tops_px + _ROW_PX - 5,
        }
    )
    table["first_line"] = tops_px + _ROW_PX / 2 - _LINE_PX / 2 * (table.name.str.count("\n"))
    base = alt.Chart(table)
    numbers = base.mark_text(color=theme.text, fontSize=10, align="right", baseline="middle", dx=-5)
    return [
        base.mark_text(fontSize=11, align="left", baseline="middle", dx=7, lineHeight=_LINE_PX, lineBreak="\n").encode(
            x=axis.x(),
            y=pixel_y("first_line"),
            text=alt.Text(field="name", type="nominal"),
            color=alt.Color(field="own", type="nominal", scale=None),
        ),
        *(
            numbers.encode(x=axis.x("start_s"), y=pixel_y(place), text=alt.Text(field=number, type="nominal"))
            for place, number in (("top", "high"), ("bottom", "low"))
        ),
    ]


def _number(value: float) -> str:
    if np.isnan(value):
        return ""
    return format_decimal(value, 0 if abs(value) >= 10 else 2)
