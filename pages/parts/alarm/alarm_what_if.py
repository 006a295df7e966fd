"""The prediction for an alarm without some sensors, or without a stretch of them."""

from dataclasses import dataclass

import streamlit as st

from backend import workbench
from backend.charts.shared.class_probabilities import plot_class_probabilities
from backend.charts.style.chart_width import NARROW_PX
from backend.explain.perturbation.baselines import NOT_MEASURED
from backend.explain.questions.what_if import WhatIf
from backend.records.channels.sensors import ECG_SENSORS
from pages.parts.alarm import alarm_text
from pages.parts.alarm.alarm_prediction import TRUE_ALARM
from pages.parts.alarm.alarm_result import AlarmResult
from pages.parts.app.chart_inputs import screen_theme

__all__ = ["Deletion", "chosen_deletion", "show_what_if"]


@dataclass(frozen=True)
class Deletion:
    """The deleted part of the window.

    Attributes
    ----------
    sources : tuple of str
        As the model calls them.
    stretch_s : (float, float) or None
        Seconds from the alarm; None for the whole window.
    """

    sources: tuple[str, ...]
    stretch_s: tuple[float, float] | None

    def seconds(self, result: AlarmResult) -> tuple[float, float]:
        """From when to when."""
        return self.stretch_s or result.window_s


def chosen_deletion(result: AlarmResult, brushed_s: tuple[float, float] | None) -> Deletion | None:
    """Return the deletion of the brushed seconds of the chosen sensors; of all sensors if none is chosen."""
    chosen = tuple(source for source in st.session_state.get(_pills_key(result), ()) if source in result.present)
    start_s, end_s = result.window_s
    stretch_s = None
    if brushed_s is not None and max(brushed_s[0], start_s) < min(brushed_s[1], end_s):
        stretch_s = max(brushed_s[0], start_s), min(brushed_s[1], end_s)
    if not chosen and stretch_s is None:
        return None
    return Deletion(chosen or result.present, stretch_s)


def _pills_key(result: AlarmResult) -> str:
    """Return a key of this alarm alone: another one starts without deletions."""
    return f"deleted {result.reading.record.digest} {result.reading.alarm}"


def show_what_if(result: AlarmResult, target: str, deletion: Deletion | None) -> None:
    """Draw the choice of deleted sensors, and the class probabilities with and without them."""
    st.markdown("**What if?**", help=alarm_text.WHAT_IF_HELP)
    st.pills(
        "Deleted sensors",
        result.present,
        selection_mode="multi",
        key=_pills_key(result),
        format_func=lambda source: result.names.get(source, source),
        label_visibility="collapsed",
    )
    changed = None if deletion is None else _without(result, deletion)
    chart = plot_class_probabilities(
        result.bundle.classes,
        result.classified.scores.probabilities[0],
        None if changed is None else changed.probabilities_after,
        target,
        NARROW_PX,
        screen_theme(),
    )
    st.altair_chart(chart, theme=None, width="content")
    if deletion is None or changed is None:
        st.caption(alarm_text.ALARM_HINT)
    else:
        place = changed.classes.index(TRUE_ALARM)
        sentence = alarm_text.changed_sentence(
            _name_deleted(result, deletion),
            alarm_text.deleted_as(deletion.stretch_s is None, _is_second_left(result, deletion)),
            changed.label_after,
            changed.label_after == changed.label_before,
            float(changed.probabilities_before[place]),
            float(changed.probabilities_after[place]),
        )
        st.markdown(sentence if deletion.stretch_s is None else f"{sentence}{alarm_text.UNDO}")


def _without(result: AlarmResult, deletion: Deletion) -> WhatIf:
    windows = result.classified.windows
    start_s, _ = result.window_s
    last_step = windows.values.shape[1] - 1
    first, end = ((second - start_s) * windows.sampling_rate for second in deletion.seconds(result))
    steps = min(int(first), last_step), max(int(first), min(round(end) - 1, last_step))
    return workbench.with_deleted(result.reading, 0, steps, NOT_MEASURED, deletion.sources)


def _is_second_left(result: AlarmResult, deletion: Deletion) -> bool:
    first, second = ECG_SENSORS
    return first in deletion.sources and second in set(result.present) - set(deletion.sources)


def _name_deleted(result: AlarmResult, deletion: Deletion) -> str:
    names = [f"**{result.names.get(source, source)}**" for source in deletion.sources]
    listed = " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
    if deletion.sources == result.present:
        listed = "**all sensors**"
    if deletion.stretch_s is None:
        return listed
    return alarm_text.stretch_of(*deletion.stretch_s, listed)
