"""The intervals of a beat beside the record's medians and the normal ranges."""

import numpy as np
import pandas as pd
import streamlit as st

from backend import workbench
from backend.models.classification import ClassifiedBeats
from backend.windows.waves.intervals import (
    INTERVALS,
    NORMAL_RANGES,
    Intervals,
    NormalRange,
    Spread,
    compare_with_normal,
    explain_absence,
)
from backend.windows.waves.marks import Waves
from backend.workbench import BeatReading
from pages.parts.beat import beat_text

__all__ = ["show_intervals"]

_NAMES = {
    "rr_ms": "RR",
    "pr_ms": "PR",
    "qrs_ms": "QRS",
    "qt_ms": "QT",
    "qtc_fridericia_ms": "QTcF",
    "qtc_bazett_ms": "QTcB",
}
_SIGNS = {"below": "▼ ", "above": "▲ ", "within": "", "absent": ""}
_UNCERTAIN = " ?"
_NONE = "–"
_ROW_PX = 28


def show_intervals(reading: BeatReading, beats: ClassifiedBeats, number: int) -> None:
    """Draw the intervals of one beat, the medians of the record and the normal ranges, and name those out of range."""
    intervals, waves = workbench.intervals(reading), workbench.waves(reading)
    of_record = workbench.intervals_of_record(reading)
    position = int(np.searchsorted(beats.beats.r_peaks, beats.windows.anchor[number]))
    st.markdown("**Intervals (ms)**", help=beat_text.INTERVALS_HELP)
    table, words = st.columns([1, 1], gap="small")
    with table:
        _draw_table(intervals, position, of_record)
    remarks = (
        *_outside(intervals.beat(position)),
        *_absent(intervals, waves, position),
        *_uncertain(intervals, position),
    )
    with words:
        st.caption("  \n".join(remarks))
        with st.popover("All beats", icon=":material/straighten:"):
            _show_record(of_record)


def _draw_table(intervals: Intervals, position: int, of_record: dict[str, Spread]) -> None:
    of_beat, uncertain = intervals.beat(position), intervals.uncertain_intervals(position)
    table = pd.DataFrame(
        {
            "": list(_NAMES.values()),
            "beat": [_signed(name, of_beat[name]) + (_UNCERTAIN if name in uncertain else "") for name in INTERVALS],
            "median": [_signed(name, of_record[name].median_ms) for name in INTERVALS],
            "normal": [_normal(name) for name in INTERVALS],
        }
    )
    right = {column: st.column_config.TextColumn(alignment="right") for column in ("beat", "median", "normal")}
    st.dataframe(table, hide_index=True, row_height=_ROW_PX, column_config=right)


def _signed(name: str, length_ms: float | None) -> str:
    if length_ms is None:
        return _NONE
    sign = _SIGNS[compare_with_normal(name, length_ms)] if name in NORMAL_RANGES else ""
    return f"{sign}{length_ms:.0f}"


def _normal(name: str) -> str:
    if name not in NORMAL_RANGES:
        return _NONE
    normal = NORMAL_RANGES[name]
    return f"≤ {normal.upper_ms:.0f}" if normal.lower_ms is None else f"{normal.lower_ms:.0f}–{normal.upper_ms:.0f}"


def _outside(of_beat: dict[str, float | None]) -> list[str]:
    sides = {name: compare_with_normal(name, of_beat[name]) for name in NORMAL_RANGES}
    outside = ", ".join(f"{_SIGNS[word]}{_NAMES[name]} {word}" for name, word in sides.items() if _SIGNS[word])
    in_men = ", ".join(_NAMES[name] for name, length_ms in of_beat.items() if _is_above_in_men(name, length_ms))
    return [
        f"**{outside}** the normal range." if outside else _none_outside(of_beat),
        *([f"In men, {in_men} is above it."] if in_men else []),
    ]


def _none_outside(of_beat: dict[str, float | None]) -> str:
    if all(length_ms is None for length_ms in of_beat.values()):
        return beat_text.NOTHING_MEASURED
    if all(of_beat[name] is None for name in NORMAL_RANGES):
        return beat_text.NOTHING_WITH_RANGE
    return beat_text.NORMAL


def _is_above_in_men(name: str, length_ms: float | None) -> bool:
    most_ms = NORMAL_RANGES[name].upper_men_ms if name in NORMAL_RANGES else None
    return (
        most_ms is not None
        and compare_with_normal(name, length_ms) == "within"
        and length_ms is not None
        and length_ms > most_ms
    )


def _absent(intervals: Intervals, waves: Waves, position: int) -> list[str]:
    names_by_reason: dict[str, list[str]] = {}
    for name in INTERVALS:
        reason = explain_absence(name, intervals, waves, position)
        if reason:
            names_by_reason.setdefault(reason, []).append(_NAMES[name])
    return [f"No {', '.join(names)}: {reason}." for reason, names in names_by_reason.items()]


def _uncertain(intervals: Intervals, position: int) -> list[str]:
    names = [_NAMES[name] for name in intervals.uncertain_intervals(position)]
    return [beat_text.uncertain_intervals(names)] if names else []


def _show_record(of_record: dict[str, Spread]) -> None:
    table = pd.DataFrame(
        {
            "interval": [_NAMES[name] for name in of_record],
            "median": [spread.median_ms for spread in of_record.values()],
            "5%": [spread.low_ms for spread in of_record.values()],
            "95%": [spread.high_ms for spread in of_record.values()],
            "beats": [spread.n_beats for spread in of_record.values()],
        }
    )
    whole = {column: st.column_config.NumberColumn(format="%.0f") for column in ("median", "5%", "95%")}
    st.dataframe(table, hide_index=True, row_height=_ROW_PX, column_config=whole)
    st.caption("In ms, over all measured beats. Normal in adults at rest:  \n" + _sources())


def _sources() -> str:
    names_by_range: dict[NormalRange, list[str]] = {}
    for name, normal in NORMAL_RANGES.items():
        names_by_range.setdefault(normal, []).append(name)
    return "  \n".join(
        f"**{', '.join(_NAMES[name] for name in names)}** {_normal(names[0])}{_of_men(normal)}. {normal.source}"
        for normal, names in names_by_range.items()
    )


def _of_men(normal: NormalRange) -> str:
    return "" if normal.upper_men_ms is None else f" (men to {normal.upper_men_ms:.0f})"
