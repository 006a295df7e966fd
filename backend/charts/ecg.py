"""A stretch of a record on ECG paper, with a letter for each beat."""

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from backend.charts.marks import MISSED, Artifact, BeatMarks, beats_table, class_key
from backend.charts.paper import (
    Panel,
    TimeAxis,
    Trace,
    calibration,
    letters_lane,
    paper_panel,
    sheet,
    time_axis,
    trace_line,
)
from backend.charts.theme import LIGHT, Theme

__all__ = ["artifact_layers", "stretch_chart"]

_LETTERS_PX = 42
_GAP_PX = 12
_LABEL_PX_PER_LETTER = 6.5


def stretch_chart(
    traces: Sequence[Trace],
    beats: BeatMarks,
    artifacts: Sequence[Artifact] = (),
    selected: int | None = None,
    width_px: float = 940,
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
    selected : int or None
        The number of the beat that is open now.
    width_px : float
        Width of the whole chart; the height follows from the leads' amplitudes.
    theme : Theme

    Returns
    -------
    altair.LayerChart
    """
    axis = time_axis(traces[0].start_s, traces[0].end_s, width_px)
    panels = _stacked(traces, axis)
    height_px = panels[-1].bottom_px
    beats = beats.between(axis.start_s, axis.end_s)
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
        _missed(beats, axis, theme),
        _opened(table, selected, axis, height_px, theme),
        _near_each_beat(table, axis, height_px),
    ]
    return theme.layered(layers, axis.width_px, height_px, title=class_key(beats, "ring: reference disagrees", theme))


def artifact_layers(artifacts: Sequence[Artifact], panel: Panel, axis: TimeAxis, theme: Theme) -> list[alt.Chart]:
    """Shade the stretches that cannot be used and write on them what they are."""
    shown = [a for a in artifacts if a.end_s > axis.start_s and a.start_s < axis.end_s]
    if not shown:
        return []
    table = pd.DataFrame(
        {
            "time_s": [max(a.start_s, axis.start_s) for a in shown],
            "end_s": [min(a.end_s, axis.end_s) for a in shown],
            "kind": [a.kind for a in shown],
            "mv": panel.low_mv,
            "high_mv": panel.high_mv,
        }
    )
    table["middle_s"] = (table.time_s + table.end_s) / 2
    room_px = (table.end_s - table.time_s) * axis.px_per_s
    roomy = table[room_px >= table.kind.str.len() * _LABEL_PX_PER_LETTER]
    shade = (
        alt.Chart(table)
        .mark_rect(fill=theme.artifact, fillOpacity=0.28, stroke=theme.artifact, strokeDash=[3, 3])
        .encode(x=axis.x(), x2=alt.X2(field="end_s"), y=panel.y(), y2=alt.Y2(field="high_mv"))
    )
    words = (
        alt.Chart(roomy)
        .mark_text(color=theme.text, fontSize=11, baseline="bottom", dy=-3)
        .encode(x=axis.x("middle_s"), y=panel.y(), text=alt.Text(field="kind", type="nominal"))
    )
    return [shade, words]


def _stacked(traces: Sequence[Trace], axis: TimeAxis) -> list[Panel]:
    panels: list[Panel] = []
    top_px: float = _LETTERS_PX
    for trace in traces:
        panels.append(paper_panel(trace, top_px, axis.px_per_mv))
        top_px = panels[-1].bottom_px + _GAP_PX
    return panels


def _letters(table: pd.DataFrame, axis: TimeAxis, theme: Theme) -> list[alt.Chart]:
    wrong = table[table.disagrees]
    rings = (
        alt.Chart(wrong)
        .mark_point(shape="circle", size=420, filled=False, color=theme.text, strokeWidth=1.6, opacity=1)
        .encode(x=axis.x(), y=alt.value(13))
    )
    references = (
        alt.Chart(wrong.assign(letter=wrong.reference_letter.map("ref {}".format)))
        .mark_text(fontSize=10, color=theme.muted, baseline="middle")
        .encode(x=axis.x(), y=alt.value(33), text=alt.Text(field="letter", type="nominal"))
    )
    return [letters_lane(table, axis, 13, 15), rings, references]


def _missed(beats: BeatMarks, axis: TimeAxis, theme: Theme) -> alt.Chart:
    table = pd.DataFrame({"time_s": np.asarray(beats.missed_s, dtype=float), "letter": MISSED, "colour": theme.text})
    return letters_lane(table, axis, 13, 19)


def _opened(table: pd.DataFrame, selected: int | None, axis: TimeAxis, height_px: float, theme: Theme) -> alt.Chart:
    opened = table[table.beat == selected] if selected is not None else table[:0]
    around = opened.assign(time_s=opened.time_s - 0.2, end_s=opened.time_s + 0.4)
    return (
        alt.Chart(around)
        .mark_rect(fill=theme.accent, fillOpacity=0.07, stroke=theme.accent, strokeOpacity=0.7)
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
