"""The measurements of a window, such as RR intervals: how far each supports or opposes a class."""

from dataclasses import dataclass

import numpy as np

from backend.explain.target_output import select_output
from backend.models.bundle import Bundle
from backend.models.scores import compute_scores
from backend.windows.base import without_sources

__all__ = ["MeasurementDrop", "measure_measurements"]


@dataclass(frozen=True)
class MeasurementDrop:
    """The score drop when one measurement is deleted whole.

    Attributes
    ----------
    measurement : str
        As in ``bundle.window.whole_sources``.
    drop : float
        Positive if the measurement supports the class, negative if it opposes it.
    """

    measurement: str
    drop: float


def measure_measurements(
    bundle: Bundle, window: np.ndarray, target: str, explained: str = "score"
) -> tuple[MeasurementDrop, ...]:
    """Return the score drop of each measurement of a window, in the order of the model; empty where it reads none.

    A measurement is deleted from the whole window: the model reads what it reads where the measurement is not known.

    Parameters
    ----------
    bundle : Bundle
    window : float32 array, shape = (T, D)
    target : str
        The class whose score is explained.
    explained : ``score`` or ``probability``

    Raises
    ------
    RecordRefused
        If the model lacks the class.
    """
    measurements = bundle.window.whole_sources
    variants = [window, *(without_sources(bundle.window, window[np.newaxis], {own})[0] for own in measurements)]
    outputs = select_output(bundle, compute_scores(bundle, np.stack(variants)), target, explained)
    drops = outputs[0] - outputs[1:]
    return tuple(MeasurementDrop(own, float(drop)) for own, drop in zip(measurements, drops, strict=True))
