"""Hours since admission to intensive care against pixels."""

from dataclasses import dataclass
from typing import Literal

import altair as alt

__all__ = ["HOUR_MIN", "Hours"]

HOUR_MIN = 60


@dataclass(frozen=True)
class Hours:
    """The time axis of a stay.

    Attributes
    ----------
    count : int
        Hours that are shown.
    width_px : float
        Of all of them.
    """

    count: int
    width_px: float

    def x(self, field: str = "hour") -> alt.X:
        """The encoding of a field of hours."""
        return alt.X(field=field, type="quantitative", scale=self._scale)

    def labelled_x(self, field: str = "hour", orient: Literal["top", "bottom"] = "bottom") -> alt.X:
        """The same with the axis drawn; one layer of a chart needs it."""
        axis = alt.Axis(
            title="hours since admission to intensive care",
            values=list(range(0, self.count + 1, 6)),
            format="d",
            orient=orient,
            grid=False,
            domain=False,
        )
        return alt.X(field=field, type="quantitative", scale=self._scale, axis=axis)

    @property
    def px_per_hour(self) -> float:
        """Pixels for an hour."""
        return self.width_px / self.count

    @property
    def _scale(self) -> alt.Scale:
        return alt.Scale(domain=[0, self.count], nice=False, zero=False)
