"""What the tables of evidence say of each technique, by rules that are stated: no claim that no interval carries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from backend.cohort.evidence import ALL, AROUND_R, Evidence
from backend.explain.api import TECHNIQUES
from backend.explain.quality.stability import VERDICTS

__all__ = [
    "BETTER",
    "LIKE",
    "LIKE_THE_REAL",
    "RANDOM",
    "UNDECIDED",
    "UNLIKE",
    "WORSE",
    "Estimate",
    "Finding",
    "Looked",
    "beyond_controls",
    "findings",
    "looked_at",
    "techniques_of",
]

RANDOM = "random"
"""The technique that is the other control, beside AROUND_R: as much deleted anywhere."""

BETTER, WORSE, UNDECIDED = "better", "worse", "undecided"
LIKE, UNLIKE = "like", "unlike"

_COMPREHENSIVENESS = "comprehensiveness"
_OVER = {RANDOM: "over_random", AROUND_R: "over_around_r"}

LIKE_THE_REAL = 0.5
"""A salience of a network whose weights were drawn anew that has this rank correlation or more with the real one is
called like it. Adebayo et al. 2018 give no limit; from here on more than a quarter of the ranks' variance is shared."""


@dataclass(frozen=True)
class Estimate:
    """A figure over the test set with its 95 % interval, which is NaN where too few patients stand behind it."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Finding:
    """What was found of one technique.

    Attributes
    ----------
    technique : str
    against_random, against_around_r : mapping of fill to str
        BETTER where deleting what the technique marks costs the score more than the control costs it on the same
        windows, with the whole interval of the difference above 0; WORSE where it lies below, else UNDECIDED.
    once_random : Estimate or None
        Rank correlation with the real salience once every layer is randomised.
    stable, unreliable : float or None
        Shares of the beats with the best and with the worst verdict on stability.
    """

    technique: str
    against_random: Mapping[str, str]
    against_around_r: Mapping[str, str]
    once_random: Estimate | None
    stable: float | None
    unreliable: float | None

    @property
    def likeness(self) -> str | None:
        """LIKE where it fails the sanity check: its salience stays when what was learned is gone. None if not known.

        UNLIKE where it passes, UNDECIDED where the interval holds the limit.
        """
        if self.once_random is None:
            return None
        if self.once_random.low >= LIKE_THE_REAL:
            return LIKE
        return UNLIKE if self.once_random.high < LIKE_THE_REAL else UNDECIDED


def techniques_of(evidence: Evidence) -> tuple[str, ...]:
    """The techniques of the tables in the order in which they are offered; controls are none."""
    named = {*evidence.measures.technique, *evidence.shares.technique, *evidence.sanity.technique} - {RANDOM, AROUND_R}
    offered = list(TECHNIQUES)
    return tuple(
        sorted(named, key=lambda name: (name not in offered, offered.index(name) if name in offered else name))
    )


def beyond_controls(measures: pd.DataFrame) -> pd.DataFrame:
    """By how much more than each control deleting what a technique marks costs the score, on the same windows.

    Parameters
    ----------
    measures : DataFrame
        ``Evidence.measures``.

    Returns
    -------
    DataFrame
        ``technique``, ``fill``, ``class``, ``control`` (RANDOM or AROUND_R), the difference of comprehensiveness as
        ``value`` with ``low`` and ``high``, ``n``. No control has a row on itself.
    """
    drops = measures[measures.measure == _COMPREHENSIVENESS]
    # Evidence of before differences were measured has no such columns.
    there = {control: over for control, over in _OVER.items() if over in drops}
    told = [
        drops[["technique", "fill", "class", "n"]].assign(
            control=control, value=drops[over], low=drops[f"{over}_low"], high=drops[f"{over}_high"]
        )
        for control, over in there.items()
    ]
    empty = pd.DataFrame(columns=["technique", "fill", "class", "n", "control", "value", "low", "high"])
    return pd.concat(told, ignore_index=True).dropna(subset=["value"]) if told else empty


def findings(evidence: Evidence, class_name: str = ALL) -> tuple[Finding, ...]:
    """What was found of each technique.

    Parameters
    ----------
    class_name : str
        The class whose beats the comparisons with controls are of; sanity and stability are of all.
    """
    beyond = beyond_controls(evidence.measures)
    own = beyond[beyond["class"] == class_name]
    return tuple(
        Finding(
            name,
            _against(own, name, RANDOM),
            _against(own, name, AROUND_R),
            _once_random(evidence.sanity, name),
            *_verdict_shares(evidence.verdicts, name),
        )
        for name in techniques_of(evidence)
    )


@dataclass(frozen=True)
class Looked:
    """On which of the parts of a beat that a cardiologist looks at a technique's salience lies.

    Attributes
    ----------
    more, less, undecided : tuple of str
        Parts with more or less than their share of the time, and those whose interval holds that share. What the
        tables do not tell of, or without an interval, is in none of them.
    """

    more: tuple[str, ...]
    less: tuple[str, ...]
    undecided: tuple[str, ...]

    @property
    def told(self) -> int:
        """How many parts the tables tell of."""
        return len(self.more) + len(self.less) + len(self.undecided)


def looked_at(shares: pd.DataFrame, technique: str, class_name: str, parts: Sequence[str]) -> Looked:
    """Whether a technique points at some parts of the beats of a class for more than their share of the time.

    Parameters
    ----------
    shares : DataFrame
        ``Evidence.shares``.
    parts : sequence of str
        Of ``wave_agreement.PARTS``.
    """
    own = shares[(shares.technique == technique) & (shares["class"] == class_name)].set_index("segment")
    known = [part for part in parts if part in own.index and np.isfinite([own.low[part], own.high[part]]).all()]
    said = {part: _beside(own.low[part], own.high[part], own.time_share[part]) for part in known}
    return Looked(*(tuple(part for part in known if said[part] == kind) for kind in (BETTER, WORSE, UNDECIDED)))


def _against(beyond: pd.DataFrame, technique: str, control: str) -> dict[str, str]:
    """The verdict for each fill that technique and control were measured with."""
    own = beyond[(beyond.technique == technique) & (beyond.control == control)]
    return {fill: _beside(low, high, 0.0) for fill, low, high in zip(own.fill, own.low, own.high, strict=True)}


def _beside(low: float, high: float, level: float) -> str:
    # Any comparison with NaN is false: what has no interval is undecided.
    if low > level:
        return BETTER
    return WORSE if high < level else UNDECIDED


def _once_random(sanity: pd.DataFrame, technique: str) -> Estimate | None:
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
