"""The risk of death in hospital as it stands after each hour of a stay."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from backend.charts.axes.hour_axis import HourAxis
from backend.charts.axes.value_axis import LEFT_PX, left_axis, pixel_y
from backend.charts.style.chart_width import WIDE_PX
from backend.charts.style.number_format import format_percent
from backend.charts.style.theme import LIGHT, Theme

__all__ = ["plot_mortality_risk"]

_RIGHT_PX = 52
_HEIGHT_PX = 150
_TOPS = (0.25, 0.5, 1.0)
_NAME_GAP_PX = 15
_WORD_PX = 10
_PX_PER_LETTER = 5.3
_WORDS_FROM_HOUR = 0.4
_STARTS = 7
_AS_CHARTED, _CHANGED = "as charted", "with your changes"

_Y = Callable[..., alt.Y]


@dataclass(frozen=True)
class _Label:
    """A line of words in the chart: the hours between which it stands, and its middle in pixels from the top."""

    text: str
    start_hour: float
    end_hour: float
    y_px: float

    def clearance_px(self, curves: Sequence[np.ndarray], others: Sequence["_Label"], top: float) -> float:
        """How far above or below these words the nearest curve, or other words, lie."""
        within = np.linspace(self.start_hour, self.end_hour, 100)
        gaps = [np.abs(_find_height_px(_interpolate(curve, within), top) - self.y_px).min() for curve in curves]
        beside = [other for other in others if other.start_hour < self.end_hour and self.start_hour < other.end_hour]
        return float(min([*gaps, *(abs(other.y_px - self.y_px) for other in beside)]))


def plot_mortality_risk(
    risks: np.ndarray,
    base_rate: float,
    named_from: float | None = None,
    changed: np.ndarray | None = None,
    width_px: float = WIDE_PX,
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
    hours = HourAxis(len(risks), width_px - LEFT_PX - _RIGHT_PX)
    highest = max(*risks, *(risks if changed is None else changed), base_rate, named_from or 0.0)
    top = next((top for top in _TOPS if highest <= 0.96 * top), _TOPS[-1])
    scale = alt.Scale(domain=[0, top], range=[_HEIGHT_PX, 4], nice=False)

    def y(field: str = "risk", axis: alt.Axis | None = None) -> alt.Y:
        return alt.Y(field=field, type="quantitative", scale=scale, axis=axis)

    axis = left_axis("risk of death", [round(top * share, 2) for share in (0, 0.2, 0.4, 0.6, 0.8, 1)], ".0%")
    axis.grid, axis.gridOpacity = True, 0.4
    ground = pd.DataFrame({"hour": [0], "end": [hours.n_hours], "risk": [0.0], "top": [top]})
    layers = [
        alt.Chart(ground)
        .mark_rect(fill=theme.muted, fillOpacity=0.07)
        .encode(x=hours.labelled_x(), x2=alt.X2(field="end"), y=y(axis=axis), y2=alt.Y2(field="top")),
        *_draw_levels(base_rate, named_from, [risks] if changed is None else [risks, changed], top, hours, y, theme),
        *_draw_curves(risks, changed, top, hours, y, theme),
    ]
    return theme.layered(layers, hours.width_px, _HEIGHT_PX)


def _draw_levels(
    base_rate: float,
    named_from: float | None,
    curves: Sequence[np.ndarray],
    top: float,
    hours: HourAxis,
    y: _Y,
    theme: Theme,
) -> list[alt.Chart]:
    """Lines across the hours: how many died of all, and from where on the model says death."""
    rows = [(base_rate, f"{format_percent(base_rate)} of the stays in training ended in death", [2, 3])]
    if named_from is not None:
        rows.append((named_from, f"the model says death from {format_percent(named_from)} on", [7, 4]))
    across = {risk: pd.DataFrame({"hour": [0], "end": [hours.n_hours], "risk": [risk]}) for risk, _, _ in rows}
    words: list[_Label] = []
    for risk, word, _ in rows:
        others = [np.full(hours.n_hours, other) for other in across if other != risk]
        words.append(_place_label(word, risk, [*curves, *others], words, top, hours))
    table = pd.DataFrame([(own.start_hour, own.y_px, own.text) for own in words], columns=["hour", "y", "word"])
    return [
        *(
            alt.Chart(across[risk])
            .mark_rule(color=theme.muted, strokeWidth=1.3, strokeDash=dash)
            .encode(x=hours.x(), x2=alt.X2(field="end"), y=y())
            for risk, _, dash in rows
        ),
        alt.Chart(table)
        .mark_text(color=theme.muted, fontSize=11, align="left", baseline="middle")
        .encode(x=hours.x(), y=pixel_y("y"), text=alt.Text(field="word", type="nominal")),
    ]


def _place_label(
    text: str, risk: float, curves: Sequence[np.ndarray], placed: Sequence[_Label], top: float, hours: HourAxis
) -> _Label:
    """Words beside the line of a risk, above or below it, where they meet no curve and no other words, or least."""
    width = _PX_PER_LETTER * len(text) / hours.px_per_hour
    starts = np.linspace(_WORDS_FROM_HOUR, hours.n_hours - width - _WORDS_FROM_HOUR, _STARTS)
    heights_px = _find_height_px(risk, top) + np.array([-_WORD_PX, _WORD_PX])
    # At the left end first, then at the right end, then between.
    ordered = [starts[0], starts[-1], *starts[1:-1]]
    places = [
        _Label(text, float(start), float(start + width), float(y_px))
        for start in ordered
        for y_px in heights_px
        if _WORD_PX / 2 <= y_px <= _HEIGHT_PX - _WORD_PX / 2
    ]
    # Beyond some room more of it is no better, and the first place is the usual one.
    return max(places, key=lambda place: min(place.clearance_px(curves, placed, top), _WORD_PX))


def _interpolate(curve: np.ndarray, hours: np.ndarray) -> np.ndarray:
    """A curve that is known after hours 1 to T, in between."""
    return np.interp(hours, np.arange(len(curve)) + 1, curve)


def _find_height_px(risk: Any, top: float) -> Any:
    """Pixels from the top at which a risk is drawn."""
    return 4 + (1 - risk / top) * (_HEIGHT_PX - 4)


def _draw_curves(
    risks: np.ndarray, changed: np.ndarray | None, top: float, hours: HourAxis, y: _Y, theme: Theme
) -> list[alt.Chart]:
    """The curve, or with ``changed`` the new one over the old; the same layers either way: only their data change."""
    colour = theme.colour_of("death")
    as_charted = _tabulate_curve(_AS_CHARTED, risks)
    before, now = (
        (as_charted.head(0), as_charted) if changed is None else (as_charted, _tabulate_curve(_CHANGED, changed))
    )
    table = pd.concat([before.assign(colour=theme.muted), now.assign(colour=colour)], ignore_index=True)
    base = alt.Chart(table).encode(x=hours.x(), y=y())
    ends = table[table.hour == hours.n_hours].sort_values("risk", ascending=False)
    ends_px = _spread_apart([_find_height_px(risk, top) for risk in ends.risk])
    ends = ends.assign(y=ends_px, word=[format_percent(risk) for risk in ends.risk])
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
            y=pixel_y("y"),
            text=alt.Text(field="word", type="nominal"),
            color=alt.Color(field="colour", type="nominal", scale=None),
        ),
    ]


def _tabulate_curve(version: str, risks: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"hour": np.arange(len(risks)) + 1, "risk": np.asarray(risks, dtype=float), "version": version})


def _spread_apart(wanted_px: Sequence[float]) -> list[float]:
    """Heights of words from the top down, moved apart where they would overlap."""
    if len(wanted_px) < 2 or wanted_px[1] - wanted_px[0] >= _NAME_GAP_PX:
        return list(wanted_px)
    middle_px = min(max(sum(wanted_px) / 2, _NAME_GAP_PX / 2), _HEIGHT_PX - _NAME_GAP_PX / 2)
    return [middle_px - _NAME_GAP_PX / 2, middle_px + _NAME_GAP_PX / 2]
