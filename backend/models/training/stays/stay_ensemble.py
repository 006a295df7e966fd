"""The ensemble that reads a stay, and its scores after each hour."""

from dataclasses import dataclass

import numpy as np
import torch

from backend.models.network.lstm import ScoringLSTM
from backend.models.training.committee import Committee
from backend.windows.stay_windows import StayWindow

__all__ = ["StayEnsemble", "score_by_hour"]


@dataclass(frozen=True, eq=False)
class StayEnsemble:
    """A trained committee, its window and the temperature that is fitted to its held-out scores.

    The held-out scores are those after each hour, shape = (n_training, 48, 2).
    """

    committee: Committee
    window: StayWindow
    temperature: float


def score_by_hour(network: ScoringLSTM, values: np.ndarray, batch: int = 512) -> np.ndarray:
    """Return the class scores after each hour, float32, shape = (n, 48, C), of windows (n, 48, D)."""
    network.eval()
    with torch.inference_mode():
        parts = [
            network.prefix_scores(torch.from_numpy(values[start : start + batch])).numpy()
            for start in range(0, len(values), batch)
        ]
    return np.concatenate(parts)
