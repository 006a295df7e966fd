"""The windows of ICU stays that a model reads: irregularly charted values on an hourly grid."""

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
    "carry_forward",
    "cut_stay",
    "fit_window",
    "list_measurements",
    "resample_hourly",
]

HOURS = 48
"""Steps of a stay's window."""

_MINUTES = 60
_STEP_RATE_HZ = 1 / 3600
_TOTALLED = ("Urine",)
"""Parameters charted as an amount since the last entry: an hour holds their sum, of all others the mean."""

_MAX_DEVIATIONS = 5.0
"""Standardised values are clipped to this range, so that no single charting error dominates."""

_INDICATOR = "is "
"""Prefix of a quantity that is 1 where the value is the code that follows."""


@dataclass(frozen=True)
class Measurement:
    """One charted value, at a minute after admission."""

    minute: int
    value: float


@dataclass(frozen=True)
class StayWindow:
    """How the windows of a model are cut from stays; part of its card.

    Hour h (0 to 47) holds the values charted from h:00 to h:59, the last one also those at 48:00. The value of an hour
    is the mean of a parameter's charted values, for urine their sum. A row does not depend on later hours, so that one
    pass over the window gives the score after each hour.

    Attributes
    ----------
    columns : tuple of (str, str)
        For each of the D columns a parameter and a quantity:

        - ``value``: the last hourly value, carried forward; 0 before the first.
        - ``measured``: 1 in an hour with a charted value, else 0.
        - ``hours since``: the logarithm of the hours since the last charted value, from 0 in the same hour to 1 without
          any.
        - ``distance``: a third of the squared distance of that value from the mean, at most 3, as extreme values on
          either side are unfavourable; 0 before the first.
        - ``least``, ``greatest``, ``mean``: minimum, maximum and mean of the hourly values so far; 0 before the first.
        - ``is 3``: 1 where the last value is the code 3, else 0.

        All but the last refer to standardised values. A parameter without a column ``measured`` is recorded on
        admission.
    parameters : tuple of str
        The parameters of the columns, each once.
    logarithmic : tuple of str
        Parameters with skewed values, of which the logarithm is taken.
    means, deviations : tuple of float
        Mean and standard deviation of the (logarithms of the) hourly values of each parameter in the training stays.
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
        """The parameter of each column, length D."""
        return tuple(parameter for parameter, _ in self.columns)

    @property
    def whole_sources(self) -> tuple[str, ...]:
        """None: every source varies over the window."""
        return ()

    @property
    def absent(self) -> np.ndarray:
        """The value of each column of a parameter that is never measured, float32, shape = (D,)."""
        return np.array([float(quantity == "hours since") for _, quantity in self.columns], dtype=np.float32)

    def values_of(self, grid: np.ndarray) -> np.ndarray:
        """Return the windows of some stays.

        Parameters
        ----------
        grid : array, shape = (n, 48, n_parameters)
            Hourly values of ``parameters`` in physical units (see `resample_hourly`), NaN where none was charted.

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
        """Return the windows of the same stays if some parameters had not been charted in some hours.

        These are exactly the windows of files without those lines: earlier values are carried forward, the hours since
        them grow, and minimum, maximum and mean are those of the remaining values. Values recorded on admission are
        charted in hour 0.

        Parameters
        ----------
        values : float32 array, shape = (n, 48, D)
        hidden : bool array, shape = (n, 48, S)
            S parameters, in the order of their first occurrence in ``columns``. Either n may be 1.

        Returns
        -------
        float32 array, shape = (n, 48, D)
        """
        n = max(len(values), len(hidden))
        result = np.array(np.broadcast_to(values, (n, *values.shape[1:])), dtype=np.float32)
        for position, parameter in enumerate(distinct(self.sources)):
            charted = self._charted(values, parameter)
            is_hidden = hidden[:, :, position]
            changed = np.flatnonzero(np.broadcast_to((is_hidden & np.isfinite(charted)).any(axis=1), n))
            if changed.size:
                remaining = np.where(_rows(is_hidden, changed), np.nan, _rows(charted, changed))
                for column in self._columns_of(parameter):
                    result[changed, :, column] = self._quantity(self.columns[column][1], remaining, parameter)
        return result

    def _columns_of(self, parameter: str) -> list[int]:
        return [column for column, (own, _) in enumerate(self.columns) if own == parameter]

    def _charted(self, values: np.ndarray, parameter: str) -> np.ndarray:
        """Return the standardised hourly values in windows (n, 48, D), NaN where none was charted, shape = (n, 48)."""
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
        """Return the standardised value of the code in a quantity such as ``is 3``."""
        index = self.parameters.index(parameter)
        return np.float32((float(quantity.removeprefix(_INDICATOR)) - self.means[index]) / self.deviations[index])

    def _quantity(self, quantity: str, charted: np.ndarray, parameter: str) -> np.ndarray:
        """Return one column of windows, (n, 48), given the standardised hourly values of its parameter."""
        if quantity.startswith(_INDICATOR):
            return np.isclose(_carried_or_nan(charted), self._code(quantity, parameter))
        return _QUANTITIES[quantity](charted)

    def _standardised(self, grid: np.ndarray) -> np.ndarray:
        scaled = _logarithms(grid, self.parameters, self.logarithmic)
        scaled = (scaled - np.array(self.means)) / np.array(self.deviations)
        return np.clip(scaled, -_MAX_DEVIATIONS, _MAX_DEVIATIONS).astype(np.float32)


def fit_window(
    columns: Sequence[tuple[str, str]], logarithmic: Sequence[str], plain: Sequence[str], grid: np.ndarray
) -> StayWindow:
    """Return a window of these columns, standardised by the means and deviations of training stays.

    Parameters
    ----------
    columns : sequence of (str, str)
        See `StayWindow`.
    logarithmic : sequence of str
    plain : sequence of str
        Parameters without standardisation, such as codes.
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


def resample_hourly(record: Record) -> np.ndarray:
    """Return the hourly values of a stay in physical units, NaN where nothing was charted.

    Returns
    -------
    float32 array, shape = (48, n_parameters)
        The mean of the charted values of each hour, for urine the sum; columns in the order of PARAMETERS.

    Raises
    ------
    RecordRefused
        If the record is not a stay.
    """
    if not is_stay(record):
        raise RecordRefused(
            f"{record.name} is not an ICU stay (charted values over 48 hours) but a recording of signals. "
            "Choose a stay, or a model for recordings."
        )
    # 48:00 is a single minute after the last full hour; a 61st column holds it.
    grid = np.full((HOURS, _MINUTES + 1, len(record.channels)), np.nan)
    grid[:, :_MINUTES] = record.signals[:LAST_MINUTE].reshape(HOURS, _MINUTES, -1)
    grid[-1, _MINUTES] = record.signals[LAST_MINUTE]
    count = np.isfinite(grid).sum(axis=1)
    total = np.nansum(grid, axis=1)
    is_totalled = np.array([channel.name in _TOTALLED for channel in record.channels])
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total / count
    return np.where(count == 0, np.nan, np.where(is_totalled, total, mean)).astype(np.float32)


def carry_forward(grid: np.ndarray) -> np.ndarray:
    """Return hourly values (48, n_parameters), each carried forward until the next; NaN before the first."""
    return _carried_or_nan(grid.T).T


def list_measurements(record: Record, parameter: str) -> tuple[Measurement, ...]:
    """Return all charted values of one parameter of a stay, in order of time.

    Raises
    ------
    RecordRefused
        If the record has no such parameter.
    """
    charted = record.signals[:, record.channel_index(parameter)]
    return tuple(Measurement(int(minute), float(charted[minute])) for minute in np.flatnonzero(np.isfinite(charted)))


def cut_stay(record: Record, window: StayWindow) -> Windows:
    """Return the single window of a stay, anchored at its end.

    Raises
    ------
    RecordRefused
        If the record is not a stay.

    Examples
    --------
    >>> windows = cut_stay(read_stay(path), bundle.window)  # doctest: +SKIP
    """
    grid = resample_hourly(record)[np.newaxis, :, [list(PARAMETERS).index(name) for name in window.parameters]]
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
    """Return the grid (n, 48, n_parameters) with logarithms of some parameters; log(x + 1) if a parameter can be 0."""
    scaled = np.array(grid, dtype=np.float64)
    for column, name in enumerate(parameters):
        if name in logarithmic:
            scaled[:, :, column] = np.log(scaled[:, :, column] + (PARAMETERS[name].least == 0))
    return scaled


def _rows(values: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return some rows of values (n, T); a single row is shared by all."""
    return values if len(values) == 1 else values[rows]


def _last_charted(charted: np.ndarray) -> np.ndarray:
    """Return the step of the last charted value up to each step, -1 before the first, shape = (n, T)."""
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
