"""The risk of death in hospital as it stands after each hour of a stay."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import altair as alt
import numpy as np
import pandas as pd

from backend.charts.hours import Hours, pixels
from backend.charts.paper import LEFT_PX, y_axis
from backend.charts.scores import percent
from backend.charts.theme import LIGHT, Theme

__all__ = ["risk_chart"]

_RIGHT_PX = 52
_HEIGHT_PX = 150
_TOPS = (0.25, 0.5, 1.0)
_NAME_GAP_PX = 15
_WORD_PX = 10
_WORDS_HOURS = 22
_AS_CHARTED, _CHANGED = "as charted", "with your changes"

_Y = Callable[..., alt.Y]
_Align = Literal["left", "right"]
_ENDS: tuple[_Align, ...] = ("left", "right")


def risk_chart(
    risks: np.ndarray,
    base_rate: float,
    named_from: float | None = None,
    changed: np.ndarray | None = None,
    width_px: float = 655,
    theme: Theme = LIGHT,
) -> alt.LayerChart:
    """Draw the risk through the hours, with the usual one and the one from which on the model says death.

    Parameters
    ----------
    risks : array, shape = (T,)
        After hours 1 to T, 0 to 1.
    base_rate : float
        The share of deaths among the stays that the model was trained on.
    named_from : float or None
        The risk from which on the model says death.
    changed : array, shape = (T,), or None
        The risks once values were changed; drawn over the old ones, which become faint.
    width_px : float
        Width of the whole chart.
    theme : Theme

    Returns
    -------
    altair.LayerChart
    """
    hours = Hours(len(risks), width_px - LEFT_PX - _RIGHT_PX)
    highest = max(*risks, *(risks if changed is None else changed), base_rate, named_from or 0.0)
    top = next((top for top in _TOPS if highest <= 0.96 * top), _TOPS[-1])
    scale = alt.Scale(domain=[0, top], range=[_HEIGHT_PX, 4], nice=False)

    def y(field: str = "risk", axis: alt.Axis | None = None) -> alt.Y:
        return alt.Y(field=field, type="quantitative", scale=scale, axis=axis)

    axis = y_axis("risk of death", [round(top * share, 2) for share in (0, 0.2, 0.4, 0.6, 0.8, 1)], ".0%")
    axis.grid, axis.gridOpacity = True, 0.4
    ground = pd.DataFrame({"hour": [0], "end": [hours.count], "risk": [0.0], "top": [top]})
    layers = [
        alt.Chart(ground)
        .mark_rect(fill=theme.muted, fillOpacity=0.07)
        .encode(x=hours.labelled_x(), x2=alt.X2(field="end"), y=y(axis=axis), y2=alt.Y2(field="top")),
        *_levels(base_rate, named_from, [risks] if changed is None else [risks, changed], top, hours, y, theme),
        *_curves(risks, changed, top, hours, y, theme),
    ]
    return theme.layered(layers, hours.width_px, _HEIGHT_PX)


def _levels(
    base_rate: float,
    named_from: float | None,
    curves: Sequence[np.ndarray],
    top: float,
    hours: Hours,
    y: _Y,
    theme: Theme,
) -> list[alt.Chart]:
    """Lines across the hours: how many died of all, and from where on the model says death."""
    rows = [(base_rate, f"{percent(base_rate)} of the stays in training ended in death", [2, 3])]
    if named_from is not None:
        rows.append((named_from, f"the model says death from {percent(named_from)} on", [7, 4]))
    table = pd.DataFrame(rows, columns=["risk", "word", "dash"])[["risk"]].assign(hour=0, end=hours.count)
    words: list[tuple[str, _Align, float]] = []
    for risk, word, _ in rows:
        others = [np.full(hours.count, other) for other in table.risk if other != risk]
        taken = [np.full(hours.count, top * (1 - (y_px - 4) / (_HEIGHT_PX - 4))) for _, _, y_px in words]
        words.append((word, *_clear_place(risk, [*curves, *others, *taken], top)))
    return [
        *(
            alt.Chart(table[table.risk == risk])
            .mark_rule(color=theme.muted, strokeWidth=1.3, strokeDash=dash)
            .encode(x=hours.x(), x2=alt.X2(field="end"), y=y())
            for risk, _, dash in rows
        ),
        *(
            alt.Chart(pd.DataFrame({"hour": [0 if align == "left" else hours.count], "y": [y_px], "word": [word]}))
            .mark_text(color=theme.muted, fontSize=11, align=align, baseline="middle", dx=4 if align == "left" else -4)
            .encode(x=hours.x(), y=pixels("y"), text=alt.Text(field="word", type="nominal"))
            for word, align, y_px in words
        ),
    ]


def _clear_place(risk: float, curves: Sequence[np.ndarray], top: float) -> tuple[_Align, float]:
    """The end of a line, and the height above or below it, at which words meet the curves least."""
    line_px = _height_px(risk, top)
    heights_px = [line_px + side * _WORD_PX for side in (-1, 1)]
    possible_px = [height for height in heights_px if _WORD_PX / 2 <= height <= _HEIGHT_PX - _WORD_PX / 2]
    places: list[tuple[_Align, float]] = [
        (align, height) for align in _ENDS for height in possible_px or heights_px[:1]
    ]

    def clearance_px(place: tuple[_Align, float]) -> float:
        align, height_px = place
        stretch = slice(None, _WORDS_HOURS) if align == "left" else slice(-_WORDS_HOURS, None)
        return min(np.abs(_height_px(curve[stretch], top) - height_px).min() for curve in curves)

    # Beyond some room more of it is no better, and the first place is the usual one.
    return max(places, key=lambda place: min(clearance_px(place), _WORD_PX))


def _height_px(risk: Any, top: float) -> Any:
    """Pixels from the top at which a risk is drawn."""
    return 4 + (1 - risk / top) * (_HEIGHT_PX - 4)


def _curves(
    risks: np.ndarray, changed: np.ndarray | None, top: float, hours: Hours, y: _Y, theme: Theme
) -> list[alt.Chart]:
    """The curve, or with ``changed`` the new one over the old; the same layers either way: only their data change."""
    colour = theme.colour_of("death")
    as_charted = _curve(_AS_CHARTED, risks)
    before, now = (as_charted.head(0), as_charted) if changed is None else (as_charted, _curve(_CHANGED, changed))
    table = pd.concat([before.assign(colour=theme.muted), now.assign(colour=colour)], ignore_index=True)
    base = alt.Chart(table).encode(x=hours.x(), y=y())
    ends = table[table.hour == hours.count].sort_values("risk", ascending=False)
    ends_px = _apart([_height_px(risk, top) for risk in ends.risk])
    ends = ends.assign(y=ends_px, word=[percent(risk) for risk in ends.risk])
    return [
        alt.Chart(before).mark_line(color=theme.muted, strokeWidth=1.6, strokeDash=[5, 3]).encode(x=hours.x(), y=y()),
        alt.Chart(now).mark_line(color=colour, strokeWidth=2.2).encode(x=hours.x(), y=y()),
        base.mark_point(size=120, opacity=0, filled=True).encode(
            tooltip=[
                alt.Tooltip(field="hour", type="quantitative", title="hours read"),
                alt.Tooltip(field="risk", type="quantitative", title="risk of death", format=".1%"),
                alt.Tooltip(field="version", type="nominal", title="values"),
            ]
        ),
        alt.Chart(ends)
        .mark_text(fontSize=13, fontWeight="bold", align="left", baseline="middle", dx=6)
        .encode(
            x=hours.x(),
            y=pixels("y"),
            text=alt.Text(field="word", type="nominal"),
            color=alt.Color(field="colour", type="nominal", scale=None),
        ),
    ]


def _curve(version: str, risks: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"hour": np.arange(len(risks)) + 1, "risk": np.asarray(risks, dtype=float), "version": version})


def _apart(wanted_px: Sequence[float]) -> list[float]:
    """Heights of words from the top down, moved apart where they would overlap."""
    if len(wanted_px) < 2 or wanted_px[1] - wanted_px[0] >= _NAME_GAP_PX:
        return list(wanted_px)
    middle_px = min(max(sum(wanted_px) / 2, _NAME_GAP_PX / 2), _HEIGHT_PX - _NAME_GAP_PX / 2)
    return [middle_px - _NAME_GAP_PX / 2, middle_px + _NAME_GAP_PX / 2]
