"""Salience by wave: the share of the salience beside the share of the time."""

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from backend.charts.style.chart_width import WIDE_PX
from backend.charts.style.number_format import format_percent
from backend.charts.style.theme import LIGHT, Theme

__all__ = ["plot_salience_by_wave"]

_LABELS_PX = 40
_PERCENT_PX = 44
_ROW_PX = 30
_SALIENCE, _TIME = "salience share", "time share"


def plot_salience_by_wave(
    waves: Sequence[str],
    salience_shares: np.ndarray,
    time_shares: np.ndarray,
    width_px: float = WIDE_PX,
    theme: Theme = LIGHT,
) -> alt.LayerChart:
    """Return a chart of each wave's share of the salience beside its share of the time.

    Parameters
    ----------
    waves : sequence of str, length n
        P, PR, QRS, ST, T and the rest, in the order of the beat.
    salience_shares, time_shares : array, shape = (n,)
        0 to 1; each sums to 1.
    width_px : float
        Width of the whole chart.
    theme : Theme

    Returns
    -------
    altair.LayerChart
    """
    table = pd.concat(
        [
            pd.DataFrame({"wave": list(waves), "kind": shown, "share": np.asarray(shares, dtype=float)})
            for shown, shares in ((_SALIENCE, salience_shares), (_TIME, time_shares))
        ],
        ignore_index=True,
    )
    table["percent"] = [format_percent(share) for share in table.share]
    kinds = [_SALIENCE, _TIME]
    label_axis = alt.Axis(title=None, domain=False, ticks=False, minExtent=_LABELS_PX, maxExtent=_LABELS_PX)
    rows = alt.Scale(paddingInner=0.25, paddingOuter=0.1)
    labelled_y = alt.Y("wave:N", sort=list(waves), axis=label_axis, scale=rows)
    y = alt.Y("wave:N", sort=list(waves), axis=None, scale=rows)
    base = alt.Chart(table).encode(
        yOffset=alt.YOffset("kind:N", sort=kinds, scale=alt.Scale(domain=kinds, paddingInner=0.05)),
        x=alt.X("share:Q", scale=alt.Scale(domain=[0, 1]), axis=None),
    )
    colours = alt.Scale(domain=kinds, range=[theme.salience_strong, theme.hairline])
    legend = alt.Legend(
        title=None, orient="top", symbolType="square", symbolSize=60, labelFontSize=11, columnPadding=6, offset=4
    )
    bars = base.mark_bar().encode(y=labelled_y, color=alt.Color("kind:N", scale=colours, legend=legend))
    percentages = base.mark_text(align="left", dx=4, color=theme.text, fontSize=11).encode(
        y=y, text=alt.Text(field="percent", type="nominal")
    )
    return theme.layered([bars, percentages], width_px - _LABELS_PX - _PERCENT_PX, _ROW_PX * len(waves))
