"""The windows that a network reads of labelled beats, with or without random augmentation."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.models.training.beats.labelled_beats import LabelledBeats, margin_steps
from backend.models.training.beats.labelled_records import CONDUCTED
from backend.models.training.examples import Examples, draw_by_class, one_class
from backend.models.training.loop import Plan
from backend.windows.base import distinct
from backend.windows.beats.beat_windows import BeatWindow, compose_windows

__all__ = [
    "CONDUCTED_CLASSES",
    "RHYTHM_CLASSES",
    "Augmentation",
    "allowed_classes",
    "augment",
    "beat_examples",
    "compose_inputs",
]

CONDUCTED_CLASSES = ("normal", "LBBB", "RBBB")
"""What a CONDUCTED beat may be."""

RHYTHM_CLASSES = ("normal", "atrial premature")
"""The classes that a rhythm alone can show."""

_OUT_OF_TIME_CLASSES = ("atrial premature", "PVC")
"""The classes of which the rhythm is a part."""


@dataclass(frozen=True)
class Augmentation:
    """Parameters of the random augmentation of training beats; part of the card.

    Attributes
    ----------
    shift_s : float
        The R peak moves by up to this, since detectors place it differently in wide beats; the usual beat moves by up
        to half of it against the beat.
    warp : float
        Time is stretched or compressed around the R peak by up to this share.
    mixing : float
        Standard deviation of the share of each other lead that is added to a lead, since electrode positions and the
        axis of the heart vary.
    gain : float
        Standard deviation of the logarithm of each lead's amplitude.
    noise, wander : float
        Means of the exponentially distributed standard deviation of white noise, as a share of the lead's own, and
        amplitude of baseline wander (0.2 to 1.2 Hz), in QRS amplitudes.
    swap : float
        Share of the windows whose leads change places, since the name of a lead is not always known.
    lone_lead : float
        Share of the windows that keep only one lead, mostly the first.
    lead_dropout : float
        Share of the leads that the other windows lose; every window keeps at least one.
    no_usual_beat : float
        Share of the windows whose usual beat is not known.
    hidden : float
        Share of the windows in which a stretch of up to 0.3 s is hidden, in all leads or in one, as explanations do.
    borrowed_rhythm : float
        Share of the beats that are neither premature nor ventricular whose rhythm is that of another such beat of the
        batch. Otherwise the rhythm tells the database, and so whether blocks and premature beats are to be expected.
    rhythm_noise : float
        Standard deviation of the noise on the measurements of the rhythm.
    rate_noise : float
        That of further noise on the RR interval in seconds, by which patients could be identified.
    no_rhythm : float
        Share of the windows without any measurement.
    measurement_dropout : float
        Share of the measurements that the other windows lose.
    no_tracing : float
        Share of the windows without any lead. Their label is what a rhythm can show: normal or atrial premature.
    """

    shift_s: float = 0.0167
    warp: float = 0.07
    mixing: float = 0.3
    gain: float = 0.2
    noise: float = 0.03
    wander: float = 0.1
    swap: float = 0.05
    lone_lead: float = 0.35
    lead_dropout: float = 0.25
    no_usual_beat: float = 0.3
    hidden: float = 0.3
    borrowed_rhythm: float = 0.8
    rhythm_noise: float = 0.12
    rate_noise: float = 0.4
    no_rhythm: float = 0.35
    measurement_dropout: float = 0.03
    no_tracing: float = 0.08


_MOST_BEATS = 200
"""Beats of a label beyond which a patient weighs no more."""

_FIRST_LEAD = 0.75
_IN_ALL_LEADS = 0.6
_HIDDEN_S = (0.03, 0.3)
_WANDER_HZ = (0.2, 1.2)


def compose_inputs(beats: LabelledBeats, window: BeatWindow) -> np.ndarray:
    """Return the windows without augmentation, float32, shape = (n, T, D); the same as those of ``cut_beats``."""
    margin = margin_steps(window)
    inner = slice(margin, margin + window.steps)
    return compose_windows(beats.tracings[:, inner], beats.usual[:, inner], beats.rhythm if window.in_context else None)


def augment(
    beats: LabelledBeats,
    allowed: np.ndarray,
    classes: Sequence[str],
    window: BeatWindow,
    augmentation: Augmentation,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Return randomly augmented windows in context, (n, T, D), and the classes that they allow, (n, C); float32.

    Parameters
    ----------
    beats : LabelledBeats
    allowed : float32 array, shape = (n, C)
        From `allowed_classes`.
    classes : sequence of str, length C
    window : BeatWindow
    augmentation : Augmentation
    rng : numpy.random.Generator
    """
    n = len(beats)
    tracings, usual = _shift_and_warp(beats, window, augmentation, rng)
    tracings, usual = _mix_leads(tracings, usual, augmentation.mixing, rng)
    gain = np.exp(augmentation.gain * rng.standard_normal((n, 1, tracings.shape[2]))).astype(np.float32)
    tracings, usual = _add_noise(tracings * gain, window, augmentation, rng), usual * gain
    tracings, usual = _swap_leads(tracings, usual, augmentation.swap, rng)
    is_kept = _draw_kept_leads(tracings, augmentation, rng)[:, np.newaxis, :]
    tracings = np.where(is_kept, tracings, np.float32(0.0))
    is_usual_known = is_kept & np.asarray(rng.random((n, 1, 1)) >= augmentation.no_usual_beat)
    rhythm = _borrow_rhythm(beats.rhythm, allowed, classes, augmentation.borrowed_rhythm, rng)
    values = compose_windows(tracings, np.where(is_usual_known, usual, np.float32(np.nan)), rhythm)
    measured = values[:, :, 2 * window.n_leads :]
    noise = augmentation.rhythm_noise * rng.standard_normal((n, 1, measured.shape[2]), dtype=np.float32)
    noise[:, :, 0] += augmentation.rate_noise * rng.standard_normal((n, 1), dtype=np.float32)
    measured += noise * (measured != 0)
    hidden = _draw_hidden(n, window, augmentation, rng)
    is_flat = np.less(rng.random(n), augmentation.no_tracing)
    hidden[is_flat, :, : window.n_leads] = True
    has_rhythm = np.logical_not(hidden[:, :, window.n_leads :].all(axis=(1, 2)))
    flat_allowed = _allow_rhythm_only(allowed[is_flat], has_rhythm[is_flat], classes)
    allowed = allowed.copy()
    allowed[is_flat] = flat_allowed
    return window.without(values, hidden), allowed


def allowed_classes(labels: np.ndarray, classes: Sequence[str]) -> np.ndarray:
    """Return 1 for each class that a label (n,) allows, float32, shape = (n, C).

    A CONDUCTED beat may be any of CONDUCTED_CLASSES; other labels allow themselves.
    """
    allowed = np.array([labels == name for name in classes], dtype=np.float32).T
    is_conducted = np.isin(classes, CONDUCTED_CLASSES)
    allowed[(labels == CONDUCTED)[:, np.newaxis] & is_conducted] = 1.0
    return allowed


def beat_examples(beats: LabelledBeats, classes: Sequence[str], window: BeatWindow, plan: Plan) -> Examples:
    """Return the beats as the training loop takes them, drawn and augmented as the plan says.

    Parameters
    ----------
    beats : LabelledBeats
        Of these classes, or CONDUCTED.
    classes : sequence of str
    window : BeatWindow
    plan : Plan
    """
    allowed = allowed_classes(beats.labels, classes)

    def make_batch(indices: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        chosen = beats.select(indices)
        if plan.augmentation is None:
            return compose_inputs(chosen, window), allowed[indices]
        return augment(chosen, allowed[indices], classes, window, plan.augmentation, rng)

    if plan.draw is None:
        return Examples(allowed, make_batch, lambda rng: np.arange(len(beats)))
    return Examples(allowed, make_batch, draw_by_class(beats.labels, beats.patients, plan.draw, _MOST_BEATS))


def _shift_and_warp(
    beats: LabelledBeats, window: BeatWindow, augmentation: Augmentation, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return tracings and usual beats, each (n, T, L), shifted and stretched around the R peak."""
    n, reach = len(beats), augmentation.shift_s * window.sampling_rate
    stretch = rng.uniform(1 - augmentation.warp, 1 + augmentation.warp, size=(n, 1))
    from_peak = (np.arange(window.steps) - window.steps_before) * stretch
    centre = margin_steps(window) + window.steps_before + rng.uniform(-reach, reach, size=(n, 1))
    apart = rng.uniform(-reach / 2, reach / 2, size=(n, 1))
    return _interpolate(beats.tracings, centre + from_peak), _interpolate(beats.usual, centre + apart + from_peak)


def _interpolate(leads: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Return leads (n, T', L) at fractional steps (n, T), by straight lines."""
    positions = np.clip(positions, 0, leads.shape[1] - 1.001)
    before = positions.astype(np.int64)
    share = (positions - before).astype(np.float32)[:, :, np.newaxis]
    left = np.take_along_axis(leads, before[:, :, np.newaxis], axis=1)
    right = np.take_along_axis(leads, before[:, :, np.newaxis] + 1, axis=1)
    return np.asarray(left * (1 - share) + right * share)


def _mix_leads(
    tracings: np.ndarray, usual: np.ndarray, mixing: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return tracings and usual beats, each (n, T, L), with a share of each other lead added to every recorded lead."""
    n, _, n_leads = tracings.shape
    shares = mixing * rng.standard_normal((n, n_leads, n_leads), dtype=np.float32)
    shares[:, range(n_leads), range(n_leads)] = 1.0
    shares *= np.asarray(tracings.any(axis=1))[:, np.newaxis, :]
    known = np.nan_to_num(usual)
    mixed = np.where(np.isnan(usual), np.float32(np.nan), np.einsum("ntl,nlk->ntk", known, shares))
    return np.einsum("ntl,nlk->ntk", tracings, shares), mixed


def _add_noise(
    tracings: np.ndarray, window: BeatWindow, augmentation: Augmentation, rng: np.random.Generator
) -> np.ndarray:
    """Return the tracings with white noise and baseline wander on every recorded lead."""
    shape = (len(tracings), 1, tracings.shape[2])
    deviation = augmentation.noise * rng.exponential(size=shape) * tracings.std(axis=1, keepdims=True)
    amplitude = augmentation.wander * rng.exponential(size=shape)
    seconds = np.arange(window.steps)[np.newaxis, :, np.newaxis] / window.sampling_rate
    wander = amplitude * np.sin(2 * np.pi * (rng.uniform(size=shape) + rng.uniform(*_WANDER_HZ, size=shape) * seconds))
    noise = deviation * rng.standard_normal(tracings.shape, dtype=np.float32) + wander
    return (tracings + noise * tracings.any(axis=1, keepdims=True)).astype(np.float32)


def _swap_leads(
    tracings: np.ndarray, usual: np.ndarray, share: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    n, n_leads = len(tracings), tracings.shape[2]
    shuffled = rng.random((n, n_leads)).argsort(axis=1)
    place = np.where(rng.random((n, 1)) < share, shuffled, np.arange(n_leads))[:, np.newaxis, :]
    return np.take_along_axis(tracings, place, axis=2), np.take_along_axis(usual, place, axis=2)


def _draw_kept_leads(tracings: np.ndarray, augmentation: Augmentation, rng: np.random.Generator) -> np.ndarray:
    """Return which leads are kept, bool, shape = (n, L)."""
    is_recorded = np.asarray(tracings.any(axis=1))
    n, n_leads = is_recorded.shape
    first, last = is_recorded.argmax(axis=1), n_leads - 1 - is_recorded[:, ::-1].argmax(axis=1)
    lone = np.eye(n_leads, dtype=bool)[np.where(rng.random(n) < _FIRST_LEAD, first, last)]
    is_kept = is_recorded & (rng.random(is_recorded.shape) >= augmentation.lead_dropout)
    is_lone = np.less(rng.random(n), augmentation.lone_lead) | ~is_kept.any(axis=1)
    return np.where(is_lone[:, np.newaxis], lone, is_kept)


def _borrow_rhythm(
    rhythm: np.ndarray, allowed: np.ndarray, classes: Sequence[str], share: float, rng: np.random.Generator
) -> np.ndarray:
    """Return the rhythm (n, R) with a share of the beats on time, of whatever shape, having that of one another."""
    is_out_of_time = np.isin(classes, _OUT_OF_TIME_CLASSES)
    is_on_time = np.logical_not(allowed[:, is_out_of_time].any(axis=1))
    borrowing = np.flatnonzero(is_on_time & np.less(rng.random(len(rhythm)), share))
    borrowed = rhythm.copy()
    borrowed[borrowing] = rhythm[rng.permutation(borrowing)]
    return borrowed


def _draw_hidden(n: int, window: BeatWindow, augmentation: Augmentation, rng: np.random.Generator) -> np.ndarray:
    """Return what is hidden of each distinct source, leads first, bool, shape = (n, T, S)."""
    n_leads, n_sources = window.n_leads, len(distinct(window.sources))
    hidden = np.zeros((n, window.steps, n_sources), dtype=bool)
    width = rng.uniform(*_HIDDEN_S, size=(n, 1)) * window.sampling_rate
    from_start = np.arange(window.steps) - rng.uniform(-width, window.steps, size=(n, 1))
    is_stretch = (from_start >= 0) & (from_start < width) & (rng.random((n, 1)) < augmentation.hidden)
    is_hidden_lead = (rng.random((n, 1)) < _IN_ALL_LEADS) | (rng.integers(n_leads, size=(n, 1)) == np.arange(n_leads))
    hidden[:, :, :n_leads] = is_stretch[:, :, np.newaxis] & is_hidden_lead[:, np.newaxis, :]
    is_dropped = rng.random((n, n_sources - n_leads)) < augmentation.measurement_dropout
    is_without = rng.random((n, 1)) < augmentation.no_rhythm
    hidden[:, :, n_leads:] = np.asarray(is_dropped | is_without)[:, np.newaxis, :]
    return hidden


def _allow_rhythm_only(allowed: np.ndarray, has_rhythm: np.ndarray, classes: Sequence[str]) -> np.ndarray:
    """Return the classes that windows without any lead allow: those that their rhythm can show.

    A premature beat of any kind may be atrial premature or, as far as the rhythm shows, normal; without measurements
    either, a window is normal.
    """
    index = {name: position for position, name in enumerate(classes)}
    normal, premature = (index[name] for name in RHYTHM_CLASSES)
    rhythm_only = np.zeros_like(allowed)
    is_premature = allowed[:, premature] > 0
    rhythm_only[:, normal] = ~is_premature
    rhythm_only[:, premature] = is_premature
    is_either = (allowed[:, [position for name, position in index.items() if name in ("PVC", "paced")]] > 0).any(axis=1)
    rhythm_only[is_either, premature] = 1.0
    rhythm_only[~has_rhythm] = one_class(np.array([normal]), len(classes))
    return rhythm_only
