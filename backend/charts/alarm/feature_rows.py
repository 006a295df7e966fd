"""The features that the model reads of an alarm, one row each, on the time axis of the monitor."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from backend.charts.alarm.monitor import monitor_axis
from backend.charts.axes.time_axis import TimeAxis
from backend.charts.axes.value_axis import left_axis, pixel_y
from backend.charts.shared.row_salience import RowSalience, draw_salience, salience_tooltip, tabulate_salience
from backend.charts.style.chart_width import WIDE_PX
from backend.charts.style.number_format import format_decimal
from backend.charts.style.theme import LIGHT, Theme
from backend.charts.style.thinning import thin
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
    """One feature of the window with its running summaries.

    Attributes
    ----------
    name : str
    colour : str
        The name of one of ``TRACE_COLOURS``: that of the sensor behind the feature.
    values : array, shape = (T,)
        NaN where it is missing.
    summaries : sequence of array, each of shape (T,)
        Features that summarise it since the start of the window: minimum, maximum, mean.
    """

    name: str
    colour: str
    values: np.ndarray
    summaries: Sequence[np.ndarray] = ()

    @property
    def bounds(self) -> tuple[float, float]:
        """The minimum and the maximum of all values, NaN without any."""
        values = np.concatenate([self.values, *self.summaries])
        values = values[np.isfinite(values)]
        return (float(values.min()), float(values.max())) if len(values) else (np.nan, np.nan)


def plot_feature_rows(
    features: Sequence[FeatureRow],
    shown_s: tuple[float, float],
    salience: RowSalience,
    width_px: float = WIDE_PX,
    theme: Theme = LIGHT,
) -> alt.LayerChart:
    """Return a chart of features in rows, each on its own scale with its minimum and maximum beside it.

    Thin lines are the summaries. Seconds are at the same pixels as in ``plot_monitor`` of the same width.

    Parameters
    ----------
    features : sequence of FeatureRow
        From the top.
    shown_s : (float, float)
        Seconds from the alarm that are drawn, as in ``plot_monitor``.
    salience : RowSalience
        One column per feature, over the model's window.
    width_px : float
        Width of the whole chart.
    theme : Theme

    Returns
    -------
    altair.LayerChart
    """
    axis = monitor_axis(*shown_s, width_px)
    tops_px = np.arange(len(features)) * (_ROW_PX + _GAP_PX)
    layers = [
        _draw_grounds(tops_px, axis, theme),
        _draw_salience(features, tops_px, salience, axis, theme),
        *_draw_lines(features, tops_px, salience.window_s, axis, theme),
        *_draw_labels(features, tops_px, axis, theme),
    ]
    return theme.layered(layers, axis.width_px, float(tops_px[-1] + _ROW_PX))


def _draw_grounds(tops_px: np.ndarray, axis: TimeAxis, theme: Theme) -> alt.Chart:
    height_px = float(tops_px[-1] + _ROW_PX)
    # An axis without ticks keeps the margin of the monitor's axes, so that both charts line up.
    y = alt.Y(
        field="top",
        type="quantitative",
        scale=alt.Scale(domain=[0, height_px], range=[0, height_px], nice=False),
        axis=left_axis("separate scales", [], "d"),
    )
    grounds = pd.DataFrame({"time_s": axis.start_s, "end_s": axis.end_s, "top": tops_px, "bottom": tops_px + _ROW_PX})
    return (
        alt.Chart(grounds)
        .mark_rect(fill=theme.paper)
        .encode(x=axis.labelled_x(), x2=alt.X2(field="end_s"), y=y, y2=alt.Y2(field="bottom"))
    )


def _draw_salience(
    features: Sequence[FeatureRow], tops_px: np.ndarray, salience: RowSalience, axis: TimeAxis, theme: Theme
) -> alt.Chart:
    tables = [
        salience.runs(index).assign(feature=feature.name, top=top_px, bottom=top_px + _ROW_PX)
        for index, (feature, top_px) in enumerate(zip(features, tops_px, strict=True))
    ]
    steps = tabulate_salience(tables, salience, axis)
    return draw_salience(steps, axis, theme).encode(tooltip=salience_tooltip("feature"))


def _draw_lines(
    features: Sequence[FeatureRow], tops_px: np.ndarray, window_s: tuple[float, float], axis: TimeAxis, theme: Theme
) -> list[alt.Chart]:
    """Draw the lines, outlined so that every colour is readable on every salience; summaries are thin."""
    n_summaries = max(len(feature.summaries) for feature in features)
    value_lines = _encode_lines(features, [feature.values for feature in features], tops_px, window_s, axis, theme)
    thin_lines = []
    for part in range(n_summaries):
        with_summary = [feature for feature in features if len(feature.summaries) > part]
        tops = [top_px for feature, top_px in zip(features, tops_px, strict=True) if len(feature.summaries) > part]
        thin_lines.append(
            _encode_lines(
                with_summary, [feature.summaries[part] for feature in with_summary], tops, window_s, axis, theme
            )
        )
    style: dict[str, Any] = {"strokeJoin": "round", "invalid": "break-paths-show-domains"}
    stroke = alt.Stroke(field="colour", type="nominal", scale=None)
    return [
        *(line.mark_line(strokeWidth=_THIN_PX, **style).encode(stroke=stroke) for line in thin_lines),
        value_lines.mark_line(color=theme.paper, strokeWidth=_OUTLINE_PX, **style),
        value_lines.mark_line(strokeWidth=_LINE_WIDTH_PX, **style).encode(stroke=stroke),
    ]


def _encode_lines(
    features: Sequence[FeatureRow],
    values_of: Sequence[np.ndarray],
    tops_px: Sequence[float] | np.ndarray,
    window_s: tuple[float, float],
    axis: TimeAxis,
    theme: Theme,
) -> alt.Chart:
    """Return an encoding of one line per feature, on the scale of its row."""
    tables = []
    for feature, values, top_px in zip(features, values_of, tops_px, strict=True):
        # A step covers the seconds up to its end.
        steps_s = np.linspace(*window_s, len(values) + 1)[1:]
        kept = thin(values, round(_POINTS_PER_PX * axis.width_px))
        y_px = top_px + _ROW_PX - _INSET_PX - _scale_to_row(values[kept], *feature.bounds) * (_ROW_PX - 2 * _INSET_PX)
        table = pd.DataFrame({"time_s": steps_s[kept].round(3), "y": y_px.round(1), "feature": feature.name})
        tables.append(table.assign(colour=trace_colour(feature.colour, theme)))
    return alt.Chart(pd.concat(tables, ignore_index=True)).encode(
        x=axis.x(), y=pixel_y("y"), detail=alt.Detail(field="feature", type="nominal")
    )


def _scale_to_row(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return values as shares of the range between two bounds; 0.5 where the bounds coincide on screen."""
    if high - low < _SAME * max(1.0, abs(high)):
        return np.where(np.isfinite(values), 0.5, np.nan)
    return (values - low) / (high - low)


def _draw_labels(features: Sequence[FeatureRow], tops_px: np.ndarray, axis: TimeAxis, theme: Theme) -> list[alt.Chart]:
    """Draw the features' names right of their rows, their minimum and maximum left of them."""
    table = pd.DataFrame(
        {
            "time_s": axis.end_s,
            "start_s": axis.start_s,
            "name": [textwrap.fill(feature.name, _LETTERS) for feature in features],
            "colour": [trace_colour(feature.colour, theme) for feature in features],
            "low": [_format_bound(feature.bounds[0]) for feature in features],
            "high": [_format_bound(feature.bounds[1]) for feature in features],
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
            color=alt.Color(field="colour", type="nominal", scale=None),
        ),
        *(
            numbers.encode(x=axis.x("start_s"), y=pixel_y(place), text=alt.Text(field=number, type="nominal"))
            for place, number in (("top", "high"), ("bottom", "low"))
        ),
    ]


def _format_bound(value: float) -> str:
    if np.isnan(value):
        return ""
    return format_decimal(value, 0 if abs(value) >= 10 else 2)
