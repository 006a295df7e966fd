"""What the model says of a beat, what it would say without a stretch, and where the salience lies."""

import numpy as np
import streamlit as st

from backend import workbench
from backend.charts.salience import wave_shares_chart
from backend.charts.scores import class_probabilities_chart
from backend.explain.salience import Salience
from backend.explain.shares import SEGMENTS, lead_columns, steps_of_marks, wave_shares
from backend.models.classification import ClassifiedBeats
from pages.parts.choosing import Selection
from pages.parts.drawing import screen_theme, window_seconds

__all__ = ["show_judgement", "show_shares", "show_what_if"]

_NARROW_PX = 270


def show_judgement(beats: ClassifiedBeats, number: int) -> None:
    """The label with its probability and its doubts, beside the reference."""
    scores = beats.scores
    label, probability = scores.labels[number], scores.probabilities[number].max()
    reference = beats.windows.reference[number] if beats.windows.reference else ""
    st.markdown(f"Model: **{label}** ({probability:.2f})  \nReference: **{reference or 'none'}**")
    if beats.disagreement[number]:
        st.badge("model and reference disagree", icon=":material/warning:", color="orange")
    if scores.unlike[number]:
        st.warning("This beat is unlike the model's training data: do not rely on its label or on why.")
    elif scores.uncertain[number]:
        st.info("The model is uncertain of this beat.")


def show_what_if(
    selection: Selection, beats: ClassifiedBeats, number: int, deleted_s: tuple[float, float] | None
) -> None:
    """The class probabilities; with a brushed stretch those without it beside them."""
    st.markdown("**Class probabilities**")
    theme = screen_theme()
    before = beats.scores.probabilities[number]
    steps = _deleted_steps(selection, beats, number, deleted_s)
    if steps is None:
        chart = class_probabilities_chart(beats.scores.classes, before, width_px=_NARROW_PX, theme=theme)
        st.altair_chart(chart, theme=None, width="content")
        st.caption("**What if?** Drag along the trace to delete a stretch; the new probabilities appear here.")
        return
    changed = workbench.with_deleted(selection.record, selection.model, selection.lead, number, *steps, 0.0)
    chart = class_probabilities_chart(
        beats.scores.classes, before, changed.probabilities_after, width_px=_NARROW_PX, theme=theme
    )
    st.altair_chart(chart, theme=None, width="content")
    from_s, to_s = ((step - beats.windows.anchor_step) / beats.windows.sampling_rate for step in steps)
    verdict = (
        f"still says **{changed.label_after}**"
        if changed.label_after == changed.label_before
        else f"says **{changed.label_after}** instead of **{changed.label_before}**"
    )
    st.caption(f"With {from_s:+.2f} to {to_s:+.2f} s around the R peak deleted (set to 0), the model {verdict}.")


def _deleted_steps(
    selection: Selection, beats: ClassifiedBeats, number: int, deleted_s: tuple[float, float] | None
) -> tuple[int, int] | None:
    """First and last deleted step of the window; None where the brush does not touch it."""
    if deleted_s is None:
        return None
    start_s, _ = window_seconds(selection.record, beats, number)
    first, last = (round((second - start_s) * beats.windows.sampling_rate) for second in sorted(deleted_s))
    first, last = max(first, 0), min(last, beats.windows.values.shape[1] - 1)
    return (first, last) if first <= last else None


def show_shares(selection: Selection, beats: ClassifiedBeats, number: int, salience: Salience) -> None:
    """How the salience is shared between the waves, beside their share of the time."""
    record, windows = selection.record, beats.windows
    anchor = int(windows.anchor[number])
    found = int(np.searchsorted(beats.beats.r_peaks, anchor))
    marks = steps_of_marks(
        workbench.waves(record, selection.lead).beat(found),
        anchor,
        windows.anchor_step,
        record.sampling_rate,
        windows.sampling_rate,
    )
    shares = wave_shares(salience.values[:, lead_columns(windows.variables)], marks)
    present = [name for name in SEGMENTS if shares.of_salience[name] is not None]
    st.markdown("**Where the salience lies**")
    if not present:
        st.caption("There is no salience: nothing that this technique tried changed the score.")
        return
    chart = wave_shares_chart(
        present,
        np.array([shares.of_salience[name] for name in present]),
        np.array([shares.of_time[name] for name in present]),
        width_px=_NARROW_PX,
        theme=screen_theme(),
    )
    st.altair_chart(chart, theme=None, width="content")
    absent = [name for name in SEGMENTS if name not in present]
    if absent:
        st.caption(f"Not marked in this beat: {', '.join(absent)}.")
