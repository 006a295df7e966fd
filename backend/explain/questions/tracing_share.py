"""How much of a class score the tracing carries, and how much the measurements."""

from dataclasses import dataclass

import numpy as np

from backend.explain.target_output import select_output
from backend.models.bundle import Bundle
from backend.models.scores import compute_scores
from backend.windows.base import varying_sources, without_sources

__all__ = ["TracingShare", "compute_tracing_share"]


@dataclass(frozen=True)
class TracingShare:
    """The contributions of the tracing and of the measurements to a class score.

    Attributes
    ----------
    tracing, measurements : float
        In units of the score; negative for what opposes the class. They sum to the score less that of a window in which
        nothing is known.
    """

    tracing: float
    measurements: float

    @property
    def share(self) -> float | None:
        """The share of the tracing, 0 to 1; None where tracing or measurements oppose the class."""
        total = self.tracing + self.measurements
        return self.tracing / total if min(self.tracing, self.measurements) >= 0.0 < total else None


def compute_tracing_share(
    bundle: Bundle, window: np.ndarray, target: str, explained: str = "score"
) -> TracingShare | None:
    """Return the Shapley values of the tracing and of the measurements; None where the model reads no measurements.

    The two players are all leads together and all measurements together; one that does not play is not known to the
    model. With v the score, the tracing has ((v(both) - v(measurements)) + (v(tracing) - v(neither))) / 2.

    Parameters
    ----------
    bundle : Bundle
    window : float32 array, shape = (T, D)
    target : str
        The class whose score is shared.
    explained : ``score`` or ``probability``

    Raises
    ------
    RecordRefused
        If the model lacks the class.

    References
    ----------
    Shapley 1953, "A value for n-person games"; Lundberg & Lee 2017.
    """
    if not bundle.window.whole_sources:
        return None
    leads, measurements = varying_sources(bundle.window), bundle.window.whole_sources
    absent = ((), measurements, leads, (*leads, *measurements))
    coalitions = [without_sources(bundle.window, window[np.newaxis], own)[0] for own in absent]
    outputs = select_output(bundle, compute_scores(bundle, np.stack(coalitions)), target, explained)
    both, tracing, measured, neither = outputs.tolist()
    return TracingShare(
        tracing=((both - measured) + (tracing - neither)) / 2,
        measurements=((both - tracing) + (measured - neither)) / 2,
    )
