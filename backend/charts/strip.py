"""The whole record as a strip: trace, beats by class, heart rate."""

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from backend.charts.marks import Artifact, BeatMarks, beats_table
from backend.charts.paper import LEFT_PX, RIGHT_PX, Trace, y_axis
from backend.charts.theme import BEAT_CLASSES, LIGHT, Theme
from backend.charts.thinning import thinned

__all__ = ["strip_chart"]

_MOST_POINTS = 3000
_TRACE_PX = (0.0, 100.0)
_ROW_PX = 15
_RATE_PX = 64
_GAP_PX = 10
_TICK_PX = 1.6
_DISAGREES = "≠"


def strip_chart(
    trace: Trace,
    beats: BeatMarks,
    heart_rate_bpm: np.ndarray,
    artifacts: Sequence[Artifact] = (),
    stretch: tuple[float, float] | None = None,
    width_px: float = 940,
    theme: Theme = LIGHT,
) -> alt.LayerChart:
    """Draw a whole record: its trace, a row of ticks for each class of beats, and the heart rate below.

    A brush along the time selects ``stretch`` (field ``time_s``); a click on a tick selects ``beat``.

    Parameters
    ----------
    trace : Trace
        One lead of the whole record; thinned here.
    beats : BeatMarks
    heart_rate_bpm : array, shape = (n_beats,)
        Beats a minute at each beat; NaN where there is none.
    artifacts : sequence of Artifact
    stretch : (float, float) or None
        Seconds at which the brush stands at first.
    width_px : float
        Width of the whole chart.
    theme : Theme

    Returns
    -------
    altair.LayerChart
    """
    plot_px = width_px - LEFT_PX - RIGHT_PX
    x = _RecordAxis(trace.start_s, trace.end_s, plot_px)
    table = beats_table(beats, theme).assign(bpm=np.asarray(heart_rate_bpm, dtype=float))
    letters = [kind.letter for kind in BEAT_CLASSES if kind.letter in set(table.letter)]
    letters += [_DISAGREES] if table.disagrees.any() else []
    rows_top = _TRACE_PX[1] + _GAP_PX
    rate_top = rows_top + _ROW_PX * max(1, len(letters)) + _GAP_PX
    height_px = rate_top + _RATE_PX
    chart = alt.layer(
        _trace_panel(trace, artifacts, stretch, x, height_px, theme),
        _beat_rows(table, letters, rows_top, x, theme),
        _rate_panel(table, rate_top, x, theme),
    )
    chart = chart.resolve_scale(y="independent").properties(width=plot_px, height=height_px)
    return theme.dressed(chart)


class _RecordAxis:
    """Minutes and seconds of a whole record along the width."""

    def __init__(self, start_s: float, end_s: float, width_px: float):
        self.start_s, self.end_s, self.width_px = start_s, end_s, width_px
        self.tick_s = (end_s - start_s) / width_px * _TICK_PX

    def x(self, field: str = "time_s") -> alt.X:
        minutes_seconds = "format(floor(datum.value / 60), 'd') + ':' + format(datum.value % 60, '02d')"
        axis = alt.Axis(
            title="time in the record (min:s)",
            values=self._ticks(),
            labelExpr=minutes_seconds,
            grid=False,
            domain=False,
        )
        scale = alt.Scale(domain=[self.start_s, self.end_s], nice=False, zero=False)
        return alt.X(f"{field}:Q", scale=scale, axis=axis)

    def _ticks(self) -> list[float]:
        wanted = (self.end_s - self.start_s) / 12
        step = next((step for step in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600) if step >= wanted), 3600)
        return [float(tick) for tick in np.arange(np.ceil(self.start_s / step), self.end_s / step + 1e-9) * step]


def _trace_panel(
    trace: Trace,
    artifacts: Sequence[Artifact],
    stretch: tuple[float, float] | None,
    x: _RecordAxis,
    height_px: float,
    theme: Theme,
) -> alt.LayerChart:
    kept = thinned(trace.signal_mv, _MOST_POINTS)
    line = pd.DataFrame({"time_s": trace.times_s[kept], "mv": trace.signal_mv[kept]})
    low, high = (float(np.floor(line.mv.min())), float(np.ceil(line.mv.max()))) if line.mv.any() else (-1.0, 1.0)
    axis = y_axis(f"{trace.name} (mV)", [tick for tick in np.arange(low, high + 1)], "d")
    axis.labelOverlap = True
    scale = alt.Scale(domain=[low, max(high, low + 1)], range=[_TRACE_PX[1], _TRACE_PX[0]], nice=False)
    ground = pd.DataFrame({"time_s": [x.start_s], "end_s": [x.end_s]})
    brush = alt.selection_interval(
        name="stretch",
        encodings=["x"],
        value={"x": list(stretch)} if stretch else alt.Undefined,
        mark=alt.BrushConfig(fill=theme.brush, fillOpacity=0.22, stroke=theme.brush, strokeWidth=1.5),
    )
    return alt.layer(
        alt.Chart(ground)
        .mark_rect(fill=theme.paper)
        .encode(x=x.x(), x2="end_s:Q", y=alt.value(0), y2=alt.value(height_px))
        .add_params(brush),
        *_artifact_bands(artifacts, x, height_px, theme),
        alt.Chart(line)
        .mark_line(color=theme.muted, strokeWidth=0.6, invalid="break-paths-show-domains")
        .encode(x=x.x(), y=alt.Y("mv:Q", scale=scale, axis=axis)),
    )


def _artifact_bands(artifacts: Sequence[Artifact], x: _RecordAxis, height_px: float, theme: Theme) -> list[alt.Chart]:
    if not artifacts:
        return []
    table = pd.DataFrame(
        {
            "time_s": [a.start_s for a in artifacts],
            "end_s": [max(a.end_s, a.start_s + x.tick_s / 2) for a in artifacts],
            "kind": [a.kind for a in artifacts],
        }
    )
    return [
        alt.Chart(table)
        .mark_rect(fill=theme.artifact, fillOpacity=0.45)
        .encode(
            x=x.x(),
            x2="end_s:Q",
            y=alt.value(_TRACE_PX[0]),
            y2=alt.value(_TRACE_PX[1]),
            tooltip=[alt.Tooltip("kind:N", title="left out"), alt.Tooltip("time_s:Q", title="from (s)", format=".1f")],
        )
    ]


def _beat_rows(table: pd.DataFrame, letters: list[str], top_px: float, x: _RecordAxis, theme: Theme) -> alt.LayerChart:
    bottom_px = top_px + _ROW_PX * max(1, len(letters))
    scale = alt.Scale(domain=letters, range=[top_px, bottom_px], paddingInner=0.25, paddingOuter=0.1)
    axis = y_axis("", letters, "")
    axis.values, axis.format, axis.ticks, axis.labelFontWeight = alt.Undefined, alt.Undefined, False, "bold"
    axis.labelPadding = 6
    y = alt.Y("letter:N", scale=scale, axis=axis, sort=letters, title="")
    wrong = table[table.disagrees].assign(letter=_DISAGREES)
    ticks = (
        alt.Chart(pd.concat([table, wrong]).assign(tick_s=lambda t: t.time_s - x.tick_s / 2))
        .mark_rect(cursor="pointer")
        .encode(
            x=x.x("tick_s"),
            x2="tick_end_s:Q",
            y=y,
            fill=alt.Fill("colour:N", scale=None),
            tooltip=[
                alt.Tooltip("beat:Q", title="beat"),
                alt.Tooltip("time_s:Q", title="R peak (s)", format=".2f"),
                alt.Tooltip("label:N", title="model"),
                alt.Tooltip("reference:N", title="reference"),
            ],
        )
        .transform_calculate(tick_end_s=f"datum.tick_s + {x.tick_s:.4f}")
        .add_params(alt.selection_point(name="beat", fields=["beat"], on="click"))
    )
    rings = (
        alt.Chart(wrong)
        .mark_point(shape="circle", size=80, filled=False, color=theme.text, strokeWidth=1.1, opacity=0.9)
        .encode(x=x.x(), y=y)
    )
    return alt.layer(rings, ticks)


def _rate_panel(table: pd.DataFrame, top_px: float, x: _RecordAxis, theme: Theme) -> alt.Chart:
    bpm = table.bpm[np.isfinite(table.bpm)]
    low, high = (np.floor(bpm.min() / 20) * 20, np.ceil(bpm.max() / 20) * 20) if len(bpm) else (40.0, 120.0)
    high = max(high, low + 40)
    ticks = [
        float(tick) for tick in np.arange(low, high + 1, 20 if high - low <= 80 else 40 if high - low <= 160 else 80)
    ]
    scale = alt.Scale(domain=[float(low), float(high)], range=[top_px + _RATE_PX, top_px], nice=False, zero=False)
    return (
        alt.Chart(table)
        .mark_circle(color=theme.accent, size=5, opacity=0.75)
        .encode(x=x.x(), y=alt.Y("bpm:Q", scale=scale, axis=y_axis("bpm", ticks, "d")))
    )
