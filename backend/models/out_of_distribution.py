"""Detection of windows that are out of distribution: far from the data that a model was trained on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

__all__ = ["Detector", "OODDetector", "fit_ood_detector"]

_N_SHAPES = 20
"""Principal shapes of each lead."""

_IN_DISTRIBUTION_SHARE = 0.995
"""Share of the held-out windows within each limit."""

_CARD_KEYS = {
    "max_distance": "most_distance",
    "max_residual": "most_residual",
    "irregularity_columns": "telling",
    "max_irregularity": "most_told",
}
"""The names of the limits in ``card.json``."""


class Detector(Protocol):
    """What a bundle asks of the detector of windows that are out of distribution."""

    def detect(self, values: np.ndarray, features: np.ndarray) -> np.ndarray:
        """Return which windows (n, T, D) with features (n, hidden) are out of distribution, bool, shape = (n,)."""
        ...

    def scores(self, values: np.ndarray, features: np.ndarray) -> np.ndarray:
        """Return how outlying windows are: the higher the more, shape = (n,)."""
        ...

    def tensors(self) -> dict[str, np.ndarray]:
        """Return the arrays of the detector by name."""
        ...

    def limits_for_card(self) -> dict[str, Any]:
        """Return the limits as a card holds them."""
        ...


@dataclass(frozen=True, eq=False)
class OODDetector:
    """Three measures of a window, each with a limit; a window beyond one of them is out of distribution.

    Distance: the least Mahalanobis distance to the centre of a class, in the features that the read-out reads, with one
    covariance for all classes. Residual: the greatest share of a lead's energy outside the principal shapes of the
    training windows, which detects noise that the network classifies as a beat. Irregularity: columns of the window
    itself that measure noise.

    Attributes
    ----------
    means : float32 array, shape = (C, hidden)
        Centres of the classes, whitened.
    whitening : float32 array, shape = (hidden, hidden)
        Features times this have unit covariance within the classes.
    shapes : float32 array, shape = (n_leads, 20, T)
        Orthonormal principal shapes of each lead, with zero mean.
    max_distance, max_residual : float
    irregularity_columns : tuple of int
        Columns that are greater in irregular windows; read at the last step.
    max_irregularity : float

    References
    ----------
    Lee et al. 2018, "A simple unified framework for detecting out-of-distribution samples and adversarial attacks",
    section 2.1: the distance.
    """

    means: np.ndarray
    whitening: np.ndarray
    shapes: np.ndarray
    max_distance: float = np.inf
    max_residual: float = np.inf
    irregularity_columns: tuple[int, ...] = ()
    max_irregularity: float = np.inf

    @classmethod
    def from_card(
        cls, means: np.ndarray, whitening: np.ndarray, shapes: np.ndarray, limits: Mapping[str, Any]
    ) -> "OODDetector":
        """Return the detector of these arrays with the limits of a card."""
        return cls(means, whitening, shapes, **{name: limits[key] for name, key in _CARD_KEYS.items() if key in limits})

    def limits_for_card(self) -> dict[str, Any]:
        """Return the limits as a card holds them, without those of a measure that is not used."""
        names = list(_CARD_KEYS) if self.irregularity_columns else ["max_distance", "max_residual"]
        return {_CARD_KEYS[name]: getattr(self, name) for name in names}

    def detect(self, values: np.ndarray, features: np.ndarray) -> np.ndarray:
        """Return which windows (n, T, D) with features (n, hidden) are out of distribution, bool, shape = (n,)."""
        irregularity = values[:, -1, list(self.irregularity_columns)].max(axis=1, initial=-np.inf)
        return (
            (self.distances(features) > self.max_distance)
            | (self.residuals(values) > self.max_residual)
            | (irregularity > self.max_irregularity)
        )

    def scores(self, values: np.ndarray, features: np.ndarray) -> np.ndarray:
        """Return the greatest ratio of distance or residual to its limit, shape = (n,)."""
        return np.maximum(self.distances(features) / self.max_distance, self.residuals(values) / self.max_residual)

    def tensors(self) -> dict[str, np.ndarray]:
        """Return the arrays by name, as ``weights.safetensors`` holds them."""
        return {"means": self.means, "whitening": self.whitening, "shapes": self.shapes}

    def distances(self, features: np.ndarray) -> np.ndarray:
        """Return the distance of features (n, hidden) to the nearest centre, float32, shape = (n,)."""
        white = features @ self.whitening
        squared = ((white[:, np.newaxis, :] - self.means) ** 2).sum(axis=2)
        return np.sqrt(squared.min(axis=1, initial=np.inf)).astype(np.float32)

    def residuals(self, values: np.ndarray) -> np.ndarray:
        """Return the greatest share of a lead's energy outside its shapes, 0..1, float32, shape = (n,)."""
        greatest = np.zeros(len(values), dtype=np.float32)
        for lead, shapes in enumerate(self.shapes):
            recorded = np.flatnonzero(values[:, :, lead].any(axis=1))
            centred = values[recorded, :, lead] - values[recorded, :, lead].mean(axis=1, keepdims=True)
            energy = np.einsum("nt,nt->n", centred, centred)
            explained = ((centred @ shapes.T) ** 2).sum(axis=1)
            has_energy = energy > 0
            residual = 1.0 - explained[has_energy] / energy[has_energy]
            rows = recorded[has_energy]
            greatest[rows] = np.maximum(greatest[rows], residual)
        return greatest


def fit_ood_detector(
    values: np.ndarray,
    features: np.ndarray,
    labels: np.ndarray,
    n_leads: int,
    held_out: tuple[np.ndarray, np.ndarray],
) -> OODDetector:
    """Return the detector of training windows, with limits on distance and residual from held-out windows.

    Parameters
    ----------
    values : float32 array, shape = (n, T, D)
    features : float32 array, shape = (n, hidden)
    labels : array of str, shape = (n,)
    n_leads : int
        Number of leads, which are the first columns; without leads, all residuals are zero.
    held_out : (values, features)
        Windows of other patients.
    """
    groups = [features[labels == name] for name in sorted(set(labels))]
    within = np.concatenate([group - group.mean(axis=0) for group in groups]).astype(np.float64)
    covariance = within.T @ within / len(within)
    # A tenth of the mean variance on every axis keeps directions of little variance from dominating the distance.
    covariance += 0.1 * np.trace(covariance) / len(covariance) * np.eye(len(covariance))
    whitening = np.ascontiguousarray(np.linalg.inv(np.linalg.cholesky(covariance)).T, dtype=np.float32)
    fitted = OODDetector(
        means=np.stack([group.mean(axis=0) for group in groups]) @ whitening,
        whitening=whitening,
        shapes=np.stack([_principal_shapes(values[:, :, lead]) for lead in range(n_leads)])
        if n_leads
        else np.zeros((0, _N_SHAPES, values.shape[1]), dtype=np.float32),
    )
    return replace(
        fitted,
        max_distance=float(np.quantile(fitted.distances(held_out[1]), _IN_DISTRIBUTION_SHARE)),
        max_residual=float(np.quantile(fitted.residuals(held_out[0]), _IN_DISTRIBUTION_SHARE)),
    )


def _principal_shapes(lead: np.ndarray) -> np.ndarray:
    """Return the principal shapes of one lead of windows (n, T), float32, shape = (20, T)."""
    centred = lead - lead.mean(axis=1, keepdims=True)
    centred = centred[centred.any(axis=1)]
    _, vectors = np.linalg.eigh((centred.T @ centred).astype(np.float64))
    return np.ascontiguousarray(vectors[:, : -_N_SHAPES - 1 : -1].T, dtype=np.float32)
