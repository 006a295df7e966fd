"""What makes a gradient through hundreds of steps of one window quick on a processor."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from backend.models.denormals import flushed_denormals

__all__ = ["quick_backpropagation"]


@contextmanager
def quick_backpropagation() -> Iterator[None]:
    """Reckon on one core and round the tiniest numbers to zero; the thread is left as it was found.

    One window is too little work to share: cores that wait for each other after each of 216 steps take three times
    as long as one alone, and far longer when they have other work.
    """
    with flushed_denormals():
        _cores.enter()
        try:
            yield
        finally:
            _cores.leave()


class _OneCore:
    """Keeps torch's number of threads while any thread of this process works on one core.

    torch sets the number for the calling thread and for threads that are new to it. One that is new while another
    works here would take 1 for the usual number, and leave it behind; hence the count.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._usual = 1

    def enter(self) -> None:
        with self._lock:
            if not self._inside:
                self._usual = torch.get_num_threads()
            self._inside += 1
            torch.set_num_threads(1)

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            torch.set_num_threads(self._usual)


_cores = _OneCore()
