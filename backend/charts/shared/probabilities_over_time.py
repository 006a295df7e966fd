"""Class probabilities over time: after each step of the window."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from backend.charts.axes.ecg_paper import time_axis
from backend.charts.axes.time_axis import TimeAxis
from backend.charts.axes.value_axis import value_axis
from backend.charts.style.chart_width import WIDE_PX
from backend.charts.style.number_format import format_percent
from backend.charts.style.theme import LIGHT, Theme, class_style

__all__ = ["plot_predictions_over_time", "plot_probabilities_over_time"]

_CURVES_PX = 130


_BAND_PX = 16


_NAME_GAP_PX = 14


def plot_probabilities_over_time(
    classes: Sequence[str],
    probabilities: np.ndarray,
    window_s: tuple[float, float],
    shown_s: tuple[float, float],
    settled_step: int | None = None,
    width_px: float = WIDE_PX,
    theme: Theme = LIGHT,
) -> alt.LayerChart:
    """Draw the class probabilities after each prefix of the window, on the time axis of the beat above.

    Parameters
    ----------
    classes : sequence of str, length C
    probabilities : array, shape = (T, C)
        Row t holds the probabilities after steps 0..t.
    window_s : (float, float)
        Seconds of the record at which the window begins and ends.
    shown_s : (float, float)
        First and last second of the traces in ``plot_beat``, so that both charts line up.
    settled_step : int or None
        The step from which on the most likely class stays the same.
    width_px : float
        The same as that of ``plot_beat``.
    theme : Theme

    Returns
    -------
    altair.LayerChart
    """
    axis = time_axis(*shown_s, width_px)
    leaders = probabilities.argmax(axis=1)
    layers = _over_time(classes, probabilities, leaders, "most likely", window_s, axis, settled_step, theme)
    return theme.layered(layers, axis.width_px, _CURVES_PX + _BAND_PX + 6)


def plot_predictions_over_time(
    classes: Sequence[str],
    probabilities: np.ndarray,
    named: np.ndarray,
    named_from: tuple[str, float],
    window_s: tuple[float, float],
    axis: TimeAxis,
    settled_step: int | None = None,
    theme: Theme = LIGHT,
) -> alt.LayerChart:
    """Draw the same for a model to which missing one class is dearer than missing the other, on any time axis.

    The names of the classes stand right of the window's end and need about 110 pixels there, on the axis or beyond it.

    Parameters
    ----------
    classes : sequence of str, length C
    probabilities : array, shape = (T, C)
    named : int array, shape = (T,)
        Index of the class that the model names after each step.
    named_from : (str, float)
        The dearer class, and the probability from which on it is named.
    window_s : (float, float)
        When the window begins and ends on the axis.
    axis : TimeAxis
        That of the chart above.
    settled_step : int or None
        The step from which on the named class stays the same.
    theme : Theme

    Returns
    -------
    altair.LayerChart
    """
    layers = [
        *_over_time(classes, probabilities, named, "named", window_s, axis, settled_step, theme),
        *_level(*named_from, window_s, axis, theme),
    ]
    return theme.layered(layers, axis.width_px, _CURVES_PX + _BAND_PX + 6)


def _over_time(
    classes: Sequence[str],
    probabilities: np.ndarray,
    leaders: np.ndarray,
    led_by: str,
    window_s: tuple[float, float],
    axis: TimeAxis,
    settled_step: int | None,
    theme: Theme,
) -> list[alt.Chart]:
    """The curves with a band of the leading class below."""
    n_steps = len(probabilities)
    step_s = (window_s[1] - window_s[0]) / n_steps
    known_s = window_s[0] + (np.arange(n_steps) + 1) * step_s
    return [
        _ground(window_s, axis, theme),
        _curves(classes, probabilities, known_s, axis, theme),
        *_leaders(classes, leaders, led_by, known_s, step_s, axis, theme),
        *_settled(settled_step, known_s, window_s[0], axis, theme),
        *_names(classes, probabilities[-1], window_s[1], axis, theme),
    ]


def _level(
    name: str, probability: float, window_s: tuple[float, float], axis: TimeAxis, theme: Theme
) -> list[alt.Chart]:
    """The probability from which on a class is named."""
    word = f"{name} is named from {format_percent(probability)}"
    level = alt.Chart(
        pd.DataFrame({"time_s": [window_s[0]], "end_s": window_s[1], "probability": probability, "word": word})
    )
    words = level.encode(x=axis.x(), y=_y(), text=alt.Text(field="word", type="nominal"))
    looks: dict[str, Any] = {"fontSize": 11, "align": "left", "baseline": "bottom", "dx": 4, "dy": -3}
    return [
        level.mark_rule(color=theme.colour_of(name), strokeWidth=1, strokeDash=[2, 3]).encode(
            x=axis.x(), x2=alt.X2(field="end_s"), y=_y()
        ),
        words.mark_text(color=theme.background, stroke=theme.background, strokeWidth=3, opacity=0.8, **looks),
        words.mark_text(color=theme.colour_of(name), **looks),
    ]


def _y(axis: alt.Axis | None = None) -> alt.Y:
    scale = alt.Scale(domain=[0, 1], range=[_CURVES_PX, 4], nice=False)
    return alt.Y(field="probability", type="quantitative", scale=scale, axis=axis)


def _probability_axis() -> alt.Axis:
    axis = value_axis("probability", [0, 0.25, 0.5, 0.75, 1], ".0%")
    axis.grid, axis.gridOpacity = True, 0.4
    return axis


def _ground(window_s: tuple[float, float], axis: TimeAxis, theme: Theme) -> alt.Chart:
    ground = pd.DataFrame({"time_s": [window_s[0]], "end_s": [window_s[1]], "probability": [0.0], "top": [1.0]})
    return (
        alt.Chart(ground)
        .mark_rect(fill=theme.muted, fillOpacity=0.07)
        .encode(x=axis.labelled_x(), x2=alt.X2(field="end_s"), y=_y(_probability_axis()), y2=alt.Y2(field="top"))
    )


def _curves(
    classes: Sequence[str], probabilities: np.ndarray, known_s: np.ndarray, axis: TimeAxis, theme: Theme
) -> alt.Chart:
    table = pd.DataFrame(
        {
            "time_s": np.repeat(known_s, len(classes)),
            "probability": probabilities.ravel(),
            "label": np.tile(list(classes), len(known_s)),
        }
    )
    colours = alt.Scale(domain=list(classes), range=[theme.colour_of(name) for name in classes])
    return (
        alt.Chart(table)
        .mark_line(strokeWidth=1.8)
        .encode(
            x=axis.x(),
            y=_y(),
            color=alt.Color("label:N", scale=colours, legend=None),
            tooltip=[
                alt.Tooltip(field="label", type="nominal", title="class"),
                alt.Tooltip(field="time_s", type="quantitative", title="read up to (s)", format=".3f"),
                alt.Tooltip(field="probability", type="quantitative", format=".2f"),
            ],
        )
    )


def _leaders(
    classes: Sequence[str],
    leaders: np.ndarray,
    led_by: str,
    known_s: np.ndarray,
    step_s: float,
    axis: TimeAxis,
    theme: Theme,
) -> list[alt.Chart]:
    """A band of the leading class, one rectangle for each unbroken run of steps."""
    starts = np.flatnonzero(np.diff(leaders, prepend=-1))
    ends = np.append(starts[1:], len(leaders)) - 1
    runs = pd.DataFrame(
        {
            "time_s": known_s[starts] - step_s,
            "end_s": known_s[ends],
            "label": [classes[leaders[start]] for start in starts],
        }
    )
    runs["colour"] = [theme.colour_of(label) for label in runs.label]
    runs["letter"] = [class_style(label).letter for label in runs.label]
    runs["middle_s"] = (runs.time_s + runs.end_s) / 2
    roomy = runs[(runs.end_s - runs.time_s) * axis.px_per_s > 14]
    top_px = _CURVES_PX + 6
    return [
        alt.Chart(runs)
        .mark_rect()
        .encode(
            x=axis.x(),
            x2=alt.X2(field="end_s"),
            y=alt.value(top_px),
            y2=alt.value(top_px + _BAND_PX),
            fill=alt.Fill(field="colour", type="nominal", scale=None),
            tooltip=[alt.Tooltip(field="label", type="nominal", title=led_by)],
        ),
        alt.Chart(roomy)
        .mark_text(color=theme.background, fontSize=12, fontWeight="bold", baseline="middle")
        .encode(
            x=axis.x("middle_s"), y=alt.value(top_px + _BAND_PX / 2 + 1), text=alt.Text(field="letter", type="nominal")
        ),
        alt.Chart(runs.head(1).assign(word=led_by))
        .mark_text(color=theme.text, fontSize=11, align="right", baseline="middle", dx=-6)
        .encode(x=axis.x(), y=alt.value(top_px + _BAND_PX / 2 + 1), text=alt.Text(field="word", type="nominal")),
    ]


def _settled(
    settled_step: int | None, known_s: np.ndarray, start_s: float, axis: TimeAxis, theme: Theme
) -> list[alt.Chart]:
    if settled_step is None:
        return []
    settled_s = known_s[settled_step] - start_s
    mark = pd.DataFrame({"time_s": [known_s[settled_step]], "word": [f"settled after {settled_s:.2f} s"]})
    return [
        alt.Chart(mark)
        .mark_rule(color=theme.text, strokeDash=[4, 3], strokeWidth=1.3)
        .encode(x=axis.x(), y=alt.value(0), y2=alt.value(_CURVES_PX + 6 + _BAND_PX)),
        alt.Chart(mark)
        .mark_text(color=theme.text, fontSize=11, baseline="bottom", dy=-2)
        .encode(x=axis.x(), y=alt.value(0), text=alt.Text(field="word", type="nominal")),
    ]


def _names(classes: Sequence[str], last: np.ndarray, end_s: float, axis: TimeAxis, theme: Theme) -> list[alt.Chart]:
    """The classes' names right of the curves' ends, moved apart where they would overlap."""
    order = np.argsort(-last, kind="stable")
    wanted_px = 4 + (1 - last[order]) * (_CURVES_PX - 4)
    # From the bottom up, each name leaves room for those below it; then from the top down.
    floors_px = _CURVES_PX - _NAME_GAP_PX * np.arange(len(order))[::-1]
    placed_px = np.minimum(wanted_px, floors_px)
    for index in range(1, len(placed_px)):
        placed_px[index] = max(placed_px[index], placed_px[index - 1] + _NAME_GAP_PX)
    return [
        alt.Chart(pd.DataFrame({"time_s": [end_s], "word": [f"{classes[k]}  {format_percent(float(last[k]))}"]}))
        .mark_text(color=theme.colour_of(classes[k]), fontSize=12, align="left", baseline="middle", dx=8)
        .encode(x=axis.x(), y=alt.value(float(y_px)), text=alt.Text(field="word", type="nominal"))
        for k, y_px in zip(order, placed_px, strict=True)
    ]
