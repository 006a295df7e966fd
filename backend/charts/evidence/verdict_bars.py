"""The stability verdicts of each technique as shares of beats."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from backend.charts.axes.row_labels import label_axis
from backend.charts.style.chart_width import FULL_PX
from backend.charts.style.number_format import format_percent
from backend.charts.style.technique_styles import technique_style
from backend.charts.style.theme import LIGHT, Theme

__all__ = ["plot_verdict_bars"]

_ROW_LABELS_PX = 148
_EDGE_PX = 12
_ROW_PX = 23
_LEAST_LABELLED = 0.055
_ON_LIGHT = ("#1B6E8C", "#8CC6D9", "#E3B34B")
_ON_DARK = ("#5BC0DE", "#2E6F86", "#C08A1E")
_INK_ON_LIGHT = ("#FFFFFF", "#10151C", "#10151C")
_INK_ON_DARK = ("#10151C", "#F4F7FB", "#10151C")


def plot_verdict_bars(
    verdicts: pd.DataFrame,
    kinds: Sequence[str],
    order: Sequence[str],
    width_px: float = FULL_PX,
    theme: Theme = LIGHT,
) -> alt.LayerChart:
    """Return a chart with one bar of all beats per technique, divided by verdict and labelled with shares.

    Parameters
    ----------
    verdicts : DataFrame
        ``technique``, ``verdict``, ``share`` (0..1), ``n``.
    kinds : sequence of str, length 3
        The verdicts from best to worst, drawn from left to right.
    order : sequence of str
        The techniques that are drawn, from the top.
    width_px : float
        Width of the whole chart, names included.
    theme : Theme

    Returns
    -------
    altair.LayerChart
    """
    is_light = theme.name == "light"
    fills = _ON_LIGHT if is_light else _ON_DARK
    ink = dict(zip(kinds, _INK_ON_LIGHT if is_light else _INK_ON_DARK, strict=True))
    table = _tabulate(verdicts, kinds, [name for name in order if name in set(verdicts.technique)])
    table["ink"] = [ink[kind] for kind in table.verdict]
    labels = list(dict.fromkeys(table.name))
    rows = alt.Scale(domain=labels, paddingInner=0.22, paddingOuter=0.1)
    legend = alt.Legend(title=None, orient="top", symbolType="square", symbolSize=90, columnPadding=18, offset=6)
    x = alt.X("start:Q", scale=alt.Scale(domain=[0, 1]), axis=None)
    base = alt.Chart(table)
    bars = base.mark_bar(stroke=theme.background, strokeWidth=1).encode(
        x=x,
        x2=alt.X2(field="end"),
        y=alt.Y("name:N", sort=labels, scale=rows, axis=label_axis(_ROW_LABELS_PX)),
        color=alt.Color("verdict:N", scale=alt.Scale(domain=list(kinds), range=list(fills)), legend=legend),
        tooltip=[
            alt.Tooltip("name:N", title="technique"),
            alt.Tooltip("verdict:N"),
            alt.Tooltip("share:Q", title="share of beats", format=".1%"),
            alt.Tooltip("n:Q", title="beats"),
        ],
    )
    percentages = base.mark_text(fontSize=11, baseline="middle").encode(
        x=alt.X("middle:Q", scale=alt.Scale(domain=[0, 1]), axis=None),
        y=alt.Y("name:N", sort=labels, scale=rows, axis=None),
        text=alt.Text("percent:N"),
        color=alt.Color(field="ink", type="nominal", scale=None),
    )
    return theme.layered([bars, percentages], width_px - _ROW_LABELS_PX - _EDGE_PX, _ROW_PX * max(1, len(labels)))


def _tabulate(verdicts: pd.DataFrame, kinds: Sequence[str], order: Sequence[str]) -> pd.DataFrame:
    """Return one row per segment of a bar; a verdict without beats has a segment of no width."""
    rows = []
    for technique in order:
        technique_rows = verdicts[verdicts.technique == technique]
        shares = dict(zip(technique_rows.verdict, technique_rows.share, strict=True))
        start = 0.0
        for kind in kinds:
            share = float(shares.get(kind, 0.0))
            rows.append(
                {
                    "technique": technique,
                    "name": technique_style(technique).label,
                    "verdict": kind,
                    "share": share,
                    "start": start,
                    "end": start + share,
                    "middle": start + share / 2,
                    "percent": format_percent(share) if share >= _LEAST_LABELLED else "",
                    "n": int(technique_rows.n.max()),
                }
            )
            start += share
    return pd.DataFrame(rows, columns=list(rows[0]) if rows else ["name", "verdict", "share", "n"])
