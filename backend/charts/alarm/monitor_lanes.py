"""The sensors of a bedside monitor below each other, each on a scale of its own."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import numpy as np

from backend.charts.axes.time_axis import TimeAxis
from backend.charts.axes.value_axis import left_axis

__all__ = ["TOP_PX", "MonitorLane", "PlacedLane", "stack_lanes"]

TOP_PX = 48
"""Room above the lanes for the kind of alarm and the bracket of the window."""

_LANE_PX = 78
_MISSING_PX = 24
_GAP_PX = 5
_MOST_TICKS = 5
_TICK_EDGE_PX = 5
_TICK_STEPS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 50.0, 100.0, 200.0)
_TAIL_PERCENT = 1.0
_MOST_BEYOND = 2.0
_MARGIN = 0.06
_LEAST_RANGES = {"mV": 1.5, "mmHg": 40.0}
_LEAST_RANGE = 0.25
_MOST_RANGES = {"mV": 6.0}


@dataclass(frozen=True, eq=False)
class MonitorLane:
    """One sensor on the monitor.

    Attributes
    ----------
    name : str
        As printed in the lane, for instance ``ECG II``.
    colour : str
        The name of one of ``TRACE_COLOURS``.
    signal : array, shape = (n,), or None
        In ``unit``, NaN where nothing was recorded; None for a sensor that the record does not have.
    unit : str
        ``mV``, ``mmHg``, ``NU`` (no physical unit) or the file's own.
    sampling_rate : float
        In Hz.
    start_s : float
        Time of the first sample in seconds from the alarm, negative before it.
    reading, note : str
        Printed right of the lane, as on a monitor: the last rate or pressure, and when it was read; may be empty.
    deleted_s : (float, float) or None
        Segment that the what-if deletes, in seconds from the alarm.
    """

    name: str
    colour: str
    signal: np.ndarray | None = None
    unit: str = ""
    sampling_rate: float = 1.0
    start_s: float = 0.0
    reading: str = ""
    note: str = ""
    deleted_s: tuple[float, float] | None = None

    @property
    def times_s(self) -> np.ndarray:
        """Time of each sample in seconds from the alarm, shape = (n,)."""
        count = 0 if self.signal is None else len(self.signal)
        return self.start_s + np.arange(count) / self.sampling_rate


@dataclass(frozen=True, eq=False)
class PlacedLane:
    """A lane at its place on the monitor: values against pixels."""

    lane: MonitorLane
    low: float
    high: float
    top_px: float
    bottom_px: float

    def y(self, field: str = "value", axis: alt.Axis | None = None) -> alt.Y:
        """Return the vertical encoding of a field of values."""
        pixels = [self.bottom_px, self.top_px]
        scale = alt.Scale(domain=[self.low, self.high], range=pixels, nice=False, zero=False)
        return alt.Y(field=field, type="quantitative", scale=scale, axis=axis)

    def labelled_y(self, field: str = "value") -> alt.Y:
        """Return the same encoding with the axis drawn."""
        step = next((s for s in _TICK_STEPS if (self.high - self.low) / s <= _MOST_TICKS), 1000.0)
        # At the lane's edge a label would touch the next lane's.
        edge = _TICK_EDGE_PX * (self.high - self.low) / (self.bottom_px - self.top_px)
        ticks = np.arange(math.ceil((self.low + edge) / step), math.floor((self.high - edge) / step) + 1) * step
        return self.y(field, left_axis(self.lane.unit, ticks.round(3).tolist(), ".1f" if step < 1 else "d"))

    @property
    def middle_px(self) -> float:
        """The middle of the lane in pixels from the top."""
        return (self.top_px + self.bottom_px) / 2


def stack_lanes(lanes: Sequence[MonitorLane], axis: TimeAxis) -> list[PlacedLane]:
    """Return the lanes below each other, slim where the sensor was not recorded."""
    placed_lanes: list[PlacedLane] = []
    top_px: float = TOP_PX
    for lane in lanes:
        height_px = _MISSING_PX if lane.signal is None else _LANE_PX
        placed_lanes.append(PlacedLane(lane, *_find_value_range(lane, axis), top_px, top_px + height_px))
        top_px += height_px + _GAP_PX
    return placed_lanes


def _find_value_range(lane: MonitorLane, axis: TimeAxis) -> tuple[float, float]:
    """Return the range of a lane's axis, which excludes distant spikes and does not magnify noise."""
    if lane.signal is None:
        return 0.0, 1.0
    shown = lane.signal[(lane.times_s >= axis.start_s) & (lane.times_s <= axis.end_s)]
    finite = shown[np.isfinite(shown)]
    least, most = _LEAST_RANGES.get(lane.unit, _LEAST_RANGE), _MOST_RANGES.get(lane.unit, np.inf)
    if finite.size == 0:
        return -least / 2, least / 2
    common_low, middle, common_high = np.percentile(finite, [_TAIL_PERCENT, 50, 100 - _TAIL_PERCENT])
    beyond = _MOST_BEYOND * (common_high - common_low)
    low = max(finite.min(), common_low - beyond, middle - most / 2)
    high = min(finite.max(), common_high + beyond, middle + most / 2)
    extent = max(high - low, least) * (1 + 2 * _MARGIN)
    return float((low + high - extent) / 2), float((low + high + extent) / 2)
