"""What the evidence says in plain words, with the figures that it rests on."""

import math
from collections.abc import Callable, Iterable, Mapping

import pandas as pd
import streamlit as st

from backend import workbench
from backend.charts.style.number_format import format_decimal, format_percent, format_range
from backend.charts.style.technique_styles import technique_style
from backend.cohort.findings import (
    BETTER,
    DISSIMILAR,
    SIMILAR,
    SIMILAR_FROM,
    UNDECIDED,
    WORSE,
    Finding,
    summarise_evidence,
)
from backend.windows.beats.beat_windows import BeatWindow
from pages.parts.evidence.evidence_choice import EvidenceChoice, fill_in_words

__all__ = ["say_what_k_deletes", "show_summary"]

_OF_MEASUREMENTS = (
    "This model reads measurements of the beat beside its leads (RR intervals, QRS duration, P wave), the same at "
    "every step. With k = 0 or 0.5 they are deleted too, and much of the score lost is theirs: a technique may be "
    "better than the controls for knowing which measurement counts, rather than which wave. The mean and the moving "
    "average leave them as they are: only these k judge the leads alone."
)
_MOST = 0.5
_SANITY_REMARKS = {SIMILAR: ", fails", UNDECIDED: ", in doubt"}
_NONE = "–"


def show_summary(choice: EvidenceChoice) -> None:
    """Say which techniques are better than the controls, which fail the sanity check and which are stable."""
    about = choice.evidence.about
    found = summarise_evidence(choice.evidence, choice.class_name)
    st.caption(
        f"Measured on {about['beats']:,} beats of {about['patients']} patients that the model was not trained on, for "
        f"the class that it names; the comparisons with controls are of {choice.beats_in_words}. k: what deleted "
        "values become. A technique is called better than a control only where the whole 95 % interval of the "
        "difference on the same beats (bootstrap over patients) lies above 0."
    )
    st.markdown("\n".join(f"- {sentence}" for sentence in _sentences(found)))
    st.table(_table(choice, found), border="horizontal", hide_index=True)
    st.caption(
        f"Score lost: its mean fall when the most salient is deleted, of {choice.beats_in_words}, with k: "
        f"{fill_in_words(choice.fill)}. Like itself once random: rank correlation; {SIMILAR_FROM} or more is to fail. "
        "Figures of fewer than five patients have no interval and decide nothing. 0 and the window's mean are nearly "
        "the same k on a signal without offset."
    )


def say_what_k_deletes(model: str) -> None:
    """Say of a model that reads more than leads what a k deletes beside them."""
    window = workbench.model(model).window
    if isinstance(window, BeatWindow) and window.measurements:
        st.caption(_OF_MEASUREMENTS)


def _sentences(found: tuple[Finding, ...]) -> Iterable[str]:
    yield "**Better than chance?** What they mark, deleted, costs the score more than as much deleted at random: " + (
        _against_in_words(found, lambda one: one.against_random)
    )
    yield "**Better than pointing at the R peak?** More than as much deleted around the R peak: " + (
        _against_in_words(found, lambda one: one.against_around_r)
    )
    yield "**Do they need what the model learned?** " + _sanity_in_words(found)
    yield "**Do they stay the same?** " + _stability_in_words(found)


def _against_in_words(found: tuple[Finding, ...], verdicts_of: Callable[[Finding], Mapping[str, str]]) -> str:
    """Who is better with every k, with some, with none; and who is worse."""
    measured = [one for one in found if verdicts_of(one)]
    if not measured:
        return "not measured."
    better = {one.technique: _count(verdicts_of(one), BETTER) for one in measured}
    worse = {one.technique: _count(verdicts_of(one), WORSE) for one in measured}
    every = {one.technique: len(verdicts_of(one)) for one in measured}
    groups = (
        ("with every k", [name for name in better if better[name] == every[name]], None),
        ("with some k", [name for name in better if 0 < better[name] < every[name]], better),
        ("with none", [name for name in better if better[name] == 0], None),
        ("worse than that with some k", [name for name in worse if worse[name]], worse),
    )
    return "; ".join(f"**{title}** {_named(names, counts, every)}" for title, names, counts in groups if names) + "."


def _named(names: Iterable[str], counts: Mapping[str, int] | None, every: Mapping[str, int]) -> str:
    return ", ".join(
        technique_style(name).label + (f" ({counts[name]} of {every[name]})" if counts else "") for name in names
    )


def _count(verdicts: Mapping[str, str], kind: str) -> int:
    return sum(verdict == kind for verdict in verdicts.values())


def _sanity_in_words(found: tuple[Finding, ...]) -> str:
    measured = [(one, one.randomised_similarity) for one in found if one.randomised_similarity is not None]
    if not measured:
        return "Not measured."
    groups = (
        ("**yes**, which is to fail:", SIMILAR),
        ("**in doubt**:", UNDECIDED),
        ("**no**:", DISSIMILAR),
    )
    named = {
        title: [
            f"{technique_style(one.technique).label} ({format_decimal(figure.value)})"
            for one, figure in measured
            if one.similarity == kind
        ]
        for title, kind in groups
    }
    each = "; ".join(f"{title} {', '.join(names)}" for title, names in named.items() if names)
    return f"Is their picture still like the real one once every weight of the network is drawn at random? {each}."


def _stability_in_words(found: tuple[Finding, ...]) -> str:
    stable = {one.technique: one.stable for one in found if one.stable is not None}
    unreliable = {one.technique: one.unreliable for one in found if one.unreliable is not None}
    if not stable:
        return "Not measured."
    on_most, unreliable_on_most = _most_beats(stable), _most_beats(unreliable)
    sentence = f"Stable on most beats: {on_most}." if on_most else "None is stable on most beats."
    return sentence + (f" Not to be relied on, on most beats: {unreliable_on_most}." if unreliable_on_most else "")


def _most_beats(shares: Mapping[str, float]) -> str:
    """Name the techniques with a verdict on more than half of the beats, the largest share first."""
    ordered = sorted(shares.items(), key=lambda share: -share[1])
    return ", ".join(
        f"{technique_style(name).label} ({format_percent(share)})" for name, share in ordered if share > _MOST
    )


def _table(choice: EvidenceChoice, found: tuple[Finding, ...]) -> pd.DataFrame:
    measures = choice.evidence.measures
    own = measures[
        (measures["class"] == choice.class_name)
        & (measures.fill == choice.fill)
        & (measures.measure == "comprehensiveness")
    ].set_index("technique")
    return pd.DataFrame(
        {
            "technique": [technique_style(one.technique).label for one in found],
            "score lost": [_row_in_words(own, one.technique) for one in found],
            "better than chance": [_counts_in_words(one.against_random) for one in found],
            "better than the R peak": [_counts_in_words(one.against_around_r) for one in found],
            "like itself once random": [_likeness_in_words(one) for one in found],
            "stable on": [format_percent(one.stable) for one in found],
            "do not rely on": [format_percent(one.unreliable) for one in found],
        }
    )


def _row_in_words(own: pd.DataFrame, technique: str) -> str:
    if technique not in own.index:
        return _NONE
    row = own.loc[technique]
    interval = "" if math.isnan(row.low) else f" ({format_range(row.low, row.high)})"
    return f"{format_decimal(row.value)}{interval}"


def _counts_in_words(verdicts: Mapping[str, str]) -> str:
    if not verdicts:
        return _NONE
    worse = _count(verdicts, WORSE)
    return f"{_count(verdicts, BETTER)} of {len(verdicts)} k" + (f", worse with {worse}" if worse else "")


def _likeness_in_words(one: Finding) -> str:
    if one.randomised_similarity is None:
        return _NONE
    return format_decimal(one.randomised_similarity.value) + _SANITY_REMARKS.get(one.similarity or "", "")
