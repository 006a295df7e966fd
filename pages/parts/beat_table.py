"""The beats of a record as a table to sort and filter."""

import pandas as pd
import streamlit as st

from backend.models.classification import ClassifiedBeats
from backend.records.record import Record

__all__ = ["choose_from_table"]

_WHICH = ("all", "disagreements", "uncertain", "unlike training data")


def choose_from_table(record: Record, beats: ClassifiedBeats) -> int | None:
    """Draw the table; the number of the beat that was chosen in it, or None."""
    table = _table(record, beats)
    which_column, classes_column = st.columns([3, 2])
    which = which_column.segmented_control("Show", _WHICH, default=_WHICH[0]) or _WHICH[0]
    classes = classes_column.multiselect("Classes", beats.scores.classes, placeholder="all classes")
    kept = table[_kept(table, which) & (table["model"].isin(classes) if classes else True)]
    if kept.empty:
        st.caption("No beat is like that.")
        return None
    event = st.dataframe(
        kept,
        hide_index=True,
        height=280,
        on_select="rerun",
        selection_mode="single-row",
        key=f"beats {record.digest} {which} {classes}",
        column_config={
            "time (s)": st.column_config.NumberColumn(format="%.2f"),
            "probability": st.column_config.ProgressColumn(format="%.2f", min_value=0.0, max_value=1.0),
        },
    )
    rows = event.selection.rows
    return int(kept.iloc[rows[0]]["beat"]) if rows else None


def _table(record: Record, beats: ClassifiedBeats) -> pd.DataFrame:
    columns: dict[str, object] = {
        "beat": range(len(beats.windows.anchor)),
        "time (s)": beats.windows.anchor / record.sampling_rate,
        "model": beats.scores.labels,
        "probability": beats.scores.probabilities.max(axis=1),
        "uncertain": beats.scores.uncertain,
        "unlike training": beats.scores.unlike,
    }
    if beats.windows.reference is not None:
        columns["reference"] = beats.windows.reference
    columns["disagrees"] = beats.disagreement
    return pd.DataFrame(columns)


def _kept(table: pd.DataFrame, which: str) -> pd.Series:
    flag = {"disagreements": "disagrees", "uncertain": "uncertain", "unlike training data": "unlike training"}.get(
        which
    )
    return table[flag] if flag else pd.Series(True, index=table.index)
