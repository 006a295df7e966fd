"""What a clinician is told of how far one explanation can be relied on."""

from collections.abc import Mapping, Sequence

import numpy as np

__all__ = ["MODERATE_FROM", "STABLE_FROM", "UNCOUNTED", "VERDICTS", "verdict_on"]

VERDICTS = ("stable", "moderately stable", "do not rely on it")
"""By the lowest rank correlation of all that was varied: from 0.8, from 0.5, and below; noise alone earns the second.

The limits say how much of what a reader looks at stays. Of 3,348 pairs of a salience and a varied one (30 beats of test
patients of MIT-BIH for each of the two bundled models of beats, 24 for the mask, seven techniques), those with a
correlation of 0.8 or more had a median of 95 % of the most salient tenth in common, and 97 % of them half of it or
more; between 0.5 and 0.8, 71 %, and 88 % half or more; between 0.3 and 0.5, 46 %, and 41 % half or more. Of random
salience eight in ten correlations lie within 0.1 of 0.

Lowest correlations (10th percentile, median, 90th) in 33 and 36 such beats, evenly of all classes as far as there are
beats of them, of ecg-beat and of ecg-beat-2018, and in how many a salience lowered the score more than all of 19 random
ones, which is asked of it too:

- occlusion 0.77, 0.89, 0.95, in 100 %, and 0.11, 0.51, 0.84, in 97 %
- mask 0.31, 0.72, 0.81, in 100 %, and -0.10, 0.54, 0.92, in 94 %
- derivative 0.59, 0.72, 0.79, in 58 %, and 0.43, 0.77, 0.94, in 47 %
- random -0.06, -0.04, -0.03, in 0 %, and -0.14, -0.10, -0.03, in 0 %
"""

STABLE_FROM = 0.8
MODERATE_FROM = 0.5

UNCOUNTED = "fill"
"""The variation that asks another question: what the window is compared with. It is told, and does not count."""

_FEEBLE = "noise"
"""Nearly every technique stands a little noise: having stood nothing else does not make an explanation stable."""

_WHEN = {
    "seed": "other random numbers are drawn",
    "l1": "its prices change",
    "l2": "its prices change",
    "width": "the hidden stretch is narrower or wider",
    "shift": "the beat moves by up to {most} samples",
    "noise": "a little noise is added",
}
"""How a kind of variation reads after "when"; kinds that read alike are told as one."""


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
    if worst < MODERATE_FROM:
        broken = {kind: own for kind, own in lowest.items() if own < MODERATE_FROM}
        return VERDICTS[2], f"Do not rely on it: another picture when {_listed(broken, most_shifted)}."
    is_tried = set(lowest) != {_FEEBLE}
    stays = worst >= STABLE_FROM
    verdict = VERDICTS[0] if stays and is_tried else VERDICTS[1]
    likeness = "the same picture" if stays else "much of the picture stays"
    sentence = f"{verdict.capitalize()}: {likeness} when {_listed(lowest, most_shifted)}."
    if not is_tried:
        sentence += " Nothing else could be varied here."
    if apart is not None and apart < MODERATE_FROM:
        # Adding 0 makes −0 a plain 0.
        shared = round(apart, 2) + 0.0
        sentence += f" With another stand-in for what is deleted it gives another picture ({shared:.2f})."
    return verdict, sentence


def _listed(lowest: Mapping[str, float], most_shifted: int) -> str:
    """Kinds of variation with their figures, as a sentence lists them."""
    told: dict[str, float] = {}
    for kind, own in lowest.items():
        told[_WHEN[kind]] = min(own, told.get(_WHEN[kind], own))
    *most, last = (f"{when.format(most=most_shifted)} ({own:.2f})" for when, own in told.items())
    return f"{', '.join(most)} or {last}" if most else last
