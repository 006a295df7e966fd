"""The text of the Compare screen."""

from collections.abc import Sequence

from backend.charts.style.number_format import format_percent

__all__ = [
    "AGREEMENT_HELP",
    "AGREEMENT_TITLE",
    "CHECKING",
    "CHECK_STABILITY",
    "CHOOSE_TECHNIQUE",
    "STABILITY_HELP",
    "STABILITY_TITLE",
    "WAITING",
    "count_techniques",
    "open_label",
    "prediction_line",
    "rows_help",
    "rows_line",
    "unknown_baseline",
    "unknown_source",
    "unknown_techniques",
]

CHOOSE_TECHNIQUE = "Choose at least one technique."
WAITING = "in progress …"
AGREEMENT_TITLE = "**Agreement between techniques**: rank correlation of the saliences"
AGREEMENT_HELP = (
    "Over all variables and time steps: 1 is the same order, 0 no relation, below 0 the reverse order. The figure in "
    "each row above is the mean with the other techniques, the random control excluded. Agreement is not proof: "
    "techniques may be wrong together. A technique that agrees with the random control, or reduces the score no more "
    "than chance, carries no information."
)
CHECK_STABILITY = "Check stability"
STABILITY_TITLE = "**Stability**"
CHECKING = "Varying parameters and noise"
STABILITY_HELP = (
    "Explains the window again with other parameters, with a little noise and, for a beat, shifted a little, and "
    "compares the saliences; differences below 0.02 do not count. Takes some seconds for a mask."
)


def count_techniques(n_techniques: int) -> str:
    """Return the label of the choice of techniques."""
    return "1 technique" if n_techniques == 1 else f"{n_techniques} techniques"


def prediction_line(
    label: str, probability: float, title: str, reference: str, is_ood: bool, is_uncertain: bool
) -> str:
    """State the prediction, how far it can be relied on, and the reference."""
    line = f"Model: **{label}** ({format_percent(probability)}) · {title}: **{reference or 'not known'}**"
    if is_ood:
        return f"{line} · :orange[**out of distribution**: do not rely on the prediction or its explanation]"
    return f"{line} · **uncertain**" if is_uncertain else line


def rows_line(target: str, shown: str) -> str:
    """State what the rows of the chart show."""
    return f"Rows: salience of each time step for **{target}** ({shown})."


def rows_help(is_one_of_several: bool) -> str:
    """Say how the figures beside the rows are read."""
    scale = "A salience of 1 is the maximum over all variables. " if is_one_of_several else ""
    return (
        f"{scale}Score reduction: the mean reduction of the score when the most salient 2 to 50% are deleted; more is "
        "better, grey is no more than at random."
    )


def open_label(screen: str) -> str:
    """Return the label of the button to the screen of one window."""
    return f"Open {screen} screen"


def unknown_techniques(names: Sequence[str]) -> str:
    """Say that a link names techniques that are not known."""
    return f"The link names unknown techniques: {', '.join(names)}. Choose others, or use those shown."


def unknown_baseline(name: str, default: str) -> str:
    """Say that a link names a baseline value that the model does not offer."""
    return f"The link names a baseline value {name!r} that this model does not offer. Choose another, or use {default}."


def unknown_source(name: str) -> str:
    """Say that a link names a variable that the model does not read here."""
    return f"The link names {name!r}, which this model does not read here. Choose another, or use all as shown."
