"""Salience of techniques that tell what speaks for a class from what speaks against it."""

from collections.abc import Sequence

import numpy as np

from backend.explain.parameters import Parameters
from backend.explain.salience import Salience, scaled_above

__all__ = ["signed_saliences"]


def signed_saliences(
    raw: np.ndarray, technique: str, parameters: Parameters, targets: Sequence[str], seconds: float
) -> tuple[Salience, ...]:
    """One Salience for each window: what speaks for its class is scaled to 0..1, what speaks against it becomes 0.

    Parameters
    ----------
    raw : array, shape = (n, T, D)
        Above 0 what speaks for the explained class, below 0 what speaks against it.
    technique : str
    parameters : Parameters
    targets : sequence of str, length n
    seconds : float
        For all windows together; each is given an even share.
    """
    return tuple(
        Salience(
            values=scaled_above(own, 0.0),
            raw=own,
            technique=technique,
            parameters=parameters.values(),
            target=target,
            seconds=seconds / len(raw),
        )
        for own, target in zip(raw.astype(np.float32), targets, strict=True)
    )
