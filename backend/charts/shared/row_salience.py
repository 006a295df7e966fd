"""Salience behind rows that stand below each other, one for each sensor or column."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import numpy as np
import pandas as pd

from backend.charts.axes.time_axis import TimeAxis
from backend.charts.axes.value_axis import pixel_y
from backend.charts.shared.salience_legend import salience_legend
from backend.charts.style.theme import Theme

__all__ = ["RowSalience", "salience_rects", "salience_table", "salience_tooltip"]

_SEAM_PX = 1.5


@dataclass(frozen=True, eq=False)
class RowSalience:
    """How much each step of the model's window mattered, sensor by sensor.

    Attributes
    ----------
    values : array, shape = (T, n_lanes)
        0 to 1; NaN throughout for a lane that the model does not read.
    window_s : (float, float)
        When the window begins and ends, in seconds from the alarm.
    """

    values: np.ndarray
    window_s: tuple[float, float]

    def runs(self, lane: int) -> pd.DataFrame:
        """One row for each run of steps with the same value: ``time_s``, ``end_s``, ``salience``."""
        column = self.values[:, lane].astype(float)
        column = column[: 0 if np.isnan(column).any() else len(column)]
        edges_s = np.linspace(*self.window_s, len(self.values) + 1)
        starts = np.flatnonzero(np.diff(column, prepend=np.inf))
        ends = np.append(starts[1:], len(column))[: len(starts)]
        return pd.DataFrame({"time_s": edges_s[starts], "end_s": edges_s[ends], "salience": column[starts]})


def salience_table(tables: Sequence[pd.DataFrame], salience: RowSalience, axis: TimeAxis) -> pd.DataFrame:
    """Runs of several rows in one table, each a little longer than it is, or the screen shows a seam before the next.

    Parameters
    ----------
    tables : sequence of DataFrame
        As ``RowSalience.runs`` gives them, with ``top`` and ``bottom`` in pixels.
    """
    steps = pd.concat(tables, ignore_index=True)
    return steps.assign(end_s=np.minimum(steps.end_s + _SEAM_PX / axis.px_per_s, salience.window_s[1]))


def salience_rects(steps: pd.DataFrame, axis: TimeAxis, theme: Theme) -> alt.Chart:
    """Rectangles of a ``salience_table`` in the colours of their salience, with the legend."""
    return (
        alt.Chart(steps)
        .mark_rect()
        .encode(
            x=axis.x(),
            x2=alt.X2(field="end_s"),
            y=pixel_y("top"),
            y2=alt.Y2(field="bottom"),
            fill=alt.Fill(field="salience", type="quantitative", scale=theme.salience_scale, legend=salience_legend()),
        )
    )


def salience_tooltip(what: str) -> list[alt.Tooltip]:
    """What a step of a ``salience_table`` tells: the column named ``what``, its time and its salience."""
    return [
        alt.Tooltip(field=what, type="nominal", title=what),
        alt.Tooltip(field="time_s", type="quantitative", title="time from the alarm (s)", format=".2f"),
        alt.Tooltip(field="salience", type="quantitative", title="salience", format=".2f"),
    ]
