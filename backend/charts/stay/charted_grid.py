"""The charted variables of a stay on an hourly grid coloured by salience."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import altair as alt
import numpy as np
import pandas as pd

from backend.charts.axes.hour_axis import HourAxis
from backend.charts.axes.value_axis import pixel_y
from backend.charts.stay.course import Course
from backend.charts.stay.hour_salience import draw_salience_legend, salience_scale
from backend.charts.style.chart_width import FULL_PX
from backend.charts.style.number_format import format_hours_minutes
from backend.charts.style.theme import LIGHT, Theme

__all__ = ["Heading", "plot_charted_grid"]

_LABELS_PX = 180
_UNITS_PX = 46
_ROW_PX = 19
_HEADING_PX = 22
_LETTER_PX = 10
_DIGIT_SHARE = 0.58
"""Width of a digit as a share of the font size."""
_GAP_HOURS = 0.1
_LONGEST_CENTRED_HOURS = 1.8
_TURN = {"light": 0.59, "dark": 0.48}
"""The salience above which text in a cell switches to the background colour, for contrast."""
_LEGEND_BOTTOM_PX = -28
_CARRIED, _NOT_YET = "carried forward from", "not yet measured"


@dataclass(frozen=True)
class Heading:
    """A heading between the rows of a grid."""

    text: str


def plot_charted_grid(
    rows: Sequence[Course | Heading],
    chosen: str | None = None,
    width_px: float = FULL_PX,
    theme: Theme = LIGHT,
) -> alt.LayerChart:
    """Return a chart of the charted values: a row per variable and a cell per hour, coloured by salience.

    A measured hour shows its value, or a dot where the value does not fit; a line spans the hours to which a value is
    carried forward; hours before the first measurement are empty. A click selects ``chosen`` (field ``variable``).

    Parameters
    ----------
    rows : sequence of Course or Heading
        From the top, all of the same T hours.
    chosen : str or None
        The variable whose row is framed.
    width_px : float
        Width of the whole chart.
    theme : Theme

    Returns
    -------
    altair.LayerChart
    """
    courses, headings, height_px = _place_rows(rows)
    hours = HourAxis(max((len(course.hourly) for course, _ in courses), default=48), width_px - _LABELS_PX - 6)
    cells = _tabulate_cells(courses, hours, theme)
    layers = [
        *draw_salience_legend(hours, _LEGEND_BOTTOM_PX, theme),
        *_draw_cells(cells, hours, theme),
        _draw_six_hour_gaps(height_px, hours, theme),
        _draw_carried(cells, hours),
        *_draw_values(cells, hours, theme),
        *_draw_labels(courses, theme),
        _draw_headings(headings, theme),
        _draw_frame([top_px for course, top_px in courses if course.variable == chosen], hours, theme),
    ]
    return theme.layered(layers, hours.width_px, height_px)


def _place_rows(rows: Sequence[Course | Heading]) -> tuple[list[tuple[Course, float]], list[tuple[str, float]], float]:
    """Return each course and each heading with its top in pixels, and the total height."""
    courses: list[tuple[Course, float]] = []
    headings: list[tuple[str, float]] = []
    top_px = 0.0
    for row in rows:
        if isinstance(row, Heading):
            headings.append((row.text, top_px))
            top_px += _HEADING_PX
        else:
            courses.append((row, top_px))
            top_px += _ROW_PX
    return courses, headings, max(top_px, _ROW_PX)


_CELL_COLUMNS = (
    "variable", "label", "hour", "end", "top", "bottom", "centre", "salience", "ink", "kind", "text",
    "from", "to", "value", "when", "between", "unread",
)  # fmt: skip


def _tabulate_cells(courses: Sequence[tuple[Course, float]], hours: HourAxis, theme: Theme) -> pd.DataFrame:
    """Return one row per cell; its ``kind`` is ``written``, ``dot``, ``carried``, ``covered`` or ``empty``.

    ``from`` and ``to`` are the hours that its text or its line spans.
    """
    parts = [_tabulate_course(course, top_px, hours, theme) for course, top_px in courses]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(_CELL_COLUMNS))


def _tabulate_course(course: Course, top_px: float, hours: HourAxis, theme: Theme) -> pd.DataFrame:
    hour = np.arange(len(course.hourly))
    kind, text, start, end = _find_contents(course, hours)
    return pd.DataFrame(
        {
            "variable": course.variable,
            "label": course.label,
            "hour": hour,
            "end": hour + 1,
            "top": top_px,
            "bottom": top_px + _ROW_PX,
            "centre": top_px + _ROW_PX / 2,
            "salience": course.salience,
            "ink": np.where(course.salience > _TURN[theme.name], theme.background, theme.trace),
            "kind": kind,
            "text": text,
            "from": start,
            "to": end,
            "value": [course.format_with_unit(value) for value in course.hourly],
            "when": _describe_times(course),
            "between": [f"{at}:00–{at + 1}:00" for at in hour],
            "unread": "not read by the model",
        },
        columns=list(_CELL_COLUMNS),
    )


def _find_contents(course: Course, hours: HourAxis) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the kind and the text of each cell, and the hours that its text or its line spans."""
    hour = np.arange(len(course.hourly))
    kind = np.where(course.is_measured, "dot", np.where(np.isfinite(course.hourly), "carried", "empty")).astype(object)
    text, start, end = np.full(len(hour), "", dtype=object), hour.astype(float), hour + 1.0
    carried = kind == "carried"
    for at, value_text, begin, stop in _place_values(course, hours):
        # Lines leave room for the text.
        start[carried & (begin <= start) & (start <= stop)] = stop + _GAP_HOURS
        end[carried & (begin <= end) & (end <= stop)] = begin - _GAP_HOURS
        kind[at], text[at], start[at], end[at] = "written", value_text, begin, stop
    kind[start >= end] = "covered"
    return kind, text, start, end


def _describe_times(course: Course) -> list[str]:
    """Return for each hour when its value was measured."""
    hours_of_minutes = course.hours_of_minutes
    descriptions = []
    carried = _NOT_YET
    for hour in range(len(course.hourly)):
        within = np.asarray(course.minutes)[hours_of_minutes == hour]
        if len(within):
            descriptions.append(f"at {', '.join(format_hours_minutes(minute) for minute in within)}")
            carried = f"{_CARRIED} {format_hours_minutes(within[-1])}"
        else:
            descriptions.append(carried)
    return descriptions


def _place_values(course: Course, hours: HourAxis) -> Iterator[tuple[int, str, float, float]]:
    """Yield the hours whose values are printed, with the hours that each text spans.

    As many as fit: the extremes, the last and the first come first, then the others from left to right.
    """
    measured = np.flatnonzero(course.is_measured & np.isfinite(course.hourly))
    if not len(measured):
        return
    values = course.hourly[measured]
    first = (measured[values.argmin()], measured[values.argmax()], measured[-1], measured[0])
    taken: list[tuple[float, float]] = []
    for hour in dict.fromkeys(int(hour) for hour in (*first, *measured)):
        text = course.format_value(course.hourly[hour])
        width = _LETTER_PX * _DIGIT_SHARE * _count_digits(text) / hours.px_per_hour
        # Longer text begins with its hour: centred, it would cover earlier measurements.
        start = hour + 0.1 if width > _LONGEST_CENTRED_HOURS else hour + 0.5 - width / 2
        start = min(max(start, 0.0), hours.n_hours - width)
        if all(start + width + _GAP_HOURS <= begin or start >= end + _GAP_HOURS for begin, end in taken):
            taken.append((start, start + width))
            yield hour, text, start, start + width


def _count_digits(text: str) -> float:
    """Return the width of a text in digits; a point is half a digit, letters are slightly narrower."""
    return 0.88 * len(text) if text.isascii() and text[0].isalpha() else len(text) - 0.5 * text.count(".")


def _draw_cells(cells: pd.DataFrame, hours: HourAxis, theme: Theme) -> list[alt.Chart]:
    """Draw the cells: coloured where the model reads them, otherwise grey."""
    chosen = alt.selection_point(name="chosen", fields=["variable"], on="click", clear=False, toggle=False)
    is_read = cells.salience.notna()
    place = {"x": hours.x(), "x2": alt.X2(field="end"), "y": pixel_y("top"), "y2": alt.Y2(field="bottom")}
    measured = [
        alt.Tooltip(field="label", type="nominal", title="variable"),
        alt.Tooltip(field="value", type="nominal", title="hourly value"),
        alt.Tooltip(field="when", type="nominal", title="measured"),
        alt.Tooltip(field="between", type="nominal", title="hour"),
    ]
    return [
        alt.Chart(cells[~is_read])
        .mark_rect(fill=theme.muted, fillOpacity=0.12)
        .encode(**place, tooltip=[*measured, alt.Tooltip(field="unread", type="nominal", title="salience")]),
        alt.Chart(cells[is_read])
        .mark_rect(stroke=theme.background, strokeWidth=0.6, cursor="pointer")
        .encode(
            **(place | {"x": hours.labelled_x(orient="top")}),
            fill=alt.Fill(field="salience", type="quantitative", scale=salience_scale(theme), legend=None),
            tooltip=[*measured, alt.Tooltip(field="salience", type="quantitative", format=".2f")],
        )
        .add_params(chosen),
    ]


def _draw_six_hour_gaps(height_px: float, hours: HourAxis, theme: Theme) -> alt.Chart:
    """Draw a gap in the grid every six hours, where the axis has its ticks."""
    table = pd.DataFrame({"hour": np.arange(6, hours.n_hours, 6)})
    return (
        alt.Chart(table)
        .mark_rule(color=theme.background, strokeWidth=1.8)
        .encode(x=hours.x(), y=alt.value(0), y2=alt.value(height_px))
    )


def _draw_carried(cells: pd.DataFrame, hours: HourAxis) -> alt.Chart:
    """Draw a line through the hours to which a value is carried forward."""
    return (
        alt.Chart(cells[cells.kind == "carried"])
        .mark_rule(strokeWidth=1, opacity=0.5)
        .encode(
            x=hours.x("from"),
            x2=alt.X2(field="to"),
            y=pixel_y("centre"),
            color=alt.Color(field="ink", type="nominal", scale=None),
        )
    )


def _draw_values(cells: pd.DataFrame, hours: HourAxis, theme: Theme) -> list[alt.Chart]:
    """Draw values where they fit, dots elsewhere."""
    ink = alt.Color(field="ink", type="nominal", scale=None)
    text = alt.Text(field="text", type="nominal")
    middles = cells.assign(middle=(cells["from"] + cells["to"]) / 2)
    written = middles[middles.kind == "written"]
    # Text over several cells, light and dark, has a ground of its own.
    is_long = written["to"] - written["from"] > _LONGEST_CENTRED_HOURS
    long_texts = alt.Chart(written[is_long].assign(top=written.top + 3, bottom=written.bottom - 3))
    return [
        alt.Chart(middles[middles.kind == "dot"])
        .mark_circle(size=9, opacity=1)
        .encode(x=hours.x("middle"), y=pixel_y("centre"), color=ink),
        alt.Chart(written[~is_long])
        .mark_text(fontSize=_LETTER_PX, baseline="middle")
        .encode(x=hours.x("middle"), y=pixel_y("centre"), text=text, color=ink),
        long_texts.mark_rect(color=theme.background, opacity=0.8, cornerRadius=3).encode(
            x=hours.x("from"), x2=alt.X2(field="to"), y=pixel_y("top"), y2=alt.Y2(field="bottom")
        ),
        long_texts.mark_text(fontSize=_LETTER_PX, baseline="middle", color=theme.text).encode(
            x=hours.x("middle"), y=pixel_y("centre"), text=text
        ),
    ]


def _draw_labels(courses: Sequence[tuple[Course, float]], theme: Theme) -> list[alt.Chart]:
    """Draw names and units left of the rows."""
    table = pd.DataFrame(
        [(course.label, course.unit, top_px + _ROW_PX / 2) for course, top_px in courses],
        columns=["label", "unit", "centre"],
    )
    base = alt.Chart(table).encode(x=alt.value(0), y=pixel_y("centre"))
    return [
        base.mark_text(align="right", baseline="middle", dx=-_UNITS_PX - 2, fontSize=12, color=theme.text).encode(
            text=alt.Text(field="label", type="nominal")
        ),
        base.mark_text(align="left", baseline="middle", dx=-_UNITS_PX + 2, fontSize=10, color=theme.muted).encode(
            text=alt.Text(field="unit", type="nominal")
        ),
    ]


def _draw_headings(headings: Sequence[tuple[str, float]], theme: Theme) -> alt.Chart:
    table = pd.DataFrame(
        [(heading, top_px + _HEADING_PX - 9) for heading, top_px in headings], columns=["text", "centre"]
    )
    return (
        alt.Chart(table)
        .mark_text(align="left", baseline="middle", dx=-_LABELS_PX, fontSize=12, fontWeight="bold", color=theme.muted)
        .encode(x=alt.value(0), y=pixel_y("centre"), text=alt.Text(field="text", type="nominal"))
    )


def _draw_frame(tops_px: Sequence[float], hours: HourAxis, theme: Theme) -> alt.Chart:
    """Draw a frame around the chosen row; an empty layer without one, so that only data change."""
    table = pd.DataFrame({"hour": 0, "end": hours.n_hours, "top": tops_px, "bottom": np.asarray(tops_px) + _ROW_PX})
    return (
        alt.Chart(table)
        .mark_rect(fillOpacity=0, stroke=theme.accent, strokeWidth=2)
        .encode(x=hours.x(), x2=alt.X2(field="end"), y=pixel_y("top"), y2=alt.Y2(field="bottom"))
    )
