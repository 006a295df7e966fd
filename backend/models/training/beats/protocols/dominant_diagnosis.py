"""The dominant diagnosis of 12-lead records, by record."""

from typing import Any

from backend.models.metrics.beat_metrics import Outcomes, share_with_interval

__all__ = ["dominant_figures"]


def dominant_figures(outcomes: Outcomes) -> dict[str, dict[str, Any]]:
    """Return the records of each diagnosis and the share whose most frequent prediction is that diagnosis.

    Parameters
    ----------
    outcomes : Outcomes
        From ``record_outcomes``; a record without a window counts as wrong.
    """
    rows = {}
    for label in sorted(set(outcomes.reference.tolist())):
        own = outcomes.where(outcomes.reference == label)
        rows[label] = {"records": len(own), "right": share_with_interval(own.predicted == label, own.patients)}
    return rows
