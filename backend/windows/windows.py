"""The windows that a model reads: one for each beat, alarm or stay."""

from dataclasses import dataclass, replace

import numpy as np

__all__ = ["Windows"]


@dataclass(frozen=True, eq=False)
class Windows:
    """Stretches of a record, ready for a model.

    Attributes
    ----------
    values : float32 array, shape = (n, T, D)
        Exactly what the network reads, after all preprocessing.
    variables : tuple of str, length D
        For instance ``("lead II", "lead V1", "RR before", "RR after")``.
    sampling_rate : float
        Hz, of the T steps.
    anchor : int64 array, shape = (n,)
        The sample of the record (at the record's own sampling rate) that each window hangs on: the R peak.
    anchor_step : int
        The step of the window at which the anchor lies.
    reference : tuple of str, length n, or None
        The reference label of each window, empty where the reference says nothing; None without a reference.
    """

    values: np.ndarray
    variables: tuple[str, ...]
    sampling_rate: float
    anchor: np.ndarray
    anchor_step: int
    reference: tuple[str, ...] | None = None

    def where(self, kept: np.ndarray) -> "Windows":
        """The windows that the mask ``kept`` selects."""
        reference = None
        if self.reference is not None:
            reference = tuple(label for label, is_kept in zip(self.reference, kept, strict=True) if is_kept)
        return replace(self, values=self.values[kept], anchor=self.anchor[kept], reference=reference)
