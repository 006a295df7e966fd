"""How a technique tells how far it is, and how it is stopped."""

from collections.abc import Callable

__all__ = ["Cancelled", "OnStep", "report"]

OnStep = Callable[[int, int], bool | None]
"""Called with the steps done and the steps in all; returning False stops the work."""


class Cancelled(Exception):
    """The explanation was stopped before it was done; there is no result."""


def report(on_step: OnStep | None, step: int, steps: int) -> None:
    """Tell that ``step`` of ``steps`` are done.

    Raises
    ------
    Cancelled
        If the listener returns False.
    """
    if on_step is not None and on_step(step, steps) is False:
        raise Cancelled(f"stopped after {step} of {steps} steps")
