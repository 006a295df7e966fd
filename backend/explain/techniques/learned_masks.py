"""What the techniques that learn a mask share."""

import numpy as np

from backend.models.bundle import Bundle
from backend.windows.base import columns_of

__all__ = ["columns_of_masks", "slope_of_changes"]


def columns_of_masks(bundle: Bundle, variables: str) -> np.ndarray:
    """1 where a mask fades a column, float32, shape = (n_masks, D): ``mask @ columns`` is the mask of every column.

    Parameters
    ----------
    variables : ``each`` or ``together``
        One mask for each source of the variables, or one for all.
    """
    columns = columns_of(bundle.window.sources)
    if variables == "together":
        columns = np.ones((1, columns.shape[1]), dtype=bool)
    return columns.astype(np.float32)


def slope_of_changes(mask: np.ndarray, price: float) -> np.ndarray:
    """The derivative of price * sum|m[t+1] - m[t]| by m, float32, shape = (n, T, n_masks) as the mask.

    Changes are counted along time alone, not from variable to variable.
    """
    slope = np.zeros_like(mask)
    rises = np.float32(price) * np.sign(np.diff(mask, axis=1))
    slope[:, 1:] += rises
    slope[:, :-1] -= rises
    return slope
