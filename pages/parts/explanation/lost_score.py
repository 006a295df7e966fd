"""What relevance (LRP) does not pass on to the values of a window."""

import math
from collections.abc import Mapping

from backend import workbench
from backend.workbench import Reading
from pages.parts.explanation import explanation_text

__all__ = ["lost_line"]


def lost_line(reading: Reading, number: int, technique: str, target: str, parameters: Mapping[str, object]) -> str:
    """Return how much of the score is lost in the explanation of a window; empty for a technique that loses none."""
    lost = workbench.lost_share(reading, number, technique, target, parameters)
    if lost is None or math.isnan(lost):
        return ""
    study = workbench.stabiliser_study(reading.model)
    return explanation_text.lost_line(lost, study.test[-1].lost if study else None)
