"""Decision threshold and uncertain band of a model of two classes, as calibrated probabilities."""

from backend.models.bundle import Bundle

__all__ = ["decision_threshold", "uncertain_band"]


def decision_threshold(bundle: Bundle, target: str) -> float:
    """Return the probability of a class, 0..1, from which on a model of two classes predicts it.

    Raises
    ------
    RecordRefused
        If the model has no such class.
    ValueError
        If it has more than two.
    """
    return _probability_at(bundle, target, 0.5)


def uncertain_band(bundle: Bundle, target: str) -> tuple[float, float]:
    """Return the probabilities of a class between which the prediction of a model of two classes is uncertain.

    Raises
    ------
    RecordRefused
        If the model has no such class.
    ValueError
        If it has more than two.
    """
    own = bundle.class_index(target)
    return (
        _probability_at(bundle, target, 1.0 - min(float(bundle.certain_from[1 - own]), 1.0)),
        _probability_at(bundle, target, min(float(bundle.certain_from[own]), 1.0)),
    )


def _probability_at(bundle: Bundle, target: str, weighted: float) -> float:
    """Return the probability of a class whose weighted probability (see `weight_probabilities`) is ``weighted``."""
    if len(bundle.classes) != 2:
        raise ValueError(f"{bundle.name} has {len(bundle.classes)} classes. A threshold needs two.")
    own = bundle.class_index(target)
    own_weight, other_weight = float(bundle.weights[own]), float(bundle.weights[1 - own])
    return weighted * other_weight / (weighted * other_weight + (1.0 - weighted) * own_weight)
