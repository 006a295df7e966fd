"""A beat's intervals beside the record's and those that are usual."""

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
_UNSURE = " ?"
_NONE = "–"
_ROW_PX = 28

_MEASURED_HOW = (
    "RR: from the R peak of the beat before. PR: onset of P to onset of QRS. QT: onset of QRS to end of T; its usual "
    "length depends on the heart rate. QTcF and QTcB: QT over the cube root (Fridericia) or the square root (Bazett) "
    "of RR in seconds; an irregular rhythm or a broad QRS makes them say less."
)


def show_intervals(reading: BeatReading, beats: ClassifiedBeats, number: int) -> None:
    """The intervals of one beat, the medians of the record, the normal ranges, and what is not normal in words."""
    intervals, waves = workbench.intervals(reading), workbench.waves(reading)
    of_record = workbench.intervals_of_record(reading)
    found = int(np.searchsorted(beats.beats.r_peaks, beats.windows.anchor[number]))
    st.markdown("**Intervals (ms)**", help=_MEASURED_HOW)
    table, words = st.columns([1, 1], gap="small")
    with table:
        _draw_table(intervals, found, of_record)
    remarks = (
        *_outside(intervals.beat(found)),
        *_absent(intervals, waves, found),
        *_unsure(intervals, found),
        f"On lead {beats.beats.lead} alone; over all leads of an ECG intervals are often longer.",
    )
    with words:
        st.caption("  \n".join(remarks))
        with st.popover("All beats, sources", icon=":material/straighten:"):
            _show_record(of_record)


def _draw_table(intervals: Intervals, found: int, of_record: dict[str, Spread]) -> None:
    of_beat, unsure = intervals.beat(found), intervals.uncertain_intervals(found)
    table = pd.DataFrame(
        {
            "": list(_NAMES.values()),
            "beat": [_signed(name, of_beat[name]) + (_UNSURE if name in unsure else "") for name in INTERVALS],
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
    said = {name: compare_with_normal(name, of_beat[name]) for name in NORMAL_RANGES}
    outside = ", ".join(f"{_SIGNS[word]}{_NAMES[name]} {word}" for name, word in said.items() if _SIGNS[word])
    in_men = ", ".join(_NAMES[name] for name, length_ms in of_beat.items() if _is_above_in_men(name, length_ms))
    return [
        f"**{outside}** the normal range." if outside else _none_outside(of_beat),
        *([f"In men, {in_men} would be above it."] if in_men else []),
    ]


def _none_outside(of_beat: dict[str, float | None]) -> str:
    if all(length_ms is None for length_ms in of_beat.values()):
        return "Nothing could be measured."
    if all(of_beat[name] is None for name in NORMAL_RANGES):
        return "Nothing that has a normal range could be measured."
    return "All that could be measured is within the normal range."


def _is_above_in_men(name: str, length_ms: float | None) -> bool:
    most_ms = NORMAL_RANGES[name].upper_men_ms if name in NORMAL_RANGES else None
    return (
        most_ms is not None
        and compare_with_normal(name, length_ms) == "within"
        and length_ms is not None
        and length_ms > most_ms
    )


def _absent(intervals: Intervals, waves: Waves, found: int) -> list[str]:
    names_by_reason: dict[str, list[str]] = {}
    for name in INTERVALS:
        reason = explain_absence(name, intervals, waves, found)
        if reason:
            names_by_reason.setdefault(reason, []).append(_NAMES[name])
    return [f"No {', '.join(names)}: {reason}." for reason, names in names_by_reason.items()]


def _unsure(intervals: Intervals, found: int) -> list[str]:
    names = [_NAMES[name] for name in intervals.uncertain_intervals(found)]
    if len(names) == 1:
        return [f"? {names[0]} is unsure: a mark that it is measured from is unsure."]
    return [f"? {', '.join(names)} are unsure: a mark that each is measured from is unsure."] if names else []


def _show_record(of_record: dict[str, Spread]) -> None:
    table = pd.DataFrame(
        {
            "interval": [_NAMES[name] for name in of_record],
            "median": [spread.median_ms for spread in of_record.values()],
            "5 %": [spread.low_ms for spread in of_record.values()],
            "95 %": [spread.high_ms for spread in of_record.values()],
            "beats": [spread.n_beats for spread in of_record.values()],
        }
    )
    whole = {column: st.column_config.NumberColumn(format="%.0f") for column in ("median", "5 %", "95 %")}
    st.dataframe(table, hide_index=True, row_height=_ROW_PX, column_config=whole)
    st.caption("In ms, over the beats in which each could be measured. Usual in adults at rest:  \n" + _sources())


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
