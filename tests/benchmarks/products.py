"""What a processor can do at most, measured by matrix products, and what the work on an LSTM takes of it."""

import time

import numpy as np
import torch

from backend.models.network.lstm import Architecture
from backend.models.network.numba_kernels import add_product, pack_panels

__all__ = ["operations_of_passes", "operations_of_reads", "peak_per_second"]

_SIZE = 1536
_WINDOWS, _UNITS = 48, 128
_ROUNDS = 7


def peak_per_second() -> float:
    """Floating-point operations of one core in a second, by the faster of two measured products of matrices."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return max(_by_torch(), _by_panels())
    finally:
        torch.set_num_threads(threads)


def _by_torch() -> float:
    left, right = torch.ones(_SIZE, _SIZE), torch.ones(_SIZE, _SIZE)
    out = torch.empty(_SIZE, _SIZE)
    return 2 * _SIZE**3 / min(_seconds(lambda: torch.mm(left, right, out=out)) for _ in range(_ROUNDS))


def _by_panels() -> float:
    left = np.ones((_WINDOWS, _UNITS), dtype=np.float32)
    panels, out = pack_panels(np.ones((_UNITS, 4 * _UNITS))), np.zeros((_WINDOWS, 4 * _UNITS), dtype=np.float32)

    def products() -> None:
        for _ in range(200):
            add_product(left, panels, out)

    return 200 * 8 * _WINDOWS * _UNITS**2 / min(_seconds(products) for _ in range(_ROUNDS))


def _seconds(work) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def operations_of_reads(network: Architecture, reads: int, with_inputs: int) -> int:
    """Operations of the matrix products of so many reads, of which so many multiply the inputs anew.

    A read multiplies the hidden state by four matrices of hidden x hidden, and what it reads by four of inputs x
    hidden; one multiplication and one addition each. The gates themselves are not counted.
    """
    inputs = network.variables * network.steps_per_read
    return 8 * network.hidden * (reads * network.hidden + with_inputs * inputs)


def operations_of_passes(network: Architecture, steps: int, passes: int) -> int:
    """Operations of the products of so many forward and backward passes over a window of so many steps."""
    reads = passes * steps // network.steps_per_read
    return 2 * operations_of_reads(network, reads, reads)
