"""What a clinician is told of how far one explanation can be relied on."""

from collections.abc import Mapping, Sequence

import numpy as np

__all__ = ["UNCOUNTED", "VERDICTS", "verdict_on"]

VERDICTS = ("stable", "moderately stable", "do not rely on it")

_STABLE_FROM = 0.8
_MODERATE_FROM = 0.5

UNCOUNTED = "fill"
"""The variation that asks another question: what the window is compared with. It is told, and does not count."""

_WHEN = {
    "seed": "other random numbers are drawn",
    "l1": "the price of fading changes",
    "l2": "the price of changes from step to step changes",
    "width": "the hidden stretch is narrower or wider",
    "shift": "the beat moves by up to {most} samples",
    "noise": "a little noise is added",
}
"""How a kind of variation reads after "when"."""


def verdict_on(
    correlations: Mapping[str, Sequence[float]], drop: float, drops_at_random: np.ndarray, most_shifted: int
) -> tuple[str, str]:
    """One of VERDICTS, and a sentence with its figures.

    Parameters
    ----------
    correlations : mapping of kind of variation to rank correlations
        As ``Stability`` holds them; empty where the salience is constant, and so points at nothing.
    drop : float
        Of the score, when the most salient entries are deleted: ``Faithfulness.comprehensiveness``.
    drops_at_random : float array, shape = (draws,)
        The same when as many are deleted at random.
    most_shifted : int
        The farthest that the beat was moved, in samples.
    """
    lowest = {kind: min(own) for kind, own in correlations.items() if own}
    apart = lowest.pop(UNCOUNTED, None)
    if not lowest:
        return VERDICTS[2], "Do not rely on it: it points at nothing."
    if drop <= drops_at_random.max():
        chance = f"{drops_at_random.min():.2f} to {drops_at_random.max():.2f}"
        return VERDICTS[2], (
            f"Do not rely on it: deleting what it points at lowers the score no more than deleting at random "
            f"({drop:.2f} against {chance})."
        )
    worst = min(lowest.values())
    if worst < _MODERATE_FROM:
        broken = {kind: own for kind, own in lowest.items() if own < _MODERATE_FROM}
        return VERDICTS[2], f"Do not rely on it: another picture when {_listed(broken, most_shifted)}."
    verdict = VERDICTS[0] if worst >= _STABLE_FROM else VERDICTS[1]
    likeness = "the same picture" if verdict == VERDICTS[0] else "much the same picture"
    sentence = f"{verdict.capitalize()}: {likeness} when {_listed(lowest, most_shifted)}."
    if apart is not None and apart < _MODERATE_FROM:
        sentence += f" Deleted values that become something else give another picture ({apart:.2f})."
    return verdict, sentence


def _listed(lowest: Mapping[str, float], most_shifted: int) -> str:
    """Kinds of variation with their figures, as a sentence lists them."""
    *most, last = (f"{_WHEN[kind].format(most=most_shifted)} ({own:.2f})" for kind, own in lowest.items())
    return f"{', '.join(most)} or {last}" if most else last
