"""One beat on ECG paper: its waves, the model's window and the salience."""

from collections.abc import Sequence
from dataclasses import dataclass

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
from backend.charts.axes.value_axis import pixel_y
from backend.charts.ecg.artifact_marks import Artifact, draw_artifacts
from backend.charts.ecg.beat_marks import BeatMarks, draw_letters, tabulate_beats
from backend.charts.ecg.wave_marks import WAVES_PX, WaveMark, draw_uncertain_legend, draw_wave_marks
from backend.charts.shared.model_window import draw_deletion_brush, draw_window_frame
from backend.charts.shared.salience_legend import salience_legend
from backend.charts.style.chart_width import WIDE_PX
from backend.charts.style.theme import LIGHT, Theme

__all__ = ["Deflection", "WindowSalience", "plot_beat"]

_LETTERS_PX = 48
_ROW_PX = 14
_GAP_PX = 8
_HALO_PX = 9
_FINEST_SEGMENTS = 600
_DEFLECTION_PX = 11


@dataclass(frozen=True)
class Deflection:
    """The tip of Q, R, S or QS (``letter``) on the first trace, in seconds of the record."""

    letter: str
    time_s: float


@dataclass(frozen=True, eq=False)
class WindowSalience:
    """The salience of each step of the model's window.

    Attributes
    ----------
    values : array, shape = (T, n_traces)
        0 to 1; one column per trace, NaN throughout for a trace that the model does not read.
    start_s, end_s : float
        Start and end of the window in seconds of the record.
    """

    values: np.ndarray
    start_s: float
    end_s: float

    @property
    def step_s(self) -> float:
        """Duration of a step in seconds."""
        return (self.end_s - self.start_s) / len(self.values)

    def at(self, times_s: np.ndarray, trace: int) -> np.ndarray:
        """Return the salience of one trace at the given times, shape = (len(times_s),)."""
        steps = np.clip(((times_s - self.start_s) / self.step_s).astype(int), 0, len(self.values) - 1)
        return self.values[steps, trace]


def plot_beat(
    traces: Sequence[Trace],
    window_s: tuple[float, float],
    waves: Sequence[WaveMark] = (),
    salience: WindowSalience | None = None,
    neighbours: BeatMarks | None = None,
    artifacts: Sequence[Artifact] = (),
    deleted_s: tuple[float, float] | None = None,
    width_px: float = WIDE_PX,
    theme: Theme = LIGHT,
    deflections: Sequence[Deflection] = (),
) -> alt.LayerChart:
    """Return a chart of a beat and its neighbours on ECG paper.

    What lies outside the model's window is faint. A brush along the time axis selects ``deleted`` (field ``time_s``).

    Parameters
    ----------
    traces : sequence of Trace
        The same segment of one or two leads, about 2 s around the beat.
    window_s : (float, float)
        Start and end of the model's window in seconds of the record.
    waves : sequence of WaveMark
        Waves of this beat; absent marks are not drawn, uncertain ones are dashed and have a question mark.
    salience : WindowSalience or None
    neighbours : BeatMarks or None
        All beats with a letter, this one included.
    artifacts : sequence of Artifact
    deleted_s : (float, float) or None
        Segment that the what-if deletes.
    width_px : float
        Width of the whole chart; the height follows from the leads' amplitudes.
    theme : Theme
    deflections : sequence of Deflection
        Deflections of this beat's QRS; each has a letter at its tip.

    Returns
    -------
    altair.LayerChart
    """
    axis = fit_time_axis(traces[0].start_s, traces[0].end_s, width_px)
    panels = _stack_panels(traces, axis, salience is not None)
    height_px = panels[-1].bottom_px + _find_room_below(salience is not None)
    papers = [
        layer
        for column, (trace, panel) in enumerate(zip(traces, panels, strict=True))
        for layer in (
            *draw_paper(panel, axis, theme),
            *draw_artifacts([a for a in artifacts if a.lead in ("", trace.name)], panel, axis, theme),
            *_draw_salience(trace, panel, salience, column, axis, theme),
            draw_calibration_pulse(panel, axis, theme),
            draw_trace(trace, panel, axis, theme),
        )
    ]
    waves_px = panels[-1].bottom_px + _find_room_below(salience is not None) - WAVES_PX
    layers = [
        *papers,
        *draw_wave_marks(waves, waves_px, (panels[0].top_px, panels[-1].bottom_px), axis, theme),
        draw_uncertain_legend(waves, waves_px, 0.0, theme),
        *_draw_deflections(deflections, traces[0], panels[0], axis, theme),
        *_draw_window(window_s, panels, axis, theme),
        *_draw_beat_letters(neighbours, axis, theme),
        *_draw_deleted(deleted_s, panels, axis, theme),
        draw_deletion_brush(axis, height_px, theme),
    ]
    return theme.layered(layers, axis.width_px, height_px)


def _find_room_below(with_salience: bool) -> float:
    return WAVES_PX + (_ROW_PX + 6 if with_salience else 4)


def _stack_panels(traces: Sequence[Trace], axis: TimeAxis, with_salience: bool) -> list[Panel]:
    panels: list[Panel] = []
    top_px: float = _LETTERS_PX
    for trace in traces:
        panels.append(fit_panel(trace, top_px, px_per_mv(axis)))
        top_px = panels[-1].bottom_px + _GAP_PX + (_ROW_PX if with_salience else 0)
    return panels


def _salience_stroke(theme: Theme) -> alt.Stroke:
    return alt.Stroke(field="salience", type="quantitative", scale=theme.salience_scale, legend=salience_legend())


def _draw_salience(
    trace: Trace, panel: Panel, salience: WindowSalience | None, column: int, axis: TimeAxis, theme: Theme
) -> list[alt.Chart]:
    if salience is None:
        return []
    row_px = panel.bottom_px + 3
    return [
        _draw_halo(trace, panel, salience, column, axis, theme),
        _draw_salience_row(salience, column, row_px, axis, theme),
    ]


def _draw_halo(
    trace: Trace, panel: Panel, salience: WindowSalience, column: int, axis: TimeAxis, theme: Theme
) -> alt.Chart:
    """Draw a broad coloured line under the trace, inside the window."""
    times_s = trace.times_s
    inside = np.flatnonzero((times_s >= salience.start_s) & (times_s < salience.end_s))
    inside = inside[:: max(1, len(inside) // _FINEST_SEGMENTS)]
    mv = panel.clip(trace.signal_mv[inside])
    segments = pd.DataFrame(
        {
            "time_s": times_s[inside[:-1]],
            "end_s": times_s[inside[1:]],
            "mv": mv[:-1],
            "end_mv": mv[1:],
            "salience": salience.at(times_s[inside[:-1]], column),
        }
    ).dropna()
    # The most salient segments come last, on top of their neighbours.
    return (
        alt.Chart(segments.sort_values("salience"))
        .mark_rule(strokeWidth=_HALO_PX, strokeCap="round")
        .encode(
            x=axis.x(), x2=alt.X2(field="end_s"), y=panel.y(), y2=alt.Y2(field="end_mv"), stroke=_salience_stroke(theme)
        )
    )


def _draw_salience_row(salience: WindowSalience, column: int, top_px: float, axis: TimeAxis, theme: Theme) -> alt.Chart:
    """Draw the salience as a row of coloured steps below the paper, where no mark covers them."""
    starts_s = salience.start_s + np.arange(len(salience.values)) * salience.step_s
    steps = pd.DataFrame({"time_s": starts_s, "salience": salience.values[:, column]}).dropna()
    # Steps overlap slightly to hide the seams between them.
    steps = steps.assign(end_s=np.minimum(steps.time_s + 1.5 * salience.step_s, salience.end_s))
    return (
        alt.Chart(steps)
        .mark_rule(strokeWidth=_ROW_PX)
        .encode(
            x=axis.x(),
            x2=alt.X2(field="end_s"),
            y=alt.value(top_px + _ROW_PX / 2),
            stroke=_salience_stroke(theme),
            tooltip=[
                alt.Tooltip(field="time_s", type="quantitative", title="time (s)", format=".3f"),
                alt.Tooltip(field="salience", type="quantitative", title="salience", format=".2f"),
            ],
        )
    )


def _draw_deflections(
    deflections: Sequence[Deflection], trace: Trace, panel: Panel, axis: TimeAxis, theme: Theme
) -> list[alt.Chart]:
    """Draw R above its tip, Q, QS and S below theirs, Q and S shifted away from R."""
    shown = [tip for tip in deflections if trace.start_s <= tip.time_s < trace.end_s]
    steps = [min(round((tip.time_s - trace.start_s) * trace.sampling_rate), len(trace.signal_mv) - 1) for tip in shown]
    tips_px = panel.top_px + (panel.high_mv - panel.clip(trace.signal_mv[steps])) * panel.px_per_mv
    aside_px = [{"Q": -6, "S": 6}.get(tip.letter, 0) for tip in shown]
    below_px = [-9 if tip.letter == "R" else 9 for tip in shown]
    table = pd.DataFrame(
        {
            "time_s": [tip.time_s + aside / axis.px_per_s for tip, aside in zip(shown, aside_px, strict=True)],
            "y": np.clip(tips_px + below_px, panel.top_px + 6, panel.bottom_px - 6),
            "letter": [tip.letter for tip in shown],
        }
    ).dropna()
    return [
        alt.Chart(table)
        .mark_text(color=theme.text, fontSize=_DEFLECTION_PX, baseline="middle")
        .encode(x=axis.x(), y=pixel_y("y"), text=alt.Text(field="letter", type="nominal"))
    ]


def _draw_window(
    window_s: tuple[float, float], panels: Sequence[Panel], axis: TimeAxis, theme: Theme
) -> list[alt.Chart]:
    """Fade what lies outside the model's window and draw a bracket over the window."""
    start_s, end_s = window_s
    outside = pd.DataFrame(
        {
            "time_s": [axis.start_s, end_s] * len(panels),
            "end_s": [start_s, axis.end_s] * len(panels),
            "top": np.repeat([panel.top_px for panel in panels], 2),
            "bottom": np.repeat([panel.bottom_px for panel in panels], 2),
        }
    )
    top_px, bottom_px = _LETTERS_PX - 6, panels[-1].bottom_px
    name = pd.DataFrame({"time_s": [(start_s + end_s) / 2], "text": "model window"})
    return [
        *draw_window_frame(outside, window_s, (top_px, bottom_px), axis, theme),
        alt.Chart(name)
        .mark_text(color=theme.accent, fontSize=11, baseline="bottom", dy=-2)
        .encode(x=axis.x(), y=alt.value(top_px), text=alt.Text(field="text", type="nominal")),
    ]


def _draw_beat_letters(neighbours: BeatMarks | None, axis: TimeAxis, theme: Theme) -> list[alt.Chart]:
    if neighbours is None:
        return []
    table = tabulate_beats(neighbours.between(axis.start_s, axis.end_s), theme)
    return [draw_letters(table, axis, 11, 15)]


def _draw_deleted(
    deleted_s: tuple[float, float] | None, panels: Sequence[Panel], axis: TimeAxis, theme: Theme
) -> list[alt.Chart]:
    """Draw the deleted segment; empty layers without one, so that only data change."""
    segments = [deleted_s] if deleted_s is not None else []
    table = pd.DataFrame(segments, columns=["time_s", "end_s"], dtype=float)
    table = table.assign(middle_s=(table.time_s + table.end_s) / 2, text="deleted")
    top_px, bottom_px = panels[0].top_px, panels[-1].bottom_px
    return [
        alt.Chart(table)
        .mark_rect(fill=theme.paper, fillOpacity=0.75, stroke=theme.text, strokeDash=[4, 3])
        .encode(x=axis.x(), x2=alt.X2(field="end_s"), y=alt.value(top_px), y2=alt.value(bottom_px)),
        alt.Chart(table)
        .mark_text(color=theme.text, fontSize=12, fontWeight="bold", baseline="bottom", dy=-4)
        .encode(x=axis.x("middle_s"), y=alt.value(bottom_px), text=alt.Text(field="text", type="nominal")),
    ]
