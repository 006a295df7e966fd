"""The stretch of the record that is drawn on ECG paper."""

from typing import NamedTuple

import numpy as np
import streamlit as st

from backend.charts.style.number_format import format_minutes_seconds
from backend.models.classification import ClassifiedBeats
from backend.models.metrics.reference_agreement import MISSED, Agreement
from backend.records.record import Record
from pages.parts.app.widgets import go_button

__all__ = ["Stretch", "go_between", "show_around", "show_brushed", "step_through", "stretch_shown"]

_USUAL_S = 8.0
_LONGEST_S = 10.0
_SHORTEST_S = 2.0
_SAME_S = 0.01


class Stretch(NamedTuple):
    """Seconds drawn on the paper, and the one around which they were chosen; at the record's ends not their middle."""

    start_s: float
    end_s: float
    around_s: float


def stretch_shown(record: Record, beats: ClassifiedBeats, agreement: Agreement | None) -> Stretch:
    """Return the chosen stretch, else that around the first disagreement, else the first seconds."""
    if "stretch" not in st.session_state:
        times_s = _disagreements_s(record, beats, agreement)
        show_around(record, times_s[0] if len(times_s) else 0.0)
    return st.session_state.stretch


def show_around(record: Record, around_s: float, width_s: float = _USUAL_S) -> None:
    """Show the seconds around one, as far as the record goes."""
    start_s = min(max(0.0, around_s - width_s / 2), max(0.0, record.duration_s - width_s))
    end_s = min(record.duration_s, start_s + width_s)
    st.session_state.stretch = Stretch(float(start_s), float(end_s), float(around_s))


def show_brushed(record: Record, brushed: tuple[float, float]) -> None:
    """Show the brushed seconds; more than fit the paper are cut about their middle."""
    width_s = min(max(brushed[1] - brushed[0], _SHORTEST_S), _LONGEST_S)
    show_around(record, sum(brushed) / 2, width_s)


def step_through(record: Record, beats: ClassifiedBeats, agreement: Agreement | None) -> None:
    """Draw buttons to the previous and next stretch and disagreement; the arrow keys do the same."""
    start_s, end_s, _ = stretch_shown(record, beats, agreement)
    width_s = end_s - start_s
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        go_button("Earlier", start_s > 0, show_around, record, start_s - width_s / 2, width_s, shortcut="Left")
        later_s = end_s + width_s / 2
        go_button("Later", end_s < record.duration_s, show_around, record, later_s, width_s, shortcut="Right")
        times_s = _disagreements_s(record, beats, agreement)
        go_between(record, times_s, "disagreement", ("Shift+Left", "Shift+Right"))
        first, last, whole = (format_minutes_seconds(time_s, 1) for time_s in (start_s, end_s, record.duration_s))
        st.caption(f"{first}–{last} of {whole}")


def go_between(record: Record, times_s: np.ndarray, noun: str, shortcuts: tuple[str, str]) -> None:
    """Draw buttons to the previous and the next of these ascending seconds."""
    start_s, end_s, around_s = st.session_state.stretch
    before, after = times_s[times_s < around_s - _SAME_S], times_s[times_s > around_s + _SAME_S]
    steps = (
        (f"Previous {noun}", shortcuts[0], before[-1] if len(before) else None),
        (f"Next {noun}", shortcuts[1], after[0] if len(after) else None),
    )
    for label, shortcut, to_s in steps:
        go_button(label, to_s is not None, show_around, record, to_s, end_s - start_s, shortcut=shortcut)


def _disagreements_s(record: Record, beats: ClassifiedBeats, agreement: Agreement | None) -> np.ndarray:
    """Return the times of the disagreements: another class, or a reference beat that was not detected."""
    rate = record.sampling_rate
    missed_s = np.zeros(0) if agreement is None else agreement.times_s(MISSED, rate)
    return np.sort(np.concatenate([beats.windows.anchor[beats.disagreement] / rate, missed_s]))
