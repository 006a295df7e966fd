"""The vertical axis, and the room that it takes beside every chart."""

from collections.abc import Sequence

import altair as alt

__all__ = ["LEFT_PX", "RIGHT_PX", "pixel_y", "value_axis"]

LEFT_PX = 58
"""Room for the axis left of every chart that shares a time axis, so that charts below each other line up."""


RIGHT_PX = 22


def value_axis(title: str, ticks: Sequence[float], tick_format: str) -> alt.Axis:
    """A left axis that takes the same room whatever its labels say."""
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


def pixel_y(field: str) -> alt.Y:
    """The encoding of a field that holds pixels from the top already."""
    return alt.Y(field=field, type="quantitative", scale=None, axis=None)
