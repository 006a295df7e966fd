"""The text that explanations of all kinds of windows share."""

from backend.charts.style.number_format import format_decimal, format_percent, format_signed
from backend.explain.parameters import Value
from backend.explain.perturbation.baselines import NOT_MEASURED
from backend.explain.questions.tracing_share import TracingShare

__all__ = [
    "IMPORTANCE_TITLE",
    "MEASUREMENTS_HELP",
    "MEASUREMENTS_TITLE",
    "OOD_WARNING",
    "OVER_TIME_HELP",
    "OVER_TIME_TITLE",
    "PAIRS_TITLE",
    "SHARE_HELP",
    "deleted_sentence",
    "importance_help",
    "lost_line",
    "pairs_help",
    "predicted_label",
    "salience_line",
    "share_sentence",
    "unknown_class",
    "unknown_technique",
    "use_defaults",
]

OOD_WARNING = "**Out of distribution.** Do not rely on the prediction or its explanation."
IMPORTANCE_TITLE = "**Variable importance**: score drop when removed"
MEASUREMENTS_TITLE = "**Measurements**: score drop"
MEASUREMENTS_HELP = (
    "What the model reads beside the tracing. Each is removed whole, so that the model reads that it is not known. The "
    "salience is of the tracing alone. Click a row to remove a measurement from the prediction above."
)
SHARE_HELP = (
    "The contributions of all leads together and of all measurements together to the score, beyond that of a beat of "
    "which nothing is known (their Shapley values): the mean effect of making each known to the model, before and "
    "after the other. The salience is of the tracing alone."
)
OVER_TIME_HELP = (
    "The class probabilities from what the model has read until then. A model that reads several time steps at once "
    "knows them at the last one; before the first read, they are the shares of the classes, or equal. Dashed: the time "
    "from which the prediction is stable, in seconds since the start of the window."
)
OVER_TIME_TITLE = "**Class probabilities over time**"
PAIRS_TITLE = "**Pairwise interaction**: score drop when removed"

_DELETED = {
    NOT_MEASURED: "Removed means **not measured**: the model reads what it would read without the measurement.",
    "mean": "Removed means **its mean**: the model's input becomes its mean over the whole time.",
}


def salience_line(label: str, target: str, share: TracingShare | None) -> str:
    """State what the salience on the screen is of, and how much of the score the tracing carries."""
    line = f"Salience for **{target}** by {label}, from 0 to 1."
    return line if share is None else f"{line} {share_sentence(share)}"


def share_sentence(share: TracingShare) -> str:
    """State how much of the score the tracing carries and how much the measurements, or which of them opposes it."""
    if share.share is not None:
        return f"Score: **{format_percent(share.share)} tracing, {format_percent(1 - share.share)} measurements**."
    tracing = "opposes" if share.tracing < 0 else "supports"
    measurements = "oppose" if share.measurements < 0 else "support"
    return (
        f"Score: **tracing {tracing}** it ({format_signed(share.tracing)}), **measurements {measurements}** it "
        f"({format_signed(share.measurements)})."
    )


def lost_line(lost: float, usual: float | None) -> str:
    """State how much of the score does not reach the values, and how much usually.

    Parameters
    ----------
    lost : float
        The share of the score that stabiliser and biases take, of either sign.
    usual : float or None
        Its median over the test beats of the model.
    """
    if 0.0 <= lost <= 1.0:
        line = f"{format_percent(lost)} of the score is lost to stabiliser and biases"
    else:
        line = (
            f"Stabiliser and biases outweigh the values, which sum to {format_decimal(1.0 - lost, 1)} times the score"
        )
    return f"{line}." if usual is None else f"{line}; on test beats, {format_percent(usual)} is lost."


def importance_help(target: str, deleted: str) -> str:
    """Say how the ranking of the variables is read."""
    return (
        f"The drop of the score of {target} when a variable is removed. Thin lines: the minimum and maximum when one "
        "tenth of the time is left in place, each in turn, and likewise for the ranks. The drop of a faint bar may be "
        f"zero. {deleted}"
    )


def deleted_sentence(baseline: Value, not_measured: str) -> str:
    """Say what a removed value becomes.

    Parameters
    ----------
    baseline : str, float or int
        The baseline value.
    not_measured : str
        What becomes of a value of this kind that was not measured, as a sentence; may be empty.
    """
    if baseline == NOT_MEASURED:
        return f"{_DELETED[NOT_MEASURED]} {not_measured}".rstrip()
    number = f"Removed means **{baseline}**: the model's input becomes {baseline} on the model's own scale."
    return _DELETED.get(str(baseline), number)


def pairs_help(target: str, interactions: dict[str, str]) -> str:
    """Say which pairs are shown and what each interaction means."""
    meanings = "  \n".join(f"**{name.capitalize()}**: {meaning}." for name, meaning in interactions.items())
    return f"The five variables that most support {target}, removed together and separately.  \n{meanings}"


def predicted_label(name: str) -> str:
    """Return the label of the class that the model predicts."""
    return f"{name} (predicted)"


def unknown_technique(name: str, default: str) -> str:
    """Say that a link names a technique that is not known."""
    return f"The link names an unknown technique {name!r}. Choose another, or use {default} as shown."


def unknown_class(name: str, predicted: str) -> str:
    """Say that a link names a class that the model does not know."""
    return f"The link names an unknown class {name!r}. Choose another, or use {predicted} as shown."


def use_defaults(refusal: str) -> str:
    """Add to a refusal of parameters that the defaults are used."""
    return f"{refusal} The defaults are used."
