"""The samples at which P, QRS and T of each beat begin, peak and end."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

__all__ = ["MARKS", "Waves", "steps_of_marks"]

MARKS = (
    "r_peak",
    "p_onset",
    "p_peak",
    "p_end",
    "qrs_onset",
    "q_peak",
    "r_wave",
    "s_peak",
    "qrs_end",
    "t_onset",
    "t_peak",
    "t_end",
)


@dataclass(frozen=True, eq=False)
class Waves:
    """The waves of each beat, in samples of the record; NaN where a wave or a mark is absent.

    Every mark is a float64 array, shape = (n_beats,). ``r_peak`` is never NaN: it is the sample of the beat that the
    detector gave, whichever deflection of QRS that is. The deflections themselves are ``q_peak``, ``r_wave`` and
    ``s_peak``: R is the first upward one (the same sample as ``r_peak`` in most beats, but not in QS, rS or rSR'), Q
    the lowest point before it, S the lowest after it. A QRS without R is all Q: ``q_peak`` is the nadir of QS,
    ``r_wave`` and ``s_peak`` are NaN.
    """

    r_peak: np.ndarray
    p_onset: np.ndarray
    p_peak: np.ndarray
    p_end: np.ndarray
    qrs_onset: np.ndarray
    q_peak: np.ndarray
    r_wave: np.ndarray
    s_peak: np.ndarray
    qrs_end: np.ndarray
    t_onset: np.ndarray
    t_peak: np.ndarray
    t_end: np.ndarray
    uncertain: Mapping[str, np.ndarray] = field(default_factory=dict)
    """By mark, bool arrays of shape = (n_beats,); a mark that is not a key was not judged."""

    p_probability: np.ndarray | None = None
    """The probability that the P of each beat is one, from 0 to 1; NaN where P is absent, None if it was not judged."""

    def is_uncertain(self, mark: str) -> np.ndarray:
        """Return whether a mark is present but uncertain, bool, shape = (n_beats,); `find_waves` gives the criteria.

        P, T and the edges of QRS are judged. ``r_peak``, Q, R and S are not, as no database shows where they are wrong.
        """
        is_present = ~np.isnan(getattr(self, mark))
        return is_present & self.uncertain.get(mark, np.zeros(len(is_present), dtype=bool))

    def uncertain_marks(self, index: int) -> tuple[str, ...]:
        """Return the names of the uncertain marks of one beat, in the order of `MARKS`."""
        return tuple(mark for mark in MARKS if self.is_uncertain(mark)[index])

    def beat(self, index: int) -> dict[str, int | None]:
        """Return the marks of one beat by name; None where absent."""
        marks = {mark: getattr(self, mark)[index] for mark in MARKS}
        return {mark: None if np.isnan(sample) else round(float(sample)) for mark, sample in marks.items()}

    def probability_of_p(self, index: int) -> float | None:
        """Return the probability of the P of one beat; None where P is absent or was not judged."""
        if self.p_probability is None or np.isnan(self.p_probability[index]):
            return None
        return float(self.p_probability[index])

    def deflections(self, index: int) -> dict[str, int]:
        """Return the samples of Q, R and S of one beat where present, or of QS, by their letters."""
        marks = self.beat(index)
        if marks["r_wave"] is None:
            return {} if marks["q_peak"] is None else {"QS": marks["q_peak"]}
        letters = {"Q": marks["q_peak"], "R": marks["r_wave"], "S": marks["s_peak"]}
        return {letter: sample for letter, sample in letters.items() if sample is not None}


def steps_of_marks(
    marks: Mapping[str, int | None],
    anchor: int,
    anchor_step: int,
    record_rate: float,
    window_rate: float,
) -> dict[str, int | None]:
    """Return marks in steps of a window; they may lie before its first or after its last step.

    Parameters
    ----------
    marks : mapping of str to int or None
        Samples of the record, from `Waves.beat`.
    anchor : int
        The sample of the record that the window is centred on.
    anchor_step : int
        The step of the anchor within the window.
    record_rate, window_rate : float
        Hz.
    """
    return {
        mark: None if sample is None else anchor_step + round((sample - anchor) * window_rate / record_rate)
        for mark, sample in marks.items()
    }
