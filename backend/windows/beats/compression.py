"""The scale on which a model in context reads a lead: P waves are a tenth of a QRS complex, and count."""

import numpy as np

__all__ = ["compress", "expand"]

_STEEPNESS = 8.0
_UNIT = 3.0


def compress(amplitudes: np.ndarray) -> np.ndarray:
    """Return arcsinh(8 a) / 3 of amplitudes in QRS amplitudes: 0 stays 0, 0.1 becomes 0.24, 1 becomes 0.93.

    Values near zero grow 2.7-fold and large ones only by their logarithm, so that a P wave and an artifact are both of
    the size of a QRS complex. The order of values stays, and nothing is lost (see `expand`).
    """
    return np.asarray(np.arcsinh(_STEEPNESS * amplitudes) / _UNIT)


def expand(compressed: np.ndarray) -> np.ndarray:
    """Return the amplitudes that `compress` made these values of."""
    return np.asarray(np.sinh(_UNIT * compressed) / _STEEPNESS)
