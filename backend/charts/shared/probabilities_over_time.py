"""Class probabilities over time: after each step of the window."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from backend.charts.axes.time_axis import TimeAxis
from backend.charts.axes.value_axis import left_axis
from backend.charts.style.number_format import format_percent
from backend.charts.style.theme import LIGHT, Theme, class_style

__all__ = ["plot_probabilities_over_time"]

_CURVES_PX = 130
_BAND_PX = 16
_LABEL_GAP_PX = 14
_BAND_LABEL = "class"


def plot_probabilities_over_time(
    classes: Sequence[str],
    probabilities: np.ndarray,
    predicted: np.ndarray,
    window_s: tuple[float, float],
    axis: TimeAxis,
    stable_step: int | None = None,
    threshold: tuple[str, float] | None = None,
    theme: Theme = LIGHT,
) -> alt.LayerChart:
    """Return a chart of the class probabilities after each step of the window, above a band of the predicted class.

    The names of the classes are right of the window's end and need about 110 pixels there.

    Parameters
    ----------
    classes : sequence of str, length C
    probabilities : array, shape = (T, C)
        Row t holds the probabilities after steps 0..t; they hold until the next row's time.
    predicted : int array, shape = (T,)
        Index of the predicted class after each step.
    window_s : (float, float)
        Start and end of the window on the axis.
    axis : TimeAxis
        The axis of the chart above, so that both line up.
    stable_step : int or None
        The step from which the predicted class no longer changes.
    threshold : (str, float) or None
        A class and the probability from which it is predicted; None where the most likely class is.
    theme : Theme

    Returns
    -------
    altair.LayerChart
    """
    step_s = (window_s[1] - window_s[0]) / len(probabilities)
    times_s = window_s[0] + (np.arange(len(probabilities)) + 1) * step_s
    layers = [
        _draw_ground(window_s, axis, theme),
        _draw_curves(classes, probabilities, times_s, axis, theme),
        *_draw_prediction_band(classes, predicted, times_s, window_s, axis, theme),
        *_draw_stable_from(stable_step, times_s, window_s[0], axis, theme),
        *_draw_class_labels(classes, probabilities[-1], window_s[1], axis, theme),
        *([] if threshold is None else _draw_threshold(*threshold, window_s, axis, theme)),
    ]
    return theme.layered(layers, axis.width_px, _CURVES_PX + _BAND_PX + 6)


def _draw_threshold(
    name: str, probability: float, window_s: tuple[float, float], axis: TimeAxis, theme: Theme
) -> list[alt.Chart]:
    """Draw the probability from which a class is predicted."""
    text = f"{name} predicted from {format_percent(probability)}"
    level = alt.Chart(
        pd.DataFrame({"time_s": [window_s[0]], "end_s": window_s[1], "probability": probability, "text": text})
    )
    label = level.encode(x=axis.x(), y=_y(), text=alt.Text(field="text", type="nominal"))
    style: dict[str, Any] = {"fontSize": 11, "align": "left", "baseline": "bottom", "dx": 4, "dy": -3}
    return [
        level.mark_rule(color=theme.colour_of(name), strokeWidth=1, strokeDash=[2, 3]).encode(
            x=axis.x(), x2=alt.X2(field="end_s"), y=_y()
        ),
        label.mark_text(color=theme.background, stroke=theme.background, strokeWidth=3, opacity=0.8, **style),
        label.mark_text(color=theme.colour_of(name), **style),
    ]


def _y(axis: alt.Axis | None = None) -> alt.Y:
    scale = alt.Scale(domain=[0, 1], range=[_CURVES_PX, 4], nice=False)
    return alt.Y(field="probability", type="quantitative", scale=scale, axis=axis)


def _probability_axis() -> alt.Axis:
    axis = left_axis("probability", [0, 0.25, 0.5, 0.75, 1], ".0%")
    axis.grid, axis.gridOpacity = True, 0.4
    return axis


def _draw_ground(window_s: tuple[float, float], axis: TimeAxis, theme: Theme) -> alt.Chart:
    ground = pd.DataFrame({"time_s": [window_s[0]], "end_s": [window_s[1]], "probability": [0.0], "top": [1.0]})
    return (
        alt.Chart(ground)
        .mark_rect(fill=theme.muted, fillOpacity=0.07)
        .encode(x=axis.labelled_x(), x2=alt.X2(field="end_s"), y=_y(_probability_axis()), y2=alt.Y2(field="top"))
    )


def _draw_curves(
    classes: Sequence[str], probabilities: np.ndarray, times_s: np.ndarray, axis: TimeAxis, theme: Theme
) -> alt.Chart:
    table = pd.DataFrame(
        {
            "time_s": np.repeat(times_s, len(classes)),
            "probability": probabilities.ravel(),
            "label": np.tile(list(classes), len(times_s)),
        }
    )
    colours = alt.Scale(domain=list(classes), range=[theme.colour_of(name) for name in classes])
    return (
        alt.Chart(table)
        .mark_line(strokeWidth=1.8, interpolate="step-after")
        .encode(
            x=axis.x(),
            y=_y(),
            color=alt.Color("label:N", scale=colours, legend=None),
            tooltip=[
                alt.Tooltip(field="label", type="nominal", title="class"),
                alt.Tooltip(field="time_s", type="quantitative", title="time read (s)", format=".3f"),
                alt.Tooltip(field="probability", type="quantitative", format=".2f"),
            ],
        )
    )


def _draw_prediction_band(
    classes: Sequence[str],
    predicted: np.ndarray,
    times_s: np.ndarray,
    window_s: tuple[float, float],
    axis: TimeAxis,
    theme: Theme,
) -> list[alt.Chart]:
    """Draw a band of the predicted class, one rectangle per run of steps: from the time at which a step is read."""
    starts = np.flatnonzero(np.diff(predicted, prepend=-1))
    edges_s = np.concatenate([[window_s[0]], times_s[starts[1:]], [window_s[1]]])
    runs = pd.DataFrame(
        {
            "time_s": edges_s[:-1],
            "end_s": edges_s[1:],
            "label": [classes[predicted[start]] for start in starts],
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
            tooltip=[alt.Tooltip(field="label", type="nominal", title="predicted class")],
        ),
        alt.Chart(roomy)
        .mark_text(color=theme.background, fontSize=12, fontWeight="bold", baseline="middle")
        .encode(
            x=axis.x("middle_s"), y=alt.value(top_px + _BAND_PX / 2 + 1), text=alt.Text(field="letter", type="nominal")
        ),
        alt.Chart(runs.head(1).assign(text=_BAND_LABEL))
        .mark_text(color=theme.text, fontSize=11, align="right", baseline="middle", dx=-6)
        .encode(x=axis.x(), y=alt.value(top_px + _BAND_PX / 2 + 1), text=alt.Text(field="text", type="nominal")),
    ]


def _draw_stable_from(
    stable_step: int | None, times_s: np.ndarray, start_s: float, axis: TimeAxis, theme: Theme
) -> list[alt.Chart]:
    if stable_step is None:
        return []
    stable_s = times_s[stable_step] - start_s
    mark = pd.DataFrame({"time_s": [times_s[stable_step]], "text": [f"stable from {stable_s:.2f} s"]})
    return [
        alt.Chart(mark)
        .mark_rule(color=theme.text, strokeDash=[4, 3], strokeWidth=1.3)
        .encode(x=axis.x(), y=alt.value(0), y2=alt.value(_CURVES_PX + 6 + _BAND_PX)),
        alt.Chart(mark)
        .mark_text(color=theme.text, fontSize=11, baseline="bottom", dy=-2)
        .encode(x=axis.x(), y=alt.value(0), text=alt.Text(field="text", type="nominal")),
    ]


def _draw_class_labels(
    classes: Sequence[str], last: np.ndarray, end_s: float, axis: TimeAxis, theme: Theme
) -> list[alt.Chart]:
    """Draw the classes' names right of the curves' ends, moved apart where they would overlap."""
    order = np.argsort(-last, kind="stable")
    ideal_px = 4 + (1 - last[order]) * (_CURVES_PX - 4)
    # From the bottom up each name leaves room for those below it, then from the top down for those above.
    floors_px = _CURVES_PX - _LABEL_GAP_PX * np.arange(len(order))[::-1]
    placed_px = np.minimum(ideal_px, floors_px)
    for index in range(1, len(placed_px)):
        placed_px[index] = max(placed_px[index], placed_px[index - 1] + _LABEL_GAP_PX)
    return [
        alt.Chart(pd.DataFrame({"time_s": [end_s], "text": [f"{classes[k]}  {format_percent(float(last[k]))}"]}))
        .mark_text(color=theme.colour_of(classes[k]), fontSize=12, align="left", baseline="middle", dx=8)
        .encode(x=axis.x(), y=alt.value(float(y_px)), text=alt.Text(field="text", type="nominal"))
        for k, y_px in zip(order, placed_px, strict=True)
    ]
