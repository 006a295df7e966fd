"""How fast a beat is explained, against what others take for the same in the same run."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from captum.attr import Occlusion

from backend.explain.techniques.mask import MaskParameters, learned_mask, learned_mask_many
from backend.explain.techniques.occlusion import OcclusionParameters, occlusion
from backend.models.bundle import Bundle, load_bundle
from backend.models.network.denormals import flush_denormals
from tests.benchmarks.dynamask import seconds_as_users_get_it, with_denormals_flushed
from tests.benchmarks.products import operations_of_passes, operations_of_reads, peak_per_second
from tests.benchmarks.rows import Row
from tests.toys import simulated_beat, toy_beat

__all__ = ["medians", "run"]

_WIDTH = 25
_ROUNDS = 15
_MASK_STEPS = 500
_MASK_ROUNDS = 5
_EPOCHS = 100
_TOGETHER = 256
_FEW = 64
_STEPS_TOGETHER = 3


def run() -> list[Row]:
    """All comparisons, for both bundled models of beats."""
    peak, cores = peak_per_second(), torch.get_num_threads()
    print(f"Peak of one core by a matrix product: {peak / 1e9:.0f} GFLOP/s; {cores} cores.\n", flush=True)
    rows = []
    for name, size in (("ecg-beat-2018", "216 reads of 1 step"), ("ecg-beat", "36 reads of 3 steps")):
        bundle = load_bundle(name)
        window = simulated_beat(bundle)
        rows += [
            against_captum(bundle, window, size),
            against_one_batch(bundle, window, size, cores * peak),
            against_bare_passes(bundle, window, size, peak),
            *together_against_bare_passes(bundle, size, cores, peak),
            as_beats_grow(bundle, size, cores * peak),
        ]
    by_step = load_bundle("ecg-beat-2018")
    return [*rows, *against_dynamask(by_step, simulated_beat(by_step))]


def against_captum(bundle: Bundle, window: np.ndarray, size: str) -> Row:
    """Occlusion against Captum's with its defaults: one perturbation an evaluation, whole stretches only."""
    values = torch.from_numpy(window[np.newaxis])
    captum = Occlusion(bundle.network)
    ours, peer = medians(
        lambda: _occlude(bundle, window),
        lambda: captum.attribute(values, sliding_window_shapes=(_WIDTH, window.shape[1]), target=0),
        _ROUNDS,
    )
    return Row(f"occlusion, times faster than Captum ({size})", ours, peer, peer / ours, "at least 10")


def against_one_batch(bundle: Bundle, window: np.ndarray, size: str, peak: float) -> Row:
    """Occlusion against the forward pass alone of its T + w - 1 windows at full length in one batch."""
    batch = torch.from_numpy(np.tile(window, (len(window) + _WIDTH - 1, 1, 1)))
    ours, peer = medians(lambda: _occlude(bundle, window), lambda: _forward(bundle, batch), _ROUNDS)
    share = _operations_of_occlusion(bundle, len(window)) / ours / peak
    return Row(f"occlusion, times faster than one batch ({size})", ours, peer, peer / ours, "at least 1.7", share)


def against_bare_passes(bundle: Bundle, window: np.ndarray, size: str, peak: float) -> Row:
    """The learned mask against 500 forward and backward passes, these too on one core with denormals flushed."""
    parameters = MaskParameters(steps=_MASK_STEPS)
    ours, peer = medians(
        lambda: learned_mask(bundle, window, bundle.classes[0], parameters),
        lambda: _bare_passes(bundle, window[np.newaxis], _MASK_STEPS, cores=1),
        _MASK_ROUNDS,
    )
    share = operations_of_passes(bundle.network.architecture, len(window), _MASK_STEPS) / ours / peak
    return Row(f"learned mask, time over bare passes ({size})", ours, peer, ours / peer, "at most 0.9", share)


def together_against_bare_passes(bundle: Bundle, size: str, cores: int, peak: float) -> Iterator[Row]:
    """Steps of 256 learned masks against as many forward and backward passes by autograd, on one core and on all."""
    windows = _beats(bundle, _TOGETHER)
    passes = _TOGETHER * _STEPS_TOGETHER
    operations = operations_of_passes(bundle.network.architecture, windows.shape[1], passes)
    for used in sorted({1, cores}):
        with _on_cores(used):
            ours, peer = medians(
                lambda: _learn_together(bundle, windows),
                lambda used=used: _bare_passes(bundle, windows, _STEPS_TOGETHER, used),
                _MASK_ROUNDS,
            )
        name = f"{_STEPS_TOGETHER} steps of {_TOGETHER} masks, times faster than autograd, cores: {used} ({size})"
        yield Row(name, ours, peer, peer / ours, "at least 1.5", operations / ours / (used * peak))


def as_beats_grow(bundle: Bundle, size: str, peak: float) -> Row:
    """The cost of 256 masks against four times that of 64."""
    many, few = _beats(bundle, _TOGETHER), _beats(bundle, _FEW)
    whole, part = medians(lambda: _learn_together(bundle, many), lambda: _learn_together(bundle, few), _MASK_ROUNDS)
    times = _TOGETHER // _FEW
    name = f"{_TOGETHER} masks, time over {times} times {_FEW} masks ({size})"
    return Row(name, whole, times * part, whole / (times * part), "at most 1.1")


def against_dynamask(bundle: Bundle, window: np.ndarray) -> Iterator[Row]:
    """The learned mask against ``tint``'s Dynamask with as many epochs, for one beat read step by step."""
    parameters = MaskParameters(steps=_EPOCHS)
    library = with_denormals_flushed(bundle, window, _EPOCHS)
    library()
    ours, peer = medians(lambda: learned_mask(bundle, window, bundle.classes[0], parameters), library, _MASK_ROUNDS)
    yield Row(f"mask of {_EPOCHS} epochs, times faster than Dynamask, flushed", ours, peer, peer / ours, "at least 3")
    peer = statistics.median(seconds_as_users_get_it(bundle, window, _MASK_ROUNDS + 1)()[1:])
    name = f"mask of {_EPOCHS} epochs, times faster than Dynamask as its users get it"
    yield Row(name, ours, peer, peer / ours, "at least 20")


def _operations_of_occlusion(bundle: Bundle, steps: int) -> int:
    """Of the reads that the T + w - 1 runs have of their own, from the one in which they begin to differ."""
    network = bundle.network.architecture
    reads = steps // network.steps_per_read
    first = np.maximum(np.arange(steps + _WIDTH - 1) - _WIDTH + 1, 0) // network.steps_per_read
    last = np.minimum(np.arange(steps + _WIDTH - 1), steps - 1) // network.steps_per_read
    return operations_of_reads(network, int((reads - first).sum()) + reads, int((last - first + 1).sum()) + reads)


def _beats(bundle: Bundle, beats: int) -> np.ndarray:
    variables = bundle.network.architecture.variables
    return np.stack([toy_beat(bundle.window.steps, variables, seed) for seed in range(beats)])


def _learn_together(bundle: Bundle, windows: np.ndarray) -> None:
    targets = bundle.classes[:1] * len(windows)
    learned_mask_many(bundle, windows, targets, MaskParameters(steps=_STEPS_TOGETHER))


def _occlude(bundle: Bundle, window: np.ndarray) -> None:
    occlusion(bundle, window, bundle.classes[0], OcclusionParameters(width_steps=_WIDTH))


def _forward(bundle: Bundle, batch: torch.Tensor) -> None:
    with torch.inference_mode():
        bundle.network(batch)


def _bare_passes(bundle: Bundle, windows: np.ndarray, passes: int, cores: int) -> None:
    values = torch.from_numpy(windows).requires_grad_()
    with _on_cores(cores), flush_denormals():
        for _ in range(passes):
            torch.autograd.grad(bundle.network(values)[:, 0].sum(), values)


@contextmanager
def _on_cores(cores: int) -> Iterator[None]:
    usual = torch.get_num_threads()
    torch.set_num_threads(cores)
    try:
        yield
    finally:
        torch.set_num_threads(usual)


def medians(ours: Callable[[], object], peer: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Median seconds of each, taken in turns so that whatever else the machine does meets both."""
    taken: tuple[list[float], list[float]] = ([], [])
    for call in (ours, peer):
        call()
    for _ in range(rounds):
        for seconds, call in zip(taken, (ours, peer), strict=True):
            started = time.perf_counter()
            call()
            seconds.append(time.perf_counter() - started)
    return statistics.median(taken[0]), statistics.median(taken[1])
