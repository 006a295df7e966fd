"""The prediction for a beat, and for the beat without a stretch of it or without some measurements."""

import streamlit as st

from backend import workbench
from backend.charts.shared.class_probabilities import plot_class_probabilities
from backend.charts.style.chart_width import NARROW_PX
from backend.explain.salience import Salience
from backend.models.classification import ClassifiedBeats
from backend.windows.beats.corrections import manual_beats
from backend.workbench import BeatReading
from pages.parts.app.chart_inputs import screen_theme, window_seconds
from pages.parts.beat import beat_text
from pages.parts.beat.beat_measurements import choose_removed
from pages.parts.explanation.explanation_text import OOD_WARNING

__all__ = ["show_prediction", "show_what_if"]


def show_prediction(reading: BeatReading, beats: ClassifiedBeats, number: int) -> None:
    """Draw the predicted class with its probability and its warnings, beside the reference."""
    scores = beats.scores
    label, probability = scores.labels[number], scores.probabilities[number].max()
    reference = beats.windows.reference[number] if beats.windows.reference else ""
    st.markdown(beat_text.prediction_lines(label, probability, reference))
    if beats.windows.anchor[number] in manual_beats(reading.corrections):
        st.badge(beat_text.MANUAL, icon=":material/edit:", color="blue")
    if beats.disagreement[number]:
        st.badge("model and reference disagree", icon=":material/warning:", color="orange")
    if scores.is_ood[number]:
        st.warning(OOD_WARNING)
    elif scores.is_uncertain[number]:
        certain_from = workbench.model(reading.model).certain_from[scores.predicted[number]]
        st.info(beat_text.uncertain_sentence(label, certain_from))


def show_what_if(
    reading: BeatReading,
    beats: ClassifiedBeats,
    number: int,
    salience: Salience,
    deleted_s: tuple[float, float] | None,
) -> None:
    """Draw the class probabilities, beside those without the brushed stretch and the removed measurements."""
    st.markdown("**Class probabilities**")
    room = st.container()
    removed = choose_removed(reading, number, salience)
    steps = _deleted_steps(reading, beats, number, deleted_s)
    changed = None
    if steps is not None or removed:
        changed = workbench.with_deleted(reading, number, steps, 0.0, None, removed)
    chart = plot_class_probabilities(
        beats.scores.classes,
        beats.scores.probabilities[number],
        None if changed is None else changed.probabilities_after,
        salience.target,
        NARROW_PX,
        screen_theme(),
    )
    with room:
        st.altair_chart(chart, theme=None, width="content")
        if changed is None:
            st.caption(beat_text.WHAT_IF)
        else:
            stretch_s = None if steps is None else _seconds_from_r(beats, steps)
            st.caption(beat_text.changed_sentence(stretch_s, removed, changed.label_before, changed.label_after))


def _seconds_from_r(beats: ClassifiedBeats, steps: tuple[int, int]) -> tuple[float, float]:
    first_s, last_s = ((step - beats.windows.anchor_step) / beats.windows.sampling_rate for step in steps)
    return first_s, last_s


def _deleted_steps(
    reading: BeatReading, beats: ClassifiedBeats, number: int, deleted_s: tuple[float, float] | None
) -> tuple[int, int] | None:
    """First and last deleted step of the window; None where the brush does not touch it."""
    if deleted_s is None:
        return None
    start_s, _ = window_seconds(reading.record, beats, number)
    first, last = (round((second - start_s) * beats.windows.sampling_rate) for second in sorted(deleted_s))
    first, last = max(first, 0), min(last, beats.windows.values.shape[1] - 1)
    return (first, last) if first <= last else None
