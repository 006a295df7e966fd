"""ECG paper at 25 mm/s and 10 mm/mV: 0.2 s is as wide as 0.5 mV is high."""

import math
from dataclasses import dataclass

import altair as alt
import numpy as np
import pandas as pd

from backend.charts.axes.ticks import tick_values
from backend.charts.axes.time_axis import TimeAxis
from backend.charts.axes.value_axis import LEFT_PX, RIGHT_PX, left_axis
from backend.charts.style.theme import Theme
from backend.charts.style.thinning import thin

__all__ = [
    "BIG_BOX_MV",
    "BIG_BOX_S",
    "SMALL_BOX_MV",
    "SMALL_BOX_S",
    "Panel",
    "Trace",
    "draw_calibration_pulse",
    "draw_paper",
    "draw_trace",
    "fit_panel",
    "fit_time_axis",
    "px_per_mv",
]

SMALL_BOX_S, SMALL_BOX_MV = 0.04, 0.1
BIG_BOX_S, BIG_BOX_MV = 0.2, 0.5
LEAD_IN_S = 0.32
"""Paper before the trace, which holds the calibration pulse."""

MOST_PX_PER_S = 400.0
LEAST_RANGE_MV, MOST_RANGE_MV = 1.5, 6.0
MARGIN_MV = 0.1
MOST_POINTS = 3000


@dataclass(frozen=True, eq=False)
class Trace:
    """A segment of one lead.

    Attributes
    ----------
    name : str
        Name of the lead.
    signal_mv : array, shape = (n,)
        In mV; NaN where nothing was recorded.
    sampling_rate : float
        In Hz.
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
        """Time in the record at which the segment ends."""
        return self.start_s + len(self.signal_mv) / self.sampling_rate


def fit_time_axis(start_s: float, end_s: float, width_px: float) -> TimeAxis:
    """Return the time axis of a chart on ECG paper, ``width_px`` wide in all, from ``start_s`` to ``end_s``.

    Charts with the same three values have the same seconds at the same pixels. A very short segment does not fill the
    width: its paper would be magnified several times.
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
        """Lower edge of the paper in pixels from the top."""
        return self.top_px + (self.high_mv - self.low_mv) * self.px_per_mv

    def y(self, field: str = "mv") -> alt.Y:
        """Return the vertical encoding of a field of millivolts."""
        return alt.Y(field=field, type="quantitative", scale=self._scale, axis=None)

    def labelled_y(self, field: str = "mv") -> alt.Y:
        """Return the same encoding with the axis drawn; one layer of each panel uses it."""
        step = BIG_BOX_MV if BIG_BOX_MV * self.px_per_mv >= 16 else 1.0
        ticks = [round(tick, 3) for tick in tick_values(step, self.low_mv, self.high_mv).tolist()]
        return alt.Y(
            field=field, type="quantitative", scale=self._scale, axis=left_axis(f"{self.name} (mV)", ticks, ".1f")
        )

    @property
    def _scale(self) -> alt.Scale:
        pixels = [self.bottom_px, self.top_px]
        return alt.Scale(domain=[self.low_mv, self.high_mv], range=pixels, nice=False, zero=False)

    def clip(self, mv: np.ndarray) -> np.ndarray:
        """Return millivolts clipped to the paper."""
        return np.clip(mv, self.low_mv, self.high_mv)


def fit_panel(trace: Trace, top_px: float, px_per_mv: float) -> Panel:
    """Return the panel that holds a trace: its range in whole small boxes, limited to what fits on a screen."""
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


def draw_paper(panel: Panel, axis: TimeAxis, theme: Theme) -> list[alt.Chart]:
    """Return the paper with its small and big boxes and both axes."""
    ground = pd.DataFrame({"time_s": [axis.first_s], "end_s": axis.end_s, "mv": panel.low_mv, "high_mv": panel.high_mv})
    lines = pd.concat(
        [
            _tabulate_grid(panel, axis, SMALL_BOX_S, SMALL_BOX_MV).assign(colour=theme.grid_minor, width=0.6),
            _tabulate_grid(panel, axis, BIG_BOX_S, BIG_BOX_MV).assign(colour=theme.grid_major, width=0.9),
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


def _tabulate_grid(panel: Panel, axis: TimeAxis, box_s: float, box_mv: float) -> pd.DataFrame:
    """Return one row per line: from ``time_s``, ``mv`` to ``end_s``, ``high_mv``."""
    times_s = tick_values(box_s, axis.first_s, axis.end_s)
    levels_mv = tick_values(box_mv, panel.low_mv, panel.high_mv)
    verticals = pd.DataFrame({"time_s": times_s, "end_s": times_s}).assign(mv=panel.low_mv, high_mv=panel.high_mv)
    horizontals = pd.DataFrame({"mv": levels_mv, "high_mv": levels_mv}).assign(time_s=axis.first_s, end_s=axis.end_s)
    return pd.concat([verticals, horizontals])


def draw_calibration_pulse(panel: Panel, axis: TimeAxis, theme: Theme) -> alt.Chart:
    """Return the calibration pulse of 1 mV and 0.2 s before the trace."""
    foot = min(max(0.0, panel.low_mv + SMALL_BOX_MV), panel.high_mv - 1.0 - SMALL_BOX_MV)
    edges_s = axis.first_s + np.array([0.02, 0.06, 0.06, 0.26, 0.26, 0.30])
    pulse = pd.DataFrame({"time_s": edges_s, "mv": foot + np.array([0, 0, 1, 1, 0, 0]), "step": range(6)})
    return (
        alt.Chart(pulse)
        .mark_line(color=theme.trace, strokeWidth=1.2, strokeJoin="miter")
        .encode(x=axis.x(), y=panel.y(), order="step:O")
    )


def draw_trace(trace: Trace, panel: Panel, axis: TimeAxis, theme: Theme) -> alt.Chart:
    """Return the signal as a line, thinned to what the screen can show."""
    kept = thin(trace.signal_mv, MOST_POINTS)
    line = pd.DataFrame({"time_s": trace.times_s[kept], "mv": panel.clip(trace.signal_mv[kept])})
    return (
        alt.Chart(line)
        .mark_line(color=theme.trace, strokeWidth=1.3, strokeJoin="round", invalid="break-paths-show-domains")
        .encode(x=axis.x(), y=panel.y())
    )
