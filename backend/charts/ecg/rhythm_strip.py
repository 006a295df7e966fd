"""A rhythm strip: a segment of a record on ECG paper with a letter for each beat."""

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from backend.charts.axes.ecg_paper import (
    Panel,
    Trace,
    draw_calibration_pulse,
    draw_paper,
    draw_trace,
    fit_panel,
    fit_time_axis,
    px_per_mv,
)
from backend.charts.axes.time_axis import TimeAxis
from backend.charts.ecg.artifact_marks import Artifact, draw_artifacts
from backend.charts.ecg.beat_marks import FALSE, MISSED, BeatMarks, class_legend, draw_letters, tabulate_beats
from backend.charts.ecg.click_columns import draw_click_columns
from backend.charts.style.chart_width import FULL_PX
from backend.charts.style.theme import LIGHT, Theme

__all__ = ["plot_correction_strip", "plot_rhythm_strip"]

_LETTERS_PX = 42
_GAP_PX = 12
_LETTER_MIDDLE_PX, _REFERENCE_MIDDLE_PX = 13, 33
_CLICK_COLUMN_PX = 2


def plot_rhythm_strip(
    traces: Sequence[Trace],
    beats: BeatMarks,
    artifacts: Sequence[Artifact] = (),
    framed_s: float | None = None,
    width_px: float = FULL_PX,
    theme: Theme = LIGHT,
) -> alt.LayerChart:
    """Return a chart of one or more leads of the same segment below each other on ECG paper.

    A click near a beat selects ``beat`` (field ``beat``, its number).

    Parameters
    ----------
    traces : sequence of Trace
        The same segment of one or more leads, 1 to about 12 s.
    beats : BeatMarks
        Beats outside the segment are not drawn.
    artifacts : sequence of Artifact
    framed_s : float or None
        Time of the beat that is framed.
    width_px : float
        Width of the whole chart; the height follows from the leads' amplitudes.
    theme : Theme

    Returns
    -------
    altair.LayerChart
    """
    axis = fit_time_axis(traces[0].start_s, traces[0].end_s, width_px)
    shown = beats.between(axis.start_s, axis.end_s)
    click_layer = _draw_click_areas(tabulate_beats(shown, theme), axis, _find_height_px(traces, axis))
    return _plot_strip(traces, axis, shown, artifacts, framed_s, click_layer, theme)


def plot_correction_strip(
    traces: Sequence[Trace],
    beats: BeatMarks,
    artifacts: Sequence[Artifact] = (),
    framed_s: float | None = None,
    width_px: float = FULL_PX,
    theme: Theme = LIGHT,
    turn: int = 0,
) -> alt.LayerChart:
    """Return the chart of ``plot_rhythm_strip`` for correcting beats: a click selects a place instead of a beat.

    The selection is ``place`` (field ``place_s``, within a pixel of the click). Parameters are those of
    ``plot_rhythm_strip`` and ``turn``, the number of earlier clicks: another click at the same place then counts.
    """
    axis = fit_time_axis(traces[0].start_s, traces[0].end_s, width_px)
    shown = beats.between(axis.start_s, axis.end_s)
    n_columns = round((axis.end_s - axis.start_s) * axis.px_per_s / _CLICK_COLUMN_PX)
    click_layer = draw_click_columns(axis.start_s, axis.end_s, n_columns, axis.x(), _find_height_px(traces, axis), turn)
    return _plot_strip(traces, axis, shown, artifacts, framed_s, click_layer, theme)


def _plot_strip(
    traces: Sequence[Trace],
    axis: TimeAxis,
    beats: BeatMarks,
    artifacts: Sequence[Artifact],
    framed_s: float | None,
    click_layer: alt.Chart,
    theme: Theme,
) -> alt.LayerChart:
    """Return the chart of the leads and the beats' letters, with ``click_layer`` on top to receive clicks."""
    panels = _stack_panels(traces, axis)
    height_px = _find_height_px(traces, axis)
    table = tabulate_beats(beats, theme)
    papers = [
        layer
        for trace, panel in zip(traces, panels, strict=True)
        for layer in (
            *draw_paper(panel, axis, theme),
            *draw_artifacts([a for a in artifacts if a.lead in ("", trace.name)], panel, axis, theme),
            draw_calibration_pulse(panel, axis, theme),
            draw_trace(trace, panel, axis, theme),
        )
    ]
    layers = [
        *papers,
        *_draw_beat_letters(table, axis, theme),
        _draw_signs(beats.missed_s, MISSED, _LETTER_MIDDLE_PX, axis, theme),
        _draw_signs(beats.false_s, FALSE, _REFERENCE_MIDDLE_PX, axis, theme),
        _draw_manual_boxes(beats, axis, theme),
        _draw_frame(framed_s, axis, height_px, theme),
        click_layer,
    ]
    return theme.layered(
        layers, axis.width_px, height_px, title=class_legend(beats, "ring: disagrees with reference", theme)
    )


def _find_height_px(traces: Sequence[Trace], axis: TimeAxis) -> float:
    return _stack_panels(traces, axis)[-1].bottom_px


def _stack_panels(traces: Sequence[Trace], axis: TimeAxis) -> list[Panel]:
    panels: list[Panel] = []
    top_px: float = _LETTERS_PX
    for trace in traces:
        panels.append(fit_panel(trace, top_px, px_per_mv(axis)))
        top_px = panels[-1].bottom_px + _GAP_PX
    return panels


def _draw_beat_letters(table: pd.DataFrame, axis: TimeAxis, theme: Theme) -> list[alt.Chart]:
    disagreeing = table[table.disagrees]
    rings = (
        alt.Chart(disagreeing)
        .mark_point(shape="circle", size=420, filled=False, color=theme.text, strokeWidth=1.6, opacity=1)
        .encode(x=axis.x(), y=alt.value(_LETTER_MIDDLE_PX))
    )
    references = (
        alt.Chart(disagreeing.assign(letter=disagreeing.reference_letter.map("ref {}".format)))
        .mark_text(fontSize=10, color=theme.muted, baseline="middle")
        .encode(x=axis.x(), y=alt.value(_REFERENCE_MIDDLE_PX), text=alt.Text(field="letter", type="nominal"))
    )
    return [draw_letters(table, axis, _LETTER_MIDDLE_PX, 15), rings, references]


def _draw_signs(times_s: np.ndarray, sign: str, middle_px: float, axis: TimeAxis, theme: Theme) -> alt.Chart:
    """Draw the same sign at each time."""
    table = pd.DataFrame({"time_s": np.asarray(times_s, dtype=float), "letter": sign, "colour": theme.text})
    return draw_letters(table, axis, middle_px, 19)


def _draw_manual_boxes(beats: BeatMarks, axis: TimeAxis, theme: Theme) -> alt.Chart:
    """Draw boxes around the letters of manually placed beats."""
    times_s = np.zeros(0) if beats.manual_s is None else np.asarray(beats.manual_s, dtype=float)
    return (
        alt.Chart(pd.DataFrame({"time_s": times_s}))
        .mark_point(shape="square", size=520, filled=False, color=theme.accent, strokeWidth=1.8, opacity=1)
        .encode(x=axis.x(), y=alt.value(_LETTER_MIDDLE_PX))
    )


def _draw_frame(framed_s: float | None, axis: TimeAxis, height_px: float, theme: Theme) -> alt.Chart:
    times_s = np.array([] if framed_s is None else [framed_s], dtype=float)
    around = pd.DataFrame({"time_s": times_s - 0.2, "end_s": times_s + 0.4})
    return (
        alt.Chart(around)
        .mark_rect(fill=theme.accent, fillOpacity=0.07, stroke=theme.accent, strokeOpacity=0.7, clip=True)
        .encode(x=axis.x(), x2=alt.X2(field="end_s"), y=alt.value(0), y2=alt.value(height_px))
    )


def _draw_click_areas(table: pd.DataFrame, axis: TimeAxis, height_px: float) -> alt.Chart:
    """Draw transparent rectangles so that a click anywhere nearer to a beat than to others selects it."""
    times = table.time_s.to_numpy()
    middles = (times[1:] + times[:-1]) / 2
    areas = table.assign(
        time_s=np.concatenate([[axis.start_s], middles])[: len(times)],
        end_s=np.concatenate([middles, [axis.end_s]])[-len(times) :] if len(times) else [],
        r_peak_s=times,
    )
    return (
        alt.Chart(areas)
        .mark_rect(fill="#000000", fillOpacity=0, cursor="pointer")
        .encode(
            x=axis.x(),
            x2=alt.X2(field="end_s"),
            y=alt.value(0),
            y2=alt.value(height_px),
            tooltip=[
                alt.Tooltip(field="beat", type="quantitative", title="beat"),
                alt.Tooltip(field="r_peak_s", type="quantitative", title="R peak (s)", format=".3f"),
                alt.Tooltip(field="label", type="nominal", title="model"),
                alt.Tooltip(field="reference", type="nominal", title="reference"),
            ],
        )
        .add_params(alt.selection_point(name="beat", fields=["beat"], on="click"))
    )
