"""The risk of death in hospital after each hour of a stay."""

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
_LABEL_GAP_PX = 15
_LABEL_PX = 10
_PX_PER_LETTER = 5.3
_LABELS_FROM_HOUR = 0.4
_STARTS = 7
_AS_CHARTED, _CHANGED = "as charted", "with edits"

_Y = Callable[..., alt.Y]


@dataclass(frozen=True)
class _Label:
    """A label in the chart: the hours that it spans, and its middle in pixels from the top."""

    text: str
    start_hour: float
    end_hour: float
    y_px: float

    def clearance_px(self, curves: Sequence[np.ndarray], others: Sequence["_Label"], top: float) -> float:
        """Return the vertical distance to the nearest curve or other label."""
        within = np.linspace(self.start_hour, self.end_hour, 100)
        gaps = [np.abs(_find_height_px(_interpolate(curve, within), top) - self.y_px).min() for curve in curves]
        beside = [other for other in others if other.start_hour < self.end_hour and self.start_hour < other.end_hour]
        return float(min([*gaps, *(abs(other.y_px - self.y_px) for other in beside)]))


def plot_mortality_risk(
    risks: np.ndarray,
    base_rate: float,
    threshold: float | None = None,
    changed: np.ndarray | None = None,
    width_px: float = WIDE_PX,
    theme: Theme = LIGHT,
) -> alt.LayerChart:
    """Return a chart of the risk over the hours, with the mortality in training and the threshold for death.

    Parameters
    ----------
    risks : array, shape = (T,)
        Risk after hours 1 to T, 0 to 1.
    base_rate : float
        Mortality among the stays that the model was trained on.
    threshold : float or None
        The risk from which the model predicts death.
    changed : array, shape = (T,), or None
        The risks after edits; drawn over the original ones, which become faint.
    width_px : float
        Width of the whole chart.
    theme : Theme

    Returns
    -------
    altair.LayerChart
    """
    hours = HourAxis(len(risks), width_px - LEFT_PX - _RIGHT_PX)
    highest = max(*risks, *(risks if changed is None else changed), base_rate, threshold or 0.0)
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
        *_draw_levels(base_rate, threshold, [risks] if changed is None else [risks, changed], top, hours, y, theme),
        *_draw_curves(risks, changed, top, hours, y, theme),
    ]
    return theme.layered(layers, hours.width_px, _HEIGHT_PX)


def _draw_levels(
    base_rate: float,
    threshold: float | None,
    curves: Sequence[np.ndarray],
    top: float,
    hours: HourAxis,
    y: _Y,
    theme: Theme,
) -> list[alt.Chart]:
    """Draw lines across the hours at the mortality in training and at the threshold for death."""
    rows = [(base_rate, f"mortality in training {format_percent(base_rate)}", [2, 3])]
    if threshold is not None:
        rows.append((threshold, f"death predicted from {format_percent(threshold)}", [7, 4]))
    across = {risk: pd.DataFrame({"hour": [0], "end": [hours.n_hours], "risk": [risk]}) for risk, _, _ in rows}
    labels: list[_Label] = []
    for risk, text, _ in rows:
        others = [np.full(hours.n_hours, other) for other in across if other != risk]
        labels.append(_place_label(text, risk, [*curves, *others], labels, top, hours))
    table = pd.DataFrame(
        [(label.start_hour, label.y_px, label.text) for label in labels], columns=["hour", "y", "text"]
    )
    return [
        *(
            alt.Chart(across[risk])
            .mark_rule(color=theme.muted, strokeWidth=1.3, strokeDash=dash)
            .encode(x=hours.x(), x2=alt.X2(field="end"), y=y())
            for risk, _, dash in rows
        ),
        alt.Chart(table)
        .mark_text(color=theme.muted, fontSize=11, align="left", baseline="middle")
        .encode(x=hours.x(), y=pixel_y("y"), text=alt.Text(field="text", type="nominal")),
    ]


def _place_label(
    text: str, risk: float, curves: Sequence[np.ndarray], placed: Sequence[_Label], top: float, hours: HourAxis
) -> _Label:
    """Return a label above or below the line of a risk, where it is clear of curves and other labels."""
    width = _PX_PER_LETTER * len(text) / hours.px_per_hour
    starts = np.linspace(_LABELS_FROM_HOUR, hours.n_hours - width - _LABELS_FROM_HOUR, _STARTS)
    heights_px = _find_height_px(risk, top) + np.array([-_LABEL_PX, _LABEL_PX])
    # The left end first, then the right end, then between.
    ordered = [starts[0], starts[-1], *starts[1:-1]]
    places = [
        _Label(text, float(start), float(start + width), float(y_px))
        for start in ordered
        for y_px in heights_px
        if _LABEL_PX / 2 <= y_px <= _HEIGHT_PX - _LABEL_PX / 2
    ]
    # Beyond this clearance more is no better: the first of equal places wins.
    return max(places, key=lambda place: min(place.clearance_px(curves, placed, top), _LABEL_PX))


def _interpolate(curve: np.ndarray, hours: np.ndarray) -> np.ndarray:
    """Return a curve known after hours 1 to T at times in between."""
    return np.interp(hours, np.arange(len(curve)) + 1, curve)


def _find_height_px(risk: Any, top: float) -> Any:
    """Return the pixels from the top at which a risk is drawn."""
    return 4 + (1 - risk / top) * (_HEIGHT_PX - 4)


def _draw_curves(
    risks: np.ndarray, changed: np.ndarray | None, top: float, hours: HourAxis, y: _Y, theme: Theme
) -> list[alt.Chart]:
    """Draw the curve, or the edited one over the original; the layers are the same, only data change."""
    colour = theme.colour_of("death")
    as_charted = _tabulate_curve(_AS_CHARTED, risks)
    before, now = (
        (as_charted.head(0), as_charted) if changed is None else (as_charted, _tabulate_curve(_CHANGED, changed))
    )
    table = pd.concat([before.assign(colour=theme.muted), now.assign(colour=colour)], ignore_index=True)
    base = alt.Chart(table).encode(x=hours.x(), y=y())
    ends = table[table.hour == hours.n_hours].sort_values("risk", ascending=False)
    ends_px = _spread_apart([_find_height_px(risk, top) for risk in ends.risk])
    ends = ends.assign(y=ends_px, text=[format_percent(risk) for risk in ends.risk])
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
            text=alt.Text(field="text", type="nominal"),
            color=alt.Color(field="colour", type="nominal", scale=None),
        ),
    ]


def _tabulate_curve(version: str, risks: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"hour": np.arange(len(risks)) + 1, "risk": np.asarray(risks, dtype=float), "version": version})


def _spread_apart(ideal_px: Sequence[float]) -> list[float]:
    """Return the heights of labels from the top, moved apart where they would overlap."""
    if len(ideal_px) < 2 or ideal_px[1] - ideal_px[0] >= _LABEL_GAP_PX:
        return list(ideal_px)
    middle_px = min(max(sum(ideal_px) / 2, _LABEL_GAP_PX / 2), _HEIGHT_PX - _LABEL_GAP_PX / 2)
    return [middle_px - _LABEL_GAP_PX / 2, middle_px + _LABEL_GAP_PX / 2]
