"""The beats of a record as a table to sort and filter."""

import pandas as pd
import streamlit as st

from backend.models.classification import ClassifiedBeats
from backend.records.record import Record
from pages.parts.app.navigation import open_beat
from pages.parts.record import record_text

__all__ = ["show_beat_table"]

_ALL = "all"
_ROW_PX, _MOST_PX = 35, 353
_FLAGS = {
    record_text.DISAGREEMENTS: "disagrees",
    record_text.UNCERTAIN: "uncertain",
    record_text.OOD: "out of distribution",
}


def show_beat_table(record: Record, beats: ClassifiedBeats) -> None:
    """Draw the table with its filters; a ticked beat opens."""
    which_column, classes_column, probability_column = st.columns([3.1, 2, 1.5], gap="medium")
    which = which_column.segmented_control("Beats", (_ALL, *_FLAGS), default=_ALL, help=record_text.BEATS_HELP) or _ALL
    classes = classes_column.multiselect("Predicted classes", beats.scores.classes, placeholder="all classes")
    least, most = probability_column.slider("Probability", 0.0, 1.0, (0.0, 1.0), 0.01)
    table = _table(record, beats)
    kept = table[table["probability"].between(least, most)]
    kept = kept[kept["model"].isin(classes)] if classes else kept
    kept = kept if which == _ALL else kept[kept[_FLAGS[which]]]
    if kept.empty:
        st.caption(record_text.NO_BEATS_MATCH)
        return
    key = f"beats {record.digest} {which} {classes} {least} {most}"

    def open_chosen() -> None:
        rows = st.session_state[key].selection.rows
        if rows:
            open_beat(int(kept.iloc[rows[0]]["beat"]))

    st.dataframe(
        kept,
        hide_index=True,
        height=min(_MOST_PX, _ROW_PX * (len(kept) + 1) + 3),
        on_select=open_chosen,
        selection_mode="single-row",
        key=key,
        column_config={
            "time (s)": st.column_config.NumberColumn(format="%.2f"),
            "probability": st.column_config.ProgressColumn(format="%.2f", min_value=0.0, max_value=1.0, color="blue"),
        },
    )
    st.caption(f"{len(kept)} of {len(table)} beats")


def _table(record: Record, beats: ClassifiedBeats) -> pd.DataFrame:
    columns: dict[str, object] = {
        "beat": range(len(beats.windows.anchor)),
        "time (s)": beats.windows.anchor / record.sampling_rate,
        "model": beats.scores.labels,
        "probability": beats.scores.probabilities.max(axis=1),
        "uncertain": beats.scores.is_uncertain,
        "out of distribution": beats.scores.is_ood,
    }
    if beats.windows.reference is not None:
        columns["reference"] = beats.windows.reference
    columns["disagrees"] = beats.disagreement
    return pd.DataFrame(columns)
