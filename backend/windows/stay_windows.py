"""Stays cut into the windows that a model reads: charted values at irregular times on an hourly grid."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from backend.records.record import Record, RecordRefused
from backend.records.stays import LAST_MINUTE, PARAMETERS, is_stay
from backend.windows.base import Windows, distinct

__all__ = [
    "HOURS",
    "Measurement",
    "StayWindow",
    "carried_forward",
    "cut_stay",
    "fitted_window",
    "hourly",
    "measurements",
]

HOURS = 48
"""Steps of a stay's window."""

_MINUTES = 60
_STEP_RATE_HZ = 1 / 3600
_TOTALLED = ("Urine",)
"""What a chart gives as an amount since the last line; of all others the hour's mean says most."""

_MOST_DEVIATIONS = 5.0
"""Values further from the training mean count as this far, so that no single slip takes over."""

_INDICATOR = "is "
"""A quantity that begins so is 1 where the value is the code that follows."""


@dataclass(frozen=True)
class Measurement:
    """One charted value, at a minute after admission."""

    minute: int
    value: float


@dataclass(frozen=True)
class StayWindow:
    """How a model wants its stays cut; part of its card.

    The rule of the grid: hour h (0 to 47) holds what was charted from h:00 to h:59, the last one also what was charted
    at 48:00. An hour's value of a parameter is the mean of those charted within it, of urine their sum. A row knows
    nothing of later hours, so that the score after each hour is one pass over the window.

    Attributes
    ----------
    columns : tuple of (str, str)
        For each of the D columns a parameter and what is said of it:

        - ``value``: the last hourly value, carried forward; 0 before the first.
        - ``measured``: 1 in an hour in which it was charted, else 0.
        - ``hours since``: 0 when it was charted in this hour, rising with the logarithm of the hours since, to 1 where
          it never was.
        - ``distance``: of that value from the mean, squared (a third of it, at most 3), since what is far from usual
          on either side is bad; 0 before the first.
        - ``least``, ``greatest``, ``mean``: of the hourly values so far; 0 before the first.
        - ``is 3``: 1 where the last value is the code 3, else 0.

        All but the last are of standardised values. A parameter without a column ``measured`` is one that is known on
        admission.
    parameters : tuple of str
        Those that are read, each once.
    logarithmic : tuple of str
        Those whose logarithm is read, since their values are skewed.
    means, deviations : tuple of float
        Of the (logarithms of the) hourly values of each parameter in the training stays: subtracted, divided by.
    """

    kind: ClassVar[str] = "stay"

    columns: tuple[tuple[str, str], ...]
    parameters: tuple[str, ...]
    logarithmic: tuple[str, ...]
    means: tuple[float, ...]
    deviations: tuple[float, ...]

    @property
    def steps(self) -> int:
        """Length T of a window."""
        return HOURS

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of the D columns: ``HR``, ``HR measured``, ``HR hours since``, ..."""
        return tuple(
            parameter if quantity == "value" else f"{parameter} {quantity}" for parameter, quantity in self.columns
        )

    @property
    def sources(self) -> tuple[str, ...]:
        """The parameter that each column tells of, length D."""
        return tuple(parameter for parameter, _ in self.columns)

    @property
    def absent(self) -> np.ndarray:
        """What stands in each column of a parameter that was never measured, float32, shape = (D,)."""
        return np.array([float(quantity == "hours since") for _, quantity in self.columns], dtype=np.float32)

    def values_of(self, grid: np.ndarray) -> np.ndarray:
        """The windows of some stays.

        Parameters
        ----------
        grid : array, shape = (n, 48, n_parameters)
            Hourly values of ``parameters`` in physical units (see `hourly`), NaN where none was charted.

        Returns
        -------
        float32 array, shape = (n, 48, D)
        """
        scaled = self._standardised(grid)
        values = np.empty((len(grid), HOURS, len(self.columns)), dtype=np.float32)
        for column, (parameter, quantity) in enumerate(self.columns):
            values[:, :, column] = self._quantity(quantity, scaled[:, :, self.parameters.index(parameter)], parameter)
        return values

    def without(self, values: np.ndarray, hidden: np.ndarray) -> np.ndarray:
        """The windows of the same stays had some parameters not been charted in some hours.

        What was charted before is carried on, the time since then grows, and least, greatest and mean are of what is
        left: exactly the windows of files that lack those lines. What is known on admission is charted in hour 0.

        Parameters
        ----------
        values : float32 array, shape = (n, 48, D)
        hidden : bool array, shape = (n, 48, S)
            S parameters, in the order in which ``columns`` names them first. Either n may be 1.

        Returns
        -------
        float32 array, shape = (n, 48, D)
        """
        n = max(len(values), len(hidden))
        found = np.array(np.broadcast_to(values, (n, *values.shape[1:])), dtype=np.float32)
        for place, parameter in enumerate(distinct(self.sources)):
            charted = self._charted(values, parameter)
            gone = hidden[:, :, place]
            changed = np.flatnonzero(np.broadcast_to((gone & np.isfinite(charted)).any(axis=1), n))
            if changed.size:
                left = np.where(_rows(gone, changed), np.nan, _rows(charted, changed))
                for column in self._columns_of(parameter):
                    found[changed, :, column] = self._quantity(self.columns[column][1], left, parameter)
        return found

    def _columns_of(self, parameter: str) -> list[int]:
        return [column for column, (own, _) in enumerate(self.columns) if own == parameter]

    def _charted(self, values: np.ndarray, parameter: str) -> np.ndarray:
        """Standardised hourly values that windows (n, 48, D) were made of, NaN where none was charted, (n, 48)."""
        column_of = {self.columns[column][1]: column for column in self._columns_of(parameter)}
        if "measured" in column_of:
            is_charted = values[:, :, column_of["measured"]] > 0
            return np.where(is_charted, values[:, :, column_of["value"]], np.float32(np.nan))
        charted = np.full(values.shape[:2], np.nan, dtype=np.float32)
        if "value" in column_of:
            charted[:, 0] = values[:, 0, column_of["value"]]
            return charted
        for quantity, column in column_of.items():
            code = self._code(quantity, parameter)
            charted[values[:, 0, column] > 0, 0] = code
        return charted

    def _code(self, quantity: str, parameter: str) -> np.float32:
        """The standardised value of the code that a quantity such as ``is 3`` asks for."""
        place = self.parameters.index(parameter)
        return np.float32((float(quantity.removeprefix(_INDICATOR)) - self.means[place]) / self.deviations[place])

    def _quantity(self, quantity: str, charted: np.ndarray, parameter: str) -> np.ndarray:
        """One column of windows, (n, 48), from the standardised hourly values of its parameter."""
        if quantity.startswith(_INDICATOR):
            return np.isclose(_carried_or_nan(charted), self._code(quantity, parameter))
        return _QUANTITIES[quantity](charted)

    def _standardised(self, grid: np.ndarray) -> np.ndarray:
        scaled = _logarithms(grid, self.parameters, self.logarithmic)
        scaled = (scaled - np.array(self.means)) / np.array(self.deviations)
        return np.clip(scaled, -_MOST_DEVIATIONS, _MOST_DEVIATIONS).astype(np.float32)


def fitted_window(
    columns: Sequence[tuple[str, str]], logarithmic: Sequence[str], plain: Sequence[str], grid: np.ndarray
) -> StayWindow:
    """The window of these columns with the means and deviations of some training stays.

    Parameters
    ----------
    columns : sequence of (str, str)
        See `StayWindow`.
    logarithmic : sequence of str
    plain : sequence of str
        Parameters that are read as they are, such as codes.
    grid : array, shape = (n, 48, n_parameters)
        Hourly values of all PARAMETERS in physical units, NaN where none was charted.
    """
    parameters = distinct([parameter for parameter, _ in columns])
    grid = _logarithms(grid[:, :, [list(PARAMETERS).index(name) for name in parameters]], parameters, logarithmic)
    charted = np.ma.masked_invalid(grid)
    means, deviations = charted.mean(axis=(0, 1)).filled(0.0), charted.std(axis=(0, 1)).filled(0.0)
    scales = [
        (0.0, 1.0) if name in plain else (round(float(mean), 5), round(float(deviation), 5) or 1.0)
        for name, mean, deviation in zip(parameters, means, deviations, strict=True)
    ]
    return StayWindow(
        columns=tuple(columns),
        parameters=parameters,
        logarithmic=tuple(name for name in parameters if name in logarithmic),
        means=tuple(mean for mean, _ in scales),
        deviations=tuple(deviation for _, deviation in scales),
    )


def hourly(record: Record) -> np.ndarray:
    """Hourly values of a stay in physical units, NaN where nothing was charted.

    Returns
    -------
    float32 array, shape = (48, n_parameters)
        The mean of what was charted within each hour, of urine the sum; PARAMETERS in their order.

    Raises
    ------
    RecordRefused
        If the record is no stay.
    """
    if not is_stay(record):
        raise RecordRefused(
            f"{record.name} is no ICU stay (charted values over 48 hours) but a recording of signals; choose a stay, "
            f"or a model that reads recordings."
        )
    # 48:00 is a lone minute after the last whole hour, so that every hour has a place for a 61st minute.
    grid = np.full((HOURS, _MINUTES + 1, len(record.channels)), np.nan)
    grid[:, :_MINUTES] = record.signals[:LAST_MINUTE].reshape(HOURS, _MINUTES, -1)
    grid[-1, _MINUTES] = record.signals[LAST_MINUTE]
    count = np.isfinite(grid).sum(axis=1)
    total = np.nansum(grid, axis=1)
    is_totalled = np.array([channel.name in _TOTALLED for channel in record.channels])
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total / count
    return np.where(count == 0, np.nan, np.where(is_totalled, total, mean)).astype(np.float32)


def carried_forward(grid: np.ndarray) -> np.ndarray:
    """Hourly values (48, n_parameters) with each carried on until the next; NaN before the first."""
    return _carried_or_nan(grid.T).T


def measurements(record: Record, parameter: str) -> tuple[Measurement, ...]:
    """All charted values of one parameter of a stay, in their order of time.

    Raises
    ------
    RecordRefused
        If the record has no such parameter.
    """
    charted = record.signals[:, record.channel_index(parameter)]
    return tuple(Measurement(int(minute), float(charted[minute])) for minute in np.flatnonzero(np.isfinite(charted)))


def cut_stay(record: Record, window: StayWindow) -> Windows:
    """The one window of a stay, anchored at its end.

    Raises
    ------
    RecordRefused
        If the record is no stay.

    Examples
    --------
    >>> windows = cut_stay(read_stay(path), bundle.window)  # doctest: +SKIP
    """
    grid = hourly(record)[np.newaxis, :, [list(PARAMETERS).index(name) for name in window.parameters]]
    outcome = record.annotations.get("outcome")
    return Windows(
        values=window.values_of(grid),
        variables=window.variables,
        sampling_rate=_STEP_RATE_HZ,
        anchor=np.array([LAST_MINUTE], dtype=np.int64),
        anchor_step=HOURS - 1,
        reference=None if outcome is None else outcome.notes[:1],
        sources=window.sources,
    )


def _logarithms(grid: np.ndarray, parameters: Sequence[str], logarithmic: Sequence[str]) -> np.ndarray:
    """The grid (n, 48, n_parameters) with logarithms where they are asked for; of amounts that can be 0, of 1 more."""
    scaled = np.array(grid, dtype=np.float64)
    for place, name in enumerate(parameters):
        if name in logarithmic:
            scaled[:, :, place] = np.log(scaled[:, :, place] + (PARAMETERS[name].least == 0))
    return scaled


def _rows(values: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Those rows of values (n, T); the only one stands for all."""
    return values if len(values) == 1 else values[rows]


def _last_charted(charted: np.ndarray) -> np.ndarray:
    """The step at which the last value up to each step was charted, -1 before the first, (n, T)."""
    steps = np.arange(charted.shape[1])
    return np.maximum.accumulate(np.where(np.isfinite(charted), steps, -1), axis=1)


def _carried_or_nan(charted: np.ndarray) -> np.ndarray:
    return np.take_along_axis(charted, np.maximum(_last_charted(charted), 0), axis=1)


def _hours_since(charted: np.ndarray) -> np.ndarray:
    last = _last_charted(charted)
    since = np.log1p(np.arange(charted.shape[1]) - last) / np.log1p(HOURS)
    return np.where(last >= 0, since, 1.0)


def _mean_so_far(charted: np.ndarray) -> np.ndarray:
    count = np.isfinite(charted).cumsum(axis=1)
    return np.nancumsum(charted, axis=1, dtype=np.float64) / np.maximum(count, 1)


def _distance(charted: np.ndarray) -> np.ndarray:
    carried = np.nan_to_num(_carried_or_nan(charted))
    return np.minimum(carried**2 / 3, 3.0)


_QUANTITIES: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "value": lambda charted: np.nan_to_num(_carried_or_nan(charted)),
    "measured": np.isfinite,
    "hours since": _hours_since,
    "distance": _distance,
    "least": lambda charted: np.nan_to_num(np.fmin.accumulate(charted, axis=1)),
    "greatest": lambda charted: np.nan_to_num(np.fmax.accumulate(charted, axis=1)),
    "mean": _mean_so_far,
}
