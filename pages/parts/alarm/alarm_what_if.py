"""What the model would say of an alarm without a sensor, or without a stretch of it."""

from dataclasses import dataclass

import streamlit as st

from backend import workbench
from backend.charts.shared.class_probabilities import plot_class_probabilities
from backend.charts.style.chart_width import NARROW_PX
from backend.charts.style.number_format import format_decimal, format_percent
from backend.explain.perturbation.baselines import NOT_MEASURED
from backend.explain.questions.what_if import WhatIf
from pages.parts.alarm.alarm_prediction import DEARER
from pages.parts.alarm.alarm_result import AlarmResult
from pages.parts.app.chart_inputs import screen_theme

__all__ = ["Deletion", "chosen_deletion", "show_what_if"]

_UNDO = " Double-click the traces to undo."
_HOW = "Choose sensors to leave out, or drag along the traces to leave out a stretch: of all, or of those chosen."


@dataclass(frozen=True)
class Deletion:
    """What is taken out of the window.

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
    """What the chosen sensors and the brushed seconds come to: of all sensors where none is chosen."""
    chosen = tuple(source for source in st.session_state.get(_pills_key(result), ()) if source in result.present)
    start_s, end_s = result.window_s
    stretch_s = None
    if brushed_s is not None and max(brushed_s[0], start_s) < min(brushed_s[1], end_s):
        stretch_s = max(brushed_s[0], start_s), min(brushed_s[1], end_s)
    if not chosen and stretch_s is None:
        return None
    return Deletion(chosen or result.present, stretch_s)


def _pills_key(result: AlarmResult) -> str:
    """Another alarm begins with nothing left out."""
    return f"left out {result.reading.record.digest} {result.reading.alarm}"


def show_what_if(result: AlarmResult, explained: str, deletion: Deletion | None) -> None:
    """Sensors to leave out; the class probabilities, and those without what is left out beside them."""
    st.markdown("**Would it still say so without …?**")
    st.pills(
        "Sensors to leave out",
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
        explained,
        NARROW_PX,
        screen_theme(),
    )
    st.altair_chart(chart, theme=None, width="content")
    if deletion is None or changed is None:
        st.caption(_HOW)
    else:
        st.markdown(_in_words(result, deletion, changed))


def _without(result: AlarmResult, deletion: Deletion) -> WhatIf:
    windows = result.classified.windows
    start_s, _ = result.window_s
    last_step = windows.values.shape[1] - 1
    first, end = ((second - start_s) * windows.sampling_rate for second in deletion.seconds(result))
    steps = min(int(first), last_step), max(int(first), min(round(end) - 1, last_step))
    return workbench.with_deleted(result.reading, 0, *steps, NOT_MEASURED, deletion.sources)


def _in_words(result: AlarmResult, deletion: Deletion, changed: WhatIf) -> str:
    believed = {True: "believe this alarm", False: "call this alarm false"}
    before, after = changed.label_before == DEARER, changed.label_after == DEARER
    verdict = f"would still {believed[after]}" if before == after else f"would no longer {believed[before]}"
    place = changed.classes.index(DEARER)
    was, now = (format_percent(float(p[place])) for p in (changed.probabilities_before, changed.probabilities_after))
    return (
        f"Without {_what(result, deletion)}, {_as_if(deletion)}, the model **{verdict}**: "
        f"{now} likely to be true ({was} before).{'' if deletion.stretch_s is None else _UNDO}"
    )


def _as_if(deletion: Deletion) -> str:
    """A whole sensor is read as if the record held nothing of it; of a stretch other seconds still know something."""
    if deletion.stretch_s is None:
        return "as if not recorded"
    return "blanked (its rates and its usual beat, told at other seconds, still rest on them)"


def _what(result: AlarmResult, deletion: Deletion) -> str:
    names = [f"**{result.names.get(source, source)}**" for source in deletion.sources]
    listed = " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
    if deletion.sources == result.present:
        listed = "**all sensors**"
    if deletion.stretch_s is None:
        return listed
    from_s, to_s = (format_decimal(second, 1) for second in deletion.stretch_s)
    return f"{from_s} to {to_s} s of {listed}"
