"""How long reading takes, to compare two sizes."""

import time
from collections.abc import Callable

__all__ = ["shortest_s"]


def shortest_s(work: Callable[[], object]) -> float:
    """The shortest processor time of three calls, in seconds, so that other processes do not count."""

    def duration_s() -> float:
        start = time.process_time()
        work()
        return time.process_time() - start

    return min(duration_s() for _ in range(3))
