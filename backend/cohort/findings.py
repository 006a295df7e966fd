"""Findings about each technique from the tables of evidence, by rules on confidence intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from backend.cohort.evidence import ALL, AROUND_R, Evidence
from backend.explain.api import TECHNIQUES
from backend.explain.quality.stability import VERDICTS

__all__ = [
    "BETTER",
    "DISSIMILAR",
    "RANDOM",
    "SIMILAR",
    "SIMILAR_FROM",
    "UNDECIDED",
    "WORSE",
    "Estimate",
    "Finding",
    "PartComparison",
    "compare_with_controls",
    "compare_with_time",
    "list_techniques",
    "summarise_evidence",
]

RANDOM = "random"
"""The control that deletes as much at random; AROUND_R is the other control."""

BETTER, WORSE, UNDECIDED = "better", "worse", "undecided"
SIMILAR, DISSIMILAR = "like", "unlike"

_COMPREHENSIVENESS = "comprehensiveness"
_OVER = {RANDOM: "over_random", AROUND_R: "over_around_r"}

SIMILAR_FROM = 0.5
"""The rank correlation from which the salience of a randomised network is similar to the real one.

Adebayo et al. 2018 give no limit; from here on more than a quarter of the variance of the ranks is shared.
"""


@dataclass(frozen=True)
class Estimate:
    """A figure over the test set with its 95% interval, NaN where there are too few patients."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Finding:
    """The findings about one technique.

    Attributes
    ----------
    technique : str
    against_random, against_around_r : mapping of fill to str
        BETTER where deleting what the technique marks lowers the score more than the control does on the same windows,
        with the whole interval of the difference above 0; WORSE where it is below 0, else UNDECIDED.
    randomised_similarity : Estimate or None
        Rank correlation with the real salience when every layer is randomised.
    stable, unreliable : float or None
        Shares of the beats with the best and with the worst verdict on stability.
    """

    technique: str
    against_random: Mapping[str, str]
    against_around_r: Mapping[str, str]
    randomised_similarity: Estimate | None
    stable: float | None
    unreliable: float | None

    @property
    def similarity(self) -> str | None:
        """SIMILAR if the technique fails the sanity check, DISSIMILAR if it passes; None if unknown.

        UNDECIDED where the interval contains the limit.
        """
        if self.randomised_similarity is None:
            return None
        if self.randomised_similarity.low >= SIMILAR_FROM:
            return SIMILAR
        return DISSIMILAR if self.randomised_similarity.high < SIMILAR_FROM else UNDECIDED


def list_techniques(evidence: Evidence) -> tuple[str, ...]:
    """Return the techniques of the tables in the order of the registry, without the controls."""
    names = {*evidence.measures.technique, *evidence.shares.technique, *evidence.sanity.technique} - {RANDOM, AROUND_R}
    registered = list(TECHNIQUES)
    return tuple(
        sorted(names, key=lambda name: (name not in registered, registered.index(name) if name in registered else name))
    )


def compare_with_controls(measures: pd.DataFrame) -> pd.DataFrame:
    """Return the difference in score reduction between each technique and each control, on the same windows.

    Parameters
    ----------
    measures : DataFrame
        ``Evidence.measures``.

    Returns
    -------
    DataFrame
        ``technique``, ``fill``, ``class``, ``control`` (RANDOM or AROUND_R), the difference of comprehensiveness as
        ``value`` with ``low`` and ``high``, ``n``. A control has no row against itself.
    """
    drops = measures[measures.measure == _COMPREHENSIVENESS]
    # Older evidence lacks these columns.
    measured = {control: over for control, over in _OVER.items() if over in drops}
    differences = [
        drops[["technique", "fill", "class", "n"]].assign(
            control=control, value=drops[over], low=drops[f"{over}_low"], high=drops[f"{over}_high"]
        )
        for control, over in measured.items()
    ]
    empty = pd.DataFrame(columns=["technique", "fill", "class", "n", "control", "value", "low", "high"])
    return pd.concat(differences, ignore_index=True).dropna(subset=["value"]) if differences else empty


def summarise_evidence(evidence: Evidence, class_name: str = ALL) -> tuple[Finding, ...]:
    """Return the findings about each technique.

    Parameters
    ----------
    class_name : str
        The class of the comparisons with controls; randomisation and stability cover all classes.
    """
    differences = compare_with_controls(evidence.measures)
    of_class = differences[differences["class"] == class_name]
    return tuple(
        Finding(
            name,
            _compare(of_class, name, RANDOM),
            _compare(of_class, name, AROUND_R),
            _estimate_similarity(evidence.sanity, name),
            *_verdict_shares(evidence.verdicts, name),
        )
        for name in list_techniques(evidence)
    )


@dataclass(frozen=True)
class PartComparison:
    """The salience on the parts of a beat that a cardiologist looks at, compared with their share of the time.

    Attributes
    ----------
    more, less, undecided : tuple of str
        Parts with more or less salience than their share of the time, and those whose interval contains that share.
        Parts without figures or without an interval are in none of them.
    """

    more: tuple[str, ...]
    less: tuple[str, ...]
    undecided: tuple[str, ...]

    @property
    def n_compared(self) -> int:
        """The number of parts with figures."""
        return len(self.more) + len(self.less) + len(self.undecided)


def compare_with_time(shares: pd.DataFrame, technique: str, class_name: str, parts: Sequence[str]) -> PartComparison:
    """Return how the salience on some parts of the beats of a class compares with their share of the time.

    Parameters
    ----------
    shares : DataFrame
        ``Evidence.shares``.
    parts : sequence of str
        Of ``wave_agreement.PARTS``.
    """
    rows = shares[(shares.technique == technique) & (shares["class"] == class_name)].set_index("segment")
    known = [part for part in parts if part in rows.index and np.isfinite([rows.low[part], rows.high[part]]).all()]
    results = {part: _decide(rows.low[part], rows.high[part], rows.time_share[part]) for part in known}
    return PartComparison(
        *(tuple(part for part in known if results[part] == kind) for kind in (BETTER, WORSE, UNDECIDED))
    )


def _compare(differences: pd.DataFrame, technique: str, control: str) -> dict[str, str]:
    """Return BETTER, WORSE or UNDECIDED for each baseline of technique and control."""
    rows = differences[(differences.technique == technique) & (differences.control == control)]
    return {fill: _decide(low, high, 0.0) for fill, low, high in zip(rows.fill, rows.low, rows.high, strict=True)}


def _decide(low: float, high: float, level: float) -> str:
    # A comparison with NaN is false: without an interval the result is undecided.
    if low > level:
        return BETTER
    return WORSE if high < level else UNDECIDED


def _estimate_similarity(sanity: pd.DataFrame, technique: str) -> Estimate | None:
    own = sanity[sanity.technique == technique]
    if own.empty:
        return None
    last = own.loc[own.stage.idxmax()]
    return Estimate(float(last.correlation), float(last.low), float(last.high))


def _verdict_shares(verdicts: pd.DataFrame, technique: str) -> tuple[float | None, float | None]:
    own = verdicts[verdicts.technique == technique]
    if own.empty:
        return None, None
    shares = dict(zip(own.verdict, own.share, strict=True))
    return float(shares.get(VERDICTS[0], 0.0)), float(shares.get(VERDICTS[-1], 0.0))
