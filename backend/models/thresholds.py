"""From which probability on a model of two classes names one, and between which it calls itself uncertain."""

from backend.models.bundle import Bundle

__all__ = ["named_from", "uncertain_between"]


def named_from(bundle: Bundle, target: str) -> float:
    """The calibrated probability of a class from which on it is named, 0 to 1, of a model of two classes.

    Raises
    ------
    RecordRefused
        If the model has no such class.
    ValueError
        If it has more than two.
    """
    return _probability_at(bundle, target, 0.5)


def uncertain_between(bundle: Bundle, target: str) -> tuple[float, float]:
    """The calibrated probabilities of a class between which the model of two classes calls itself uncertain.

    Raises
    ------
    RecordRefused
        If the model has no such class.
    ValueError
        If it has more than two.
    """
    return (
        _probability_at(bundle, target, 1.0 - bundle.certain_from),
        _probability_at(bundle, target, bundle.certain_from),
    )


def _probability_at(bundle: Bundle, target: str, weighed: float) -> float:
    """The probability of a class at which it is this much, 0 to 1, once probabilities are weighed by their costs."""
    if len(bundle.classes) != 2:
        raise ValueError(f"{bundle.name} has {len(bundle.classes)} classes; a threshold is of two.")
    own = bundle.class_index(target)
    own_weight, other_weight = float(bundle.weights[own]), float(bundle.weights[1 - own])
    return weighed * other_weight / (weighed * other_weight + (1.0 - weighed) * own_weight)
