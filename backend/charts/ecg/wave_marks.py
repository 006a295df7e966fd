"""The waves of a beat, marked under its paper and across it: P, QRS and T from onset to end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from backend.charts.axes.time_axis import TimeAxis
from backend.charts.style.theme import Theme

__all__ = ["WAVES_PX", "WaveMark", "unsure_key", "wave_marks"]

WAVES_PX = 30
"""Room for the brackets and the names of the waves."""

_UNSURE_DASH = [5, 4]
_UNSURE_KEY = "dashed, ?: unsure"


@dataclass(frozen=True)
class WaveMark:
    """One wave: ``P``, ``QRS`` or ``T``, with what is known of its onset, peak and end in seconds of the record.

    ``unsure`` names those of ``onset``, ``peak`` and ``end`` that are.
    """

    name: str
    onset_s: float | None
    peak_s: float | None
    end_s: float | None
    unsure: frozenset[str] = frozenset()


def wave_marks(
    waves: Sequence[WaveMark], top_px: float, edges_px: tuple[float, float], axis: TimeAxis, theme: Theme
) -> list[alt.Chart]:
    """Brackets from onset to end of each wave, its name, a dot at its peak, and its edges across what stands around.

    What is unsure is dashed, hollow or has a question mark; ``unsure_key`` says so.

    Parameters
    ----------
    waves : sequence of WaveMark
    top_px : float
        Where the brackets begin, WAVES_PX high with the names.
    edges_px : (float, float)
        From where to where onsets and ends are drawn as thin lines.
    axis : TimeAxis
    theme : Theme
    """
    table = _waves_table(waves, axis)
    edges, peaks = _marks_table(waves, axis, ("onset", "end")), _marks_table(waves, axis, ("peak",))
    unsure_edges = edges[edges.is_unsure]
    bar_px = top_px + 6
    return [
        *_rules(
            edges,
            {"color": theme.muted, "strokeWidth": 1, "opacity": 0.6},
            x=axis.x(),
            y=alt.value(edges_px[0]),
            y2=alt.value(edges_px[1]),
        ),
        *_rules(
            table.dropna(subset=["time_s", "end_s"]),
            {"color": theme.text, "strokeWidth": 1.4},
            x=axis.x(),
            x2=alt.X2(field="end_s"),
            y=alt.value(bar_px),
        ),
        alt.Chart(edges)
        .mark_rule(color=theme.text, strokeWidth=1.4)
        .encode(x=axis.x(), y=alt.value(top_px), y2=alt.value(bar_px)),
        alt.Chart(unsure_edges.assign(word="?"))
        .mark_text(color=theme.text, fontSize=12, fontWeight="bold", baseline="top", dx=5, dy=2)
        .encode(x=axis.x(), y=alt.value(edges_px[0]), text=alt.Text(field="word", type="nominal")),
        alt.Chart(peaks)
        .mark_point(color=theme.text, fill=theme.text, shape="circle", size=22, strokeWidth=1.4, opacity=1)
        .encode(
            x=axis.x(),
            y=alt.value(bar_px),
            fillOpacity=alt.FillOpacity(field="fill", type="quantitative", scale=None),
        ),
        alt.Chart(table)
        .mark_text(color=theme.text, fontSize=12, fontWeight="bold", baseline="top")
        .encode(x=axis.x("middle_s"), y=alt.value(bar_px + 5), text=alt.Text(field="name", type="nominal")),
    ]


def unsure_key(waves: Sequence[WaveMark], top_px: float, x_px: float, theme: Theme) -> alt.Chart:
    """What dashes and question marks mean, left of the waves' names; empty if there are none.

    Parameters
    ----------
    waves : sequence of WaveMark
    top_px : float
        Where the brackets begin.
    x_px : float
        Where the words begin.
    theme : Theme
    """
    words = [_UNSURE_KEY] if any(wave.unsure for wave in waves) else []
    return (
        alt.Chart(pd.DataFrame({"word": words}))
        .mark_text(color=theme.muted, fontSize=11, align="left", baseline="top")
        .encode(x=alt.value(x_px), y=alt.value(top_px + 11), text=alt.Text(field="word", type="nominal"))
    )


def _waves_table(waves: Sequence[WaveMark], axis: TimeAxis) -> pd.DataFrame:
    """One row a wave of which something is known and on the paper; NaN where a mark is absent."""
    rows = [(wave.name, wave.onset_s, wave.peak_s, wave.end_s) for wave in waves]
    table = pd.DataFrame(rows, columns=["wave", "time_s", "peak_s", "end_s"])
    times_s = table[["time_s", "peak_s", "end_s"]].astype(float)
    times_s = times_s.where((times_s >= axis.start_s) & (times_s <= axis.end_s))
    middle_s = times_s[["time_s", "end_s"]].mean(axis=1, skipna=False).fillna(times_s.mean(axis=1))
    names = [f"{wave.name} ?" if wave.unsure else wave.name for wave in waves]
    is_unsure = np.array([bool(wave.unsure & {"onset", "end"}) for wave in waves], dtype=bool)
    return times_s.assign(middle_s=middle_s, name=names, is_unsure=is_unsure).dropna(subset="middle_s")


def _marks_table(waves: Sequence[WaveMark], axis: TimeAxis, marks: Sequence[str]) -> pd.DataFrame:
    """One row a mark that is known and on the paper."""
    rows = [
        (getattr(wave, f"{mark}_s"), f"{wave.name} {mark}", mark in wave.unsure) for wave in waves for mark in marks
    ]
    table = pd.DataFrame(rows, columns=["time_s", "mark", "is_unsure"]).astype({"time_s": float, "is_unsure": bool})
    table = table[(table.time_s >= axis.start_s) & (table.time_s <= axis.end_s)]
    return table.assign(fill=np.where(table.is_unsure, 0.0, 1.0))


def _rules(table: pd.DataFrame, looks: Mapping[str, Any], **place: Any) -> list[alt.Chart]:
    """Rules, dashed where unsure. Each layer has one kind of dash: the screen cannot read dashes from a field."""
    return [
        alt.Chart(table[~table.is_unsure]).mark_rule(**looks).encode(**place),
        alt.Chart(table[table.is_unsure]).mark_rule(strokeDash=_UNSURE_DASH, **looks).encode(**place),
    ]
