"""A stretch of a record on ECG paper, with a letter for each beat."""

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from backend.charts.axes.ecg_paper import (
    Panel,
    Trace,
    calibration,
    paper_panel,
    px_per_mv,
    sheet,
    time_axis,
    trace_line,
)
from backend.charts.axes.time_axis import TimeAxis
from backend.charts.ecg.artifact_marks import Artifact, artifact_layers
from backend.charts.ecg.beat_marks import FALSE, MISSED, BeatMarks, beats_table, class_key, letters_lane
from backend.charts.ecg.click_columns import columns_to_click
from backend.charts.style.chart_width import FULL_PX
from backend.charts.style.theme import LIGHT, Theme

__all__ = ["plot_correction_strip", "plot_rhythm_strip"]

_LETTERS_PX = 42
_GAP_PX = 12
_LETTER_MIDDLE_PX, _REFERENCE_MIDDLE_PX = 13, 33
_PLACE_PX = 2


def plot_rhythm_strip(
    traces: Sequence[Trace],
    beats: BeatMarks,
    artifacts: Sequence[Artifact] = (),
    framed_s: float | None = None,
    width_px: float = FULL_PX,
    theme: Theme = LIGHT,
) -> alt.LayerChart:
    """Draw one or more leads of the same stretch below each other on ECG paper.

    A click anywhere near a beat selects it: the selection ``beat`` gives its ``beat`` number.

    Parameters
    ----------
    traces : sequence of Trace
        The same seconds of one lead or more, 1 to about 12 s.
    beats : BeatMarks
        Beats outside the stretch are left out.
    artifacts : sequence of Artifact
    framed_s : float or None
        Seconds of the beat, found or not, that the person has come to.
    width_px : float
        Width of the whole chart; the height follows from the leads' amplitudes.
    theme : Theme

    Returns
    -------
    altair.LayerChart
    """
    axis = time_axis(traces[0].start_s, traces[0].end_s, width_px)
    shown = beats.between(axis.start_s, axis.end_s)
    answering = _near_each_beat(beats_table(shown, theme), axis, _height_px(traces, axis))
    return _stretch(traces, axis, shown, artifacts, framed_s, answering, theme)


def plot_correction_strip(
    traces: Sequence[Trace],
    beats: BeatMarks,
    artifacts: Sequence[Artifact] = (),
    framed_s: float | None = None,
    width_px: float = FULL_PX,
    theme: Theme = LIGHT,
    turn: int = 0,
) -> alt.LayerChart:
    """Draw the same as ``plot_rhythm_strip``, for correcting its beats: a click tells its place instead of a beat.

    The selection ``place`` gives ``place_s``, within a pixel of the click. Parameters as for ``plot_rhythm_strip``, and
    ``turn``: how many clicks were answered before, so that another one at the same place counts.
    """
    axis = time_axis(traces[0].start_s, traces[0].end_s, width_px)
    shown = beats.between(axis.start_s, axis.end_s)
    count = round((axis.end_s - axis.start_s) * axis.px_per_s / _PLACE_PX)
    answering = columns_to_click(axis.start_s, axis.end_s, count, axis.x(), _height_px(traces, axis), turn)
    return _stretch(traces, axis, shown, artifacts, framed_s, answering, theme)


def _stretch(
    traces: Sequence[Trace],
    axis: TimeAxis,
    beats: BeatMarks,
    artifacts: Sequence[Artifact],
    framed_s: float | None,
    answering: alt.Chart,
    theme: Theme,
) -> alt.LayerChart:
    """The leads below each other with the beats' letters, and on top what answers to a click."""
    panels = _stacked(traces, axis)
    height_px = _height_px(traces, axis)
    table = beats_table(beats, theme)
    papers = [
        layer
        for trace, panel in zip(traces, panels, strict=True)
        for layer in (
            *sheet(panel, axis, theme),
            *artifact_layers([a for a in artifacts if a.lead in ("", trace.name)], panel, axis, theme),
            calibration(panel, axis, theme),
            trace_line(trace, panel, axis, theme),
        )
    ]
    layers = [
        *papers,
        *_letters(table, axis, theme),
        _signs(beats.missed_s, MISSED, _LETTER_MIDDLE_PX, axis, theme),
        _signs(beats.false_s, FALSE, _REFERENCE_MIDDLE_PX, axis, theme),
        _boxes(beats, axis, theme),
        _frame(framed_s, axis, height_px, theme),
        answering,
    ]
    return theme.layered(layers, axis.width_px, height_px, title=class_key(beats, "ring: reference disagrees", theme))


def _height_px(traces: Sequence[Trace], axis: TimeAxis) -> float:
    return _stacked(traces, axis)[-1].bottom_px


def _stacked(traces: Sequence[Trace], axis: TimeAxis) -> list[Panel]:
    panels: list[Panel] = []
    top_px: float = _LETTERS_PX
    for trace in traces:
        panels.append(paper_panel(trace, top_px, px_per_mv(axis)))
        top_px = panels[-1].bottom_px + _GAP_PX
    return panels


def _letters(table: pd.DataFrame, axis: TimeAxis, theme: Theme) -> list[alt.Chart]:
    wrong = table[table.disagrees]
    rings = (
        alt.Chart(wrong)
        .mark_point(shape="circle", size=420, filled=False, color=theme.text, strokeWidth=1.6, opacity=1)
        .encode(x=axis.x(), y=alt.value(_LETTER_MIDDLE_PX))
    )
    references = (
        alt.Chart(wrong.assign(letter=wrong.reference_letter.map("ref {}".format)))
        .mark_text(fontSize=10, color=theme.muted, baseline="middle")
        .encode(x=axis.x(), y=alt.value(_REFERENCE_MIDDLE_PX), text=alt.Text(field="letter", type="nominal"))
    )
    return [letters_lane(table, axis, _LETTER_MIDDLE_PX, 15), rings, references]


def _signs(times_s: np.ndarray, sign: str, middle_px: float, axis: TimeAxis, theme: Theme) -> alt.Chart:
    """The same sign at each of some seconds."""
    table = pd.DataFrame({"time_s": np.asarray(times_s, dtype=float), "letter": sign, "colour": theme.text})
    return letters_lane(table, axis, middle_px, 19)


def _boxes(beats: BeatMarks, axis: TimeAxis, theme: Theme) -> alt.Chart:
    """Boxes around the letters of beats that a person put there."""
    times_s = np.zeros(0) if beats.manual_s is None else np.asarray(beats.manual_s, dtype=float)
    return (
        alt.Chart(pd.DataFrame({"time_s": times_s}))
        .mark_point(shape="square", size=520, filled=False, color=theme.accent, strokeWidth=1.8, opacity=1)
        .encode(x=axis.x(), y=alt.value(_LETTER_MIDDLE_PX))
    )


def _frame(framed_s: float | None, axis: TimeAxis, height_px: float, theme: Theme) -> alt.Chart:
    times_s = np.array([] if framed_s is None else [framed_s], dtype=float)
    around = pd.DataFrame({"time_s": times_s - 0.2, "end_s": times_s + 0.4})
    return (
        alt.Chart(around)
        .mark_rect(fill=theme.accent, fillOpacity=0.07, stroke=theme.accent, strokeOpacity=0.7, clip=True)
        .encode(x=axis.x(), x2=alt.X2(field="end_s"), y=alt.value(0), y2=alt.value(height_px))
    )


def _near_each_beat(table: pd.DataFrame, axis: TimeAxis, height_px: float) -> alt.Chart:
    """Clear rectangles that make the whole neighbourhood of a beat answer to a click."""
    times = table.time_s.to_numpy()
    middles = (times[1:] + times[:-1]) / 2
    reach = table.assign(
        time_s=np.concatenate([[axis.start_s], middles])[: len(times)],
        end_s=np.concatenate([middles, [axis.end_s]])[-len(times) :] if len(times) else [],
        r_peak_s=times,
    )
    return (
        alt.Chart(reach)
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
