"""One charted variable over a stay: the measurements and the hourly values that the model reads."""

from collections.abc import Callable

import altair as alt
import numpy as np
import pandas as pd

from backend.charts.axes.hour_axis import HOUR_MIN, HourAxis
from backend.charts.axes.value_axis import LEFT_PX, RIGHT_PX, left_axis
from backend.charts.stay.course import Course
from backend.charts.stay.hour_salience import draw_salience_legend, salience_scale
from backend.charts.style.chart_width import WIDE_PX
from backend.charts.style.number_format import format_hours_minutes
from backend.charts.style.theme import LIGHT, Theme
from backend.charts.style.thinning import thin

__all__ = ["plot_variable_course"]

_TRACE_PX = 170
_SALIENCE_ROW_PX = 14
_HALO_PX = 10
_LEGEND_BOTTOM_PX = -10
_LABEL_ROOM_PX = 18
_MOST_POINTS = 3000
_MARGIN_SHARE = 0.08

_Y = Callable[..., alt.Y]


def plot_variable_course(
    course: Course,
    normal: tuple[float | None, float | None] = (None, None),
    before: Course | None = None,
    chosen_minute: int | None = None,
    width_px: float = WIDE_PX,
    theme: Theme = LIGHT,
) -> alt.LayerChart:
    """Return a chart of one variable: a dot per measurement, and the hourly values that the model reads as steps.

    Salience is shown behind the steps and in a row below. A click on a measurement selects ``measurement`` (field
    ``minute``).

    Parameters
    ----------
    course : Course
        With at least one measurement, unless ``before`` has one.
    normal : (float or None, float or None)
        Lower and upper bound of the normal range, which is shaded; None without that bound.
    before : Course or None
        The same variable before edits; measurements that no longer exist are hollow.
    chosen_minute : int or None
        The measurement with a ring.
    width_px : float
        Width of the whole chart.
    theme : Theme

    Returns
    -------
    altair.LayerChart
    """
    hours = HourAxis(len(course.hourly), width_px - LEFT_PX - RIGHT_PX)
    low, high = _find_value_range(course, normal, before)
    scale = alt.Scale(domain=[low, high], range=[_TRACE_PX, 0], nice=False, zero=False)

    def y(field: str = "value", axis: alt.Axis | None = None) -> alt.Y:
        return alt.Y(field=field, type="quantitative", scale=scale, axis=axis)

    layers = [
        _draw_ground(course, low, high, hours, y, theme),
        *_draw_normal_range(normal, low, high, hours, y, theme),
        *_draw_model_input(course, hours, y, theme),
        *_draw_measurements(course, before, chosen_minute, hours, y, theme),
        _draw_salience_row(course, hours, theme),
        *draw_salience_legend(hours, _LEGEND_BOTTOM_PX, theme),
    ]
    return theme.layered(layers, hours.width_px, _TRACE_PX + _SALIENCE_ROW_PX + 6)


def _find_value_range(
    course: Course, normal: tuple[float | None, float | None], before: Course | None
) -> tuple[float, float]:
    """Return the range of the axis: all values, and the bounds of the normal range next to them."""
    if course.meanings:
        return min(course.meanings) - 0.5, max(course.meanings) + 0.5
    values = np.concatenate([course.measured, [] if before is None else before.measured])
    low, high = float(values.min()), float(values.max())
    lower, upper = normal
    bounds = [low, high]
    if lower is not None and high < lower:
        bounds.append(lower)
    elif upper is not None and low > upper:
        bounds.append(upper)
    else:
        bounds += [bound for bound in normal if bound is not None]
    margin = _MARGIN_SHARE * (max(bounds) - min(bounds)) or 0.1 * abs(high) or 1.0
    return min(bounds) - margin, max(bounds) + margin


def _draw_ground(course: Course, low: float, high: float, hours: HourAxis, y: _Y, theme: Theme) -> alt.Chart:
    axis = left_axis(course.unit or "value", [], "")
    axis.values, axis.format = alt.Undefined, alt.Undefined
    axis.grid, axis.gridOpacity, axis.tickCount = True, 0.4, 5
    if course.meanings:
        # Meanings are printed inside, on their lines: the margin only has room for numbers.
        labels = (f"datum.value == {code} ? '{meaning}' : " for code, meaning in course.meanings.items())
        axis.title, axis.values, axis.labelExpr = None, list(course.meanings), f"{''.join(labels)}''"
        axis.labelAlign, axis.labelBaseline, axis.labelPadding = "left", "bottom", -6
        axis.labelOffset = -_HALO_PX / 2 - 1
    ground = pd.DataFrame({"hour": [0], "end": [hours.n_hours], "value": [low], "high": [high]})
    return (
        alt.Chart(ground)
        .mark_rect(fill=theme.muted, fillOpacity=0.07)
        .encode(x=hours.labelled_x(), x2=alt.X2(field="end"), y=y(axis=axis), y2=alt.Y2(field="high"))
    )


def _draw_normal_range(
    normal: tuple[float | None, float | None], low: float, high: float, hours: HourAxis, y: _Y, theme: Theme
) -> list[alt.Chart]:
    """Draw the band of the normal range with its bounds as a label."""
    least, greatest = (bound if bound is not None else end for bound, end in zip(normal, (low, high), strict=True))
    is_seen = normal != (None, None) and least <= high and greatest >= low
    band = pd.DataFrame(
        [(0, hours.n_hours, max(low, least), min(high, greatest), _format_normal_range(normal))] if is_seen else [],
        columns=["hour", "end", "value", "top", "text"],
    )
    below = is_seen and (high - max(low, least)) / (high - low) * _TRACE_PX < _LABEL_ROOM_PX
    # The steps may run along the bound: the label keeps clear of their salience.
    away_px = _HALO_PX / 2 + 2
    return [
        alt.Chart(band)
        .mark_rect(fill=theme.accent, fillOpacity=0.09, stroke=theme.accent, strokeOpacity=0.35, strokeWidth=0.8)
        .encode(x=hours.x(), x2=alt.X2(field="end"), y=y(), y2=alt.Y2(field="top")),
        alt.Chart(band)
        .mark_text(
            color=theme.muted,
            fontSize=11,
            align="right",
            baseline="top" if below else "bottom",
            dx=-4,
            dy=away_px if below else -away_px,
        )
        .encode(x=hours.x("end"), y=y("value"), text=alt.Text(field="text", type="nominal")),
    ]


def _format_normal_range(normal: tuple[float | None, float | None]) -> str:
    least, greatest = normal
    if least is None:
        return f"normal: ≤ {greatest:g}"
    if greatest is None:
        return f"normal: ≥ {least:g}"
    return f"normal: {least:g}" if least == greatest else f"normal: {least:g}–{greatest:g}"


def _draw_model_input(course: Course, hours: HourAxis, y: _Y, theme: Theme) -> list[alt.Chart]:
    """Draw the hourly values that the model reads as steps over their salience."""
    hour = np.arange(hours.n_hours)
    steps = pd.DataFrame(
        {"hour": hour, "end": hour + 1.0, "value": course.hourly, "salience": course.salience}
    ).dropna()
    edges = pd.DataFrame(
        {"hour": np.stack([steps.hour, steps.end], axis=1).ravel(), "value": np.repeat(steps.value.to_numpy(), 2)}
    )
    return [
        alt.Chart(steps)
        .mark_rule(strokeWidth=_HALO_PX)
        .encode(x=hours.x(), x2=alt.X2(field="end"), y=y(), stroke=_salience_stroke(theme)),
        alt.Chart(edges)
        .mark_line(color=theme.trace, strokeWidth=1.2, strokeJoin="miter")
        .encode(x=hours.x(), y=y(), order=alt.value(0)),
    ]


def _draw_measurements(
    course: Course, before: Course | None, chosen_minute: int | None, hours: HourAxis, y: _Y, theme: Theme
) -> list[alt.Chart]:
    """Draw a dot per measurement, a hollow one for each edited or deleted, a ring around the chosen one."""
    now, earlier = _tabulate_measurements(course), _tabulate_measurements(before)
    gone = earlier.merge(now, how="left", indicator=True).query("_merge == 'left_only'")[now.columns]
    clicked = alt.selection_point(name="measurement", fields=["minute"], on="click", clear=False, toggle=False)
    tooltip = [
        alt.Tooltip(field="value_text", type="nominal", title=course.label),
        alt.Tooltip(field="at", type="nominal", title="measured at"),
    ]
    return [
        alt.Chart(gone)
        .mark_point(shape="circle", size=34, color=theme.muted, strokeWidth=1.4, opacity=1)
        .encode(x=hours.x(), y=y(), tooltip=tooltip),
        alt.Chart(now[now.minute == chosen_minute])
        .mark_point(shape="circle", size=150, color=theme.accent, strokeWidth=2, opacity=1)
        .encode(x=hours.x(), y=y()),
        alt.Chart(now)
        .mark_circle(size=34, color=theme.trace, stroke=theme.background, strokeWidth=0.8, opacity=1, cursor="pointer")
        .encode(x=hours.x(), y=y(), tooltip=tooltip)
        .add_params(clicked),
    ]


def _tabulate_measurements(course: Course | None) -> pd.DataFrame:
    if course is None:
        return pd.DataFrame(columns=["minute", "hour", "value", "value_text", "at"])
    values = np.asarray(course.measured, dtype=np.float32)
    kept = thin(values, _MOST_POINTS)
    minutes = np.asarray(course.minutes)[kept]
    return pd.DataFrame(
        {
            "minute": minutes,
            "hour": minutes / HOUR_MIN,
            "value": values[kept].astype(float),
            "value_text": [course.format_with_unit(value) for value in values[kept]],
            "at": [format_hours_minutes(minute) for minute in minutes],
        }
    )


def _draw_salience_row(course: Course, hours: HourAxis, theme: Theme) -> alt.Chart:
    """Draw the salience of each hour in a row below the values, where nothing covers it."""
    hour = np.arange(hours.n_hours)
    # Steps overlap slightly to hide the seams between them.
    steps = pd.DataFrame(
        {"hour": hour, "end": np.minimum(hour + 1.05, hours.n_hours), "salience": course.salience, "from": hour}
    )
    return (
        alt.Chart(steps)
        .mark_rule(strokeWidth=_SALIENCE_ROW_PX)
        .encode(
            x=hours.x(),
            x2=alt.X2(field="end"),
            y=alt.value(_TRACE_PX + 4 + _SALIENCE_ROW_PX / 2),
            stroke=_salience_stroke(theme),
            tooltip=[
                alt.Tooltip(field="from", type="quantitative", title="from hour"),
                alt.Tooltip(field="salience", type="quantitative", format=".2f"),
            ],
        )
    )


def _salience_stroke(theme: Theme) -> alt.Stroke:
    return alt.Stroke(field="salience", type="quantitative", scale=salience_scale(theme), legend=None)
