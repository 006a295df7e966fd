"""One charted variable through a stay."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from backend.charts.axes.hour_axis import HOUR_MIN

__all__ = ["Course"]


@dataclass(frozen=True, eq=False)
class Course:
    """One charted variable through a stay.

    Attributes
    ----------
    variable : str
        What a click on it returns.
    label, unit : str
        For a reader; the unit is empty where there is none.
    minutes : int array, shape = (n,)
        When it was measured, from admission, ascending.
    measured : float array, shape = (n,)
        What was measured, in the unit.
    hourly : float array, shape = (T,)
        What the model reads of each hour, in the unit; NaN as long as nothing was measured.
    salience : float array, shape = (T,)
        0 to 1; NaN throughout for a variable that the model does not read.
    meanings : mapping of int to str
        What coded values stand for; empty for a number.
    """

    variable: str
    label: str
    unit: str
    minutes: np.ndarray
    measured: np.ndarray
    hourly: np.ndarray
    salience: np.ndarray
    meanings: Mapping[int, str] = field(default_factory=dict)

    @property
    def is_measured(self) -> np.ndarray:
        """Whether each hour holds a measurement, bool, shape = (T,)."""
        hours = np.zeros(len(self.hourly), dtype=bool)
        hours[self.hours_of_minutes] = True
        return hours

    @property
    def hours_of_minutes(self) -> np.ndarray:
        """The hour that each measurement falls into; one at the last minute falls into the last."""
        return np.minimum(np.asarray(self.minutes) // HOUR_MIN, len(self.hourly) - 1)

    def written(self, value: float) -> str:
        """A value as short as a reader takes it: 7.38, 35.1, 147, 1250, or what it stands for."""
        if not np.isfinite(value):
            return "–"
        if self.meanings:
            return self.meanings.get(round(float(value)), f"{value:g}")
        return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"

    def with_unit(self, value: float) -> str:
        """The same with its unit."""
        return f"{self.written(value)} {self.unit}".strip()
