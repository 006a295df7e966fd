"""Which columns of a window share one mask."""

import numpy as np

from backend.models.bundle import Bundle
from backend.windows.windows import columns_of

__all__ = ["columns_of_masks"]


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
