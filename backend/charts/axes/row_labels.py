"""The names left of rows: of variables, of techniques."""

import altair as alt

__all__ = ["NAME_GAP_PX", "names_axis"]

NAME_GAP_PX = 8
"""Between a name and what is drawn of it."""


def names_axis(names_px: float) -> alt.Axis:
    """Names left of their rows, in a room that is kept for them, whatever their length; without any line."""
    return alt.Axis(
        title=None,
        orient="left",
        domain=False,
        ticks=False,
        labelLimit=0,
        labelPadding=NAME_GAP_PX,
        minExtent=names_px,
        maxExtent=names_px,
        grid=False,
    )
