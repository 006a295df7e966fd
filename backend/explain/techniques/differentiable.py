"""What is explained of windows as a function that Captum can derive."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from backend.explain.gradients import output_slopes
from backend.models.bundle import Bundle

__all__ = ["differentiable_output"]


def differentiable_output(bundle: Bundle, explained: str) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
    """A function of windows (n, T, D) and the indices of their classes (n,) that gives what is explained, (n,).

    Captum asks torch for its derivative, and gets the one that ``output_slopes`` found along with the value.
    """

    def output(values: torch.Tensor, indices: torch.Tensor) -> torch.Tensor:
        given: torch.Tensor = _Output.apply(values, bundle, [bundle.classes[index] for index in indices], explained)
        return given

    return output


class _Output(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, values: torch.Tensor, bundle: Bundle, targets: list[str], explained: str) -> torch.Tensor:
        # torch keeps no graph in here, and output_slopes may need one of its own.
        with torch.enable_grad():
            outputs, slopes = output_slopes(bundle, values.detach().numpy().astype(np.float32), targets, explained)
        ctx.slopes = torch.from_numpy(slopes)
        return torch.from_numpy(outputs)

    @staticmethod
    def backward(ctx: Any, *from_above: torch.Tensor) -> tuple[torch.Tensor, None, None, None]:
        return ctx.slopes * from_above[0][:, None, None], None, None, None
