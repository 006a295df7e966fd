"""The training of the network that detects outliers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from scipy import linalg
from torch import nn

from backend.models.outlier_network import OutlierFeatures, OutlierNetwork
from backend.models.training.beats.beat_inputs import compose_inputs
from backend.models.training.beats.beat_split import BeatSplit
from backend.models.training.beats.outliers.outlier_windows import Outliers, OutlierWindows
from backend.models.training.examples import draw_per_group
from backend.simulate.corruptions import ARTIFICIAL, CORRUPTIONS
from backend.windows.beats.beat_windows import BeatWindow

__all__ = ["augment_windows", "fit_detector", "fit_outlier_network"]

_EPOCHS = 48
_BATCH = 256
_LEARNING_RATE = 2e-3
_WEIGHT_DECAY = 1e-2
_HIDDEN = 96
_STARTS = 3
_DROPOUT = 0.2
_MIN_DEVIATION = 0.01
_SPIKES = "spike train"
_SHARES = {
    **{kind: 1 / 2 / len(CORRUPTIONS) for kind in CORRUPTIONS},
    **{kind: 1 / 3 / (len(ARTIFICIAL) - 1) for kind in ARTIFICIAL},
    _SPIKES: 1 / 6,
}
"""The share of each kind among the outliers of an epoch; corrupted ECGs and spikes are hardest to detect."""

_CLEAN_BEATS = 20
_CLEAN_SHARE = 0.96
"""Share of the clean windows of other patients below the limit."""


def fit_detector(beats: BeatSplit, outliers: Outliers, window: BeatWindow, seed: int) -> OutlierNetwork:
    """Return the detector of a beat model: trained on the training patients, with its limit from those of validation.

    It reads up to 20 beats of each class of each patient.

    Parameters
    ----------
    beats : BeatSplit
    outliers : Outliers
    window : BeatWindow
    seed : int
    """
    rng = np.random.default_rng(seed)
    clean, held_out = (
        compose_inputs(part.select(np.sort(draw_per_group(part.patient_and_class, _CLEAN_BEATS, rng))), window)
        for part in (beats.training, beats.validation)
    )
    has_differences = any("difference" in name for name in window.variables)
    training = outliers.for_training(beats.training.patients)
    return fit_outlier_network(clean, training, held_out, window.n_leads, has_differences, seed)


def fit_outlier_network(
    clean: np.ndarray,
    outliers: OutlierWindows,
    held_out: np.ndarray,
    n_leads: int,
    has_differences: bool,
    seed: int,
) -> OutlierNetwork:
    """Return the network that is trained on clean windows against outliers, with its limit from other clean windows.

    Three networks are trained from different seeds and merged. An epoch draws about as many outliers as there are clean
    windows: half of them from CORRUPTIONS, a sixth are spike trains, and a third come from the rest of ARTIFICIAL. The
    clean windows, inverted, are among the inverted ones. All are augmented alike. The windows of ELECTRODE_MOTION are
    for tests.

    Parameters
    ----------
    clean : float32 array, shape = (n, T, D)
    outliers : OutlierWindows
        Of the training patients.
    held_out : float32 array, shape = (m, T, D)
        Clean windows of other patients.
    n_leads : int
        Number of leads; they are the first columns, and their differences, if there are any, are the next.
    has_differences : bool
    seed : int
    """
    pools = {kind: outliers.values[outliers.kinds == kind] for kind in _SHARES if kind in outliers.kinds}
    n_columns = (2 if has_differences else 1) * n_leads
    inverted = np.concatenate([-clean[:, :, :n_columns], clean[:, :, n_columns:]], axis=2)
    pools["inverted"] = np.concatenate([inverted, *([pools["inverted"]] if "inverted" in pools else [])])
    features = OutlierFeatures.fit(clean, n_leads, has_differences)
    plain = features.compute(clean)
    untrained = OutlierNetwork(features, plain.mean(axis=0), plain.std(axis=0) + np.float32(_MIN_DEVIATION), (), ())
    trained = _merge(untrained, [_train(untrained, clean, pools, seed + start) for start in range(_STARTS)])
    limit = float(np.quantile(trained.log_odds(held_out), _CLEAN_SHARE))
    return replace(trained, max_score=limit)


def _train(untrained: OutlierNetwork, clean: np.ndarray, pools: Mapping[str, np.ndarray], seed: int) -> list[nn.Linear]:
    """Return the three layers of a network that is trained on clean windows against outliers by kind."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    network = nn.Sequential(
        *(nn.Linear(len(untrained.mean), _HIDDEN), nn.ReLU(), nn.Dropout(_DROPOUT)),
        *(nn.Linear(_HIDDEN, _HIDDEN // 2), nn.ReLU(), nn.Linear(_HIDDEN // 2, 1)),
    )
    optimiser = torch.optim.AdamW(network.parameters(), lr=_LEARNING_RATE, weight_decay=_WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.01, _EPOCHS)
    n_drawn = {kind: max(1, round(len(clean) * _SHARES[kind])) for kind in pools}
    n_outliers = sum(n_drawn.values())
    targets = torch.from_numpy(np.repeat([0.0, 1.0], [len(clean), n_outliers]).astype(np.float32))
    n_leads, has_differences = untrained.features.n_leads, untrained.features.has_differences
    for _ in range(_EPOCHS):
        drawn = [own[rng.integers(0, len(own), n_drawn[kind])] for kind, own in pools.items()]
        augmented = augment_windows(np.concatenate([clean, *drawn]), n_leads, has_differences, rng)
        inputs = torch.from_numpy(untrained.standardise(augmented))
        for rows in torch.from_numpy(rng.permutation(len(inputs))).split(_BATCH):
            loss = nn.functional.binary_cross_entropy_with_logits(network(inputs[rows])[:, 0], targets[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        schedule.step()
    return [layer for layer in network if isinstance(layer, nn.Linear)]


def _merge(untrained: OutlierNetwork, starts: Sequence[Sequence[nn.Linear]]) -> OutlierNetwork:
    """Return one network whose output is the mean of the outputs of several, given their three layers."""
    weights = [[layer.weight.detach().numpy().T for layer in own] for own in zip(*starts, strict=True)]
    biases = [np.stack([layer.bias.detach().numpy() for layer in own]) for own in zip(*starts, strict=True)]
    return replace(
        untrained,
        weights=(
            np.concatenate(weights[0], axis=1),
            linalg.block_diag(*weights[1]).astype(np.float32),
            np.concatenate(weights[2]) / np.float32(len(starts)),
        ),
        biases=(biases[0].ravel(), biases[1].ravel(), biases[2].mean(axis=0)),
    )


def augment_windows(values: np.ndarray, n_leads: int, has_differences: bool, rng: np.random.Generator) -> np.ndarray:
    """Return windows as other recorders and other patients of the same kind might give them, of the same shape.

    The time is stretched, leads are mixed and scaled, noise and wander are added, leads are dropped, and sometimes the
    usual beat, or the measurements, are not known.

    Parameters
    ----------
    values : float32 array, shape = (n, T, D)
    n_leads : int
    has_differences : bool
    rng : numpy.random.Generator
    """
    n, steps, _ = values.shape
    leads = values[:, :, :n_leads]
    is_recorded = np.asarray(leads.any(axis=1))
    kept = _draw_kept_leads(is_recorded, rng)
    position = _draw_stretch(n, steps, rng)
    mixing = 0.2 * rng.standard_normal((n, n_leads, n_leads))
    mixing[:, range(n_leads), range(n_leads)] = 1.0
    mixing *= np.exp(0.2 * rng.standard_normal((n, 1, n_leads))) * is_recorded[:, :, np.newaxis]
    noise = 0.03 * _draw_heights(n, n_leads, rng) * rng.standard_normal(leads.shape, dtype=np.float32)
    for height, least, most in ((0.06, 1.0, 18.0), (0.1, 0.2, 0.9)):
        cycles = rng.uniform(least, most, (n, 1, n_leads)) * np.linspace(0.0, 1.0, steps)[:, np.newaxis]
        phase = (rng.random((n, 1, n_leads)) + cycles).astype(np.float32)
        noise += height * _draw_heights(n, n_leads, rng) * np.sin(np.float32(2 * np.pi) * phase)

    def vary(traces: np.ndarray) -> np.ndarray:
        return _stretch(traces, position) @ mixing.astype(np.float32)

    changed = values.copy()
    changed[:, :, :n_leads] = (vary(leads) + noise) * kept
    if has_differences:
        differences = values[:, :, n_leads : 2 * n_leads]
        has_usual = differences.any(axis=1, keepdims=True) & (rng.random((n, 1, 1)) >= 0.12)
        changed[:, :, n_leads : 2 * n_leads] = (vary(differences) + noise) * kept * has_usual
    changed[rng.random(n) < 0.15, :, (2 if has_differences else 1) * n_leads :] = 0.0
    return changed


def _draw_heights(n: int, n_leads: int, rng: np.random.Generator) -> np.ndarray:
    return rng.exponential(1.0, (n, 1, n_leads)).astype(np.float32)


def _draw_kept_leads(is_recorded: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return which recorded leads (n, L) are kept, at least one, float32, shape = (n, 1, L)."""
    rank = np.where(is_recorded, rng.random(is_recorded.shape), -1.0)
    is_first = rank == rank.max(axis=1, keepdims=True)
    is_lone = rng.random((len(rank), 1)) < 0.4
    kept = is_recorded & (is_first | (~is_lone & (rng.random(rank.shape) < 0.8)))
    return kept[:, np.newaxis, :].astype(np.float32)


def _draw_stretch(n: int, steps: int, rng: np.random.Generator) -> np.ndarray:
    """Return the positions at which n windows are read, float64, shape = (n, T)."""
    centre = (steps - 1) / 2
    offsets = (np.arange(steps) - centre) * rng.uniform(0.9, 1.1, (n, 1)) + rng.uniform(-2.0, 2.0, (n, 1))
    return np.clip(centre + offsets, 0.0, steps - 1.001)


def _stretch(traces: np.ndarray, position: np.ndarray) -> np.ndarray:
    """Return traces (n, T, L) at positions (n, T), interpolated linearly."""
    before = position.astype(np.int64)[:, :, np.newaxis]
    share = (position[:, :, np.newaxis] - before).astype(np.float32)
    left, right = np.take_along_axis(traces, before, axis=1), np.take_along_axis(traces, before + 1, axis=1)
    return left * (1 - share) + right * share
