"""A small network that tells windows of clean ECGs from windows of anything else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["OutlierFeatures", "OutlierNetwork"]

_N_SHAPES = 24
"""Principal shapes of the leads, and of their differences from the usual beat."""

_CLIP = 6.0
_CARD_KEY = "most_outlying"


@dataclass(frozen=True, eq=False)
class OutlierFeatures:
    """What the network reads of a window: each lead, its difference from the usual beat, and the usual beat.

    Each of the three gives the projections onto principal shapes, relative to their deviation and saturated; the
    logarithms of the energy and of the energy outside the shapes; and whether it is there. The measurements at the last
    step of the window follow.

    Attributes
    ----------
    shapes : float32 array, shape = (1 or 2, 24, T)
        Orthonormal principal shapes with zero mean, of the leads and of the differences; a model that reads no
        differences has the first alone.
    deviations : float32 array, shape = (1 or 2, 24)
        Root mean square of the projections onto the shapes.
    n_leads : int
    """

    shapes: np.ndarray
    deviations: np.ndarray
    n_leads: int

    @classmethod
    def fit(cls, values: np.ndarray, n_leads: int, has_differences: bool) -> "OutlierFeatures":
        """Return the features whose shapes are those of windows (n, T, D) of clean ECGs."""
        blocks = [values[:, :, :n_leads]] + ([values[:, :, n_leads : 2 * n_leads]] if has_differences else [])
        fitted = [_principal_shapes(block.transpose(0, 2, 1).reshape(-1, block.shape[1])) for block in blocks]
        return cls(np.stack([shapes for shapes, _ in fitted]), np.stack([own for _, own in fitted]), n_leads)

    @property
    def has_differences(self) -> bool:
        """Whether the windows hold the differences of the leads from the usual beat."""
        return len(self.shapes) > 1

    def compute(self, values: np.ndarray) -> np.ndarray:
        """Return the features of windows (n, T, D), float32, shape = (n, F)."""
        columns, n_leads = [], self.n_leads
        for lead in range(n_leads):
            tracing = values[:, :, lead]
            columns += self._describe(tracing, 0)
            if self.has_differences:
                difference = values[:, :, n_leads + lead]
                has_usual = difference.any(axis=1, keepdims=True)
                columns += self._describe(difference, 1)
                columns += self._describe(np.where(has_usual, tracing - difference, np.float32(0.0)), 0)
        columns.append(values[:, -1, len(self.shapes) * n_leads :])
        return np.concatenate(columns, axis=1).astype(np.float32)

    def _describe(self, traces: np.ndarray, block: int) -> list[np.ndarray]:
        """Return the features of traces (n, T), float32 arrays, shape = (n, ...)."""
        is_there = np.asarray(traces.any(axis=1))
        centred = traces - traces.mean(axis=1, keepdims=True)
        projections = centred @ self.shapes[block].T
        energy = np.einsum("nt,nt->n", centred, centred)
        rest = np.maximum(energy - np.einsum("nk,nk->n", projections, projections), 0.0)
        logs = (np.log(rest + 0.01), np.log(energy + 0.1), np.log((rest + 0.001) / (energy + 0.01)))
        saturated = np.tanh(projections / self.deviations[block] / 3.0)
        return [saturated, *((own * is_there)[:, np.newaxis] for own in logs), is_there[:, np.newaxis]]


def _principal_shapes(traces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the principal shapes (24, T) of traces (n, T), and the root mean square of the projections onto them."""
    centred = traces - traces.mean(axis=1, keepdims=True)
    centred = centred[centred.any(axis=1)]
    energies, vectors = np.linalg.eigh((centred.T @ centred).astype(np.float64) / len(centred))
    shapes = np.ascontiguousarray(vectors[:, : -_N_SHAPES - 1 : -1].T, dtype=np.float32)
    return shapes, np.sqrt(np.maximum(energies[: -_N_SHAPES - 1 : -1], 1e-12)).astype(np.float32)


@dataclass(frozen=True, eq=False)
class OutlierNetwork:
    """A network of two hidden layers whose output is high for windows that are out of distribution.

    It is trained on windows of clean ECGs against corrupted and artificial ones (outlier exposure).

    Attributes
    ----------
    features : OutlierFeatures
    mean, deviation : float32 arrays, shape = (F,)
        Of the features of clean windows.
    weights : tuple of three float32 arrays
        Shapes (F, hidden), (hidden, hidden / 2), (hidden / 2, 1).
    biases : tuple of three float32 arrays
    max_score : float
        A window with a higher score is out of distribution.

    References
    ----------
    Hendrycks, Mazeika & Dietterich 2019, "Deep anomaly detection with outlier exposure".
    """

    features: OutlierFeatures
    mean: np.ndarray
    deviation: np.ndarray
    weights: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]
    max_score: float = np.inf

    def log_odds(self, values: np.ndarray) -> np.ndarray:
        """Return the log odds of being out of distribution of windows (n, T, D), float32, shape = (n,)."""
        layer = self.standardise(values)
        for weights, biases in zip(self.weights[:-1], self.biases[:-1], strict=True):
            layer = np.maximum(layer @ weights + biases, 0.0)
        return (layer @ self.weights[-1] + self.biases[-1])[:, 0]

    def scores(self, values: np.ndarray, features: np.ndarray) -> np.ndarray:
        """Return how outlying windows (n, T, D) are, shape = (n,); ``features`` are not read."""
        return self.log_odds(values)

    def standardise(self, values: np.ndarray) -> np.ndarray:
        """Return the inputs of the network for windows (n, T, D), float32, shape = (n, F)."""
        return np.clip((self.features.compute(values) - self.mean) / self.deviation, -_CLIP, _CLIP)

    def detect(self, values: np.ndarray, features: np.ndarray) -> np.ndarray:
        """Return which windows (n, T, D) are out of distribution, bool, shape = (n,); ``features`` are not read."""
        return self.log_odds(values) > self.max_score

    def tensors(self) -> dict[str, np.ndarray]:
        """Return the arrays by name, as ``weights.safetensors`` holds them."""
        layers = {f"weights_{layer}": own for layer, own in enumerate(self.weights)}
        layers |= {f"biases_{layer}": own for layer, own in enumerate(self.biases)}
        shapes = {"lead_shapes": self.features.shapes, "lead_deviations": self.features.deviations}
        return {**shapes, "mean": self.mean, "deviation": self.deviation, **layers}

    def limits_for_card(self) -> dict[str, Any]:
        """Return the limit, and the number of leads, as a card holds them."""
        return {_CARD_KEY: self.max_score, "leads": self.features.n_leads}

    @classmethod
    def from_card(cls, tensors: Mapping[str, np.ndarray], limits: Mapping[str, Any]) -> "OutlierNetwork":
        """Return the network of these arrays with the limit of a card."""
        layers = range(sum(name.startswith("weights_") for name in tensors))
        return cls(
            OutlierFeatures(tensors["lead_shapes"], tensors["lead_deviations"], limits["leads"]),
            tensors["mean"],
            tensors["deviation"],
            tuple(tensors[f"weights_{layer}"] for layer in layers),
            tuple(tensors[f"biases_{layer}"] for layer in layers),
            limits[_CARD_KEY],
        )
