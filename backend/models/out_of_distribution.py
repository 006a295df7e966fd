"""How far a window lies from what a model was trained on."""

from dataclasses import dataclass, replace

import numpy as np

__all__ = ["Familiarity", "fit_familiarity"]

_SHAPES = 20
"""Principal shapes of each lead."""

_FAMILIAR_SHARE = 0.995
"""Share of the validation patients' beats that each of the two measures calls familiar."""


@dataclass(frozen=True, eq=False)
class Familiarity:
    """Two measures, for a window can be strange in two ways, and what a window itself tells of its strangeness.

    Its place: the least Mahalanobis distance to a class, in the features that the read-out reads, with one covariance
    for all classes (Lee et al. 2018, "A simple unified framework for detecting out-of-distribution samples", section
    2.1). Its shape: the share of a lead's energy that the principal shapes of the training beats cannot draw, which
    finds noise that the network takes for a beat.

    Attributes
    ----------
    means : float32 array, shape = (C, hidden)
        Centres of the classes, whitened.
    whitening : float32 array, shape = (hidden, hidden)
        Features times this have unit covariance within the classes.
    shapes : float32 array, shape = (n_leads, 20, T)
        Orthonormal principal shapes of each lead, about zero mean.
    most_distance, most_residual : float
        Above one of these a window is called unlike the training data.
    telling : tuple of int
        Columns of a window that are the greater the stranger it is.
    most_told : float
        Above this, in one of them at the last step, a window is called unlike the training data.
    """

    means: np.ndarray
    whitening: np.ndarray
    shapes: np.ndarray
    most_distance: float = np.inf
    most_residual: float = np.inf
    telling: tuple[int, ...] = ()
    most_told: float = np.inf

    def unlike(self, values: np.ndarray, features: np.ndarray) -> np.ndarray:
        """Which windows (n, T, D) with features (n, hidden) are unlike the training data, bool, shape = (n,)."""
        told = values[:, -1, list(self.telling)].max(axis=1, initial=-np.inf)
        is_far = (self.distances(features) > self.most_distance) | (self.residuals(values) > self.most_residual)
        return is_far | (told > self.most_told)

    def distances(self, features: np.ndarray) -> np.ndarray:
        """Distance of each row of ``features`` (n, hidden) to the nearest centre, float32, shape = (n,)."""
        white = features @ self.whitening
        squared = ((white[:, np.newaxis, :] - self.means) ** 2).sum(axis=2)
        return np.sqrt(squared.min(axis=1, initial=np.inf)).astype(np.float32)

    def residuals(self, values: np.ndarray) -> np.ndarray:
        """The greatest share of a lead's energy that its shapes cannot draw, 0..1, shape = (n,)."""
        worst = np.zeros(len(values), dtype=np.float32)
        for lead, shapes in enumerate(self.shapes):
            there = np.flatnonzero(values[:, :, lead].any(axis=1))
            centred = values[there, :, lead] - values[there, :, lead].mean(axis=1, keepdims=True)
            energy = np.einsum("nt,nt->n", centred, centred)
            drawn = ((centred @ shapes.T) ** 2).sum(axis=1)
            alive = energy > 0
            residual = 1.0 - drawn[alive] / energy[alive]
            worst[there[alive]] = np.maximum(worst[there[alive]], residual)
        return worst


def fit_familiarity(
    values: np.ndarray,
    features: np.ndarray,
    labels: np.ndarray,
    n_leads: int,
    held_out: tuple[np.ndarray, np.ndarray],
) -> Familiarity:
    """Fit to training windows, and set both limits by windows of patients that were not trained on.

    Parameters
    ----------
    values : float32 array, shape = (n, T, D)
    features : float32 array, shape = (n, hidden)
    labels : array of str, shape = (n,)
    n_leads : int
        The first variables, which are leads; 0 where none is, and the place alone decides.
    held_out : (values, features)
        Of the validation patients.
    """
    groups = [features[labels == name] for name in sorted(set(labels))]
    within = np.concatenate([group - group.mean(axis=0) for group in groups]).astype(np.float64)
    covariance = within.T @ within / len(within)
    # A tenth of the mean variance on every axis keeps directions that hardly vary from deciding everything.
    covariance += 0.1 * np.trace(covariance) / len(covariance) * np.eye(len(covariance))
    whitening = np.ascontiguousarray(np.linalg.inv(np.linalg.cholesky(covariance)).T, dtype=np.float32)
    fitted = Familiarity(
        means=np.stack([group.mean(axis=0) for group in groups]) @ whitening,
        whitening=whitening,
        shapes=_shapes_of_leads(values[:, :, :n_leads]),
    )
    return replace(
        fitted,
        most_distance=float(np.quantile(fitted.distances(held_out[1]), _FAMILIAR_SHARE)),
        most_residual=float(np.quantile(fitted.residuals(held_out[0]), _FAMILIAR_SHARE)),
    )


def _shapes_of_leads(leads: np.ndarray) -> np.ndarray:
    """The principal shapes of each lead of windows (n, T, n_leads), float32, shape = (n_leads, 20, T)."""
    shapes = np.zeros((leads.shape[2], _SHAPES, leads.shape[1]), dtype=np.float32)
    for place in range(leads.shape[2]):
        shapes[place] = _principal_shapes(leads[:, :, place])
    return shapes


def _principal_shapes(lead: np.ndarray) -> np.ndarray:
    """The principal shapes of one lead's windows (n, T), float32, shape = (20, T)."""
    centred = lead - lead.mean(axis=1, keepdims=True)
    centred = centred[centred.any(axis=1)]
    _, vectors = np.linalg.eigh((centred.T @ centred).astype(np.float64))
    return np.ascontiguousarray(vectors[:, : -_SHAPES - 1 : -1].T, dtype=np.float32)
