"""The findings of the evidence: a table, and sentences on request."""

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
    UNDECIDED,
    WORSE,
    Finding,
    summarise_evidence,
)
from pages.parts.evidence import evidence_text
from pages.parts.evidence.evidence_choice import EvidenceChoice

__all__ = ["show_summary"]

_MOST = 0.5
_RANDOMISATION_REMARKS = {SIMILAR: ", fails", UNDECIDED: ", undecided"}
_NONE = "–"


def show_summary(choice: EvidenceChoice) -> None:
    """Draw which techniques are better than the controls, which fail the randomisation test and which are stable."""
    findings = summarise_evidence(choice.evidence, choice.class_name)
    about = evidence_text.measured_on(choice.evidence.about, choice.class_name, choice.fill)
    note = evidence_text.MEASUREMENTS_NOTE if _reads_measurements(choice.model) else ""
    st.caption(about, help=evidence_text.table_help(note))
    st.table(_table(choice, findings), border="horizontal", hide_index=True)
    with st.expander(evidence_text.FINDINGS_TITLE):
        st.markdown("\n".join(f"- {sentence}" for sentence in _sentences(findings)))


def _reads_measurements(model: str) -> bool:
    """Return whether a model reads measurements of the whole beat besides leads."""
    return bool(workbench.model(model).window.whole_sources)


def _sentences(findings: tuple[Finding, ...]) -> Iterable[str]:
    random = _against_control(findings, lambda finding: finding.against_random)
    yield f"**Better than random deletion of the same share**: {random}"
    around_r = _against_control(findings, lambda finding: finding.against_around_r)
    yield f"**Better than deletion around the R peak**: {around_r}"
    yield f"**Similarity after randomisation of the network**: {_randomisation(findings)}"
    yield f"**Stability**: {_stability(findings)}"


def _against_control(findings: tuple[Finding, ...], verdicts_of: Callable[[Finding], Mapping[str, str]]) -> str:
    """Name the techniques that are better with every baseline, with some and with none, and those that are worse."""
    measured = [finding for finding in findings if verdicts_of(finding)]
    if not measured:
        return evidence_text.NOT_MEASURED
    better = {finding.technique: _count(verdicts_of(finding), BETTER) for finding in measured}
    worse = {finding.technique: _count(verdicts_of(finding), WORSE) for finding in measured}
    every = {finding.technique: len(verdicts_of(finding)) for finding in measured}
    groups = (
        ("with every k", [name for name in better if better[name] == every[name]], None),
        ("with some k", [name for name in better if 0 < better[name] < every[name]], better),
        ("with none", [name for name in better if better[name] == 0], None),
        ("worse with some k", [name for name in worse if worse[name]], worse),
    )
    return "; ".join(f"**{title}** {_named(names, counts, every)}" for title, names, counts in groups if names) + "."


def _named(names: Iterable[str], counts: Mapping[str, int] | None, every: Mapping[str, int]) -> str:
    return ", ".join(
        technique_style(name).label + (f" ({counts[name]} of {every[name]})" if counts else "") for name in names
    )


def _count(verdicts: Mapping[str, str], kind: str) -> int:
    return sum(verdict == kind for verdict in verdicts.values())


def _randomisation(findings: tuple[Finding, ...]) -> str:
    measured = [
        (finding, finding.randomised_similarity) for finding in findings if finding.randomised_similarity is not None
    ]
    if not measured:
        return evidence_text.NOT_MEASURED
    groups = (
        ("**fails**", SIMILAR),
        ("**undecided**", UNDECIDED),
        ("**passes**", DISSIMILAR),
    )
    named = {
        title: [
            f"{technique_style(finding.technique).label} ({format_decimal(figure.value)})"
            for finding, figure in measured
            if finding.similarity == kind
        ]
        for title, kind in groups
    }
    return "; ".join(f"{title} {', '.join(names)}" for title, names in named.items() if names) + "."


def _stability(findings: tuple[Finding, ...]) -> str:
    stable = {finding.technique: finding.stable for finding in findings if finding.stable is not None}
    unreliable = {finding.technique: finding.unreliable for finding in findings if finding.unreliable is not None}
    if not stable:
        return evidence_text.NOT_MEASURED
    on_most, unreliable_on_most = _most_beats(stable), _most_beats(unreliable)
    sentence = f"Stable on most beats: {on_most}." if on_most else evidence_text.NONE_STABLE
    return sentence + (f" Not stable on most beats: {unreliable_on_most}." if unreliable_on_most else "")


def _most_beats(shares: Mapping[str, float]) -> str:
    """Name the techniques with a verdict on more than half of the beats, the largest share first."""
    ordered = sorted(shares.items(), key=lambda share: -share[1])
    return ", ".join(
        evidence_text.share_of_beats(technique_style(name).label, share) for name, share in ordered if share > _MOST
    )


def _table(choice: EvidenceChoice, findings: tuple[Finding, ...]) -> pd.DataFrame:
    measures = choice.evidence.measures
    rows = measures[
        (measures["class"] == choice.class_name)
        & (measures.fill == choice.fill)
        & (measures.measure == "comprehensiveness")
    ].set_index("technique")
    return pd.DataFrame(
        {
            "technique": [technique_style(finding.technique).label for finding in findings],
            "score reduction": [_with_interval(rows, finding.technique) for finding in findings],
            "better than random": [_count_better(finding.against_random) for finding in findings],
            "better than the R peak": [_count_better(finding.against_around_r) for finding in findings],
            "similarity after randomisation": [_similarity(finding) for finding in findings],
            "stable": [format_percent(finding.stable) for finding in findings],
            "not stable": [format_percent(finding.unreliable) for finding in findings],
        }
    )


def _with_interval(rows: pd.DataFrame, technique: str) -> str:
    if technique not in rows.index:
        return _NONE
    row = rows.loc[technique]
    interval = "" if math.isnan(row.low) else f" ({format_range(row.low, row.high)})"
    return f"{format_decimal(row.value)}{interval}"


def _count_better(verdicts: Mapping[str, str]) -> str:
    if not verdicts:
        return _NONE
    worse = _count(verdicts, WORSE)
    return f"{_count(verdicts, BETTER)} of {len(verdicts)} k" + (f", worse with {worse}" if worse else "")


def _similarity(finding: Finding) -> str:
    if finding.randomised_similarity is None:
        return _NONE
    return format_decimal(finding.randomised_similarity.value) + _RANDOMISATION_REMARKS.get(
        finding.similarity or "", ""
    )
