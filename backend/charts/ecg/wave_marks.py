"""The waves of a beat: brackets from onset to end under the paper, thin lines across it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from backend.charts.axes.time_axis import TimeAxis
from backend.charts.style.theme import Theme

__all__ = ["WAVES_PX", "WaveMark", "draw_uncertain_legend", "draw_wave_marks"]

WAVES_PX = 30
"""Height of the brackets and the names of the waves."""

_UNCERTAIN_DASH = [5, 4]
_UNCERTAIN_LEGEND = "dashed or ?: uncertain"


@dataclass(frozen=True)
class WaveMark:
    """One wave, ``P``, ``QRS`` or ``T``: its onset, peak and end in seconds of the record, None where absent.

    ``uncertain`` names the uncertain ones of ``onset``, ``peak`` and ``end``. ``probability`` is that of the wave, None
    if it was not estimated.
    """

    name: str
    onset_s: float | None
    peak_s: float | None
    end_s: float | None
    uncertain: frozenset[str] = frozenset()
    probability: float | None = None


def draw_wave_marks(
    waves: Sequence[WaveMark], top_px: float, edges_px: tuple[float, float], axis: TimeAxis, theme: Theme
) -> list[alt.Chart]:
    """Return brackets from onset to end of each wave, its name, a dot at its peak, and its edges as thin lines.

    Uncertain marks are dashed or hollow and have a question mark; see ``draw_uncertain_legend``.

    Parameters
    ----------
    waves : sequence of WaveMark
    top_px : float
        Top of the brackets; with the names they are ``WAVES_PX`` high.
    edges_px : (float, float)
        Top and bottom of the thin lines at onsets and ends.
    axis : TimeAxis
    theme : Theme
    """
    table = _tabulate_waves(waves, axis)
    edges, peaks = _tabulate_marks(waves, axis, ("onset", "end")), _tabulate_marks(waves, axis, ("peak",))
    uncertain_edges = edges[edges.is_uncertain]
    bar_px = top_px + 6
    return [
        *_draw_rules(
            edges,
            {"color": theme.muted, "strokeWidth": 1, "opacity": 0.6},
            x=axis.x(),
            y=alt.value(edges_px[0]),
            y2=alt.value(edges_px[1]),
        ),
        *_draw_rules(
            table.dropna(subset=["time_s", "end_s"]),
            {"color": theme.text, "strokeWidth": 1.4},
            x=axis.x(),
            x2=alt.X2(field="end_s"),
            y=alt.value(bar_px),
        ),
        alt.Chart(edges)
        .mark_rule(color=theme.text, strokeWidth=1.4)
        .encode(x=axis.x(), y=alt.value(top_px), y2=alt.value(bar_px)),
        alt.Chart(uncertain_edges.assign(text="?"))
        .mark_text(color=theme.text, fontSize=12, fontWeight="bold", baseline="top", dx=5, dy=2)
        .encode(x=axis.x(), y=alt.value(edges_px[0]), text=alt.Text(field="text", type="nominal")),
        alt.Chart(peaks)
        .mark_point(color=theme.text, fill=theme.text, shape="circle", size=22, strokeWidth=1.4, opacity=1)
        .encode(
            x=axis.x(),
            y=alt.value(bar_px),
            fillOpacity=alt.FillOpacity(field="fill", type="quantitative", scale=None),
        ),
        alt.Chart(table)
        .mark_text(color=theme.text, fontSize=12, fontWeight="bold", baseline="top")
        .encode(
            x=axis.x("middle_s"),
            y=alt.value(bar_px + 5),
            text=alt.Text(field="name", type="nominal"),
            tooltip=[alt.Tooltip(field="meaning", type="nominal", title="Wave")],
        ),
    ]


def draw_uncertain_legend(waves: Sequence[WaveMark], top_px: float, x_px: float, theme: Theme) -> alt.Chart:
    """Return the legend of dashes and question marks; empty where every mark is certain.

    Parameters
    ----------
    waves : sequence of WaveMark
    top_px : float
        Top of the brackets.
    x_px : float
        Left edge of the text.
    theme : Theme
    """
    entries = [_UNCERTAIN_LEGEND] if any(wave.uncertain for wave in waves) else []
    return (
        alt.Chart(pd.DataFrame({"text": entries}))
        .mark_text(color=theme.muted, fontSize=11, align="left", baseline="top")
        .encode(x=alt.value(x_px), y=alt.value(top_px + 11), text=alt.Text(field="text", type="nominal"))
    )


def _tabulate_waves(waves: Sequence[WaveMark], axis: TimeAxis) -> pd.DataFrame:
    """Return one row per wave with a mark within the axis; NaN where a mark is absent."""
    rows = [(wave.name, wave.onset_s, wave.peak_s, wave.end_s) for wave in waves]
    table = pd.DataFrame(rows, columns=["wave", "time_s", "peak_s", "end_s"])
    times_s = table[["time_s", "peak_s", "end_s"]].astype(float)
    times_s = times_s.where((times_s >= axis.start_s) & (times_s <= axis.end_s))
    middle_s = times_s[["time_s", "end_s"]].mean(axis=1, skipna=False).fillna(times_s.mean(axis=1))
    names = [f"{wave.name} ?" if wave.uncertain else wave.name for wave in waves]
    is_uncertain = np.array([bool(wave.uncertain & {"onset", "end"}) for wave in waves], dtype=bool)
    meanings = [
        wave.name if wave.probability is None else f"{wave.name}, probability {wave.probability:.0%}" for wave in waves
    ]
    return times_s.assign(middle_s=middle_s, name=names, meaning=meanings, is_uncertain=is_uncertain).dropna(
        subset="middle_s"
    )


def _tabulate_marks(waves: Sequence[WaveMark], axis: TimeAxis, marks: Sequence[str]) -> pd.DataFrame:
    """Return one row per mark within the axis."""
    rows = [
        (getattr(wave, f"{mark}_s"), f"{wave.name} {mark}", mark in wave.uncertain) for wave in waves for mark in marks
    ]
    table = pd.DataFrame(rows, columns=["time_s", "mark", "is_uncertain"]).astype(
        {"time_s": float, "is_uncertain": bool}
    )
    table = table[(table.time_s >= axis.start_s) & (table.time_s <= axis.end_s)]
    return table.assign(fill=np.where(table.is_uncertain, 0.0, 1.0))


def _draw_rules(table: pd.DataFrame, style: Mapping[str, Any], **place: Any) -> list[alt.Chart]:
    """Draw rules, dashed where uncertain, in two layers: Vega cannot read dashes from a field."""
    return [
        alt.Chart(table[~table.is_uncertain]).mark_rule(**style).encode(**place),
        alt.Chart(table[table.is_uncertain]).mark_rule(strokeDash=_UNCERTAIN_DASH, **style).encode(**place),
    ]
