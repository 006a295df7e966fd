"""The windows that a network reads of labelled beats, with or without random augmentation."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.models.training.beats.labelled_beats import MARGIN_STEPS, WINDOW_STEPS, LabelledBeats
from backend.models.training.examples import Examples
from backend.windows.beats.beat_windows import BeatWindow, standardise

__all__ = ["Augmentation", "augment", "beat_examples", "class_indices", "compose_inputs", "digest_inputs"]

_BEATS_AT_ONCE = 4096
"""Beats whose windows are digested together, which limits the memory."""


@dataclass(frozen=True)
class Augmentation:
    """Parameters of the random augmentation of training beats; part of the card.

    Attributes
    ----------
    shift_steps : int
        The R peak moves by up to this many steps, since detectors place it differently in wide beats.
    warp : float
        Time is stretched or compressed around the R peak by up to this share.
    mixing : float
        Standard deviation of the share of each other lead that is added to a lead, since electrode positions and
        the axis of the heart vary.
    noise : float
        Standard deviation of white noise, as a share of the lead's own standard deviation.
    lone_lead : float
        Share of the windows that keep only their first recorded lead.
    lead_dropout : float
        Share of the leads that the other windows lose; every window keeps at least one.
    measurement_noise : float
        Standard deviation of the noise on the measurements.
    measurement_dropout : float
        Share of the measurements that are set to zero.
    """

    shift_steps: int = 5
    warp: float = 0.07
    mixing: float = 0.2
    noise: float = 0.03
    lone_lead: float = 0.5
    lead_dropout: float = 0.35
    measurement_noise: float = 0.1
    measurement_dropout: float = 0.1


def compose_inputs(beats: LabelledBeats, window: BeatWindow) -> np.ndarray:
    """Return the windows without augmentation, float32, shape = (n, T, D); the same as those of ``cut_beats``."""
    leads = beats.leads if window.several_leads else beats.chosen[:, :, np.newaxis]
    return _join(leads[:, MARGIN_STEPS : MARGIN_STEPS + WINDOW_STEPS], beats.measurements, window)


def digest_inputs(beats: LabelledBeats, window: BeatWindow) -> str:
    """Return the SHA-256 of the windows that a model reads of the beats and of their labels, as hexadecimal text.

    What the window leaves out, such as a measurement that the model does not read, does not change it.
    """
    sha = hashlib.sha256()
    for first in range(0, len(beats), _BEATS_AT_ONCE):
        part = beats.select(np.arange(first, min(first + _BEATS_AT_ONCE, len(beats))))
        sha.update(np.ascontiguousarray(compose_inputs(part, window)).data)
    sha.update("\n".join(beats.labels).encode())
    return sha.hexdigest()


def augment(
    beats: LabelledBeats, window: BeatWindow, augmentation: Augmentation, rng: np.random.Generator
) -> np.ndarray:
    """Return randomly augmented windows, float32, shape = (n, T, D); for windows of several leads."""
    beats = beats.on_one_lead(rng.random(len(beats)) < augmentation.lone_lead)
    leads = _shift_and_warp(beats.leads, window, augmentation, rng)
    leads = _mix(leads, augmentation.mixing, rng)
    deviation = leads.std(axis=1, keepdims=True)
    leads = leads + augmentation.noise * deviation * rng.standard_normal(leads.shape, dtype=np.float32)
    leads = leads * _draw_kept_leads(leads, augmentation.lead_dropout, rng)
    noise = augmentation.measurement_noise * rng.standard_normal(beats.measurements.shape)
    is_dropped = rng.random(beats.measurements.shape) < augmentation.measurement_dropout
    return _join(leads, np.where(is_dropped, 0.0, beats.measurements + noise), window)


def class_indices(beats: LabelledBeats, classes: Sequence[str]) -> np.ndarray:
    """Return the position of each beat's label among the classes, int64, shape = (n,)."""
    index = {name: position for position, name in enumerate(classes)}
    return np.array([index[str(label)] for label in beats.labels], dtype=np.int64)


def beat_examples(
    beats: LabelledBeats,
    classes: Sequence[str],
    window: BeatWindow,
    n_per_group: int | None = None,
    augmentation: Augmentation | None = None,
) -> Examples:
    """Return the beats as the training loop takes them.

    Parameters
    ----------
    beats : LabelledBeats
        Of these classes only.
    classes : sequence of str
    window : BeatWindow
    n_per_group : int or None
        An epoch draws at most this many beats of each class of each patient; None draws all.
    augmentation : Augmentation or None
    """

    def make_inputs(indices: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        chosen = beats.select(indices)
        return compose_inputs(chosen, window) if augmentation is None else augment(chosen, window, augmentation, rng)

    return Examples(class_indices(beats, classes), make_inputs, beats.patient_and_class, n_per_group)


def _join(leads: np.ndarray, measurements: np.ndarray, window: BeatWindow) -> np.ndarray:
    parts = [standardise(leads) if window.standardised else leads]
    if window.measurements:
        parts.append(np.broadcast_to(measurements[:, np.newaxis, :], (len(leads), WINDOW_STEPS, measurements.shape[1])))
    return np.concatenate(parts, axis=2).astype(np.float32)


def _shift_and_warp(
    leads: np.ndarray, window: BeatWindow, augmentation: Augmentation, rng: np.random.Generator
) -> np.ndarray:
    shift = rng.uniform(-augmentation.shift_steps, augmentation.shift_steps, size=(len(leads), 1))
    stretch = rng.uniform(1 - augmentation.warp, 1 + augmentation.warp, size=(len(leads), 1))
    peak = window.steps_before
    position = MARGIN_STEPS + peak + shift + (np.arange(WINDOW_STEPS) - peak) * stretch
    position = np.clip(position, 0, leads.shape[1] - 1.001)
    before = position.astype(np.int64)
    share = (position - before).astype(np.float32)[:, :, np.newaxis]
    left = np.take_along_axis(leads, before[:, :, np.newaxis], axis=1)
    right = np.take_along_axis(leads, before[:, :, np.newaxis] + 1, axis=1)
    return left * (1 - share) + right * share


def _mix(leads: np.ndarray, mixing: float, rng: np.random.Generator) -> np.ndarray:
    """Add a share of each other lead to every recorded lead."""
    is_recorded = np.asarray(leads.any(axis=1))
    n_leads = leads.shape[2]
    shares = mixing * rng.standard_normal((len(leads), n_leads, n_leads), dtype=np.float32)
    shares[:, range(n_leads), range(n_leads)] = 1.0
    return np.einsum("ntl,nlk->ntk", leads, shares * is_recorded[:, np.newaxis, :])


def _draw_kept_leads(leads: np.ndarray, dropout: float, rng: np.random.Generator) -> np.ndarray:
    """Return 1 for each lead that is kept and 0 for one that is dropped, float32, shape = (n, 1, leads)."""
    is_recorded = np.asarray(leads.any(axis=1))
    is_kept = is_recorded & (rng.random(is_recorded.shape) >= dropout)
    is_kept |= is_recorded & ~is_kept.any(axis=1, keepdims=True)
    return is_kept[:, np.newaxis, :].astype(np.float32)
