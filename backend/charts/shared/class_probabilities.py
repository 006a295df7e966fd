"""Class probabilities: one bar per class, before and after a deletion."""

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from backend.charts.style.chart_width import WIDE_PX
from backend.charts.style.number_format import format_percent
from backend.charts.style.theme import LIGHT, Theme, class_style

__all__ = ["plot_class_probabilities"]

_LABELS_PX = 130
_ROW_PX = 26


def plot_class_probabilities(
    classes: Sequence[str],
    probabilities: np.ndarray,
    changed: np.ndarray | None = None,
    target: str = "",
    width_px: float = WIDE_PX,
    theme: Theme = LIGHT,
) -> alt.LayerChart:
    """Return a chart with a bar for the probability of each class; with ``changed``, bars before and after.

    Parameters
    ----------
    classes : sequence of str, length C
    probabilities : array, shape = (C,)
    changed : array, shape = (C,), or None
        The probabilities after a segment was deleted.
    target : str
        The explained class; its name is bold.
    width_px : float
        Width of the whole chart.
    theme : Theme

    Returns
    -------
    altair.LayerChart
    """
    table = _tabulate(classes, probabilities, changed, theme)
    names = list(dict.fromkeys(table.name))
    order = list(dict.fromkeys(table.version))
    bold = f"datum.value === '{class_style(target).letter}  {target}' ? 'bold' : 'normal'"
    y_scale = alt.Scale(paddingInner=0.25, paddingOuter=0.1)
    y_names = alt.Axis(
        title=None,
        domain=False,
        ticks=False,
        labelFontWeight=alt.expr(bold),
        labelLimit=0,
        minExtent=_LABELS_PX,
        maxExtent=_LABELS_PX,
    )
    y = alt.Y("name:N", sort=names, axis=y_names, scale=y_scale)
    offset = alt.YOffset("version:N", sort=order, scale=alt.Scale(paddingInner=0.1, domain=order))
    # Each bar is labelled with its number: an axis would repeat it and does not fit narrow charts.
    x = alt.X("probability:Q", scale=alt.Scale(domain=[0, 1]), axis=None)
    base = alt.Chart(table).encode(yOffset=offset)
    opacity = alt.Opacity("version:N", scale=alt.Scale(domain=order, range=[0.4, 1][-len(order) :]), legend=None)
    bars = base.mark_bar().encode(
        x=x, y=y, color=alt.Color(field="colour", type="nominal", scale=None), opacity=opacity
    )
    percentages = base.mark_text(align="left", dx=5, color=theme.text, fontSize=12).encode(
        x=x, y=alt.Y("name:N", sort=names, axis=None, scale=y_scale), text=alt.Text(field="text", type="nominal")
    )
    rows_px = len(names) * _ROW_PX * (1.0 if changed is None else 1.6)
    percent_px = 58 if changed is None else 90
    return theme.layered([bars, percentages], width_px - _LABELS_PX - percent_px, rows_px)


def _tabulate(
    classes: Sequence[str], probabilities: np.ndarray, changed: np.ndarray | None, theme: Theme
) -> pd.DataFrame:
    """Return one row per bar: each class before, and where there is a deletion also after it."""
    versions = {"before": probabilities} if changed is None else {"before": probabilities, "after": changed}
    prefixes = {"before": "" if changed is None else "was ", "after": "now "}
    tables = [
        pd.DataFrame(
            {
                "name": [f"{class_style(name).letter}  {name}" for name in classes],
                "version": version,
                "probability": np.asarray(values, dtype=float),
                "colour": [theme.colour_of(name) for name in classes],
                "text": [prefixes[version] + format_percent(float(value)) for value in values],
            }
        )
        for version, values in versions.items()
    ]
    return pd.concat(tables, ignore_index=True)
