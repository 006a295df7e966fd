"""The pairwise agreement of techniques: a triangle of rank correlations."""

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from backend.charts.axes.value_axis import pixel_x, pixel_y
from backend.charts.style.number_format import format_decimal
from backend.charts.style.theme import LIGHT, Theme

__all__ = ["plot_rank_correlations"]

_CELL_PX, _ROW_PX = 48.0, 28.0
_PX_PER_LETTER = 7.2
_STRONGEST = 0.55
"""The opacity of a correlation of 1, on which text is still readable."""


def plot_rank_correlations(labels: Sequence[str], correlations: np.ndarray, theme: Theme = LIGHT) -> alt.LayerChart:
    """Return a chart of the rank correlation of each pair of techniques.

    A technique's name is at the right end of its row, which is the top of its column; the cell where a row and a
    column meet holds their correlation. Blue is positive, red negative, both stronger further from 0.

    Parameters
    ----------
    labels : sequence of str, length k
        For the screen.
    correlations : array, shape = (k, k)
        -1 to 1; NaN where undefined.
    theme : Theme

    Returns
    -------
    altair.LayerChart
    """
    cells = _tabulate_cells(labels, correlations, theme)
    # The first row has no cells.
    names = pd.DataFrame(
        {
            "label": list(labels),
            "left": [place * _CELL_PX + 7 for place in range(len(labels))],
            "middle": [(place + 0.5) * _ROW_PX for place in range(len(labels))],
        }
    )
    width_px = max([left + _PX_PER_LETTER * len(label) for left, label in zip(names.left, labels, strict=True)] or [0])
    layers = [
        alt.Chart(cells)
        .mark_rect(cornerRadius=2)
        .encode(
            x=pixel_x("left"),
            x2=alt.X2(field="right"),
            y=pixel_y("top"),
            y2=alt.Y2(field="bottom"),
            fill=alt.Fill(field="colour", type="nominal", scale=None),
            fillOpacity=alt.FillOpacity(field="opacity", type="quantitative", scale=None),
            tooltip=[
                alt.Tooltip(field="pair", type="nominal", title="techniques"),
                alt.Tooltip(field="text", type="nominal", title="rank correlation"),
            ],
        ),
        alt.Chart(cells)
        .mark_text(fontSize=13, baseline="middle", color=theme.text, tooltip=None)
        .encode(x=pixel_x("centre"), y=pixel_y("middle"), text=alt.Text(field="text", type="nominal")),
        alt.Chart(names)
        .mark_text(fontSize=13, baseline="middle", align="left", color=theme.text)
        .encode(x=pixel_x("left"), y=pixel_y("middle"), text=alt.Text(field="label", type="nominal")),
    ]
    return theme.layered(layers, width_px, _ROW_PX * len(labels))


def _tabulate_cells(labels: Sequence[str], correlations: np.ndarray, theme: Theme) -> pd.DataFrame:
    """Return one row per pair: its cell, its colour and its correlation as text."""
    rows = [
        {
            "pair": f"{labels[column]} and {labels[row]}",
            "left": column * _CELL_PX + 1,
            "right": (column + 1) * _CELL_PX - 1,
            "centre": (column + 0.5) * _CELL_PX,
            "top": row * _ROW_PX + 1,
            "bottom": (row + 1) * _ROW_PX - 1,
            "middle": (row + 0.5) * _ROW_PX,
            "colour": theme.accent if not correlations[row, column] < 0 else theme.salience_strong,
            "opacity": _STRONGEST * float(np.nan_to_num(abs(correlations[row, column]))),
            "text": format_decimal(correlations[row, column]),
        }
        for row in range(len(labels))
        for column in range(row)
    ]
    columns = ["pair", "left", "right", "centre", "top", "bottom", "middle", "colour", "opacity", "text"]
    return pd.DataFrame(rows, columns=columns)
