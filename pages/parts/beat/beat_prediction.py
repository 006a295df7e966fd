"""What the model says of a beat, and what it would say without a stretch of it."""

import streamlit as st

from backend import workbench
from backend.charts.shared.class_probabilities import plot_class_probabilities
from backend.charts.style.chart_width import NARROW_PX
from backend.charts.style.number_format import format_percent, format_signed
from backend.explain.questions.what_if import WhatIf
from backend.models.classification import ClassifiedBeats
from backend.windows.beats.corrections import manual_beats
from backend.workbench import BeatReading
from pages.parts.app.chart_inputs import screen_theme, window_seconds

__all__ = ["show_judgement", "show_what_if"]


def show_judgement(reading: BeatReading, beats: ClassifiedBeats, number: int) -> None:
    """The label with its probability and its doubts, beside the reference."""
    scores = beats.scores
    label, probability = scores.labels[number], scores.probabilities[number].max()
    reference = beats.windows.reference[number] if beats.windows.reference else ""
    st.markdown(f"Model: **{label}** ({format_percent(probability)})  \nReference: **{reference or 'none'}**")
    if beats.windows.anchor[number] in manual_beats(reading.corrections):
        st.badge("put here by hand", icon=":material/edit:", color="blue")
    if beats.disagreement[number]:
        st.badge("model and reference disagree", icon=":material/warning:", color="orange")
    if scores.is_ood[number]:
        st.warning("This beat is **unlike the training data** of the model: rely neither on its label nor on why.")
    elif scores.is_uncertain[number]:
        certain_from = workbench.model(reading.model).certain_from
        st.info(f"The model is **uncertain**: no class reaches {format_percent(certain_from)}.")


def show_what_if(
    reading: BeatReading,
    beats: ClassifiedBeats,
    number: int,
    explained: str,
    deleted_s: tuple[float, float] | None,
) -> None:
    """The class probabilities; with a brushed stretch those without it beside them."""
    st.markdown("**Class probabilities**")
    steps = _deleted_steps(reading, beats, number, deleted_s)
    changed = None
    if steps is not None:
        changed = workbench.with_deleted(reading, number, *steps, 0.0)
    chart = plot_class_probabilities(
        beats.scores.classes,
        beats.scores.probabilities[number],
        None if changed is None else changed.probabilities_after,
        explained,
        NARROW_PX,
        screen_theme(),
    )
    st.altair_chart(chart, theme=None, width="content")
    st.caption(_what_if_in_words(beats, steps, changed))


def _what_if_in_words(beats: ClassifiedBeats, steps: tuple[int, int] | None, changed: WhatIf | None) -> str:
    if steps is None or changed is None:
        return "**What if?** Drag along the beat to delete a stretch: the new probabilities appear beside the old."
    from_s, to_s = ((step - beats.windows.anchor_step) / beats.windows.sampling_rate for step in steps)
    verdict = (
        f"still says **{changed.label_after}**"
        if changed.label_after == changed.label_before
        else f"says **{changed.label_after}** instead of **{changed.label_before}**"
    )
    return (
        f"With {format_signed(from_s)} to {format_signed(to_s)} s around the R peak deleted (set to 0), the model "
        f"{verdict}. Double-click the beat to undo."
    )


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
