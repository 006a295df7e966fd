"""One charted variable over a stay."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from backend.charts.axes.hour_axis import HOUR_MIN
from backend.charts.style.number_format import MISSING

__all__ = ["Course"]


@dataclass(frozen=True, eq=False)
class Course:
    """One charted variable over a stay.

    Attributes
    ----------
    variable : str
        Its name; a click selects it.
    label, unit : str
        For the screen; the unit is empty where there is none.
    minutes : int array, shape = (n,)
        Times of measurement in minutes since ICU admission, ascending.
    measured : float array, shape = (n,)
        Measured values, in the unit.
    hourly : float array, shape = (T,)
        The value that the model reads for each hour, in the unit; NaN before the first measurement.
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
        """The hour of each measurement, int, shape = (n,); the last minute belongs to the last hour."""
        return np.minimum(np.asarray(self.minutes) // HOUR_MIN, len(self.hourly) - 1)

    def format_value(self, value: float) -> str:
        """Return a value to three digits (7.38, 35.1, 147, 1250), or the meaning of a code."""
        if not np.isfinite(value):
            return MISSING
        if self.meanings:
            return self.meanings.get(round(float(value)), f"{value:g}")
        return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"

    def format_with_unit(self, value: float) -> str:
        """Return a value with its unit."""
        return f"{self.format_value(value)} {self.unit}".strip()
