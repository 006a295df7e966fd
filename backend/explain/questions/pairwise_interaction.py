"""Pairwise interaction: whether two variables are redundant, synergistic or independent for a class score."""

from backend.explain.questions.feature_ranking import Pair

__all__ = ["ADDITIVE", "INTERACTIONS", "NEGLIGIBLE", "OPPOSITE", "REDUNDANCY", "SYNERGY", "classify_interaction"]

REDUNDANCY, SYNERGY, ADDITIVE, OPPOSITE, NEGLIGIBLE = "redundancy", "synergy", "additive", "opposite", "negligible"

INTERACTIONS = {
    REDUNDANCY: "removed together they cost more than separately; either can replace the other",
    SYNERGY: "removed together they cost less than separately; the score needs both",
    ADDITIVE: "removed together they cost as much as separately; each counts for itself",
    OPPOSITE: "removed together they change the score in the opposite direction to separately",
    NEGLIGIBLE: "neither together nor separately do they change the score by 0.02",
}
"""What each interaction means.

Where either variable alone carries what both do, removing one costs little and removing both costs everything. Where
the score needs both, removing one already costs everything.
"""

_SAME_SHARE = 0.1
_LEAST_EFFECT = 0.02


def classify_interaction(pair: Pair) -> str:
    """Return the interaction of two variables, one of ``INTERACTIONS``.

    Parameters
    ----------
    pair : Pair
        The score drop when both are removed together, and the sum of their separate drops.

    Notes
    -----
    - An effect below 0.02 of the score is negligible.
    - Drops that differ by less than 0.02, or by at most a tenth of the greater one, are equal.
    """
    greater = max(abs(pair.together), abs(pair.separate))
    if greater < _LEAST_EFFECT:
        return NEGLIGIBLE
    if abs(pair.together - pair.separate) <= max(_SAME_SHARE * greater, _LEAST_EFFECT):
        return ADDITIVE
    if pair.together * pair.separate < 0:
        return OPPOSITE
    return REDUNDANCY if abs(pair.together) > abs(pair.separate) else SYNERGY
