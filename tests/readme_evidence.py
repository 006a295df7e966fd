"""The README's tables of evidence: ``python -m tests.readme_evidence`` prints them from the bundled evidence."""

from collections.abc import Iterable, Sequence

import pandas as pd

from backend.cohort.evidence import ALL, AROUND_R, Evidence, read_evidence
from backend.explain.api import TECHNIQUES

__all__ = ["MODELS", "evidence_tables"]

MODELS = ("ecg-beat", "ecg-beat-2018")
_CONTROL = "random"
_SEGMENTS = ("P", "PR", "QRS", "ST", "T")


def evidence_tables(model: str) -> str:
    """All tables of one model, as Markdown."""
    evidence = read_evidence(model)
    assert evidence is not None
    about = evidence.about
    told = (
        f"`{model}`: {about['beats']:,} test beats of {about['patients']} patients, sanity and stability on "
        f"{about['subset']} of them; `{about['command']}`"
    )
    return "\n\n".join([told, _techniques(evidence), _classes(evidence), _waves(evidence)])


def _techniques(evidence: Evidence) -> str:
    heads = (
        "technique",
        "score lost, k = 0",
        "more than random",
        "more than around R",
        "score lost, k = mean",
        "more than around R",
        "curve at its best, k = 0 (at alpha)",
        "likeness once random",
        "stable, not to be relied on",
    )
    rows = [_row_of(evidence, name) for name in (*TECHNIQUES, AROUND_R)]
    return _table(heads, rows)


def _row_of(evidence: Evidence, name: str) -> Sequence[str]:
    row = [_label(name)]
    for fill in ("0", "mean"):
        own = _only(evidence.measures, technique=name, fill=fill, measure="comprehensiveness", **{"class": ALL})
        row.append(_with_interval(own["value"], own["low"], own["high"]))
        if fill == "0":
            row.append(_difference(own, "over_random") if name != _CONTROL else "")
        row.append(_difference(own, "over_around_r") if name != AROUND_R else "")
    curve = evidence.curves
    curve = curve[(curve.technique == name) & (curve.fill == "0") & (curve["class"] == ALL)]
    best = curve.loc[curve["drop"].idxmax()]
    row.append(f"{best['drop']:.2f} ({best['alpha']:.2f})")
    if name == AROUND_R:
        return [*row, "", ""]
    last = evidence.sanity[evidence.sanity.technique == name].sort_values("stage").iloc[-1]
    verdicts = evidence.verdicts[evidence.verdicts.technique == name].set_index("verdict")["share"]
    share = f"{100 * verdicts.get('stable', 0.0):.0f} %, {100 * verdicts.get('do not rely on it', 0.0):.0f} %"
    return [*row, f"{last['correlation']:.2f}", share]


def _classes(evidence: Evidence) -> str:
    """The fall of the score by class with k = mean, where no constant of the window can be deleted."""
    classes = [str(name) for name in evidence.beats["class"] if name != ALL]
    beats = evidence.beats.set_index("class")
    heads = ["score lost, k = mean", *(f"{name} ({_beats_in_words(beats.loc[name])})" for name in classes)]
    rows = []
    for name in (*TECHNIQUES, AROUND_R):
        own = [
            _only(evidence.measures, technique=name, fill="mean", measure="comprehensiveness", **{"class": label})
            for label in classes
        ]
        rows.append([_label(name), *(f"{one['value']:.2f}" for one in own)])
    return _table(heads, rows)


def _waves(evidence: Evidence) -> str:
    """The share of the salience on each segment, for the techniques that the papers used and the most faithful ones."""
    shares = evidence.shares
    labels = [str(name) for name in evidence.beats["class"] if name != ALL and name in set(shares["class"])]
    rows = []
    for label in labels:
        of_time = shares[(shares["class"] == label) & (shares.technique == "occlusion")].set_index("segment")
        rows.append([label, "time", *(_share(of_time, segment, "time_share") for segment in _SEGMENTS)])
        for name in ("occlusion", "mask", "integrated_gradients", "relevance"):
            own = shares[(shares["class"] == label) & (shares.technique == name)].set_index("segment")
            rows.append(["", _label(name), *(_share(own, segment, "share") for segment in _SEGMENTS)])
    return _table(["class", "share of", *_SEGMENTS], rows)


def _beats_in_words(beats: pd.Series) -> str:
    patients = f"{beats['patients']} patient{'s' if beats['patients'] > 1 else ''}"
    return f"{patients}, {100 * beats['right'] / beats['beats']:.0f} % named right"


def _label(name: str) -> str:
    return TECHNIQUES[name].label if name in TECHNIQUES else "Around the R peak (control)"


def _only(table: pd.DataFrame, **wanted: str) -> pd.Series:
    for column, value in wanted.items():
        table = table[table[column] == value]
    (found,) = (row for _, row in table.iterrows())
    return found


def _with_interval(value: float, low: float, high: float) -> str:
    return f"{value:.2f}" if pd.isna(low) else f"{value:.2f} ({low:.2f} to {high:.2f})"


def _difference(row: pd.Series, control: str) -> str:
    value, low = row[control], row[f"{control}_low"]
    return f"{value:+.2f}" if pd.isna(low) else f"{value:+.2f} ({low:+.2f} to {row[f'{control}_high']:+.2f})"


def _share(table: pd.DataFrame, segment: str, column: str) -> str:
    if segment not in table.index or pd.isna(table.at[segment, column]):
        return ""
    return f"{100 * table.at[segment, column]:.0f} %"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(heads)} |", "| --- " * len(heads) + "|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


if __name__ == "__main__":
    print("\n\n".join(map(evidence_tables, MODELS)))
