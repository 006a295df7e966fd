"""The entry point to all techniques: explain one window or many."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from backend.explain.parameters import Parameter, Parameters, Value
from backend.explain.perturbation.baselines import CLASS_MEAN, NOT_MEASURED
from backend.explain.progress import OnStep, report_progress
from backend.explain.salience import Salience
from backend.explain.techniques.registry import TECHNIQUES, Technique
from backend.models.bundle import Bundle
from backend.models.scores import compute_scores, predict_classes
from backend.records.record import RecordRefused

__all__ = [
    "DEFAULT_TECHNIQUE",
    "TECHNIQUES",
    "Technique",
    "default_baseline",
    "explain",
    "explain_many",
    "get_technique",
    "list_parameters",
    "read_parameters",
]

DEFAULT_TECHNIQUE = "occlusion"


def get_technique(name: str) -> Technique:
    """Return a technique by its name, in upper or lower case.

    Raises
    ------
    RecordRefused
        If no technique has this name; the message lists the names.
    """
    technique = TECHNIQUES.get(name.casefold())
    if technique is None:
        raise RecordRefused(f"The technique {name!r} does not exist. Choose one of {', '.join(TECHNIQUES)}.")
    return technique


def list_parameters(technique: str, bundle: Bundle) -> tuple[Parameter, ...]:
    """Return the parameters of a technique with the defaults of the model's card (``explanation``).

    The baseline ``not measured`` is a choice only where the card has it as the default, since for a model of beats it
    equals 0; ``class mean`` is a choice only where the bundle holds the mean windows of its classes.

    Raises
    ------
    RecordRefused
        If the technique does not exist.
    """
    defaults = bundle.explanation
    return tuple(
        _adapt(parameter, defaults.get(parameter.name, parameter.default), bundle)
        for parameter in get_technique(technique).parameters.describe()
    )


def _adapt(parameter: Parameter, default: Value, bundle: Bundle) -> Parameter:
    excluded = set()
    if default != NOT_MEASURED:
        excluded.add(NOT_MEASURED)
    if bundle.class_means is None:
        excluded.add(CLASS_MEAN)
    choices = tuple(choice for choice in parameter.choices if choice not in excluded)
    return replace(parameter, default=default, choices=choices)


def default_baseline(bundle: Bundle) -> Value:
    """Return the default baseline value of a model."""
    parameters = list_parameters(DEFAULT_TECHNIQUE, bundle)
    (baseline,) = (parameter.default for parameter in parameters if parameter.name == "fill")
    return baseline


def read_parameters(technique: str, bundle: Bundle, given: Mapping[str, object]) -> Parameters:
    """Return the parameters of a technique from names and values, text or numbers; the rest keep the model's defaults.

    Raises
    ------
    RecordRefused
        If the technique or a name is unknown, or a value is not allowed; the message gives the allowed ones.
    """
    defaults = {parameter.name: parameter.default for parameter in list_parameters(technique, bundle)}
    return get_technique(technique).parameters.read({**defaults, **given})


def explain(
    bundle: Bundle,
    window: np.ndarray,
    technique: str = DEFAULT_TECHNIQUE,
    target: str | None = None,
    parameters: Parameters | None = None,
    on_step: OnStep | None = None,
) -> Salience:
    """Return the salience of one window for the score of one class.

    Parameters
    ----------
    bundle : Bundle
    window : float32 array, shape = (T, D)
        One row of ``Windows.values``.
    technique : str
    target : str or None
        The class to explain, in upper or lower case; None is the predicted class.
    parameters : Parameters or None
        Parameters of this technique; None takes the defaults of the model's card.
    on_step : callable or None
        Called with (steps done, steps in all); returning False stops the work.

    Raises
    ------
    RecordRefused
        If the technique or the class does not exist, or the window does not fit the model.
    Cancelled
        If ``on_step`` returned False.
    """
    run = get_technique(technique).run
    _check_window(bundle, window)
    if target is None:
        index = int(predict_classes(bundle, compute_scores(bundle, window[np.newaxis]))[0])
    else:
        index = bundle.class_index(target)
    return run(bundle, window, bundle.classes[index], parameters or read_parameters(technique, bundle, {}), on_step)


def explain_many(
    bundle: Bundle,
    windows: np.ndarray,
    technique: str,
    targets: Sequence[str],
    parameters: Parameters | None = None,
    on_step: OnStep | None = None,
) -> tuple[Salience, ...]:
    """Return the salience of several windows (n, T, D), each for its own target, as ``explain`` does for one.

    Parameters
    ----------
    targets : sequence of str, length n
        The explained class of each window.
    on_step : callable or None
        Called after each window, or after each step of windows that are explained together.

    Raises
    ------
    RecordRefused, Cancelled
        As ``explain`` does.
    """
    chosen = get_technique(technique)
    parameters = parameters or read_parameters(technique, bundle, {})
    for window in windows:
        _check_window(bundle, window)
    if chosen.run_many is not None:
        return chosen.run_many(bundle, windows, targets, parameters, on_step)
    saliences = []
    for window, target in zip(windows, targets, strict=True):
        saliences.append(chosen.run(bundle, window, target, parameters))
        report_progress(on_step, len(saliences), len(windows))
    return tuple(saliences)


def _check_window(bundle: Bundle, window: np.ndarray) -> None:
    variables = bundle.network.architecture.variables
    if window.ndim != 2 or window.shape[1] != variables or not len(window):
        raise RecordRefused(
            f"{bundle.name} reads windows of {variables} variables, not an array of shape {window.shape}. "
            "Cut them with the model's own window."
        )
    if not np.isfinite(window).all():
        raise RecordRefused("The window has gaps in its signal. Choose a window without gaps.")
