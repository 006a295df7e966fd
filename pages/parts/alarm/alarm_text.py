"""The text of the ICU alarm screen."""

from backend.charts.style.number_format import format_decimal, format_percent

__all__ = [
    "ALARM_HINT",
    "COLOURS_HELP",
    "FEATURES_HELP",
    "INPUTS_HELP",
    "NO_ANNOTATION",
    "OUTSIDE_WINDOW",
    "PRECEDING_HELP",
    "READING",
    "UNDO",
    "WHAT_IF_HELP",
    "beyond_traces_sentence",
    "changed_sentence",
    "deleted_as",
    "inputs_title",
    "missing_alarm",
    "prediction_lines",
    "stretch_of",
    "threshold_help",
    "uncertain_sentence",
    "unknown_type",
]

READING = "Reading the sensors before the alarm …"
NO_ANNOTATION = "The record has no alarm annotation. Choose the alarm type and time."
ALARM_HINT = "Choose sensors to delete, or drag along the traces."
WHAT_IF_HELP = (
    "Deletes whole sensors, or a stretch of the chosen sensors; of all sensors where none is chosen. A deleted sensor "
    "is read as not recorded. A deleted stretch is blanked, while rates and the typical beat, which are measured at "
    "other times, still depend on it."
)
UNDO = " Double-click the traces to undo."
OUTSIDE_WINDOW = "The model does not read these seconds; deleting them changes nothing."
PRECEDING_HELP = "The model reads the framed seconds. The rest shows what is typical of this patient."
FEATURES_HELP = (
    " Beats and this patient's typical values are found from the whole minute before the alarm, so that the model's "
    "input at one second depends slightly on what follows it."
)
INPUTS_HELP = (
    "One row for each measurement, in its unit. Thin lines are further features: its maximum, minimum and mean since "
    "the start of the window. The background is the salience of the sensor; its features are deleted together."
)
COLOURS_HELP = (
    "Common on many monitors; no standard defines them. Your choice is kept for this session. In the light theme each "
    "colour is darker, and white is black."
)


def prediction_lines(label: str, probability: float, reference: str) -> str:
    """State the predicted class, the probability of a true alarm and the reference class."""
    return (
        f"Model: **{label}**  \nProbability of a true alarm: **{format_percent(probability)}**  \n"
        f"Reference: **{reference or 'none'}**"
    )


def threshold_help(threshold: float) -> str:
    """State from which probability on an alarm is predicted to be true, and why."""
    return (
        f"An alarm is classified as true from a probability of {format_percent(threshold)}. The threshold maximises "
        "the score of the PhysioNet challenge 2015, in which a missed true alarm costs five times as much as a false "
        "alarm that is not suppressed."
    )


def uncertain_sentence(low: float, high: float) -> str:
    """State the band of probabilities in which the model is uncertain."""
    return f"The prediction is **uncertain**: a probability between {format_percent(low)} and {format_percent(high)}."


def beyond_traces_sentence(names: list[str]) -> str:
    """Name the sources that are more salient than any trace."""
    return f"More salient than any trace: **{' and '.join(names)}**."


def inputs_title(n_features: int, n_steps: int) -> str:
    """Count what the model reads."""
    return f"**Model inputs**: {n_features} features at {n_steps} time steps"


def stretch_of(from_s: float, to_s: float, sensors: str) -> str:
    """Name a stretch of some sensors."""
    return f"{format_decimal(from_s, 1)} to {format_decimal(to_s, 1)} s of {sensors}"


def deleted_as(is_whole: bool, is_second_left: bool) -> str:
    """Say what the model reads instead of what is deleted.

    Parameters
    ----------
    is_whole : bool
        Whether sensors are deleted throughout rather than for a stretch.
    is_second_left : bool
        Whether only the second of two ECG leads is left; a record without the first would have no second.
    """
    if not is_whole:
        return "blanked"
    return "as if silent, with the other ECG lead still second" if is_second_left else "as if not recorded"


def changed_sentence(deleted: str, instead: str, label: str, is_same: bool, before: float, after: float) -> str:
    """State the prediction without what is deleted."""
    verdict = f"remains **{label}**" if is_same else f"changes to **{label}**"
    return (
        f"Without {deleted}, {instead}, the prediction {verdict}: probability of a true alarm {format_percent(after)} "
        f"({format_percent(before)} before)."
    )


def missing_alarm(number: str) -> str:
    """Say that a link names an alarm that the record does not have."""
    return f"This record has no alarm {number}. Choose another, or use the first alarm as shown."


def unknown_type(name: str, default: str) -> str:
    """Say that a link names an alarm type that is not known."""
    return f"The link names an unknown alarm type {name!r}. Choose another, or use {default} as shown."
