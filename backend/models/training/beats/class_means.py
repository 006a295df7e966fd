"""The mean window of each class: what deletion can put in place of what is special of one beat."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from backend.models.bundle import BUNDLES, Bundle, load_bundle, save_bundle
from backend.models.training.beats.beat_augmentation import inputs
from backend.models.training.beats.beat_recipes import RECIPES
from backend.models.training.beats.labelled_beats import LOADERS, LabelledBeats
from backend.records.record import RecordRefused
from backend.windows.beats.beat_windows import BeatWindow

__all__ = ["add_class_means", "class_means"]


def class_means(beats: LabelledBeats, classes: Sequence[str], window: BeatWindow) -> np.ndarray:
    """The mean of what the network reads of each class, each patient weighing the same, float32, shape = (C, T, D).

    A lead that a record lacks counts as the zero that the network reads there.

    Parameters
    ----------
    beats : LabelledBeats
        Of training patients, with beats of every class.
    classes : sequence of str, length C
    window : BeatWindow
    """
    means = []
    for name in classes:
        patients = sorted(set(beats.patients[beats.labels == name]))
        of_patient = [
            inputs(beats.only((beats.labels == name) & (beats.patients == patient)), window).mean(
                axis=0, dtype=np.float64
            )
            for patient in patients
        ]
        means.append(np.mean(of_patient, axis=0))
    return np.stack(means).astype(np.float32)


def add_class_means(name: str, data: Path, folder: Path = BUNDLES) -> Bundle:
    """Give a bundle of beats, trained before there were any, the mean windows of its classes; nothing else changes.

    Parameters
    ----------
    name : str
    data : Path
        The folder that holds the databases that it was trained on.
    folder : Path
        That of the bundles.

    Raises
    ------
    RecordRefused
        If the databases are not there, or do not hold the training beats that the card tells of.
    """
    bundle, window = load_bundle(name, folder), RECIPES[name].window
    means = class_means(_training_beats(bundle, data, window.detector), bundle.classes, window)
    save_bundle(name, bundle.network, bundle.familiarity, window, bundle.card, folder, means)
    return load_bundle(name, folder)


def _training_beats(bundle: Bundle, data: Path, detector: str) -> LabelledBeats:
    told = bundle.card["training"]
    beats = LabelledBeats.joined(LOADERS[database](data, detector) for database in RECIPES[bundle.name].databases)
    beats = beats.only(np.isin(beats.patients, told["patients"]) & np.isin(beats.labels, bundle.classes))
    labels, counts = np.unique(beats.labels, return_counts=True)
    found = {str(label): int(count) for label, count in zip(labels, counts, strict=True)}
    if found != told["beats"]:
        raise RecordRefused(
            f"{data} holds {found} of {bundle.name}'s training patients, where its card tells of {told['beats']}; "
            "give the databases that it was trained on."
        )
    return beats
