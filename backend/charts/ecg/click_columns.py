"""Where a chart was clicked."""

import altair as alt
import numpy as np
import pandas as pd

__all__ = ["columns_to_click"]


def columns_to_click(start_s: float, end_s: float, count: int, x: alt.X, height_px: float, turn: float) -> alt.Chart:
    """Clear columns over the whole height that tell where a click was: selection ``place``, field ``place_s``.

    A second click at the same place would be the same selection, which is no news to anyone; another ``turn``, which
    the selection tells as well, makes it another one.
    """
    edges_s = np.linspace(start_s, end_s, count + 1)
    columns = pd.DataFrame({"time_s": edges_s[:-1], "end_s": edges_s[1:], "place_s": (edges_s[:-1] + edges_s[1:]) / 2})
    return (
        alt.Chart(columns.round(3).assign(turn=turn))
        .mark_rect(fill="#000000", fillOpacity=0, cursor="crosshair")
        .encode(x=x, x2=alt.X2(field="end_s"), y=alt.value(0), y2=alt.value(height_px), tooltip=alt.value(None))
        .add_params(alt.selection_point(name="place", fields=["place_s", "turn"], on="click"))
    )
