"""Gradients without denormal numbers."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

__all__ = ["flushed_denormals"]


@contextmanager
def flushed_denormals() -> Iterator[None]:
    """Round the tiniest numbers of this thread to zero; it is left as it was found.

    A gradient fades on its way back into numbers below 1e-38, with which a processor reckons many times slower.
    """
    flushed_before = bool(torch.full((), 1e-38) * 1e-2 == 0)
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(flushed_before)
