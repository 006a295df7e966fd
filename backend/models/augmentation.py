"""Beats as they might have been recorded: what training changes at random, so that no patient is learnt by heart."""

from dataclasses import dataclass

import numpy as np

from backend.models.training_beats import MARGIN_STEPS, WINDOW_STEPS, LabelledBeats
from backend.windows.beats import BeatWindow, standardised

__all__ = ["Augmentation", "augmented_inputs", "inputs"]


@dataclass(frozen=True)
class Augmentation:
    """How much training beats are changed; part of the card.

    Attributes
    ----------
    shift_steps : int
        The R peak moves by up to this much: detectors align wide beats differently.
    warp : float
        Time is stretched by up to this share around the R peak.
    rotation_rad : float
        Standard deviation of the rotation of the two leads in their plane: electrodes and hearts sit differently.
    noise : float
        Standard deviation of white noise, as a share of the lead's own deviation.
    lead_dropout : float
        Share of the windows that lose their second lead.
    rr_dropout : float
        Share of the windows that lose their RR intervals.
    """

    shift_steps: int = 5
    warp: float = 0.07
    rotation_rad: float = 0.2
    noise: float = 0.03
    lead_dropout: float = 0.25
    rr_dropout: float = 0.1


def inputs(beats: LabelledBeats, window: BeatWindow) -> np.ndarray:
    """What the network reads of unchanged beats, float32, shape = (n, T, D); the same as ``cut_beats`` gives."""
    return _composed(beats.leads[:, MARGIN_STEPS : MARGIN_STEPS + WINDOW_STEPS], beats.rr, window)


def augmented_inputs(
    beats: LabelledBeats, window: BeatWindow, augmentation: Augmentation, rng: np.random.Generator
) -> np.ndarray:
    """What the network reads of beats changed at random, float32, shape = (n, T, D)."""
    leads = _shifted_and_warped(beats.leads, window, augmentation, rng)
    leads = _rotated(leads, augmentation.rotation_rad, rng)
    deviation = leads.std(axis=1, keepdims=True)
    leads = leads + augmentation.noise * deviation * rng.standard_normal(leads.shape, dtype=np.float32)
    leads[rng.random(len(leads)) < augmentation.lead_dropout, :, 1] = 0.0
    rr = np.where(rng.random((len(leads), 1)) < augmentation.rr_dropout, 0.0, beats.rr)
    return _composed(leads, rr, window)


def _composed(leads: np.ndarray, rr: np.ndarray, window: BeatWindow) -> np.ndarray:
    leads = leads if window.second_lead else leads[:, :, :1]
    parts = [standardised(leads) if window.standardised else leads]
    if window.rr_intervals:
        parts.append(np.broadcast_to(rr[:, np.newaxis, :], (len(rr), WINDOW_STEPS, 2)))
    return np.concatenate(parts, axis=2).astype(np.float32)


def _shifted_and_warped(
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


def _rotated(leads: np.ndarray, rotation_rad: float, rng: np.random.Generator) -> np.ndarray:
    """Turn the two leads in their plane where both are there."""
    both = leads[:, :, 1].any(axis=1)
    angle = np.where(both, rng.normal(0.0, rotation_rad, len(leads)), 0.0).astype(np.float32)[:, np.newaxis]
    first, second = leads[:, :, 0], leads[:, :, 1]
    return np.stack(
        [first * np.cos(angle) + second * np.sin(angle), second * np.cos(angle) - first * np.sin(angle)], axis=2
    )
