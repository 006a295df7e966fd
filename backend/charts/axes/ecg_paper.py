"""ECG paper on a screen: 25 mm/s and 10 mm/mV, so that 0.2 s are as wide as 0.5 mV are high."""

import math
from dataclasses import dataclass

import altair as alt
import numpy as np
import pandas as pd

from backend.charts.axes.ticks import tick_values
from backend.charts.axes.time_axis import TimeAxis
from backend.charts.axes.value_axis import LEFT_PX, RIGHT_PX, value_axis
from backend.charts.style.theme import Theme
from backend.charts.style.thinning import thinned

__all__ = [
    "BIG_BOX_MV",
    "BIG_BOX_S",
    "SMALL_BOX_MV",
    "SMALL_BOX_S",
    "Panel",
    "Trace",
    "calibration",
    "paper_panel",
    "px_per_mv",
    "sheet",
    "time_axis",
    "trace_line",
]

SMALL_BOX_S, SMALL_BOX_MV = 0.04, 0.1
BIG_BOX_S, BIG_BOX_MV = 0.2, 0.5


LEAD_IN_S = 0.32
"""Paper before the trace, for the calibration pulse."""

MOST_PX_PER_S = 400.0
LEAST_RANGE_MV, MOST_RANGE_MV = 1.5, 6.0
MARGIN_MV = 0.1
MOST_POINTS = 3000


@dataclass(frozen=True, eq=False)
class Trace:
    """A stretch of one lead.

    Attributes
    ----------
    name : str
        The lead.
    signal_mv : array, shape = (n,)
        mV; NaN where nothing was recorded.
    sampling_rate : float
        Hz.
    start_s : float
        Time of the first sample in the record.
    """

    name: str
    signal_mv: np.ndarray
    sampling_rate: float
    start_s: float = 0.0

    @property
    def times_s(self) -> np.ndarray:
        """Time of each sample in the record, shape = (n,)."""
        return self.start_s + np.arange(len(self.signal_mv)) / self.sampling_rate

    @property
    def end_s(self) -> float:
        """Time of the record at which the stretch ends."""
        return self.start_s + len(self.signal_mv) / self.sampling_rate


def time_axis(start_s: float, end_s: float, width_px: float) -> TimeAxis:
    """The time axis of a chart ``width_px`` wide in all, that shows from ``start_s`` to ``end_s``.

    Charts made with the same three values have the same seconds at the same pixels. A stretch so short that
    its paper would be larger than life several times over does not fill the width.
    """
    duration_s = max(end_s - start_s, BIG_BOX_S)
    shown_s = duration_s + LEAD_IN_S
    width = min(width_px - LEFT_PX - RIGHT_PX, MOST_PX_PER_S * shown_s)
    return TimeAxis(start_s, start_s + duration_s, LEAD_IN_S, width)


def px_per_mv(axis: TimeAxis) -> float:
    """Return the pixels for a millivolt on paper with these seconds."""
    return axis.px_per_s * BIG_BOX_S / BIG_BOX_MV


@dataclass(frozen=True)
class Panel:
    """The paper of one lead: millivolts against pixels."""

    name: str
    low_mv: float
    high_mv: float
    top_px: float
    px_per_mv: float

    @property
    def bottom_px(self) -> float:
        """Where the paper ends."""
        return self.top_px + (self.high_mv - self.low_mv) * self.px_per_mv

    def y(self, field: str = "mv") -> alt.Y:
        """The encoding of a field of millivolts."""
        return alt.Y(field=field, type="quantitative", scale=self._scale, axis=None)

    def labelled_y(self, field: str = "mv") -> alt.Y:
        """The same with the axis drawn; one layer of a panel needs it."""
        step = BIG_BOX_MV if BIG_BOX_MV * self.px_per_mv >= 16 else 1.0
        ticks = [round(tick, 3) for tick in tick_values(step, self.low_mv, self.high_mv).tolist()]
        return alt.Y(
            field=field, type="quantitative", scale=self._scale, axis=value_axis(f"{self.name} (mV)", ticks, ".1f")
        )

    @property
    def _scale(self) -> alt.Scale:
        pixels = [self.bottom_px, self.top_px]
        return alt.Scale(domain=[self.low_mv, self.high_mv], range=pixels, nice=False, zero=False)

    def on_paper(self, mv: np.ndarray) -> np.ndarray:
        """Millivolts kept from leaving the paper."""
        return np.clip(mv, self.low_mv, self.high_mv)


def paper_panel(trace: Trace, top_px: float, px_per_mv: float) -> Panel:
    """The paper that a trace needs: its range in whole small boxes, within what fits on a screen."""
    finite = trace.signal_mv[np.isfinite(trace.signal_mv)]
    if finite.size == 0:
        return Panel(trace.name, -LEAST_RANGE_MV / 2, LEAST_RANGE_MV / 2, top_px, px_per_mv)
    low, high = float(finite.min()) - MARGIN_MV, float(finite.max()) + MARGIN_MV
    if high - low > MOST_RANGE_MV:
        middle = float(np.median(finite))
        low, high = max(low, middle - MOST_RANGE_MV / 2), min(high, middle + MOST_RANGE_MV / 2)
    if high - low < LEAST_RANGE_MV:
        middle = (low + high) / 2
        low, high = middle - LEAST_RANGE_MV / 2, middle + LEAST_RANGE_MV / 2
    low, high = math.floor(low / SMALL_BOX_MV) * SMALL_BOX_MV, math.ceil(high / SMALL_BOX_MV) * SMALL_BOX_MV
    return Panel(trace.name, round(low, 3), round(high, 3), top_px, px_per_mv)


def sheet(panel: Panel, axis: TimeAxis, theme: Theme) -> list[alt.Chart]:
    """The paper with its small and big boxes, and the axes' labels."""
    ground = pd.DataFrame({"time_s": [axis.first_s], "end_s": axis.end_s, "mv": panel.low_mv, "high_mv": panel.high_mv})
    lines = pd.concat(
        [
            _grid(panel, axis, SMALL_BOX_S, SMALL_BOX_MV).assign(colour=theme.grid_minor, width=0.6),
            _grid(panel, axis, BIG_BOX_S, BIG_BOX_MV).assign(colour=theme.grid_major, width=0.9),
        ]
    )
    return [
        alt.Chart(ground)
        .mark_rect(fill=theme.paper)
        .encode(x=axis.labelled_x(), x2=alt.X2(field="end_s"), y=panel.labelled_y(), y2=alt.Y2(field="high_mv")),
        alt.Chart(lines)
        .mark_rule()
        .encode(
            x=axis.x(),
            x2=alt.X2(field="end_s"),
            y=panel.y(),
            y2=alt.Y2(field="high_mv"),
            color=alt.Color(field="colour", type="nominal", scale=None),
            strokeWidth=alt.StrokeWidth(field="width", type="quantitative", scale=None),
        ),
    ]


def _grid(panel: Panel, axis: TimeAxis, box_s: float, box_mv: float) -> pd.DataFrame:
    """One row a line: from ``time_s``, ``mv`` to ``end_s``, ``high_mv``."""
    times_s = tick_values(box_s, axis.first_s, axis.end_s)
    levels_mv = tick_values(box_mv, panel.low_mv, panel.high_mv)
    verticals = pd.DataFrame({"time_s": times_s, "end_s": times_s}).assign(mv=panel.low_mv, high_mv=panel.high_mv)
    horizontals = pd.DataFrame({"mv": levels_mv, "high_mv": levels_mv}).assign(time_s=axis.first_s, end_s=axis.end_s)
    return pd.concat([verticals, horizontals])


def calibration(panel: Panel, axis: TimeAxis, theme: Theme) -> alt.Chart:
    """The pulse of 1 mV and 0.2 s before the trace."""
    foot = min(max(0.0, panel.low_mv + SMALL_BOX_MV), panel.high_mv - 1.0 - SMALL_BOX_MV)
    edges_s = axis.first_s + np.array([0.02, 0.06, 0.06, 0.26, 0.26, 0.30])
    pulse = pd.DataFrame({"time_s": edges_s, "mv": foot + np.array([0, 0, 1, 1, 0, 0]), "step": range(6)})
    return (
        alt.Chart(pulse)
        .mark_line(color=theme.trace, strokeWidth=1.2, strokeJoin="miter")
        .encode(x=axis.x(), y=panel.y(), order="step:O")
    )


def trace_line(trace: Trace, panel: Panel, axis: TimeAxis, theme: Theme) -> alt.Chart:
    """The signal itself, thinned to what can be seen."""
    kept = thinned(trace.signal_mv, MOST_POINTS)
    line = pd.DataFrame({"time_s": trace.times_s[kept], "mv": panel.on_paper(trace.signal_mv[kept])})
    return (
        alt.Chart(line)
        .mark_line(color=theme.trace, strokeWidth=1.3, strokeJoin="round", invalid="break-paths-show-domains")
        .encode(x=axis.x(), y=panel.y())
    )
