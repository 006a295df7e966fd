"""The recipes of the bundled models by name."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backend.models.bundle import BUNDLES, Bundle
from backend.models.training.alarms.icu_alarm import ICU_ALARM
from backend.models.training.beats.ecg_beat import ECG_BEAT
from backend.models.training.beats.ecg_beat_2018 import ECG_BEAT_2018
from backend.models.training.publish import publish
from backend.models.training.recipe import Recipe
from backend.models.training.stays.icu_mortality import ICU_MORTALITY
from backend.records.record import RecordRefused

__all__ = ["RECIPES", "train"]

_RECIPES: tuple[Recipe[Any, Any, Any], ...] = (ECG_BEAT, ECG_BEAT_2018, ICU_ALARM, ICU_MORTALITY)

RECIPES: Mapping[str, Recipe[Any, Any, Any]] = {recipe.name: recipe for recipe in _RECIPES}


def train(name: str, data: Path, runs: Path, into: Path = BUNDLES) -> Bundle:
    """Train a bundle from the databases, write it with its card and return it.

    Parameters
    ----------
    name : str
        One of RECIPES.
    data : Path
        Folder that holds the databases.
    runs : Path
        Folder of checkpoints; an interrupted run resumes from them.
    into : Path
        Folder that receives the bundle's folder.

    Raises
    ------
    RecordRefused
        If the recipe does not exist, or a database is missing.
    """
    if name not in RECIPES:
        raise RecordRefused(f"{name!r} is not a recipe. Choose one of {', '.join(RECIPES)}.")
    return publish(RECIPES[name], data, runs, into).bundle
