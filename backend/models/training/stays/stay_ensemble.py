"""The ensemble that reads a stay."""

from dataclasses import dataclass

from backend.models.training.committee import Committee
from backend.windows.stay_windows import StayWindow

__all__ = ["StayEnsemble"]


@dataclass(frozen=True, eq=False)
class StayEnsemble:
    """A trained committee, its window and the temperature that is fitted to its held-out scores.

    The held-out scores are those after each hour, shape = (n_training, 48, 2).
    """

    committee: Committee
    window: StayWindow
    temperature: float
