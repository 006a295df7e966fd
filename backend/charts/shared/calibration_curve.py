"""Whether probabilities come true: the share of events among windows of nearly the same probability."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from backend.charts.style.chart_width import HALF_PX
from backend.charts.style.number_format import format_percent
from backend.charts.style.theme import LIGHT, Theme

__all__ = ["plot_calibration_curve"]

_HEIGHT_PX = 240
_AXIS_PX = 76


def plot_calibration_curve(
    bins: Sequence[Mapping[str, Any]], event: str, width_px: float = HALF_PX, theme: Theme = LIGHT
) -> Any:
    """A reliability plot: what was predicted across, what came about upwards; on the diagonal both are the same.

    Parameters
    ----------
    bins : sequence of mapping
        Each with ``mean_risk`` and ``event_share`` (0..1) and ``count``, as a card's calibration has them.
    event : str
        What came about, in words: ``death``, ``true alarm``.

    References
    ----------
    Niculescu-Mizil & Caruana 2005, "Predicting good probabilities with supervised learning", section 4.
    """
    table = pd.DataFrame([row for row in bins if row["count"]])
    table["words"] = [
        f"{row.count:,} with {format_percent(row.mean_risk)} predicted: {event} in {format_percent(row.event_share)}"
        for row in table.itertuples(index=False)
    ]
    percent = alt.Axis(format=".0%", tickCount=5, domain=False)
    x = alt.X("mean_risk:Q", scale=alt.Scale(domain=[0, 1]), axis=percent, title=f"predicted probability of {event}")
    # Each layer has a vertical scale of its own; one of them draws the axis.
    y = alt.Y("event_share:Q", scale=alt.Scale(domain=[0, 1]), axis=percent, title=f"share with {event}")
    same_y = alt.Y("event_share:Q", scale=alt.Scale(domain=[0, 1]), axis=None)
    diagonal = pd.DataFrame({"mean_risk": [0.0, 1.0], "event_share": [0.0, 1.0]})
    layers = [
        alt.Chart(diagonal).mark_line(color=theme.muted, strokeDash=[4, 4]).encode(x=x, y=y),
        alt.Chart(table).mark_line(color=theme.colour_of(event)).encode(x=x, y=same_y),
        alt.Chart(table)
        .mark_circle(color=theme.colour_of(event), opacity=1.0)
        .encode(x=x, y=same_y, size=alt.Size("count:Q", legend=None), tooltip=alt.Tooltip("words:N", title="of these")),
    ]
    return theme.layered(layers, width_px - _AXIS_PX, _HEIGHT_PX)
