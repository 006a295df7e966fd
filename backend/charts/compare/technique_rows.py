"""The salience of several techniques for one window, in rows on one time axis."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from backend.charts.axes.time_axis import TimeAxis
from backend.charts.axes.value_axis import pixel_y
from backend.charts.compare.window_lanes import WindowLane, draw_lanes, find_bottom_px, scale_to_bounds
from backend.charts.ecg.wave_marks import WAVES_PX, WaveMark, draw_uncertain_legend, draw_wave_marks
from backend.charts.shared.row_salience import RowSalience, draw_salience, tabulate_salience
from backend.charts.style.chart_width import FULL_PX
from backend.charts.style.theme import LIGHT, Theme

__all__ = ["FIGURE_PX", "TechniqueRow", "comparison_axis", "plot_comparison"]

LABELS_PX = 142
FIGURE_PX = (62, 84, 74)
"""Widths of the three columns of figures right of the rows."""

_ROW_PX = 30.0
_GAP_PX = 4.0
_HEADINGS_PX = 34
_INSET_PX = 4.0


@dataclass(frozen=True, eq=False)
class TechniqueRow:
    """One technique and its figures.

    Attributes
    ----------
    technique : str
        Its name; a click on the row selects it.
    label : str
        For the screen.
    salience : array, shape = (T,), or None
        0 to 1 at each step of the window; None until it is computed.
    note : str
        Printed in the row instead of salience.
    figures : sequence of str
        Printed right of the row, one per heading.
    is_doubtful : bool
        Whether the technique is no better than chance here; its figures are then grey.
    """

    technique: str
    label: str
    salience: np.ndarray | None
    note: str = ""
    figures: Sequence[str] = ()
    is_doubtful: bool = False


def comparison_axis(
    start: float, end: float, title: str, tick: float | None = None, width_px: float = FULL_PX
) -> TimeAxis:
    """Return the time axis of a comparison, ``width_px`` wide with labels and figures.

    Parameters
    ----------
    start, end : float
        Start and end of the model's window, in seconds or hours.
    title : str
        The axis title, which names the origin of the times.
    tick : float or None
        Tick spacing; None for the finest that fits.
    """
    return TimeAxis(start, end, 0.0, width_px - LABELS_PX - sum(FIGURE_PX) - 8, title, tick)


def plot_comparison(
    rows: Sequence[TechniqueRow],
    headings: Sequence[str],
    axis: TimeAxis,
    lanes: Sequence[WindowLane] = (),
    waves: Sequence[WaveMark] = (),
    behind: WindowLane | None = None,
    chosen: str = "",
    theme: Theme = LIGHT,
) -> alt.LayerChart:
    """Return a chart of the window above a row for each technique, coloured by its salience.

    A click on a row selects ``chosen`` (field ``technique``).

    Parameters
    ----------
    rows : sequence of TechniqueRow
        From the top.
    headings : sequence of str
        Headings of the figures; a line break starts a new line.
    axis : TimeAxis
        The axis from ``comparison_axis``.
    lanes : sequence of WindowLane
        Signals and measurements of the window, from the top.
    waves : sequence of WaveMark
        Waves of the beat; their edges run through all rows.
    behind : WindowLane or None
        Signal drawn faintly in every row.
    chosen : str
        The technique whose row is framed.
    theme : Theme

    Returns
    -------
    altair.LayerChart
    """
    waves_px = find_bottom_px(lanes)
    first_px = waves_px + (WAVES_PX if waves else 0) + _HEADINGS_PX
    tops_px = first_px + np.arange(len(rows)) * (_ROW_PX + _GAP_PX)
    bottom_px = first_px + len(rows) * (_ROW_PX + _GAP_PX) - _GAP_PX
    steps = _tabulate_salience(rows, tops_px, axis)
    layers = [
        *_draw_ground(rows, tops_px, axis, theme),
        *draw_lanes(lanes, LABELS_PX, axis, theme),
        draw_salience(steps, axis, theme),
        *_draw_signal(rows, tops_px, behind, axis, theme),
        *draw_wave_marks(waves, waves_px + 4, (0.0, bottom_px), axis, theme),
        draw_uncertain_legend(waves, waves_px + 4, 8 - LABELS_PX, theme),
        *_draw_labels(rows, tops_px, chosen, theme),
        *_draw_figures(rows, headings, tops_px, axis, theme),
        _draw_frame(rows, tops_px, chosen, axis, theme),
        _draw_salience_hover(steps, axis, theme),
    ]
    return theme.layered(layers, axis.width_px, bottom_px)


def _draw_ground(rows: Sequence[TechniqueRow], tops_px: np.ndarray, axis: TimeAxis, theme: Theme) -> list[alt.Chart]:
    """Draw the time axis, and rows from label to last figure, which keep their room and receive clicks."""
    chosen = alt.selection_point(name="chosen", fields=["technique"], on="click", clear=False, toggle=False)
    style: dict[str, Any] = {"fill": theme.background, "fillOpacity": 0}
    whole = pd.DataFrame({"time_s": [axis.start_s], "end_s": [axis.end_s]})
    table = pd.DataFrame({"technique": [row.technique for row in rows], "top": tops_px, "bottom": tops_px + _ROW_PX})
    return [
        alt.Chart(whole)
        .mark_rect(**style)
        .encode(x=axis.labelled_x(), x2=alt.X2(field="end_s"), y=alt.value(0), y2=alt.value(tops_px[-1] + _ROW_PX)),
        alt.Chart(table)
        .mark_rect(cursor="pointer", **style)
        .encode(
            x=alt.value(-LABELS_PX),
            x2=alt.value(axis.width_px + sum(FIGURE_PX)),
            y=pixel_y("top"),
            y2=alt.Y2(field="bottom"),
        )
        .add_params(chosen),
        alt.Chart(table.assign(time_s=axis.start_s, end_s=axis.end_s))
        .mark_rect(fill=theme.paper, cursor="pointer")
        .encode(x=axis.x(), x2=alt.X2(field="end_s"), y=pixel_y("top"), y2=alt.Y2(field="bottom")),
    ]


def _tabulate_salience(rows: Sequence[TechniqueRow], tops_px: np.ndarray, axis: TimeAxis) -> pd.DataFrame:
    """Return one row per run of steps of equal salience of each technique."""
    tables = []
    for row, top_px in zip(rows, tops_px, strict=True):
        column = np.full((1, 1), np.nan) if row.salience is None else np.asarray(row.salience)[:, np.newaxis]
        runs = RowSalience(column, (axis.start_s, axis.end_s)).runs(0)
        tables.append(runs.assign(technique=row.technique, label=row.label, top=top_px, bottom=top_px + _ROW_PX))
    return tabulate_salience(tables, RowSalience(np.zeros((1, 1)), (axis.start_s, axis.end_s)), axis)


def _draw_salience_hover(steps: pd.DataFrame, axis: TimeAxis, theme: Theme) -> alt.Chart:
    """Draw transparent steps over everything else whose tooltips show the salience."""
    return (
        alt.Chart(steps)
        .mark_rect(fill=theme.paper, fillOpacity=0, cursor="pointer")
        .encode(
            x=axis.x(),
            x2=alt.X2(field="end_s"),
            y=pixel_y("top"),
            y2=alt.Y2(field="bottom"),
            tooltip=[
                alt.Tooltip(field="label", type="nominal", title="technique"),
                alt.Tooltip(field="time_s", type="quantitative", title=axis.title, format=".2f"),
                alt.Tooltip(field="salience", type="quantitative", title="salience", format=".2f"),
            ],
        )
    )


def _draw_signal(
    rows: Sequence[TechniqueRow], tops_px: np.ndarray, behind: WindowLane | None, axis: TimeAxis, theme: Theme
) -> list[alt.Chart]:
    """Draw the signal faintly in each row, to align salience with it."""
    if behind is None:
        return []
    drawn = np.array([top_px for row, top_px in zip(rows, tops_px, strict=True) if row.salience is not None])
    is_recorded = np.isfinite(behind.values)
    heights_px = scale_to_bounds(behind)[is_recorded] * (_ROW_PX - 2 * _INSET_PX)
    # Each segment without a gap is a separate line: NaN in pixels would be drawn at the top.
    segments = np.cumsum(~is_recorded)[is_recorded]
    line = pd.DataFrame(
        {
            "time_s": np.tile(behind.times[is_recorded], len(drawn)),
            "y": (drawn[:, np.newaxis] + _ROW_PX - _INSET_PX - heights_px).ravel().round(1),
            "row": np.repeat(np.arange(len(drawn)), len(heights_px)),
            "segment": np.tile(segments, len(drawn)),
        }
    )
    return [
        alt.Chart(line)
        .mark_line(color=theme.trace, opacity=0.4, strokeWidth=1)
        .encode(
            x=axis.x(),
            y=pixel_y("y"),
            detail=[alt.Detail(field="row", type="nominal"), alt.Detail(field="segment", type="nominal")],
        )
    ]


def _draw_labels(rows: Sequence[TechniqueRow], tops_px: np.ndarray, chosen: str, theme: Theme) -> list[alt.Chart]:
    """Draw the techniques' names left of their rows, and the notes of rows without salience."""
    table = pd.DataFrame(
        {
            "technique": [row.technique for row in rows],
            "label": [row.label for row in rows],
            "note": ["" if row.salience is not None else row.note for row in rows],
            "middle": tops_px + _ROW_PX / 2,
            "is_chosen": [row.technique == chosen for row in rows],
        }
    )
    style: dict[str, Any] = {"color": theme.text, "fontSize": 13, "baseline": "middle", "cursor": "pointer"}
    weights: tuple[dict[str, Any], ...] = ({"fontWeight": "normal"}, {"fontWeight": "bold"})
    return [
        *(
            alt.Chart(table[table.is_chosen == is_chosen])
            .mark_text(align="left", **style, **weight)
            .encode(x=alt.value(8 - LABELS_PX), y=pixel_y("middle"), text=alt.Text(field="label", type="nominal"))
            for is_chosen, weight in zip((False, True), weights, strict=True)
        ),
        alt.Chart(table[table.note != ""])
        .mark_text(align="left", fontStyle="italic", **(style | {"color": theme.muted}))
        .encode(x=alt.value(8), y=pixel_y("middle"), text=alt.Text(field="note", type="nominal")),
    ]


def _draw_figures(
    rows: Sequence[TechniqueRow], headings: Sequence[str], tops_px: np.ndarray, axis: TimeAxis, theme: Theme
) -> list[alt.Chart]:
    """Draw right-aligned columns of figures under their headings."""
    layers = []
    ends_px = axis.width_px + np.cumsum(FIGURE_PX) - 8
    for place, (heading, end_px) in enumerate(zip(headings, ends_px, strict=True)):
        table = pd.DataFrame(
            {
                "technique": [row.technique for row in rows],
                "text": [row.figures[place] if row.figures else "" for row in rows],
                "colour": [theme.artifact if row.is_doubtful else theme.text for row in rows],
                "middle": tops_px + _ROW_PX / 2,
            }
        )
        layers += [
            alt.Chart(table)
            .mark_text(align="right", baseline="middle", fontSize=13, cursor="pointer")
            .encode(
                x=alt.value(end_px),
                y=pixel_y("middle"),
                text=alt.Text(field="text", type="nominal"),
                color=alt.Color(field="colour", type="nominal", scale=None),
            ),
            alt.Chart(pd.DataFrame({"heading": [heading]}))
            .mark_text(align="right", baseline="bottom", fontSize=11, color=theme.muted, lineBreak="\n", lineHeight=12)
            .encode(
                x=alt.value(end_px),
                y=alt.value(float(tops_px[0]) - 6 - 12 * heading.count("\n")),
                text=alt.Text(field="heading", type="nominal"),
            ),
        ]
    return layers


def _draw_frame(
    rows: Sequence[TechniqueRow], tops_px: np.ndarray, chosen: str, axis: TimeAxis, theme: Theme
) -> alt.Chart:
    """Draw a frame around the chosen row; an empty layer without one, so that only data change."""
    framed = [top_px for row, top_px in zip(rows, tops_px, strict=True) if row.technique == chosen]
    edges = {"top": [top_px - 1 for top_px in framed], "bottom": [top_px + _ROW_PX + 1 for top_px in framed]}
    table = pd.DataFrame(edges, dtype=float)
    return (
        alt.Chart(table)
        .mark_rect(fillOpacity=0, stroke=theme.accent, strokeWidth=1.6, cornerRadius=3)
        .encode(
            x=alt.value(1 - LABELS_PX),
            x2=alt.value(axis.width_px + sum(FIGURE_PX)),
            y=pixel_y("top"),
            y2=alt.Y2(field="bottom"),
        )
    )
