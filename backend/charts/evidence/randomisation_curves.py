"""The sanity check: similarity of the salience after randomising the network's layers, one after another."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from backend.charts.axes.value_axis import left_grid_axis
from backend.charts.axes.value_extent import value_extent
from backend.charts.evidence.technique_lines import (
    add_labels,
    draw_bands,
    draw_hover_points,
    draw_lines,
    technique_scales,
)
from backend.charts.style.chart_width import FULL_PX
from backend.charts.style.theme import LIGHT, Theme

__all__ = ["plot_randomisation_curves"]

_AXIS_PX = 66
_HEIGHT_PX = 220
_LEAST = -0.2
_AS_TRAINED = "as trained"


def plot_randomisation_curves(
    sanity: pd.DataFrame,
    order: Sequence[str],
    limit: float,
    width_px: float = FULL_PX,
    theme: Theme = LIGHT,
) -> alt.LayerChart:
    """Return a chart of the rank correlation with the original salience as more layers are randomised.

    Parameters
    ----------
    sanity : DataFrame
        ``technique``, ``stage`` (from 1), ``randomised`` (the layer randomised at that stage, after those before),
        ``correlation`` with ``low`` and ``high``.
    order : sequence of str
        The techniques that are drawn, in the order in which the legend names them.
    limit : float
        The correlation above which a technique fails; a dashed line.
    width_px : float
        Width of the whole chart, legend included.
    theme : Theme

    Returns
    -------
    altair.LayerChart

    References
    ----------
    Adebayo et al. 2018, "Sanity checks for saliency maps", section 3.1: cascading randomisation.
    """
    kept = sanity[sanity.technique.isin(order)]
    shown = [name for name in order if name in set(kept.technique)]
    table = add_labels(
        pd.concat([_tabulate_trained_stage(shown), kept], ignore_index=True).sort_values(["technique", "stage"])
    )
    stages = dict(zip(table.stage, table.randomised, strict=True))
    table["step"] = [_wrap_stage_name(int(stage), stages) for stage in table.stage]
    scales = technique_scales(shown, theme)
    x = alt.X(
        "step:O",
        sort=[_wrap_stage_name(int(stage), stages) for stage in sorted(stages)],
        scale=alt.Scale(type="point", padding=0.3),
        axis=alt.Axis(
            title="layers randomised (cumulative)",
            labelAngle=0,
            labelLimit=130,
            labelExpr="split(datum.label, '|')",
            domain=False,
            grid=False,
        ),
    )
    scale = alt.Scale(domain=[value_extent(table, "correlation", [_LEAST])[0], 1.0], nice=False)
    axis = left_grid_axis("similarity (rank correlation)", values=[-0.5, 0, 0.5, 1], format=".1f")
    layers = [
        draw_bands(table, x, alt.Y("low:Q", scale=scale, axis=None), "high", scales),
        alt.Chart(pd.DataFrame({"limit": [limit]}))
        .mark_rule(color=theme.muted, strokeDash=[4, 3], strokeWidth=1.4)
        .encode(y=alt.Y("limit:Q", scale=scale, axis=None)),
        draw_lines(table, x, alt.Y("correlation:Q", scale=scale, axis=axis), scales).add_params(scales.highlighted),
        draw_hover_points(
            table,
            x,
            alt.Y("correlation:Q", scale=scale, axis=None),
            ("randomised:N", "last randomised", ""),
            ("correlation:Q", "rank correlation", ".2f"),
        ),
    ]
    return theme.layered(layers, width_px - _AXIS_PX - scales.legend_px, _HEIGHT_PX)


def _tabulate_trained_stage(techniques: Sequence[str]) -> pd.DataFrame:
    """Return the stage before randomisation, where every salience is the original."""
    real = {"stage": 0, "randomised": _AS_TRAINED, "correlation": 1.0, "low": 1.0, "high": 1.0}
    return pd.DataFrame([{"technique": name, **real} for name in techniques], columns=["technique", *real])


def _wrap_stage_name(stage: int, stages: dict[int, str]) -> str:
    """Return the layer randomised at a stage, in lines of at most two words."""
    words = stages[stage].split()
    return "|".join(" ".join(words[at : at + 2]) for at in range(0, len(words), 2))
