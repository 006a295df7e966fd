"""The range of values that an axis must hold."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

__all__ = ["value_extent"]


def value_extent(table: pd.DataFrame, value: str, others: Sequence[float] = ()) -> tuple[float, float]:
    """The least and the greatest of the column ``value``, of the intervals ``low`` to ``high`` and of some others.

    An interval that is NaN, as where one patient stands behind a figure, does not count. 0 to 1 where nothing is left.
    """
    every = np.concatenate([table[[value, "low", "high"]].to_numpy(dtype=float).ravel(), others])
    known = every[np.isfinite(every)]
    return (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
