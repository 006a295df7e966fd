"""The whole record as a strip: trace, beats by class, heart rate."""

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from backend.charts.axes.ecg_paper import Trace
from backend.charts.axes.value_axis import LEFT_PX, RIGHT_PX, value_axis
from backend.charts.ecg.artifact_marks import Artifact
from backend.charts.ecg.beat_marks import BEAT_STYLES, FALSE, MANUAL, MISSED, BeatMarks, beats_table, class_key
from backend.charts.ecg.click_columns import columns_to_click
from backend.charts.style.chart_width import FULL_PX
from backend.charts.style.number_format import MINUTES_SECONDS_LABEL
from backend.charts.style.theme import LIGHT, Theme
from backend.charts.style.thinning import thinned

__all__ = ["plot_record_overview"]

_MOST_POINTS = 3000
_TRACE_PX = (0.0, 100.0)
_ROW_PX = 15
_RATE_PX = 64
_GAP_PX = 10
_TICK_PX = 1.6
_PLACE_PX = 4
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
    """Draw a whole record: its trace, a row of ticks for each class of beats, and the heart rate below.

    A brush along the time selects ``stretch`` (field ``time_s``), a click on a tick ``beat``, and a click elsewhere
    ``place`` (field ``place_s``): in half an hour, eight seconds are too narrow to be brushed.

    Parameters
    ----------
    trace : Trace
        One lead of the whole record; thinned here.
    beats : BeatMarks
    heart_rate_bpm : array, shape = (n_beats,)
        Beats a minute at each beat; NaN where there is none.
    artifacts : sequence of Artifact
    stretch : (float, float) or None
        Seconds that are framed: those drawn on ECG paper.
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
    letters = [kind.letter for kind in BEAT_STYLES if kind.letter in set(table.letter)]
    letters += [_DISAGREES] if table.disagrees.any() else []
    letters += [sign for sign, times_s in _signs(beats) if len(times_s) or sign == MANUAL]
    rows_top = _TRACE_PX[1] + _GAP_PX
    rate_top = rows_top + _ROW_PX * max(1, len(letters)) + _GAP_PX
    height_px = rate_top + _RATE_PX
    layers = [
        _ground(x, height_px, theme),
        *_artifact_bands(artifacts, x, theme),
        _places(stretch, x, height_px),
        _trace_line(trace, x, theme),
        *_beat_rows(table, _signs(beats), letters, rows_top, x, theme),
        _rate_points(table, rate_top, x, theme),
        _shown_stretch(stretch, x, height_px, theme),
    ]
    return theme.layered(layers, plot_px, height_px, title=class_key(beats, "≠ reference disagrees", theme))


def _signs(beats: BeatMarks) -> tuple[tuple[str, np.ndarray], ...]:
    """The rows below those of the classes, each with its seconds; one for beats by hand even before there are any."""
    signs = ((MISSED, beats.missed_s), (FALSE, beats.false_s))
    return signs if beats.manual_s is None else (*signs, (MANUAL, beats.manual_s))


class _RecordAxis:
    """Minutes and seconds of a whole record along the width."""

    def __init__(self, start_s: float, end_s: float, width_px: float):
        self.start_s, self.end_s, self.width_px = start_s, end_s, width_px
        self.tick_s = (end_s - start_s) / width_px * _TICK_PX

    def x(self, field: str = "time_s") -> alt.X:
        return alt.X(field=field, type="quantitative", scale=self._scale)

    def labelled_x(self, field: str = "time_s") -> alt.X:
        axis = alt.Axis(
            title="time in the record (min:s)",
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
        wanted = (self.end_s - self.start_s) / 12
        step = next((step for step in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600) if step >= wanted), 3600)
        return [float(tick) for tick in np.arange(np.ceil(self.start_s / step), self.end_s / step + 1e-9) * step]


def _ground(x: _RecordAxis, height_px: float, theme: Theme) -> alt.Chart:
    """The background, which carries the time axis and the brush."""
    brush = alt.selection_interval(
        name="stretch",
        encodings=["x"],
        # The frame says what is shown; the brush itself fades, since it stays when the frame moves on.
        mark=alt.BrushConfig(fill=theme.accent, fillOpacity=0.08, strokeOpacity=0),
    )
    return (
        alt.Chart(pd.DataFrame({"time_s": [x.start_s], "end_s": [x.end_s]}))
        .mark_rect(fill=theme.paper, cursor="crosshair")
        .encode(x=x.labelled_x(), x2=alt.X2(field="end_s"), y=alt.value(0), y2=alt.value(height_px))
        .add_params(brush)
    )


def _places(stretch: tuple[float, float] | None, x: _RecordAxis, height_px: float) -> alt.Chart:
    """Where the strip was clicked; a click anywhere moves the stretch, and so begins another turn."""
    turn = 0.0 if stretch is None else stretch[0]
    return columns_to_click(x.start_s, x.end_s, round(x.width_px / _PLACE_PX), x.x(), height_px, turn)


def _shown_stretch(stretch: tuple[float, float] | None, x: _RecordAxis, height_px: float, theme: Theme) -> alt.Chart:
    """A frame around the stretch that is drawn on ECG paper; it lets clicks through to what is below."""
    table = pd.DataFrame([stretch] if stretch is not None else [], columns=["time_s", "end_s"], dtype=float)
    return (
        alt.Chart(table)
        .mark_rect(filled=False, stroke=theme.accent, strokeWidth=2)
        .encode(x=x.x(), x2=alt.X2(field="end_s"), y=alt.value(0), y2=alt.value(height_px))
    )


def _trace_line(trace: Trace, x: _RecordAxis, theme: Theme) -> alt.Chart:
    kept = thinned(trace.signal_mv, _MOST_POINTS)
    line = pd.DataFrame({"time_s": trace.times_s[kept], "mv": trace.signal_mv[kept]})
    low, high = _whole_range(line.mv.to_numpy(), 1.0)
    axis = value_axis(f"{trace.name} (mV)", np.arange(low, high + 1).tolist(), "d")
    axis.labelOverlap = True
    scale = alt.Scale(domain=[low, high], range=[_TRACE_PX[1], _TRACE_PX[0]], nice=False)
    return (
        alt.Chart(line)
        .mark_line(color=theme.muted, strokeWidth=0.6, invalid="break-paths-show-domains")
        .encode(x=x.x(), y=alt.Y(field="mv", type="quantitative", scale=scale, axis=axis))
    )


def _whole_range(values: np.ndarray, step: float) -> tuple[float, float]:
    """The least range of whole steps, two at least, that holds all finite values."""
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return -step, step
    low, high = np.floor(finite.min() / step) * step, np.ceil(finite.max() / step) * step
    return float(low), float(max(high, low + 2 * step))


def _artifact_bands(artifacts: Sequence[Artifact], x: _RecordAxis, theme: Theme) -> list[alt.Chart]:
    """Bands under `_places`, so that a click on one goes there too; the paper says what they are."""
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


def _beat_rows(
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
    wrong = table[table.disagrees].assign(letter=_DISAGREES)
    ticks = (
        alt.Chart(pd.concat([table, wrong]).assign(tick_s=lambda t: t.time_s - x.tick_s / 2))
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
        alt.Chart(wrong)
        .mark_point(shape="circle", size=80, filled=False, clip=True, color=theme.text, strokeWidth=1.1, opacity=0.9)
        .encode(x=x.x(), y=y)
    )
    signed = pd.concat([pd.DataFrame({"time_s": times_s, "letter": sign}) for sign, times_s in signs])
    written = (
        alt.Chart(signed.astype({"time_s": float}))
        .mark_text(fontSize=12, fontWeight="bold", baseline="middle", clip=True, color=theme.text)
        .encode(x=x.x(), y=y, text=alt.Text(field="letter", type="nominal"))
    )
    return [rings, written, ticks]


def _rate_points(table: pd.DataFrame, top_px: float, x: _RecordAxis, theme: Theme) -> alt.Chart:
    low, high = _whole_range(table.bpm.to_numpy(), 20.0)
    step = next(step for step in (20, 40, 80, 200, np.inf) if (high - low) / step <= 4)
    ticks = np.arange(low, high + 1, step).tolist()
    scale = alt.Scale(domain=[low, high], range=[top_px + _RATE_PX, top_px], nice=False, zero=False)
    return (
        alt.Chart(table[["time_s", "bpm"]].dropna())
        .mark_circle(color=theme.accent, clip=True, size=5, opacity=0.75)
        .encode(x=x.x(), y=alt.Y(field="bpm", type="quantitative", scale=scale, axis=value_axis("bpm", ticks, "d")))
    )
