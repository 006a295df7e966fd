"""The colours of the salience of a stay's hours, and their legend."""

import altair as alt
import numpy as np
import pandas as pd

from backend.charts.axes.hour_axis import HourAxis
from backend.charts.style.theme import Theme

__all__ = ["draw_salience_legend", "salience_scale"]

_LEGEND_FROM_PX, _LEGEND_PX, _LEGEND_STEPS = 58, 160, 60
_LEGEND_VALUES = (0, 0.1, 0.5, 1)


def salience_scale(theme: Theme) -> alt.Scale:
    """Return the colour scale for the salience of a stay's hours, with a square-root scale.

    One hour of thousands is usually ten times as salient as the next; the square root separates those from zero.
    """
    scale = theme.salience_scale
    scale.type = "sqrt"
    return scale


def draw_salience_legend(hours: HourAxis, bottom_px: float, theme: Theme) -> list[alt.Chart]:
    """Return the legend of the salience above the hours, with its numbers at ``bottom_px``.

    It consists of marks: the gradient of a Vega legend refers to the page's address, and disappears when the address
    changes under an unchanged chart.
    """
    shares = np.linspace(0, 1, _LEGEND_STEPS + 1)
    from_px = _LEGEND_FROM_PX + shares * _LEGEND_PX
    steps = pd.DataFrame({"hour": from_px[:-1], "end": from_px[1:], "salience": ((shares[:-1] + shares[1:]) / 2) ** 2})
    # Steps overlap slightly to hide the seams between them.
    steps.end = np.minimum(steps.end + 0.6, from_px[-1])
    steps[["hour", "end"]] /= hours.px_per_hour
    marks = pd.DataFrame({"salience": _LEGEND_VALUES, "text": [f"{value:g}" for value in _LEGEND_VALUES]})
    marks["hour"] = (_LEGEND_FROM_PX + np.sqrt(marks.salience) * _LEGEND_PX) / hours.px_per_hour
    middle_px = bottom_px - 12
    return [
        alt.Chart(steps)
        .mark_rect()
        .encode(
            x=hours.x(),
            x2=alt.X2(field="end"),
            y=alt.value(middle_px - 5),
            y2=alt.value(middle_px + 5),
            fill=alt.Fill(field="salience", type="quantitative", scale=salience_scale(theme), legend=None),
        ),
        alt.Chart(marks)
        .mark_text(color=theme.text, fontSize=11, baseline="middle")
        .encode(x=hours.x(), y=alt.value(bottom_px + 1), text=alt.Text(field="text", type="nominal")),
        alt.Chart(pd.DataFrame({"hour": [0], "text": ["salience"]}))
        .mark_text(color=theme.text, fontSize=12, align="left", baseline="middle")
        .encode(x=hours.x(), y=alt.value(middle_px), text=alt.Text(field="text", type="nominal")),
    ]
