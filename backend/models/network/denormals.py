"""Arithmetic without denormal numbers."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

__all__ = ["flush_denormals"]


@contextmanager
def flush_denormals() -> Iterator[None]:
    """Round denormal numbers of this thread to zero, and restore its setting afterwards.

    A gradient vanishes during backpropagation into numbers below 1e-38, which a processor handles many times slower.
    """
    flushed_before = bool(torch.full((), 1e-38) * 1e-2 == 0)
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(flushed_before)
