"""Salience behind rows below each other: one per sensor, feature or technique."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import numpy as np
import pandas as pd

from backend.charts.axes.time_axis import TimeAxis
from backend.charts.axes.value_axis import pixel_y
from backend.charts.shared.salience_legend import salience_legend
from backend.charts.style.theme import Theme

__all__ = ["RowSalience", "draw_salience", "salience_tooltip", "tabulate_salience"]

_SEAM_PX = 1.5


@dataclass(frozen=True, eq=False)
class RowSalience:
    """The salience of each step of the model's window, row by row.

    Attributes
    ----------
    values : array, shape = (T, n_rows)
        0 to 1; NaN throughout for a row that the model does not read.
    window_s : (float, float)
        Start and end of the window on the time axis.
    """

    values: np.ndarray
    window_s: tuple[float, float]

    def runs(self, row: int) -> pd.DataFrame:
        """Return one row per run of steps of equal salience: ``time_s``, ``end_s``, ``salience``."""
        column = self.values[:, row].astype(float)
        column = column[: 0 if np.isnan(column).any() else len(column)]
        edges_s = np.linspace(*self.window_s, len(self.values) + 1)
        starts = np.flatnonzero(np.diff(column, prepend=np.inf))
        ends = np.append(starts[1:], len(column))[: len(starts)]
        return pd.DataFrame({"time_s": edges_s[starts], "end_s": edges_s[ends], "salience": column[starts]})


def tabulate_salience(tables: Sequence[pd.DataFrame], salience: RowSalience, axis: TimeAxis) -> pd.DataFrame:
    """Return the runs of several rows in one table, each slightly extended to hide the seam before the next.

    Parameters
    ----------
    tables : sequence of DataFrame
        As ``RowSalience.runs`` returns them, with ``top`` and ``bottom`` in pixels.
    """
    steps = pd.concat(tables, ignore_index=True)
    return steps.assign(end_s=np.minimum(steps.end_s + _SEAM_PX / axis.px_per_s, salience.window_s[1]))


def draw_salience(steps: pd.DataFrame, axis: TimeAxis, theme: Theme) -> alt.Chart:
    """Return rectangles in the colours of their salience, with the legend."""
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


def salience_tooltip(row_kind: str) -> list[alt.Tooltip]:
    """Return the tooltip of a step: the row (column ``row_kind``), the time and the salience."""
    return [
        alt.Tooltip(field=row_kind, type="nominal", title=row_kind),
        alt.Tooltip(field="time_s", type="quantitative", title="time from alarm (s)", format=".2f"),
        alt.Tooltip(field="salience", type="quantitative", title="salience", format=".2f"),
    ]
