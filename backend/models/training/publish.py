"""From a recipe and the databases to a bundle on disk."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from backend.models.bundle import BUNDLES, Bundle, load_bundle, save_bundle
from backend.models.training.recipe import DataT, Recipe, SplitT, Trained, TrainedT

__all__ = ["Published", "publish"]


class Published(NamedTuple):
    """A bundle as it is read back from its files, and the folder that holds them."""

    bundle: Bundle
    folder: Path


def publish(recipe: Recipe[DataT, SplitT, TrainedT], data: Path, runs: Path, into: Path = BUNDLES) -> Published:
    """Train a recipe on the databases and write its bundle with the card.

    Parameters
    ----------
    recipe : Recipe
    data : Path
        Folder that holds the databases.
    runs : Path
        Checkpoints go to ``runs/<name of the recipe>``; an interrupted run resumes from them.
    into : Path
        Folder that receives the bundle's folder.

    Raises
    ------
    RecordRefused
        If a database is missing.
    """
    split = recipe.split(recipe.load(data))
    trained = recipe.fit(split, runs / recipe.name)
    card = recipe.describe(split, trained)
    # The test figures are those of the files: the bundle is written without them, read back, and written again.
    bundle = _write(recipe.name, trained, card, into)
    bundle = _write(recipe.name, trained, {**card, "test": recipe.test(bundle, split)}, into)
    return Published(bundle, into / recipe.name)


def _write(name: str, trained: Trained, card: Mapping[str, Any], into: Path) -> Bundle:
    save_bundle(name, trained.network, trained.ood_detector, trained.window, card, into, trained.class_means)
    return load_bundle(name, into)
