"""Which stretch of the record is drawn on ECG paper."""

from typing import NamedTuple

import numpy as np
import streamlit as st

from backend.models.classification import ClassifiedBeats
from backend.records.record import Record
from pages.parts.asking import go_button

__all__ = ["Stretch", "show_around", "show_brushed", "step_through", "stretch_shown"]

_USUAL_S = 8.0
_LONGEST_S = 10.0
_SHORTEST_S = 2.0


class Stretch(NamedTuple):
    """Seconds drawn on the paper, and the one around which they were chosen; at the record's ends not their middle."""

    start_s: float
    end_s: float
    around_s: float


def stretch_shown(record: Record, beats: ClassifiedBeats) -> Stretch:
    """What was chosen, else the surroundings of the first disagreement, else the first seconds."""
    if "stretch" not in st.session_state:
        times_s = _disagreements_s(record, beats)
        show_around(record, times_s[0] if len(times_s) else 0.0)
    return st.session_state.stretch


def show_around(record: Record, around_s: float, width_s: float = _USUAL_S) -> None:
    """Show the seconds around one, as far as the record goes."""
    start_s = min(max(0.0, around_s - width_s / 2), max(0.0, record.duration_s - width_s))
    end_s = min(record.duration_s, start_s + width_s)
    st.session_state.stretch = Stretch(float(start_s), float(end_s), float(around_s))


def show_brushed(record: Record, brushed: tuple[float, float]) -> None:
    """Show brushed seconds; more of them than fit the paper are cut about their middle."""
    width_s = min(max(brushed[1] - brushed[0], _SHORTEST_S), _LONGEST_S)
    show_around(record, sum(brushed) / 2, width_s)


def step_through(record: Record, beats: ClassifiedBeats) -> None:
    """Buttons to go on and back by a stretch or a disagreement; the arrow keys do the same."""
    start_s, end_s, around_s = stretch_shown(record, beats)
    width_s = end_s - start_s
    times_s = _disagreements_s(record, beats)
    before, after = times_s[times_s < around_s - 0.01], times_s[times_s > around_s + 0.01]
    steps = (
        ("Earlier", "Left", start_s > 0, start_s - width_s / 2),
        ("Later", "Right", end_s < record.duration_s, end_s + width_s / 2),
        ("Previous disagreement", "Shift+Left", len(before) > 0, before[-1] if len(before) else 0.0),
        ("Next disagreement", "Shift+Right", len(after) > 0, after[0] if len(after) else 0.0),
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for label, shortcut, possible, to_s in steps:
            go_button(label, possible, show_around, record, to_s, width_s, shortcut=shortcut)
        st.caption(f"{_clock(start_s)} to {_clock(end_s)} of {_clock(record.duration_s)}")


def _disagreements_s(record: Record, beats: ClassifiedBeats) -> np.ndarray:
    """Where model and reference differ: another class, or a beat of the reference that was not found."""
    missed = beats.missed_samples if beats.missed_samples is not None else np.array([], dtype=np.int64)
    return np.sort(np.concatenate([beats.windows.anchor[beats.disagreement], missed])) / record.sampling_rate


def _clock(seconds: float) -> str:
    return f"{int(seconds // 60)}:{seconds % 60:04.1f}"
