"""The time axis of a stay: hours since ICU admission against pixels."""

from dataclasses import dataclass
from typing import Literal

import altair as alt

__all__ = ["HOUR_MIN", "HourAxis"]

HOUR_MIN = 60


@dataclass(frozen=True)
class HourAxis:
    """HourAxis since ICU admission against pixels.

    Attributes
    ----------
    n_hours : int
        HourAxis shown.
    width_px : float
        Width of all hours.
    """

    n_hours: int
    width_px: float

    def x(self, field: str = "hour") -> alt.X:
        """Return the horizontal encoding of a field of hours."""
        return alt.X(field=field, type="quantitative", scale=self._scale)

    def labelled_x(self, field: str = "hour", orient: Literal["top", "bottom"] = "bottom") -> alt.X:
        """Return the same encoding with the axis drawn; one layer of each chart uses it."""
        axis = alt.Axis(
            title="hours since ICU admission",
            values=list(range(0, self.n_hours + 1, 6)),
            format="d",
            orient=orient,
            grid=False,
            domain=False,
        )
        return alt.X(field=field, type="quantitative", scale=self._scale, axis=axis)

    @property
    def px_per_hour(self) -> float:
        """Pixels per hour."""
        return self.width_px / self.n_hours

    @property
    def _scale(self) -> alt.Scale:
        return alt.Scale(domain=[0, self.n_hours], nice=False, zero=False)
