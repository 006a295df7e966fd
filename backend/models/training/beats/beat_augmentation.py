"""Beats as they might have been recorded: what training changes at random, so that no patient is learnt by heart."""

from dataclasses import dataclass

import numpy as np

from backend.models.training.beats.labelled_beats import MARGIN_STEPS, WINDOW_STEPS, LabelledBeats
from backend.windows.beats.beat_windows import BeatWindow, standardised

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
    mixing : float
        Standard deviation of the share that each lead takes of the others: electrodes and hearts sit differently.
    noise : float
        Standard deviation of white noise, as a share of the lead's own deviation.
    lone_lead : float
        Share of the windows that keep the first lead that they have, and no other.
    lead_dropout : float
        Share of the leads that the other windows lose, though never all of a window.
    measurement_noise : float
        Standard deviation of the noise on the measurements.
    measurement_dropout : float
        Share of the measurements that are lost.
    """

    shift_steps: int = 5
    warp: float = 0.07
    mixing: float = 0.2
    noise: float = 0.03
    lone_lead: float = 0.5
    lead_dropout: float = 0.35
    measurement_noise: float = 0.1
    measurement_dropout: float = 0.1


def inputs(beats: LabelledBeats, window: BeatWindow) -> np.ndarray:
    """What the network reads of unchanged beats, float32, shape = (n, T, D); the same as ``cut_beats`` gives."""
    leads = beats.leads if window.several_leads else beats.chosen[:, :, np.newaxis]
    return _composed(leads[:, MARGIN_STEPS : MARGIN_STEPS + WINDOW_STEPS], beats.measurements, window)


def augmented_inputs(
    beats: LabelledBeats, window: BeatWindow, augmentation: Augmentation, rng: np.random.Generator
) -> np.ndarray:
    """What the network reads of beats changed at random, float32, shape = (n, T, D); for windows of several leads."""
    beats = beats.on_one_lead(rng.random(len(beats)) < augmentation.lone_lead)
    leads = _shifted_and_warped(beats.leads, window, augmentation, rng)
    leads = _mixed(leads, augmentation.mixing, rng)
    deviation = leads.std(axis=1, keepdims=True)
    leads = leads + augmentation.noise * deviation * rng.standard_normal(leads.shape, dtype=np.float32)
    leads = leads * _leads_left(leads, augmentation.lead_dropout, rng)
    noise = augmentation.measurement_noise * rng.standard_normal(beats.measurements.shape)
    lost = rng.random(beats.measurements.shape) < augmentation.measurement_dropout
    return _composed(leads, np.where(lost, 0.0, beats.measurements + noise), window)


def _composed(leads: np.ndarray, measurements: np.ndarray, window: BeatWindow) -> np.ndarray:
    parts = [standardised(leads) if window.standardised else leads]
    if window.measurements:
        parts.append(np.broadcast_to(measurements[:, np.newaxis, :], (len(leads), WINDOW_STEPS, measurements.shape[1])))
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


def _mixed(leads: np.ndarray, mixing: float, rng: np.random.Generator) -> np.ndarray:
    """Add to each lead that is there a share of each other one."""
    there = np.asarray(leads.any(axis=1))
    n_leads = leads.shape[2]
    shares = mixing * rng.standard_normal((len(leads), n_leads, n_leads), dtype=np.float32)
    shares[:, range(n_leads), range(n_leads)] = 1.0
    return np.einsum("ntl,nlk->ntk", leads, shares * there[:, np.newaxis, :])


def _leads_left(leads: np.ndarray, dropout: float, rng: np.random.Generator) -> np.ndarray:
    """1 for each lead that stays and 0 for one that is lost, float32, shape = (n, 1, leads)."""
    there = np.asarray(leads.any(axis=1))
    stays = there & (rng.random(there.shape) >= dropout)
    stays |= there & ~stays.any(axis=1, keepdims=True)
    return stays[:, np.newaxis, :].astype(np.float32)
