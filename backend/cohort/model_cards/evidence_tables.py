"""The evidence about a model's explanations as Markdown tables."""

from collections.abc import Sequence

import pandas as pd

from backend.cohort.evidence import ALL, AROUND_R, Evidence
from backend.explain.api import TECHNIQUES
from backend.models.card_sections.markdown import count, paragraphs, percent, table, with_interval

__all__ = ["evidence_tables"]

_CONTROL = "random"
_SEGMENTS = ("P", "PR", "QRS", "ST", "T")
_TECHNIQUES_BY_WAVE = ("occlusion", "mask", "integrated_gradients", "relevance")
"""The techniques of the papers and the most faithful ones."""

_HOW_TO_READ = """\
- **Score reduction** (comprehensiveness): how far the score of the predicted class falls, on average, when the most
  salient 2 to 50% of the window are deleted. Beside it, the difference from deleting as much at random, and from
  deleting as much around the R peak of the same beats. Brackets: 95% CI, bootstrap over patients; none below five
  patients. k is the baseline value that deleted values become.
- **Best threshold**: the measure of van der Westhuizen & Lasenby 2018, section 4.2, at its best threshold alpha.
- **Similarity after randomisation**: rank correlation with the salience of a network with random weights (sanity check
  of Adebayo et al. 2018; one draw). A technique that depends on what was learned is near 0.
- **Stable** and **not stable**: shares of beats whose salience does or does not stay the same when seeds, penalties,
  widths, a little noise or a shift of the beat by up to 5 samples change; differences below 0.02 do not count. The
  limits of this verdict (0.8 and 0.5) are ours. They were set while looking at 30 to 36 of these test beats for each
  model, so these shares are not a blind test.
- **Salience by wave**: shares of the salience on correctly classified beats, beside the share of time."""


def evidence_tables(evidence: Evidence) -> str:
    """Return all tables about one model's explanations, with the command that measured them."""
    about = evidence.about
    size = (
        f"{count(about['beats'], 'test beat')} of {count(about['patients'], 'patient')}; sanity check and stability on "
        f"{about['subset']:,} of them."
    )
    return paragraphs(
        [
            f"Measured by `{about['command']}` on {size}",
            _HOW_TO_READ,
            "### By technique",
            _by_technique(evidence),
            "### Score reduction by class, k = mean",
            _by_class(evidence),
            "### Salience by wave",
            _by_wave(evidence.shares, [str(name) for name in evidence.beats["class"] if name != ALL]),
        ]
    )


def _by_technique(evidence: Evidence) -> str:
    heads = (
        "technique",
        "score reduction, k = 0",
        "more than random",
        "more than around R",
        "score reduction, k = mean",
        "more than around R",
        "best threshold, k = 0 (alpha)",
        "similarity after randomisation",
        "stable",
        "not stable",
    )
    return table(heads, [_technique_row(evidence, name) for name in _rows_of(evidence)])


def _rows_of(evidence: Evidence) -> list[str]:
    measured = set(evidence.measures.technique)
    return [name for name in (*TECHNIQUES, AROUND_R) if name in measured]


def _technique_row(evidence: Evidence, name: str) -> list[str]:
    row = [_label(name)]
    for baseline in ("0", "mean"):
        drop = _comprehensiveness(evidence, name, baseline, ALL)
        row.append(_value(drop["value"], drop["low"], drop["high"], "{:z.2f}"))
        if baseline == "0":
            row.append(_difference(drop, "over_random") if name != _CONTROL else "")
        row.append(_difference(drop, "over_around_r") if name != AROUND_R else "")
    curves = evidence.curves
    curve = curves[(curves.technique == name) & (curves.fill == "0") & (curves["class"] == ALL)]
    best = curve.loc[curve["drop"].idxmax()]
    row.append(f"{best['drop']:z.2f} ({best['alpha']:z.2f})")
    return row + _robustness(evidence, name)


def _robustness(evidence: Evidence, name: str) -> list[str]:
    """Return the similarity after randomisation of all layers and the shares of the best and the worst verdict."""
    sanity = evidence.sanity[evidence.sanity.technique == name].sort_values("stage")
    shares = evidence.verdicts[evidence.verdicts.technique == name].set_index("verdict")["share"]
    if sanity.empty or shares.empty:
        return ["", "", ""]
    verdicts = (percent(shares.get(verdict, 0.0), 0) for verdict in ("stable", "do not rely on it"))
    return [f"{sanity.iloc[-1]['correlation']:z.2f}", *verdicts]


def _by_class(evidence: Evidence) -> str:
    """Return the score reduction by class with k = mean, which deletes the leads but no constant variable."""
    classes = [str(name) for name in evidence.beats["class"] if name != ALL]
    beats = evidence.beats.set_index("class")
    heads = ["technique"]
    for name in classes:
        row = beats.loc[name]
        accuracy = percent(row["right"] / row["beats"], 0)
        heads.append(f"{name} ({count(row['patients'], 'patient')}, accuracy {accuracy})")
    rows = [
        [
            _label(name),
            *(f"{_comprehensiveness(evidence, name, 'mean', label)['value']:z.2f}" for label in classes),
        ]
        for name in _rows_of(evidence)
    ]
    return table(heads, rows)


def _by_wave(shares: pd.DataFrame, classes: Sequence[str]) -> str:
    measured = set(shares["class"])
    rows = []
    for label in classes:
        if label not in measured:
            continue
        of_class = shares[shares["class"] == label]
        rows.append([label, "time", *_segment_cells(of_class[of_class.technique == "occlusion"], "time_share")])
        for name in _TECHNIQUES_BY_WAVE:
            rows.append(["", _label(name), *_segment_cells(of_class[of_class.technique == name], "share")])
    return table(["class", "share of", *_SEGMENTS], rows)


def _segment_cells(rows: pd.DataFrame, column: str) -> list[str]:
    values = rows.set_index("segment")[column].dropna()
    return [percent(values[segment], 0) if segment in values.index else "" for segment in _SEGMENTS]


def _comprehensiveness(evidence: Evidence, technique: str, baseline: str, label: str) -> pd.Series:
    """Return the only row of the measures for a technique, baseline value and class."""
    measures = evidence.measures
    (row,) = (
        row
        for _, row in measures[
            (measures.technique == technique)
            & (measures.fill == baseline)
            & (measures["class"] == label)
            & (measures.measure == "comprehensiveness")
        ].iterrows()
    )
    return row


def _difference(row: pd.Series, control: str) -> str:
    return _value(row[control], row[f"{control}_low"], row[f"{control}_high"], "{:+z.2f}")


def _value(value: float, low: float, high: float, pattern: str) -> str:
    return pattern.format(value) if pd.isna(low) else with_interval(value, (low, high), pattern)


def _label(name: str) -> str:
    return TECHNIQUES[name].label if name in TECHNIQUES else "Around the R peak (control)"
