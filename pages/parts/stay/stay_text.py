"""The text of the ICU stay screen."""

from collections.abc import Sequence

from backend.charts.style.number_format import format_percent

__all__ = [
    "CHARTED_HELP",
    "CLASSIFYING",
    "EDITS_HELP",
    "RISK_OVER_TIME",
    "WHAT_IF_HELP",
    "mortality_sentence",
    "never_charted",
    "risk_change",
    "risk_help",
    "uncertain_sentence",
    "units_in_doubt",
    "unknown_order",
    "unknown_variable",
    "variable_help",
]

CLASSIFYING = "Classifying the stay …"
RISK_OVER_TIME = "**Risk over time**: from the charted hours before"
CHARTED_HELP = (
    "Colour: the salience of each hour; colours follow the root of the salience, so that weak values are visible: 0.1 "
    "looks like a third of 1. Number: measured in that hour. Dot: measured, without room for the number. Line: the "
    "last value carried forward. Blank: not measured yet. Click a row to see all its values."
)
WHAT_IF_HELP = "Changes or deletes values. The new risk appears here and above beside the old one; changes add up."
EDITS_HELP = "Changes are kept for this session only; the address does not hold them."


def risk_help(hours: int, threshold: float, is_weighted: bool) -> str:
    """State what the risk is predicted from, and from which risk on death is predicted."""
    # Classes are weighted where event 1 is greatest: sensitivity and positive predictive value are equal there.
    why = ", where missed deaths equal false warnings in training" if is_weighted else ""
    return (
        f"Risk of death in hospital, from the first {hours} hours. Death is predicted from "
        f"{format_percent(threshold)}{why}."
    )


def mortality_sentence(risk: float, mortality: float) -> str:
    """Set the risk beside the mortality in training."""
    ratio = f"{risk / mortality:.1f} times" if risk >= mortality else "Below"
    return f"{ratio} the mortality in training ({format_percent(mortality)})."


def risk_change(before: float, points: float | None) -> str:
    """State what the changed values did to the risk; no points for no change."""
    charted = f"{format_percent(before)} as charted"
    return f"unchanged: {charted}" if points is None else f"{points:+.1f} points: {charted}"


def uncertain_sentence(low: float, high: float) -> str:
    """State the band of risks in which the model is uncertain."""
    return f"The prediction is **uncertain**: a risk between {format_percent(low)} and {format_percent(high)}."


def units_in_doubt(labels: Sequence[str]) -> str:
    """Say that the risk may rest on values in another unit, and where the unit is chosen."""
    return f"Values may be in another unit: **{', '.join(labels)}**. Choose the unit in the sidebar."


def variable_help(is_sum: bool) -> str:
    """Say how the chart of one variable is read."""
    hourly = "sum" if is_sum else "mean"
    return (
        f"Dots: measurements; click one to change it. Line: the model's input, the {hourly} of each hour, the last "
        "value carried forward; its colour is the salience of the hour."
    )


def never_charted(label: str) -> str:
    """Say that a variable has no values."""
    return f"{label} was never charted in this stay. Add a value on the right."


def unknown_variable(name: str) -> str:
    """Say that a link names a variable that is not known."""
    return f"The link names an unknown variable {name!r}. Choose another, or use the one shown."


def unknown_order(name: str, default: str) -> str:
    """Say that a link names an order that is not known."""
    return f"The link names an unknown order {name!r}. Choose another, or use {default} as shown."
