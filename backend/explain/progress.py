"""Progress of a technique, and how to cancel it."""

from collections.abc import Callable

__all__ = ["Cancelled", "OnStep", "report_progress"]

OnStep = Callable[[int, int], bool | None]
"""Called with the number of finished steps and of all steps; returning False cancels the work."""


class Cancelled(Exception):
    """The explanation was cancelled before it was complete."""


def report_progress(on_step: OnStep | None, step: int, steps: int) -> None:
    """Report that ``step`` of ``steps`` are done.

    Raises
    ------
    Cancelled
        If ``on_step`` returns False.
    """
    if on_step is not None and on_step(step, steps) is False:
        raise Cancelled(f"stopped after {step} of {steps} steps")
