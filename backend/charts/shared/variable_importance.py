"""Variable importance: the score drop when each variable is removed."""

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from backend.charts.axes.row_labels import LABEL_GAP_PX, label_axis
from backend.charts.style.chart_width import WIDE_PX
from backend.charts.style.number_format import format_range
from backend.charts.style.theme import LIGHT, Theme
from backend.explain.questions.feature_ranking import RankedFeature

__all__ = ["format_rank", "plot_variable_importance"]

_PX_PER_LETTER = 5.8
_SHORTEST_NAME = 8
_RANKS_PX = 120
_LEGEND_PX = 24
_LEGEND_PX_PER_LETTER = 7.5  # with the symbol before it
_ROW_PX = 22
_BAR_PX = 13
_LEAST_EXTENT = 1e-6


def plot_variable_importance(
    ranked: Sequence[RankedFeature],
    target: str,
    labels: Mapping[str, str] | None = None,
    n_variables: int | None = None,
    width_px: float = WIDE_PX,
    theme: Theme = LIGHT,
) -> alt.LayerChart:
    """Return a chart of the score drop when each variable is removed, with its interval and its rank.

    Bars to the right are filled: the variable supports the class. Bars to the left are hollow: it opposes the class.
    A bar whose interval includes 0 is faint. A click on a bar selects ``chosen`` (field ``variable``).

    Parameters
    ----------
    ranked : sequence of RankedFeature
        The most important first.
    target : str
        The class whose score drops.
    labels : mapping of str to str, optional
        Names for the screen; a variable without one keeps its own.
    n_variables : int, optional
        Number of all variables, where only some are drawn.
    width_px : float
        Width of the whole chart.
    theme : Theme

    Returns
    -------
    altair.LayerChart
    """
    kinds = [f"supports {target}", f"opposes {target}"]
    table = _tabulate(ranked, kinds, labels or {}, n_variables or len(ranked))
    order = list(table.label)
    labels_px = LABEL_GAP_PX + _PX_PER_LETTER * max([*table.label.str.len(), _SHORTEST_NAME])
    # Room on either side of 0, where a bar of no length is drawn.
    extent = max([_LEAST_EXTENT, *table.high.abs(), *table.low.abs(), *table["drop"].abs()])
    x_scale = alt.Scale(domain=[min([-0.04 * extent, *table.low]), max([0.04 * extent, *table.high])], nice=False)
    rows = alt.Scale(paddingInner=0.2, paddingOuter=0.1)

    def y(axis: alt.Axis | None = None) -> alt.Y:
        return alt.Y("label:N", sort=order, axis=axis, scale=rows)

    def x(field: str) -> alt.X:
        return alt.X(field=field, type="quantitative", scale=x_scale, axis=None)

    base = alt.Chart(table)
    bars = _draw_bars(base, kinds, labels_px, width_px, theme)
    ends = base.mark_tick(color=theme.text, thickness=1.3, height=7, opacity=1, orient="vertical").encode(y=y())
    layers = [
        bars.encode(x=x("start"), x2=alt.X2(field="end"), y=y(label_axis(labels_px))),
        base.mark_rule(color=theme.text, strokeWidth=1.3).encode(y=y(), x=x("low"), x2=alt.X2(field="high")),
        ends.encode(x=x("low")),
        ends.encode(x=x("high")),
        base.mark_text(align="left", dx=6, color=theme.text, fontSize=11).encode(
            y=y(), x=alt.value("width"), text=alt.Text(field="rank", type="nominal")
        ),
        alt.Chart(pd.DataFrame({"zero": [0.0]})).mark_rule(color=theme.text, strokeWidth=1).encode(x=x("zero")),
    ]
    return theme.layered(layers, width_px - labels_px - _RANKS_PX, _ROW_PX * max(1, len(order)))


def _tabulate(
    ranked: Sequence[RankedFeature], kinds: Sequence[str], labels: Mapping[str, str], n_variables: int
) -> pd.DataFrame:
    rows = [
        {
            "variable": variable.variable,
            "label": labels.get(variable.variable, variable.variable),
            "drop": variable.drop,
            "start": min(0.0, variable.drop),
            "end": max(0.0, variable.drop),
            "low": variable.low,
            "high": variable.high,
            "kind": kinds[0] if variable.drop >= 0 else kinds[1],
            "opacity": 0.4 if variable.low <= 0 <= variable.high else 1.0,
            "rank": format_rank(variable, n_variables),
            "interval": format_range(variable.low, variable.high),
        }
        for variable in ranked
    ]
    return pd.DataFrame(rows, columns=list(rows[0]) if rows else ["label", "drop", "low", "high"])


def _draw_bars(base: alt.Chart, kinds: Sequence[str], labels_px: float, width_px: float, theme: Theme) -> alt.Chart:
    chosen = alt.selection_point(name="chosen", fields=["variable"], on="click", clear=False, toggle=False)
    fill_scale = alt.Scale(domain=list(kinds), range=[theme.salience_strong, theme.background])
    stroke_scale = alt.Scale(domain=list(kinds), range=[theme.salience_strong, theme.accent])
    is_narrow = width_px < 2 * _LEGEND_PX_PER_LETTER * max(map(len, kinds))
    legend = alt.Legend(
        title=None,
        orient="none",
        direction="vertical" if is_narrow else "horizontal",
        legendX=-labels_px,
        legendY=-_LEGEND_PX * (1.6 if is_narrow else 1),
        symbolType="square",
        symbolSize=80,
        symbolStrokeWidth=2,
        columnPadding=10,
    )
    return (
        base.mark_bar(height=_BAR_PX, strokeWidth=2, cursor="pointer")
        .encode(
            fill=alt.Fill("kind:N", scale=fill_scale, legend=legend),
            stroke=alt.Stroke("kind:N", scale=stroke_scale, legend=legend),
            opacity=alt.Opacity(field="opacity", type="quantitative", scale=None),
            tooltip=[
                alt.Tooltip(field="label", type="nominal", title="variable"),
                alt.Tooltip(field="drop", type="quantitative", title="score drop", format=".2f"),
                alt.Tooltip(field="interval", type="nominal"),
                alt.Tooltip(field="rank", type="nominal"),
            ],
        )
        .add_params(chosen)
    )


def format_rank(ranked: RankedFeature, n_variables: int) -> str:
    """Return a rank such as ``1st``, or ``1st–3rd`` where it is uncertain; opposing ranks count from the other end.

    Parameters
    ----------
    ranked : RankedFeature
    n_variables : int
        Number of all variables.
    """
    if ranked.drop >= 0:
        return _format_ranks(ranked.rank_low, ranked.rank_high)
    return f"{_format_ranks(n_variables + 1 - ranked.rank_high, n_variables + 1 - ranked.rank_low)} opposing"


def _format_ranks(low: int, high: int) -> str:
    return _format_ordinal(low) if low == high else f"{_format_ordinal(low)}–{_format_ordinal(high)}"


def _format_ordinal(rank: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th") if rank % 100 not in (11, 12, 13) else "th"
    return f"{rank}{ending}"
