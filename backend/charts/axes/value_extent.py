"""The extent of a column of values and their intervals."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

__all__ = ["value_extent"]


def value_extent(table: pd.DataFrame, value: str, others: Sequence[float] = ()) -> tuple[float, float]:
    """Return the lowest and the highest of the column ``value``, its intervals ``low`` to ``high`` and ``others``.

    NaN is ignored (a figure from a single patient has no interval); without any number the extent is 0 to 1.
    """
    values = np.concatenate([table[[value, "low", "high"]].to_numpy(dtype=float).ravel(), others])
    known = values[np.isfinite(values)]
    return (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
