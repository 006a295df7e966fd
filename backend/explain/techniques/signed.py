"""Salience of techniques that separate what supports a class from what opposes it."""

from collections.abc import Sequence

import numpy as np

from backend.explain.parameters import Parameters
from backend.explain.salience import Salience, scale_above
from backend.windows.base import WindowKind, varying_columns

__all__ = ["make_signed_saliences"]


def make_signed_saliences(
    raw: np.ndarray, window: WindowKind, technique: str, parameters: Parameters, targets: Sequence[str], seconds: float
) -> tuple[Salience, ...]:
    """Return one Salience for each window: support for its class is scaled to 0..1, opposition becomes 0.

    Parameters
    ----------
    raw : array, shape = (n, T, D)
        Positive where a value supports the target, negative where it opposes it. Columns of sources that are measured
        once for the whole window become 0.
    window : WindowKind
    technique : str
    parameters : Parameters
    targets : sequence of str, length n
    seconds : float
        For all windows together; each Salience gets an equal share.
    """
    raw = np.where(varying_columns(window), raw, 0.0).astype(np.float32)
    return tuple(
        Salience(
            values=scale_above(window_raw, 0.0, window),
            raw=window_raw,
            technique=technique,
            parameters=parameters.values(),
            target=target,
            seconds=seconds / len(raw),
        )
        for window_raw, target in zip(raw, targets, strict=True)
    )
