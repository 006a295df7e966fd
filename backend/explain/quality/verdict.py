"""The verdict on the stability of one explanation, as clinicians read it."""

from collections.abc import Mapping, Sequence

import numpy as np

__all__ = ["MODERATE_FROM", "STABLE_FROM", "UNCOUNTED", "VERDICTS", "VERDICT_LABELS", "judge_stability"]

VERDICTS = ("stable", "moderately stable", "do not rely on it")
"""The keys of the verdicts, by the lowest rank correlation.

Evidence files hold these keys; VERDICT_LABELS are the words on screens.
"""

VERDICT_LABELS: Mapping[str, str] = {
    "stable": "stable",
    "moderately stable": "moderately stable",
    "do not rely on it": "not stable",
}

STABLE_FROM = 0.8
MODERATE_FROM = 0.5

UNCOUNTED = "fill"
"""The variation that changes the question, since the window is compared with another baseline; it is reported only."""

_EASY = "noise"
"""Nearly every technique tolerates a little noise: noise alone does not make an explanation stable."""

_WHEN = {
    "seed": "the random seed changes",
    "l1": "its penalty weights change",
    "l2": "its penalty weights change",
    "width": "the hidden stretch is narrower or wider",
    "shift": "the beat moves by up to {most} time steps",
    "noise": "a little noise is added",
}
"""How each kind of variation reads after "when"; kinds with the same words are listed once."""


def judge_stability(
    correlations: Mapping[str, Sequence[float]], drop: float, random_drops: np.ndarray, most_shifted: int
) -> tuple[str, str]:
    """Return one of VERDICTS, and a sentence with its figures.

    Parameters
    ----------
    correlations : mapping of kind of variation to rank correlations
        As ``Stability`` holds them; empty for a constant salience.
    drop : float
        Score reduction when the most salient entries are deleted: ``Faithfulness.comprehensiveness``.
    random_drops : float array, shape = (draws,)
        The same for random deletions.
    most_shifted : int
        The largest shift of the beat, in time steps.
    """
    lowest = {kind: min(values) for kind, values in correlations.items() if values}
    with_other_baseline = lowest.pop(UNCOUNTED, None)
    if not lowest:
        return VERDICTS[2], "Not stable: the salience is constant and marks nothing."
    if drop <= random_drops.max():
        chance = f"{random_drops.min():.2f} to {random_drops.max():.2f}"
        return VERDICTS[2], (
            f"Not stable: deleting what it marks lowers the score no more than deleting at random "
            f"({drop:.2f}; at random {chance})."
        )
    worst = min(lowest.values())
    if worst < MODERATE_FROM:
        unstable = {kind: value for kind, value in lowest.items() if value < MODERATE_FROM}
        return VERDICTS[2], f"Not stable: the salience changes when {_list_variations(unstable, most_shifted)}."
    is_varied = set(lowest) != {_EASY}
    stays = worst >= STABLE_FROM
    verdict = VERDICTS[0] if stays and is_varied else VERDICTS[1]
    similarity = "the salience stays the same" if stays else "much of the salience stays the same"
    sentence = f"{verdict.capitalize()}: {similarity} when {_list_variations(lowest, most_shifted)}."
    if not is_varied:
        sentence += " Nothing else could be varied here."
    if with_other_baseline is not None and with_other_baseline < MODERATE_FROM:
        # Adding 0 makes −0 a plain 0.
        sentence += f" Another baseline value gives another salience ({round(with_other_baseline, 2) + 0.0:.2f})."
    return verdict, sentence


def _list_variations(lowest: Mapping[str, float], most_shifted: int) -> str:
    """Return the kinds of variation with their lowest correlations as a list for a sentence."""
    by_words: dict[str, float] = {}
    for kind, value in lowest.items():
        by_words[_WHEN[kind]] = min(value, by_words.get(_WHEN[kind], value))
    *most, last = (f"{when.format(most=most_shifted)} ({value:.2f})" for when, value in by_words.items())
    return f"{', '.join(most)} or {last}" if most else last
