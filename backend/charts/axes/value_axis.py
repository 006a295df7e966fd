"""The vertical axis on the left, and the margins that every chart keeps for it."""

from collections.abc import Sequence
from typing import Any

import altair as alt

__all__ = ["GRID_LABELS_PX", "LEFT_PX", "RIGHT_PX", "left_axis", "left_grid_axis", "pixel_x", "pixel_y"]

LEFT_PX = 58
"""Left margin of every chart on a time axis, so that charts below each other line up."""


RIGHT_PX = 22

GRID_LABELS_PX = 34
"""Room for the labels of an axis with grid lines."""


def left_axis(title: str, ticks: Sequence[float], tick_format: str) -> alt.Axis:
    """Return an axis on the left that takes the same width whatever its labels."""
    return alt.Axis(
        title=title,
        values=list(ticks),
        format=tick_format,
        orient="left",
        grid=False,
        domain=False,
        minExtent=30,
        maxExtent=30,
        titlePadding=6,
    )


def left_grid_axis(title: str, **ticks: Any) -> alt.Axis:
    """Return an axis on the left with grid lines; ``ticks`` are options of ``altair.Axis``."""
    return alt.Axis(
        title=title,
        orient="left",
        domain=False,
        grid=True,
        gridOpacity=0.4,
        minExtent=GRID_LABELS_PX,
        maxExtent=GRID_LABELS_PX,
        **ticks,
    )


def pixel_y(field: str) -> alt.Y:
    """Return the vertical encoding of a field that holds pixels from the top."""
    return alt.Y(field=field, type="quantitative", scale=None, axis=None)


def pixel_x(field: str) -> alt.X:
    """Return the horizontal encoding of a field that holds pixels from the left."""
    return alt.X(field=field, type="quantitative", scale=None, axis=None)
