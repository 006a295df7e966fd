"""The one door to all techniques."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from backend.explain.parameters import Parameter, Parameters, Value
from backend.explain.perturbation.baselines import CLASS_MEAN, NOT_MEASURED
from backend.explain.progress import OnStep, report
from backend.explain.salience import Salience
from backend.explain.techniques.registry import TECHNIQUES, Technique
from backend.models.bundle import Bundle
from backend.models.scores import compute_scores, predict_classes
from backend.records.record import RecordRefused

__all__ = [
    "DEFAULT_TECHNIQUE",
    "TECHNIQUES",
    "Technique",
    "explain",
    "explain_many",
    "offered_parameters",
    "read_parameters",
    "technique_named",
    "usual_fill",
]

DEFAULT_TECHNIQUE = "occlusion"


def technique_named(name: str) -> Technique:
    """A technique by its name, whatever its case.

    Raises
    ------
    RecordRefused
        If there is none; the message names those that there are.
    """
    found = TECHNIQUES.get(name.casefold())
    if found is None:
        raise RecordRefused(f"There is no technique {name!r}; choose one of {', '.join(TECHNIQUES)}.")
    return found


def offered_parameters(technique: str, bundle: Bundle) -> tuple[Parameter, ...]:
    """The parameters of a technique with the defaults that the model's card gives them (``explanation``).

    That values become ``not measured`` is offered by models alone whose card has it for its default, since to a model
    of beats it would be the same as 0; ``class mean`` by those alone that know the means of their classes.

    Raises
    ------
    RecordRefused
        If there is no such technique.
    """
    usual = bundle.explanation
    described = technique_named(technique).parameters.described()
    return tuple(_offered(parameter, usual.get(parameter.name, parameter.default), bundle) for parameter in described)


def _offered(parameter: Parameter, usual: Value, bundle: Bundle) -> Parameter:
    impossible = set()
    if usual != NOT_MEASURED:
        impossible.add(NOT_MEASURED)
    if bundle.class_means is None:
        impossible.add(CLASS_MEAN)
    kept = tuple(choice for choice in parameter.choices if choice not in impossible)
    return replace(parameter, default=usual, choices=kept)


def usual_fill(bundle: Bundle) -> Value:
    """What deleted values become for this model when nothing else is asked for."""
    (fill,) = (own.default for own in offered_parameters(DEFAULT_TECHNIQUE, bundle) if own.name == "fill")
    return fill


def read_parameters(technique: str, bundle: Bundle, given: Mapping[str, object]) -> Parameters:
    """Parameters of a technique from names and values, text or numbers; what is not given keeps the model's default.

    Raises
    ------
    RecordRefused
        If the technique or a name is unknown, or a value is not allowed; the message says what is.
    """
    usual = {parameter.name: parameter.default for parameter in offered_parameters(technique, bundle)}
    return technique_named(technique).parameters.read({**usual, **given})


def explain(
    bundle: Bundle,
    window: np.ndarray,
    technique: str = DEFAULT_TECHNIQUE,
    target: str | None = None,
    parameters: Parameters | None = None,
    on_step: OnStep | None = None,
) -> Salience:
    """Why the model scores one class of one window as it does.

    Parameters
    ----------
    bundle : Bundle
    window : float32 array, shape = (T, D)
        As the network reads it: one row of ``Windows.values``.
    technique : str
    target : str or None
        The class to explain, whatever its case; None is the predicted one.
    parameters : Parameters or None
        Of this technique; None is the defaults that the model's card gives them.
    on_step : callable or None
        Called with (steps done, steps in all); returning False stops the work.

    Raises
    ------
    RecordRefused
        If there is no such technique or class, or the window is not one that the model reads.
    Cancelled
        If ``on_step`` returned False.
    """
    chosen = technique_named(technique)
    _check(bundle, window)
    wanted = _predicted(bundle, window) if target is None else bundle.classes[bundle.class_index(target)]
    return chosen.run(bundle, window, wanted, parameters or read_parameters(technique, bundle, {}), on_step)


def explain_many(
    bundle: Bundle,
    windows: np.ndarray,
    technique: str,
    targets: Sequence[str],
    parameters: Parameters | None = None,
    on_step: OnStep | None = None,
) -> tuple[Salience, ...]:
    """Why the model scores one class of each of several windows (n, T, D) as it does; as ``explain`` for each.

    Parameters
    ----------
    targets : sequence of str, length n
        The explained class of each window.
    on_step : callable or None
        Told after each window, or each step of those that are explained together.

    Raises
    ------
    RecordRefused, Cancelled
        As ``explain`` does.
    """
    chosen = technique_named(technique)
    asked = parameters or read_parameters(technique, bundle, {})
    for window in windows:
        _check(bundle, window)
    if chosen.run_many is not None:
        return chosen.run_many(bundle, windows, targets, asked, on_step)
    found = []
    for window, target in zip(windows, targets, strict=True):
        found.append(chosen.run(bundle, window, target, asked))
        report(on_step, len(found), len(windows))
    return tuple(found)


def _predicted(bundle: Bundle, window: np.ndarray) -> str:
    return bundle.classes[int(predict_classes(bundle, compute_scores(bundle, window[np.newaxis]))[0])]


def _check(bundle: Bundle, window: np.ndarray) -> None:
    variables = bundle.network.architecture.variables
    if window.ndim != 2 or window.shape[1] != variables or not len(window):
        raise RecordRefused(
            f"{bundle.name} reads windows of {variables} variables, not an array of shape {window.shape}; "
            "cut them with the model's own window."
        )
    if not np.isfinite(window).all():
        raise RecordRefused("The window has gaps in its signal; choose one without any.")
