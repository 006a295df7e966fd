"""How far the probabilities of a beat model can be relied on: figures for its card."""

from typing import Any, cast

import numpy as np

from backend.models.bundle import Bundle
from backend.models.metrics.binary import auroc
from backend.models.metrics.multiclass import certainty_by_class, figures_over_time, top_class_calibration_error
from backend.models.network.lstm import score_prefixes, score_with_features
from backend.models.scores import certain_predictions, compute_probabilities, softmax
from backend.models.training.beats.beat_split import SPLIT_SEED
from backend.windows.beats.beat_windows import BeatWindow

__all__ = ["evaluate_calibration"]

_N_NOISE_WINDOWS = 2000

_SHOWN_S = (-0.1, 0.0, 0.1, 0.2, 0.3)
"""Seconds from the R peak at which the calibration of prefixes is reported."""


def evaluate_calibration(bundle: Bundle, values: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """Return calibration errors, the accuracy of certain and uncertain predictions, and shares out of distribution.

    Parameters
    ----------
    bundle : Bundle
        Of a model of beats.
    values : float32 array, shape = (n, T, D)
        Windows that the network was not trained on.
    labels : array of str, shape = (n,)
    """
    window = cast(BeatWindow, bundle.window)
    scores, features = score_with_features(bundle.network, values)
    predicted = np.array(bundle.classes)[scores.argmax(axis=1)]
    is_correct = predicted == labels
    plain, calibrated = softmax(scores).max(axis=1), softmax(scores, bundle.temperature).max(axis=1)
    is_certain = certain_predictions(bundle, scores)
    figures = {
        "expected_calibration_error": top_class_calibration_error(calibrated, is_correct),
        "expected_calibration_error_before": top_class_calibration_error(plain, is_correct),
        "uncertain_share": 1 - is_certain.mean(),
        "accuracy_of_certain": is_correct[is_certain].mean() if is_certain.any() else 1.0,
        "accuracy_of_uncertain": is_correct[~is_certain].mean() if not is_certain.all() else 1.0,
    }
    if bundle.ood_detector is not None:
        noise = _replace_leads_by_noise(values[:_N_NOISE_WINDOWS], window.n_leads)
        noise_features = score_with_features(bundle.network, noise)[1]
        is_ood = bundle.ood_detector.detect(values, features)
        figures["unlike_share"] = is_ood.mean()
        if is_ood.any():
            figures["accuracy_of_unlike"] = is_correct[is_ood].mean()
        if not is_correct.all():
            figures["unlike_auroc_of_errors"] = auroc(~is_correct, bundle.ood_detector.scores(values, features))
        figures["unlike_share_of_white_noise"] = bundle.ood_detector.detect(noise, noise_features).mean()
    return {
        **{name: round(float(value), 4) for name, value in figures.items()},
        "certain_by_class": certainty_by_class(labels, predicted, is_certain, bundle.classes),
        "over_time": _evaluate_prefixes(bundle, values, labels),
    }


def _evaluate_prefixes(bundle: Bundle, values: np.ndarray, labels: np.ndarray) -> dict[str, dict[str, float]]:
    """Return the calibration of the prefixes that have ended some seconds after the R peak."""
    window, stacked = cast(BeatWindow, bundle.window), bundle.network.architecture.steps_per_read
    scores = score_prefixes(bundle.network, values)
    if bundle.prefixes is not None:
        scores = bundle.prefixes.apply(scores)
    steps = {f"{second:+.1f} s": window.steps_before + round(second * window.sampling_rate) for second in _SHOWN_S}
    reads = {title: step // stacked - 1 for title, step in steps.items()} | {"end": scores.shape[1] - 1}
    targets = np.array([bundle.classes.index(label) for label in labels])
    return figures_over_time(compute_probabilities(bundle, scores), targets, reads)


def _replace_leads_by_noise(values: np.ndarray, n_leads: int) -> np.ndarray:
    """Return the windows with white noise of the same mean and standard deviation in place of every recorded lead."""
    noisy = values.copy()
    leads = values[:, :, :n_leads]
    noise = np.random.default_rng(SPLIT_SEED).standard_normal(leads.shape).astype(np.float32)
    noisy[:, :, :n_leads] = leads.mean(axis=1, keepdims=True) + noise * leads.std(axis=1, keepdims=True)
    return noisy
