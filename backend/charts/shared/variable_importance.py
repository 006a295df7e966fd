"""Which variables mattered, one bar each, and which of them only matter together."""

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from backend.charts.axes.row_labels import NAME_GAP_PX, names_axis
from backend.charts.style.chart_width import WIDE_PX
from backend.charts.style.number_format import format_range
from backend.charts.style.theme import LIGHT, Theme
from backend.explain.questions.feature_ranking import Pair, Ranked

__all__ = [
    "AS_MUCH",
    "LESS",
    "MORE",
    "OTHER_WAY",
    "PAIR_MEANINGS",
    "TOO_LITTLE",
    "pair_in_words",
    "plot_variable_importance",
    "rank_in_words",
]

_PX_PER_LETTER = 5.8
_SHORTEST_NAME = 8
_RANKS_PX = 116
_LEGEND_PX = 24
_LEGEND_PX_PER_LETTER = 7.5  # with the symbol before it
_ROW_PX = 22
_BAR_PX = 13
_LEAST_REACH = 1e-6
_SAME_SHARE = 0.1
"""Less than this share of difference between together and apart is called none."""
_LEAST_EFFECT = 0.02
"""Of the score: a lesser drop, or a lesser difference between two, is called none."""


def plot_variable_importance(
    ranked: Sequence[Ranked],
    target: str,
    labels: Mapping[str, str] | None = None,
    count: int | None = None,
    width_px: float = WIDE_PX,
    theme: Theme = LIGHT,
) -> alt.LayerChart:
    """Draw for each variable how much the score drops without it, with the interval and the rank in words.

    Bars to the right are filled: the variable speaks for the class. Bars to the left are hollow: it speaks against.
    A bar whose interval holds 0 is faint. A click on a bar selects ``chosen`` (field ``variable``).

    Parameters
    ----------
    ranked : sequence of Ranked
        In the order in which they stand, the most important first.
    target : str
        The class whose score is meant.
    labels : mapping of str to str, optional
        What a reader calls a variable; its own name where there is none.
    count : int, optional
        Of all variables, where not all are drawn.
    width_px : float
        Width of the whole chart.
    theme : Theme

    Returns
    -------
    altair.LayerChart
    """
    kinds = [f"speaks for {target}", f"speaks against {target}"]
    table = _table(ranked, kinds, labels or {}, count or len(ranked))
    order = list(table.label)
    names_px = NAME_GAP_PX + _PX_PER_LETTER * max([*table.label.str.len(), _SHORTEST_NAME])
    # Room on either side of 0, or a bar without any length would have no place.
    reach = max([_LEAST_REACH, *table.high.abs(), *table.low.abs(), *table["drop"].abs()])
    x_scale = alt.Scale(domain=[min([-0.04 * reach, *table.low]), max([0.04 * reach, *table.high])], nice=False)
    rows = alt.Scale(paddingInner=0.2, paddingOuter=0.1)

    def y(axis: alt.Axis | None = None) -> alt.Y:
        return alt.Y("label:N", sort=order, axis=axis, scale=rows)

    def x(field: str) -> alt.X:
        return alt.X(field=field, type="quantitative", scale=x_scale, axis=None)

    base = alt.Chart(table)
    bars = _bars(base, kinds, names_px, width_px, theme)
    ends = base.mark_tick(color=theme.text, thickness=1.3, height=7, opacity=1, orient="vertical").encode(y=y())
    layers = [
        bars.encode(x=x("start"), x2=alt.X2(field="end"), y=y(names_axis(names_px))),
        base.mark_rule(color=theme.text, strokeWidth=1.3).encode(y=y(), x=x("low"), x2=alt.X2(field="high")),
        ends.encode(x=x("low")),
        ends.encode(x=x("high")),
        base.mark_text(align="left", dx=6, color=theme.text, fontSize=11).encode(
            y=y(), x=alt.value("width"), text=alt.Text(field="rank", type="nominal")
        ),
        alt.Chart(pd.DataFrame({"zero": [0.0]})).mark_rule(color=theme.text, strokeWidth=1).encode(x=x("zero")),
    ]
    return theme.layered(layers, width_px - names_px - _RANKS_PX, _ROW_PX * max(1, len(order)))


def _table(ranked: Sequence[Ranked], kinds: Sequence[str], labels: Mapping[str, str], count: int) -> pd.DataFrame:
    rows = [
        {
            "variable": one.variable,
            "label": labels.get(one.variable, one.variable),
            "drop": one.drop,
            "start": min(0.0, one.drop),
            "end": max(0.0, one.drop),
            "low": one.low,
            "high": one.high,
            "kind": kinds[0] if one.drop >= 0 else kinds[1],
            "opacity": 0.4 if one.low <= 0 <= one.high else 1.0,
            "rank": rank_in_words(one, count),
            "between": format_range(one.low, one.high),
        }
        for one in ranked
    ]
    return pd.DataFrame(rows, columns=list(rows[0]) if rows else ["label", "drop", "low", "high"])


def _bars(base: alt.Chart, kinds: Sequence[str], names_px: float, width_px: float, theme: Theme) -> alt.Chart:
    chosen = alt.selection_point(name="chosen", fields=["variable"], on="click", clear=False, toggle=False)
    fills = alt.Scale(domain=list(kinds), range=[theme.salience_strong, theme.background])
    strokes = alt.Scale(domain=list(kinds), range=[theme.salience_strong, theme.accent])
    is_narrow = width_px < 2 * _LEGEND_PX_PER_LETTER * max(map(len, kinds))
    legend = alt.Legend(
        title=None,
        orient="none",
        direction="vertical" if is_narrow else "horizontal",
        legendX=-names_px,
        legendY=-_LEGEND_PX * (1.6 if is_narrow else 1),
        symbolType="square",
        symbolSize=80,
        symbolStrokeWidth=2,
        columnPadding=10,
    )
    return (
        base.mark_bar(height=_BAR_PX, strokeWidth=2, cursor="pointer")
        .encode(
            fill=alt.Fill("kind:N", scale=fills, legend=legend),
            stroke=alt.Stroke("kind:N", scale=strokes, legend=legend),
            opacity=alt.Opacity(field="opacity", type="quantitative", scale=None),
            tooltip=[
                alt.Tooltip(field="label", type="nominal", title="variable"),
                alt.Tooltip(field="drop", type="quantitative", title="the score drops by", format=".2f"),
                alt.Tooltip(field="between", type="nominal", title="interval"),
                alt.Tooltip(field="rank", type="nominal"),
            ],
        )
        .add_params(chosen)
    )


def rank_in_words(ranked: Ranked, count: int) -> str:
    """``1st``, or ``1st to 3rd`` where the order is not sure; what speaks against is counted from the other end.

    Parameters
    ----------
    ranked : Ranked
    count : int
        Of all variables.
    """
    if ranked.drop >= 0:
        return _between(ranked.rank_low, ranked.rank_high)
    return f"{_between(count + 1 - ranked.rank_high, count + 1 - ranked.rank_low)} against"


def _between(low: int, high: int) -> str:
    return _ordinal(low) if low == high else f"{_ordinal(low)} to {_ordinal(high)}"


def _ordinal(rank: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th") if rank % 100 not in (11, 12, 13) else "th"
    return f"{rank}{ending}"


MORE, LESS, AS_MUCH, OTHER_WAY, TOO_LITTLE = "more", "less", "as much", "the other way", "too little"

PAIR_MEANINGS = {
    MORE: "more than their sum: either can stand in for the other, so one of them is enough",
    LESS: "less than their sum: they count together, without one the other says less",
    AS_MUCH: "as much as their sum: each counts for itself",
    OTHER_WAY: "the other way than their sum: singly they speak for the class, together against it, or the reverse",
    TOO_LITTLE: "too little to tell: neither together nor singly do they change the score by 0.02",
}
"""What it means that two variables deleted together weigh so much against each alone, added up.

Where either alone carries what both say, deleting one costs little and deleting both costs all: more than the sum.
Where what they say needs both, deleting one costs all of it already: less than the sum.
"""


def pair_in_words(pair: Pair) -> str:
    """One of PAIR_MEANINGS."""
    greater = max(abs(pair.together), abs(pair.apart))
    if greater < _LEAST_EFFECT:
        return TOO_LITTLE
    if abs(pair.together - pair.apart) <= max(_SAME_SHARE * greater, _LEAST_EFFECT):
        return AS_MUCH
    if pair.together * pair.apart < 0:
        return OTHER_WAY
    return MORE if abs(pair.together) > abs(pair.apart) else LESS
