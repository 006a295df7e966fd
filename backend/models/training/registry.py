"""How each bundled model is trained anew, by its name."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from backend.models.bundle import BUNDLES, Bundle
from backend.models.training.alarms.alarm_publishing import train_alarm_bundle
from backend.models.training.beats.beat_publishing import train_bundle
from backend.models.training.beats.beat_recipes import RECIPES
from backend.models.training.stays.stay_publishing import train_stay_bundle
from backend.records.record import RecordRefused

__all__ = ["TRAININGS", "train"]

TRAININGS: Mapping[str, Callable[[Path, Path, Path], Bundle]] = {
    **{name: partial(train_bundle, name) for name in RECIPES},
    "icu-alarm": train_alarm_bundle,
    "icu-mortality": train_stay_bundle,
}


def train(name: str, data: Path, runs: Path, into: Path = BUNDLES) -> Bundle:
    """Train a bundle from the databases in ``data`` and write it with its card; a run that was cut goes on.

    Parameters
    ----------
    name : str
    data : Path
        Folder that holds the databases.
    runs : Path
        Folder of checkpoints.
    into : Path
        Where the bundle's folder goes.

    Raises
    ------
    RecordRefused
        If there is no such model, or the databases are not there.
    """
    if name not in TRAININGS:
        raise RecordRefused(f"There is no recipe {name!r}; choose one of {', '.join(TRAININGS)}.")
    return TRAININGS[name](data, runs, into)
