"""How fast a beat is explained, against what others take for the same in the same run."""

import statistics
import time
from collections.abc import Callable

import numpy as np
import torch
from captum.attr import Occlusion

from backend.explain.backpropagation import quick_backpropagation
from backend.explain.mask import MaskParameters, learned_mask
from backend.explain.occlusion import OcclusionParameters, occlusion
from backend.models.bundle import Bundle
from tests.benchmarks.rows import Row
from tests.toys import default_size_bundle, published_size_bundle, toy_beat

__all__ = ["medians", "run"]

_WIDTH = 25
_ROUNDS = 9
_MASK_STEPS = 500
_MASK_ROUNDS = 3


def run() -> list[Row]:
    """All comparisons, with the sizes of both bundled networks; their weights do not matter for time."""
    rows = []
    for bundle, size in (
        (published_size_bundle(), "216 reads of 1 step"),
        (default_size_bundle(), "72 reads of 3 steps"),
    ):
        window = toy_beat(bundle.window.steps, bundle.network.architecture.variables)
        rows += [
            against_captum(bundle, window, size),
            against_one_batch(bundle, window, size),
            against_bare_passes(bundle, window, size),
        ]
    return rows


def against_captum(bundle: Bundle, window: np.ndarray, size: str) -> Row:
    """Occlusion against Captum's with its defaults: one perturbation an evaluation, whole stretches only."""
    values = torch.from_numpy(window[np.newaxis])
    captum = Occlusion(bundle.network)
    ours, peer = medians(
        lambda: _occlude(bundle, window),
        lambda: captum.attribute(values, sliding_window_shapes=(_WIDTH, window.shape[1]), target=0),
        _ROUNDS,
    )
    return Row(f"occlusion, times faster than Captum ({size})", ours, peer, peer / ours, "at least 3")


def against_one_batch(bundle: Bundle, window: np.ndarray, size: str) -> Row:
    """Occlusion against the forward pass alone of its T + w - 1 windows at full length in one batch."""
    batch = torch.from_numpy(np.tile(window, (len(window) + _WIDTH - 1, 1, 1)))
    ours, peer = medians(lambda: _occlude(bundle, window), lambda: _forward(bundle, batch), _ROUNDS)
    return Row(f"occlusion, times faster than one batch ({size})", ours, peer, peer / ours, "at least 1.7")


def against_bare_passes(bundle: Bundle, window: np.ndarray, size: str) -> Row:
    """The learned mask against 500 forward and backward passes, these too on one core with denormals flushed."""
    parameters = MaskParameters(steps=_MASK_STEPS)
    ours, peer = medians(
        lambda: learned_mask(bundle, window, bundle.classes[0], parameters),
        lambda: _bare_passes(bundle, window),
        _MASK_ROUNDS,
    )
    return Row(f"learned mask, time over bare passes ({size})", ours, peer, ours / peer, "at most 1.5")


def _occlude(bundle: Bundle, window: np.ndarray) -> None:
    occlusion(bundle, window, bundle.classes[0], OcclusionParameters(width_steps=_WIDTH))


def _forward(bundle: Bundle, batch: torch.Tensor) -> None:
    with torch.inference_mode():
        bundle.network(batch)


def _bare_passes(bundle: Bundle, window: np.ndarray) -> None:
    values = torch.from_numpy(window[np.newaxis]).requires_grad_()
    with quick_backpropagation():
        for _ in range(_MASK_STEPS):
            torch.autograd.grad(bundle.network(values)[0, 0], values)


def medians(ours: Callable[[], object], peer: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Median seconds of each, taken in turns so that whatever else the machine does meets both."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for seconds, call in zip(taken, (ours, peer), strict=True):
            started = time.perf_counter()
            call()
            seconds.append(time.perf_counter() - started)
    return statistics.median(taken[0]), statistics.median(taken[1])
