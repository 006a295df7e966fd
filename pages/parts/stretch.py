"""Which stretch of the record is drawn on ECG paper."""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from backend.models.classification import ClassifiedBeats
from backend.records.record import Record

__all__ = ["step_through", "stretch_shown", "stretch_wanted"]

_USUAL_S = 8.0
_LONGEST_S = 10.0
_SHORTEST_S = 2.0


def stretch_shown(record: Record, beats: ClassifiedBeats) -> tuple[float, float]:
    """Seconds drawn on the paper: those chosen, else those around the first disagreement, else the first ones."""
    if "stretch" not in st.session_state:
        times_s = _disagreements_s(record, beats)
        _centre(record, times_s[0] if len(times_s) else 0.0)
    return st.session_state.stretch


def stretch_wanted(record: Record, brushed: Mapping[str, Sequence[float]]) -> None:
    """Take over a new brush on the strip; a longer one than fits the paper is cut about its middle."""
    wanted = tuple(brushed.get("time_s", ()))
    if len(wanted) != 2 or wanted == st.session_state.get("brushed"):
        return
    st.session_state.brushed = wanted
    _centre(record, sum(wanted) / 2, min(max(wanted[1] - wanted[0], _SHORTEST_S), _LONGEST_S))
    st.rerun()


def step_through(record: Record, beats: ClassifiedBeats) -> None:
    """Buttons to go on and back by a stretch or a disagreement; the arrow keys do the same."""
    start_s, end_s = st.session_state.stretch
    middle_s = (start_s + end_s) / 2
    times_s = _disagreements_s(record, beats)
    before, after = times_s[times_s < middle_s - 0.01], times_s[times_s > middle_s + 0.01]
    width_s = end_s - start_s
    steps = (
        ("Earlier", "Left", start_s > 0, middle_s - width_s),
        ("Later", "Right", end_s < record.duration_s, middle_s + width_s),
        ("Previous disagreement", "Shift+Left", len(before) > 0, before[-1] if len(before) else 0.0),
        ("Next disagreement", "Shift+Right", len(after) > 0, after[0] if len(after) else 0.0),
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for label, shortcut, possible, to_s in steps:
            if st.button(label, shortcut=shortcut, disabled=not possible):
                _centre(record, to_s, width_s)
                st.rerun()
        st.caption(f"{_clock(start_s)} to {_clock(end_s)} of {_clock(record.duration_s)}")


def _disagreements_s(record: Record, beats: ClassifiedBeats) -> np.ndarray:
    return beats.windows.anchor[beats.disagreement] / record.sampling_rate


def _centre(record: Record, middle_s: float, width_s: float = _USUAL_S) -> None:
    start_s = min(max(0.0, middle_s - width_s / 2), max(0.0, record.duration_s - width_s))
    st.session_state.stretch = (start_s, min(record.duration_s, start_s + width_s))


def _clock(seconds: float) -> str:
    return f"{int(seconds // 60)}:{seconds % 60:04.1f}"
