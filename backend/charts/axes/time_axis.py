"""The time axis of a chart: seconds against pixels."""

from dataclasses import dataclass

import altair as alt

from backend.charts.axes.ticks import tick_values

__all__ = ["TimeAxis"]

_TICKS = ((0.2, 44), (1.0, 40), (2.0, 40), (5.0, 40), (10.0, 40))
"""Tick spacings in seconds, each with the pixels it needs; Vega drops labels of ticks that are closer."""


@dataclass(frozen=True)
class TimeAxis:
    """Seconds against pixels.

    Attributes
    ----------
    start_s, end_s : float
        The segment that is shown.
    lead_in_s : float
        Blank paper before ``start_s``.
    width_px : float
        Width, lead-in included.
    title : str
        The axis title, which names the origin of the seconds.
    tick_s : float or None
        Tick spacing; None for the finest that fits.
    """

    start_s: float
    end_s: float
    lead_in_s: float
    width_px: float
    title: str = "time in record (s)"
    tick_s: float | None = None

    @property
    def first_s(self) -> float:
        """Time at the left edge."""
        return self.start_s - self.lead_in_s

    @property
    def px_per_s(self) -> float:
        """Pixels per second."""
        return self.width_px / (self.end_s - self.first_s)

    def x(self, field: str = "time_s") -> alt.X:
        """Return the horizontal encoding of a field of times."""
        return alt.X(field=field, type="quantitative", scale=self._scale)

    def labelled_x(self, field: str = "time_s") -> alt.X:
        """Return the same encoding with the axis drawn; one layer of each chart uses it."""
        step = self.tick_s or next((step for step, room_px in _TICKS if step * self.px_per_s >= room_px), 60.0)
        ticks = tick_values(step, self.start_s, self.end_s)
        axis = alt.Axis(
            title=self.title,
            values=[round(tick, 3) for tick in ticks.tolist()],
            format=".1f" if step < 1 else "d",
            grid=False,
            domain=False,
            # Moving a label in from the edge would make Vega hide every other one.
            labelFlush=False,
        )
        return alt.X(field=field, type="quantitative", scale=self._scale, axis=axis)

    @property
    def _scale(self) -> alt.Scale:
        return alt.Scale(domain=[self.first_s, self.end_s], nice=False, zero=False)
