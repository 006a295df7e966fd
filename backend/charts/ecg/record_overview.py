"""The overview of a whole record: trace, beats by class and heart rate."""

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from backend.charts.axes.ecg_paper import Trace
from backend.charts.axes.value_axis import LEFT_PX, RIGHT_PX, left_axis
from backend.charts.ecg.artifact_marks import Artifact
from backend.charts.ecg.beat_marks import BEAT_STYLES, FALSE, MANUAL, MISSED, BeatMarks, class_legend, tabulate_beats
from backend.charts.ecg.click_columns import draw_click_columns
from backend.charts.style.chart_width import FULL_PX
from backend.charts.style.number_format import MINUTES_SECONDS_LABEL
from backend.charts.style.theme import LIGHT, Theme
from backend.charts.style.thinning import thin

__all__ = ["plot_record_overview"]

_MOST_POINTS = 3000
_TRACE_PX = (0.0, 100.0)
_ROW_PX = 15
_RATE_PX = 64
_GAP_PX = 10
_TICK_PX = 1.6
_CLICK_COLUMN_PX = 4
_DISAGREES = "≠"


def plot_record_overview(
    trace: Trace,
    beats: BeatMarks,
    heart_rate_bpm: np.ndarray,
    artifacts: Sequence[Artifact] = (),
    stretch: tuple[float, float] | None = None,
    width_px: float = FULL_PX,
    theme: Theme = LIGHT,
) -> alt.LayerChart:
    """Return a chart of a whole record: its trace, a row of ticks for each class and the heart rate.

    A brush along the time axis selects ``stretch`` (field ``time_s``), a click on a tick ``beat``, and a click
    elsewhere ``place`` (field ``place_s``): eight seconds of half an hour are too narrow for a brush.

    Parameters
    ----------
    trace : Trace
        One lead of the whole record, of any length.
    beats : BeatMarks
    heart_rate_bpm : array, shape = (n_beats,)
        Heart rate at each beat; NaN where unknown.
    artifacts : sequence of Artifact
    stretch : (float, float) or None
        Framed segment: the one on ECG paper.
    width_px : float
        Width of the whole chart.
    theme : Theme

    Returns
    -------
    altair.LayerChart
    """
    plot_px = width_px - LEFT_PX - RIGHT_PX
    x = _RecordAxis(trace.start_s, trace.end_s, plot_px)
    table = tabulate_beats(beats, theme).assign(bpm=np.asarray(heart_rate_bpm, dtype=float))
    letters = [style.letter for style in BEAT_STYLES if style.letter in set(table.letter)]
    letters += [_DISAGREES] if table.disagrees.any() else []
    letters += [sign for sign, times_s in _detection_signs(beats) if len(times_s) or sign == MANUAL]
    rows_top = _TRACE_PX[1] + _GAP_PX
    rate_top = rows_top + _ROW_PX * max(1, len(letters)) + _GAP_PX
    height_px = rate_top + _RATE_PX
    layers = [
        _draw_ground(x, height_px, theme),
        *_draw_artifact_bands(artifacts, x, theme),
        _draw_click_layer(stretch, x, height_px),
        _draw_trace(trace, x, theme),
        *_draw_beat_rows(table, _detection_signs(beats), letters, rows_top, x, theme),
        _draw_rate_points(table, rate_top, x, theme),
        _draw_shown_segment(stretch, x, height_px, theme),
    ]
    return theme.layered(layers, plot_px, height_px, title=class_legend(beats, "≠ disagrees with reference", theme))


def _detection_signs(beats: BeatMarks) -> tuple[tuple[str, np.ndarray], ...]:
    """Return the signs below the classes with their times; during correction manual beats always have a row."""
    signs = ((MISSED, beats.missed_s), (FALSE, beats.false_s))
    return signs if beats.manual_s is None else (*signs, (MANUAL, beats.manual_s))


class _RecordAxis:
    """The time axis of a whole record, in minutes and seconds."""

    def __init__(self, start_s: float, end_s: float, width_px: float):
        self.start_s, self.end_s, self.width_px = start_s, end_s, width_px
        self.tick_s = (end_s - start_s) / width_px * _TICK_PX

    def x(self, field: str = "time_s") -> alt.X:
        return alt.X(field=field, type="quantitative", scale=self._scale)

    def labelled_x(self, field: str = "time_s") -> alt.X:
        axis = alt.Axis(
            title="time in record (min:s)",
            values=self._ticks(),
            labelExpr=MINUTES_SECONDS_LABEL,
            grid=False,
            domain=False,
        )
        return alt.X(field=field, type="quantitative", scale=self._scale, axis=axis)

    @property
    def _scale(self) -> alt.Scale:
        return alt.Scale(domain=[self.start_s, self.end_s], nice=False, zero=False)

    def _ticks(self) -> list[float]:
        shortest_s = (self.end_s - self.start_s) / 12
        step = next((step for step in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600) if step >= shortest_s), 3600)
        return [float(tick) for tick in np.arange(np.ceil(self.start_s / step), self.end_s / step + 1e-9) * step]


def _draw_ground(x: _RecordAxis, height_px: float, theme: Theme) -> alt.Chart:
    """Draw the background with the time axis and the brush."""
    brush = alt.selection_interval(
        name="stretch",
        encodings=["x"],
        # The frame marks the segment; the brush is faint, since it remains when the frame moves.
        mark=alt.BrushConfig(fill=theme.accent, fillOpacity=0.08, strokeOpacity=0),
    )
    return (
        alt.Chart(pd.DataFrame({"time_s": [x.start_s], "end_s": [x.end_s]}))
        .mark_rect(fill=theme.paper, cursor="crosshair")
        .encode(x=x.labelled_x(), x2=alt.X2(field="end_s"), y=alt.value(0), y2=alt.value(height_px))
        .add_params(brush)
    )


def _draw_click_layer(stretch: tuple[float, float] | None, x: _RecordAxis, height_px: float) -> alt.Chart:
    """Draw the columns that receive clicks; each click moves the segment and so changes ``turn``."""
    turn = 0.0 if stretch is None else stretch[0]
    return draw_click_columns(x.start_s, x.end_s, round(x.width_px / _CLICK_COLUMN_PX), x.x(), height_px, turn)


def _draw_shown_segment(
    stretch: tuple[float, float] | None, x: _RecordAxis, height_px: float, theme: Theme
) -> alt.Chart:
    """Draw a frame around the segment on ECG paper; unfilled, it lets clicks through."""
    table = pd.DataFrame([stretch] if stretch is not None else [], columns=["time_s", "end_s"], dtype=float)
    return (
        alt.Chart(table)
        .mark_rect(filled=False, stroke=theme.accent, strokeWidth=2)
        .encode(x=x.x(), x2=alt.X2(field="end_s"), y=alt.value(0), y2=alt.value(height_px))
    )


def _draw_trace(trace: Trace, x: _RecordAxis, theme: Theme) -> alt.Chart:
    kept = thin(trace.signal_mv, _MOST_POINTS)
    line = pd.DataFrame({"time_s": trace.times_s[kept], "mv": trace.signal_mv[kept]})
    low, high = _round_range(line.mv.to_numpy(), 1.0)
    axis = left_axis(f"{trace.name} (mV)", np.arange(low, high + 1).tolist(), "d")
    axis.labelOverlap = True
    scale = alt.Scale(domain=[low, high], range=[_TRACE_PX[1], _TRACE_PX[0]], nice=False)
    return (
        alt.Chart(line)
        .mark_line(color=theme.muted, strokeWidth=0.6, invalid="break-paths-show-domains")
        .encode(x=x.x(), y=alt.Y(field="mv", type="quantitative", scale=scale, axis=axis))
    )


def _round_range(values: np.ndarray, step: float) -> tuple[float, float]:
    """Return the narrowest range of whole steps, at least two, that holds all finite values."""
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return -step, step
    low, high = np.floor(finite.min() / step) * step, np.ceil(finite.max() / step) * step
    return float(low), float(max(high, low + 2 * step))


def _draw_artifact_bands(artifacts: Sequence[Artifact], x: _RecordAxis, theme: Theme) -> list[alt.Chart]:
    """Draw bands of the excluded segments; clicks on them pass to the click columns above."""
    if not artifacts:
        return []
    table = pd.DataFrame(
        {
            "time_s": [a.start_s for a in artifacts],
            "end_s": [max(a.end_s, a.start_s + x.tick_s / 2) for a in artifacts],
        }
    )
    return [
        alt.Chart(table)
        .mark_rect(fill=theme.artifact, fillOpacity=0.45)
        .encode(
            x=x.x(),
            x2=alt.X2(field="end_s"),
            y=alt.value(_TRACE_PX[0]),
            y2=alt.value(_TRACE_PX[1]),
        )
    ]


def _draw_beat_rows(
    table: pd.DataFrame,
    signs: Sequence[tuple[str, np.ndarray]],
    letters: list[str],
    top_px: float,
    x: _RecordAxis,
    theme: Theme,
) -> list[alt.Chart]:
    bottom_px = top_px + _ROW_PX * max(1, len(letters))
    scale = alt.Scale(domain=letters, range=[top_px, bottom_px], paddingInner=0.25, paddingOuter=0.1)
    axis = alt.Axis(title=None, orient="left", ticks=False, domain=False, labelFontWeight="bold", labelPadding=6)
    y = alt.Y(field="letter", type="nominal", scale=scale, axis=None, sort=letters)
    labelled_y = alt.Y(field="letter", type="nominal", scale=scale, axis=axis, sort=letters)
    disagreeing = table[table.disagrees].assign(letter=_DISAGREES)
    ticks = (
        alt.Chart(pd.concat([table, disagreeing]).assign(tick_s=lambda t: t.time_s - x.tick_s / 2))
        .mark_rect(cursor="pointer", clip=True)
        .encode(
            x=x.x("tick_s"),
            x2=alt.X2(field="tick_end_s"),
            y=labelled_y,
            fill=alt.Fill(field="colour", type="nominal", scale=None),
            tooltip=[
                alt.Tooltip(field="beat", type="quantitative", title="beat"),
                alt.Tooltip(field="time_s", type="quantitative", title="R peak (s)", format=".2f"),
                alt.Tooltip(field="label", type="nominal", title="model"),
                alt.Tooltip(field="reference", type="nominal", title="reference"),
            ],
        )
        .transform_calculate(tick_end_s=f"datum.tick_s + {x.tick_s:.4f}")
        .add_params(alt.selection_point(name="beat", fields=["beat"], on="click"))
    )
    rings = (
        alt.Chart(disagreeing)
        .mark_point(shape="circle", size=80, filled=False, clip=True, color=theme.text, strokeWidth=1.1, opacity=0.9)
        .encode(x=x.x(), y=y)
    )
    sign_table = pd.concat([pd.DataFrame({"time_s": times_s, "letter": sign}) for sign, times_s in signs])
    sign_marks = (
        alt.Chart(sign_table.astype({"time_s": float}))
        .mark_text(fontSize=12, fontWeight="bold", baseline="middle", clip=True, color=theme.text)
        .encode(x=x.x(), y=y, text=alt.Text(field="letter", type="nominal"))
    )
    return [rings, sign_marks, ticks]


def _draw_rate_points(table: pd.DataFrame, top_px: float, x: _RecordAxis, theme: Theme) -> alt.Chart:
    low, high = _round_range(table.bpm.to_numpy(), 20.0)
    step = next(step for step in (20, 40, 80, 200, np.inf) if (high - low) / step <= 4)
    ticks = np.arange(low, high + 1, step).tolist()
    scale = alt.Scale(domain=[low, high], range=[top_px + _RATE_PX, top_px], nice=False, zero=False)
    return (
        alt.Chart(table[["time_s", "bpm"]].dropna())
        .mark_circle(color=theme.accent, clip=True, size=5, opacity=0.75)
        .encode(x=x.x(), y=alt.Y(field="bpm", type="quantitative", scale=scale, axis=left_axis("bpm", ticks, "d")))
    )
