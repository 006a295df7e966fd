"""Salience of techniques that separate what supports a class from what opposes it."""

from collections.abc import Sequence

import numpy as np

from backend.explain.parameters import Parameters
from backend.explain.salience import Salience, scale_above

__all__ = ["make_signed_saliences"]


def make_signed_saliences(
    raw: np.ndarray, technique: str, parameters: Parameters, targets: Sequence[str], seconds: float
) -> tuple[Salience, ...]:
    """Return one Salience for each window: support for its class is scaled to 0..1, opposition becomes 0.

    Parameters
    ----------
    raw : array, shape = (n, T, D)
        Positive where a value supports the target, negative where it opposes it.
    technique : str
    parameters : Parameters
    targets : sequence of str, length n
    seconds : float
        For all windows together; each Salience gets an equal share.
    """
    return tuple(
        Salience(
            values=scale_above(window_raw, 0.0),
            raw=window_raw,
            technique=technique,
            parameters=parameters.values(),
            target=target,
            seconds=seconds / len(raw),
        )
        for window_raw, target in zip(raw.astype(np.float32), targets, strict=True)
    )
