"""FIR filters on a time grid independent of the samples, for one block of a long signal at a time."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy import signal

__all__ = ["BLOCK_STEPS", "Grid"]

BLOCK_STEPS = 1 << 17
"""Steps that are processed at a time."""


class Grid(NamedTuple):
    """A time grid with steps of ``down / up`` samples.

    Attributes
    ----------
    sampling_rate : float
        Hz, of the samples.
    up, down : int
    """

    sampling_rate: float
    up: int
    down: int

    @classmethod
    def of_at_least(cls, rate: float, sampling_rate: float) -> "Grid":
        """Return a grid of at least this rate (Hz), below twice the rate or the sampling rate."""
        up = int(np.ceil(rate / sampling_rate))
        return cls(sampling_rate, up, int(sampling_rate * up // rate))

    @property
    def rate(self) -> float:
        """Hz, of the steps."""
        return self.sampling_rate * self.up / self.down

    @property
    def fine_rate(self) -> float:
        """Hz, at which kernels are given."""
        return self.sampling_rate * self.up

    def blocks(self, samples: np.ndarray) -> Iterator[tuple[int, int]]:
        """Return the first step of each block of the signal, and the one after its last."""
        steps = -(-len(samples) * self.up // self.down)
        for first in range(0, steps, BLOCK_STEPS):
            yield first, min(first + BLOCK_STEPS, steps)

    def filter(self, samples: np.ndarray, kernel: np.ndarray, first: int, last: int) -> np.ndarray:
        """Return the convolution with an odd kernel at steps ``first`` to ``last - 1``, float64; edges are padded.

        Each step is the same sum whatever the other steps.
        """
        half = len(kernel) // 2
        from_sample = (first * self.down - half) // self.up - 1
        to_sample = (last * self.down + half) // self.up + 2
        padded = np.clip(np.arange(from_sample, to_sample), 0, len(samples) - 1)
        is_inside = from_sample >= 0 and to_sample <= len(samples)
        block = (samples[from_sample:to_sample] if is_inside else samples[padded]).astype(np.float64)
        # upfirdn counts its steps from the first sample of the block; the delay aligns the kernel with the grid.
        centre = first * self.down - from_sample * self.up + half
        delay = -centre % self.down
        steps = signal.upfirdn(np.append(np.zeros(delay), kernel), block, self.up, self.down)
        return steps[(centre + delay) // self.down :][: last - first]

    def remove_offset(self, kernel: np.ndarray) -> np.ndarray:
        """Return the kernel without its response to a constant, also between the samples of a slow recording."""
        levelled = kernel.copy()
        for phase in range(self.up):
            levelled[phase :: self.up] -= kernel[phase :: self.up].mean()
        return levelled
