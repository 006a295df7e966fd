"""The text of the Beat screen."""

from collections.abc import Sequence

from backend.charts.style.number_format import format_percent, format_signed

__all__ = [
    "INTERVALS_HELP",
    "MANUAL",
    "NORMAL",
    "NOTHING_MEASURED",
    "NOTHING_WITH_RANGE",
    "NO_SALIENCE",
    "SALIENCE_BY_WAVE_HELP",
    "WHAT_IF",
    "changed_sentence",
    "corrections_sentence",
    "missing_beat",
    "other_detector",
    "prediction_lines",
    "uncertain_intervals",
    "uncertain_sentence",
    "unknown_detector",
]

MANUAL = "manually placed"
WHAT_IF = "**What if?** Drag along the beat to delete a stretch of the tracing."
SALIENCE_BY_WAVE_HELP = "Coloured: a wave's share of the salience. Grey: its share of the time."
NO_SALIENCE = "The salience is zero throughout: nothing that this technique changed affected the score."

INTERVALS_HELP = (
    "RR: from the previous R peak. PR: P onset to QRS onset. QT: QRS onset to T end; its normal length depends on the "
    "heart rate. QTcF and QTcB: QT over the cube root (Fridericia) or the square root (Bazett) of RR in seconds; less "
    "informative in an irregular rhythm or with a broad QRS. Measured on the detection lead alone; over all leads, "
    "intervals are often longer."
)
NORMAL = "All measured intervals are within the normal range."
NOTHING_MEASURED = "No interval could be measured."
NOTHING_WITH_RANGE = "No interval with a normal range could be measured."


def prediction_lines(label: str, probability: float, reference: str) -> str:
    """State the predicted class with its probability, and the reference class below."""
    return f"Model: **{label}** ({format_percent(probability)})  \nReference: **{reference or 'none'}**"


def changed_sentence(
    stretch_s: tuple[float, float] | None, measurements: Sequence[str], before: str, after: str
) -> str:
    """State the prediction without a stretch of the tracing, in seconds from the R peak, or without measurements."""
    verdict = f"remains **{after}**" if after == before else f"changes from **{before}** to **{after}**"
    removed, undo = list(measurements), ["click the row again"] if measurements else []
    if stretch_s is not None:
        removed.insert(0, f"the tracing from {format_signed(stretch_s[0])} to {format_signed(stretch_s[1])} s")
        undo.insert(0, "double-click the beat")
    return f"Without {' and '.join(removed)}, the prediction {verdict}. To undo, {' or '.join(undo)}."


def uncertain_sentence(label: str, certain_from: float) -> str:
    """Say why a prediction is uncertain: its class has a threshold of its own."""
    if certain_from > 1:
        return f"The prediction is **uncertain**, as every prediction of {label} is."
    return f"The prediction is **uncertain**: {label} is certain from {format_percent(certain_from)}."


def uncertain_intervals(names: list[str]) -> str:
    """Name the intervals that are measured from an uncertain mark."""
    return f"? {', '.join(names)}: measured from an uncertain mark."


def corrections_sentence(n_corrections: int) -> str:
    """Count the corrections that the beats on the screen include."""
    count = "1 correction" if n_corrections == 1 else f"{n_corrections} corrections"
    return f"Includes **{count} by hand**, kept for this session only."


def missing_beat(number: str, last: int) -> str:
    """Say that a link names a beat that the record does not have."""
    return f"This record has no beat {number} on this lead. Choose a beat from 0 to {last}."


def unknown_detector(name: str, default: str) -> str:
    """Say that a link names a detector that is not known."""
    return f"The link names an unknown detector {name!r}. Choose another, or use {default} as shown."


def other_detector(title: str) -> str:
    """Say which detector found the beats that the model was trained on."""
    return f"The model was trained on beats detected by {title}."
