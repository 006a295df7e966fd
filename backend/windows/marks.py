"""Where P, QRS and T begin, peak and end."""

from dataclasses import dataclass, fields

import numpy as np

__all__ = ["MARKS", "Waves"]


@dataclass(frozen=True, eq=False)
class Waves:
    """The waves of each beat, in samples of the record; NaN where a wave or a mark is absent.

    Every attribute is a float64 array, shape = (n_beats,). ``r_peak`` is never NaN.
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

    def beat(self, index: int) -> dict[str, int | None]:
        """The marks of one beat by name; None where absent."""
        marks = {mark: getattr(self, mark)[index] for mark in MARKS}
        return {mark: None if np.isnan(sample) else round(float(sample)) for mark, sample in marks.items()}


MARKS = tuple(field.name for field in fields(Waves))
