"""What a recipe is: the five steps from the databases to a bundle with its card."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np

from backend.models.bundle import Bundle
from backend.models.network.lstm import ScoringLSTM
from backend.models.out_of_distribution import Detector
from backend.windows.base import WindowKind

__all__ = ["CardText", "Recipe", "Trained"]

DataT = TypeVar("DataT")
SplitT = TypeVar("SplitT")
TrainedT = TypeVar("TrainedT", bound="Trained")


@dataclass(frozen=True)
class CardText:
    """The sentences of a model card, one paragraph or list item each.

    Attributes
    ----------
    title, summary : str
    preprocessing : tuple of str
        Steps from the record to the window, in their order.
    not_for : tuple of str
        Uses that are out of scope.
    data : tuple of str
        Databases with their versions, references and licences.
    """

    title: str
    summary: str
    preprocessing: tuple[str, ...]
    not_for: tuple[str, ...]
    data: tuple[str, ...]

    def opening(self, classes: Sequence[str], variables: Sequence[str]) -> dict[str, Any]:
        """Return the first entries of the card."""
        return {
            "title": self.title,
            "summary": self.summary,
            "classes": list(classes),
            "variables": list(variables),
            "preprocessing": list(self.preprocessing),
            "not_for": list(self.not_for),
        }


@dataclass(frozen=True, eq=False)
class Trained:
    """What a bundle's weights are written from; a recipe's subclass adds what its card reports.

    Attributes
    ----------
    network : ScoringLSTM
    window : WindowKind
    ood_detector : Detector or None
    class_means : float32 array, shape = (C, T, D), or None
        Mean training window of each class.
    """

    network: ScoringLSTM
    window: WindowKind
    ood_detector: Detector | None
    class_means: np.ndarray | None


class Recipe(Protocol[DataT, SplitT, TrainedT]):
    """How a bundle is made; `publish` runs the steps in this order."""

    @property
    def name(self) -> str:
        """Name of the bundle and of its folder."""
        ...

    def load(self, data: Path) -> DataT:
        """Read the labelled windows from the folder of the databases.

        Raises
        ------
        RecordRefused
            If a database is missing.
        """
        ...

    def split(self, data: DataT, /) -> SplitT:
        """Assign every patient to training, validation or test, always in the same way."""
        ...

    def fit(self, split: SplitT, runs: Path) -> TrainedT:
        """Train the published network, and those of the cross-validation if there is one.

        Parameters
        ----------
        split
        runs : Path
            Folder of this recipe's checkpoints; an interrupted run resumes from them.
        """
        ...

    def describe(self, split: SplitT, trained: TrainedT) -> dict[str, Any]:
        """Return the card as JSON values, without the figures on the test set."""
        ...

    def test(self, bundle: Bundle, split: SplitT) -> dict[str, Any]:
        """Return the card's figures on the test set, from the bundle as it is read back from its files."""
        ...
