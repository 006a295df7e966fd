"""Calibration: the observed frequency of an event among windows of similar predicted probability."""

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
    """Return a calibration curve: observed frequency over predicted probability; on the diagonal they are equal.

    Parameters
    ----------
    bins : sequence of mapping
        Each with ``mean_risk`` and ``event_share`` (0..1) and ``count``, as in a card's calibration.
    event : str
        The class that was predicted: ``death``, ``true alarm``.
    width_px : float
        Width of the whole chart.
    theme : Theme

    Returns
    -------
    altair.LayerChart

    References
    ----------
    Niculescu-Mizil & Caruana 2005, "Predicting good probabilities with supervised learning", section 4.
    """
    table = pd.DataFrame([row for row in bins if row["count"]])
    table["figures"] = [
        f"predicted {format_percent(row.mean_risk)}, observed {format_percent(row.event_share)} (n = {row.count:,})"
        for row in table.itertuples(index=False)
    ]
    percent_axis = alt.Axis(format=".0%", tickCount=5, domain=False)
    x = alt.X(
        "mean_risk:Q", scale=alt.Scale(domain=[0, 1]), axis=percent_axis, title=f"predicted probability of {event}"
    )
    # Each layer has a vertical scale of its own; one of them draws the axis.
    y = alt.Y(
        "event_share:Q", scale=alt.Scale(domain=[0, 1]), axis=percent_axis, title=f"observed frequency of {event}"
    )
    same_y = alt.Y("event_share:Q", scale=alt.Scale(domain=[0, 1]), axis=None)
    diagonal = pd.DataFrame({"mean_risk": [0.0, 1.0], "event_share": [0.0, 1.0]})
    layers = [
        alt.Chart(diagonal).mark_line(color=theme.muted, strokeDash=[4, 4]).encode(x=x, y=y),
        alt.Chart(table).mark_line(color=theme.colour_of(event)).encode(x=x, y=same_y),
        alt.Chart(table)
        .mark_circle(color=theme.colour_of(event), opacity=1.0)
        .encode(x=x, y=same_y, size=alt.Size("count:Q", legend=None), tooltip=alt.Tooltip("figures:N", title=event)),
    ]
    return theme.layered(layers, width_px - _AXIS_PX, _HEIGHT_PX)
