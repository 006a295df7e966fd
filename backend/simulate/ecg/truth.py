"""The true onset, peak and end of the waves of a simulated beat, computed from the Gaussians."""

from dataclasses import dataclass, fields

import numpy as np

from backend.simulate.ecg.shapes import Bump, Shape

__all__ = ["SHARE", "TRUE_MARKS", "TrueWaves", "extent_ms", "r_offset_ms", "wave_peak_ms", "wave_values"]

SHARE = 0.05
GRID_MS = np.arange(-500.0, 800.0)


@dataclass(frozen=True, eq=False)
class TrueWaves:
    """The waves of each beat in samples of the record; NaN where absent.

    A wave is the sum of its Gaussians. Onset and end are the first and last time at which it exceeds 5% (`SHARE`) of
    its largest deflection in either lead; the peak is its extremum in MLII. P ends no later than QRS begins, and T
    begins no sooner than QRS ends.

    Every attribute is a float64 array, shape = (n_beats,), of whole numbers or NaN.
    """

    r_peak: np.ndarray
    p_onset: np.ndarray
    p_peak: np.ndarray
    p_end: np.ndarray
    qrs_onset: np.ndarray
    qrs_end: np.ndarray
    t_onset: np.ndarray
    t_peak: np.ndarray
    t_end: np.ndarray


TRUE_MARKS = tuple(field.name for field in fields(TrueWaves))


def wave_values(bumps: tuple[Bump, ...], times_ms: np.ndarray) -> np.ndarray:
    """Return the sum of Gaussians in each lead (mV) at times from the R peak; shape = (n_times, 2)."""
    heights = np.array([(bump.mlii_mv, bump.v1_mv) for bump in bumps])
    centres, widths = np.array([(bump.centre_ms, bump.width_ms) for bump in bumps]).T
    return np.exp(-(((times_ms[:, np.newaxis] - centres) / widths) ** 2) / 2) @ heights


def extent_ms(shape: Shape, wave: str) -> tuple[float, float]:
    """Return onset and end of a wave (ms from the R peak) as defined in `TrueWaves`."""
    values = np.abs(wave_values(_bumps_of(shape, wave), GRID_MS))
    seen = (values > SHARE * values.max(axis=0)).any(axis=1)
    moments = GRID_MS[seen]
    return float(moments[0]), float(moments[-1])


def wave_peak_ms(shape: Shape, wave: str) -> float:
    """Return the time of the extremum of a wave in MLII (ms from the R peak)."""
    values = wave_values(_bumps_of(shape, wave), GRID_MS)[:, 0]
    return float(GRID_MS[np.argmax(np.abs(values))])


def r_offset_ms(shape: Shape) -> float:
    """Return the time of the R peak as annotators place it (ms from phase zero).

    It is the maximum of QRS in MLII, or the minimum if that is more than twice as far from zero.
    """
    values = wave_values(_bumps_of(shape, "QRS"), GRID_MS)[:, 0]
    chosen = np.argmin(values) if -values.min() > 2 * values.max() else np.argmax(values)
    return float(GRID_MS[chosen])


def _bumps_of(shape: Shape, wave: str) -> tuple[Bump, ...]:
    return tuple(bump for bump in shape.bumps if bump.wave == wave)
