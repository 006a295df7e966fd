"""Transparent columns that make every place of a chart answer to a click."""

import altair as alt
import numpy as np
import pandas as pd

__all__ = ["draw_click_columns"]


def draw_click_columns(
    start_s: float, end_s: float, n_columns: int, x: alt.X, height_px: float, turn: float
) -> alt.Chart:
    """Return transparent columns over the whole height; a click selects ``place`` (field ``place_s``).

    The selection holds ``turn`` too: a second click at the same place with another ``turn`` counts as a new selection.
    """
    edges_s = np.linspace(start_s, end_s, n_columns + 1)
    columns = pd.DataFrame({"time_s": edges_s[:-1], "end_s": edges_s[1:], "place_s": (edges_s[:-1] + edges_s[1:]) / 2})
    return (
        alt.Chart(columns.round(3).assign(turn=turn))
        .mark_rect(fill="#000000", fillOpacity=0, cursor="crosshair")
        .encode(x=x, x2=alt.X2(field="end_s"), y=alt.value(0), y2=alt.value(height_px), tooltip=alt.value(None))
        .add_params(alt.selection_point(name="place", fields=["place_s", "turn"], on="click"))
    )
