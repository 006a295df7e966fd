"""The labels of variables or techniques left of their rows."""

import altair as alt

__all__ = ["LABEL_GAP_PX", "label_axis"]

LABEL_GAP_PX = 8
"""Gap between a label and its row."""


def label_axis(labels_px: float) -> alt.Axis:
    """Return an axis of labels left of their rows, as wide as stated whatever their length, without a line."""
    return alt.Axis(
        title=None,
        orient="left",
        domain=False,
        ticks=False,
        labelLimit=0,
        labelPadding=LABEL_GAP_PX,
        minExtent=labels_px,
        maxExtent=labels_px,
        grid=False,
    )
