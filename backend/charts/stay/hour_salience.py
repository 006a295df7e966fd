"""The colours of the salience of a stay's hours, and their legend."""

import altair as alt
import numpy as np
import pandas as pd

from backend.charts.axes.hour_axis import HourAxis
from backend.charts.style.theme import Theme

__all__ = ["draw_salience_legend", "salience_scale"]

_KEY_FROM_PX, _KEY_PX, _KEY_STEPS = 58, 160, 60
_KEY_VALUES = (0, 0.1, 0.5, 1)


def salience_scale(theme: Theme) -> alt.Scale:
    """The colours of the salience of a stay's hours.

    One hour of thousands usually counts ten times as much as the next ones: colours follow the root of the salience, so
    that these can be told from the many that count for nothing; the key shows how.
    """
    scale = theme.salience_scale
    scale.type = "sqrt"
    return scale


def draw_salience_legend(hours: HourAxis, bottom_px: float, theme: Theme) -> list[alt.Chart]:
    """What the colours mean, left above the hours; ``bottom_px`` is where its numbers stand.

    Drawn as marks, since a legend's gradient names the page's address, and is gone from a chart that stays as it is
    while the address changes.
    """
    shares = np.linspace(0, 1, _KEY_STEPS + 1)
    from_px = _KEY_FROM_PX + shares * _KEY_PX
    steps = pd.DataFrame({"hour": from_px[:-1], "end": from_px[1:], "salience": ((shares[:-1] + shares[1:]) / 2) ** 2})
    # Steps overlap a little, or the screen shows a seam between each and the next.
    steps.end = np.minimum(steps.end + 0.6, from_px[-1])
    steps[["hour", "end"]] /= hours.px_per_hour
    marks = pd.DataFrame({"salience": _KEY_VALUES, "word": [f"{value:g}" for value in _KEY_VALUES]})
    marks["hour"] = (_KEY_FROM_PX + np.sqrt(marks.salience) * _KEY_PX) / hours.px_per_hour
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
        .encode(x=hours.x(), y=alt.value(bottom_px + 1), text=alt.Text(field="word", type="nominal")),
        alt.Chart(pd.DataFrame({"hour": [0], "word": ["salience"]}))
        .mark_text(color=theme.text, fontSize=12, align="left", baseline="middle")
        .encode(x=hours.x(), y=alt.value(middle_px), text=alt.Text(field="word", type="nominal")),
    ]
