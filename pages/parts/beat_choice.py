"""Which beat of the record is open."""

import numpy as np
import streamlit as st

from backend.models.classification import ClassifiedBeats
from backend.records.record import Record
from pages.parts import link

__all__ = ["choose_beat"]


def choose_beat(record: Record, beats: ClassifiedBeats) -> int:
    """Draw the row that leads from beat to beat; the number of the open one. Ends the run where there is none."""
    count = len(beats.windows.anchor)
    if not count:
        st.warning("No beat was found on this lead. Choose another lead on the left.")
        st.stop()
    number = _wanted(beats, count)
    wrong = np.flatnonzero(beats.disagreement)
    title, back, on, previous, following = st.columns([4, 1, 1, 2, 2], vertical_alignment="bottom")
    at_s = beats.windows.anchor[number] / record.sampling_rate
    with title:
        typed = st.number_input(
            f"{record.name}: beat at {int(at_s // 60)}:{at_s % 60:05.2f}, number of 0 to {count - 1}",
            0,
            count - 1,
            number,
        )
    _go_if(typed != number, int(typed))
    _go_if(
        back.button("", icon=":material/chevron_left:", help="Beat before", shortcut="Left", disabled=number == 0),
        number - 1,
    )
    _go_if(
        on.button(
            "", icon=":material/chevron_right:", help="Next beat", shortcut="Right", disabled=number == count - 1
        ),
        number + 1,
    )
    before, after = wrong[wrong < number], wrong[wrong > number]
    if previous.button("Previous disagreement", shortcut="Shift+Left", disabled=not len(before), width="stretch"):
        _go_if(True, int(before[-1]))
    if following.button("Next disagreement", shortcut="Shift+Right", disabled=not len(after), width="stretch"):
        _go_if(True, int(after[0]))
    return number


def _wanted(beats: ClassifiedBeats, count: int) -> int:
    """The chosen beat; without one the first disagreement, else a beat from the middle."""
    text = link.chosen("beat")
    if text is not None and text.isdecimal() and int(text) < count:
        return int(text)
    if text is not None:
        st.warning(f"The link names beat {text!r}, which this record does not have on this lead.")
    wrong = np.flatnonzero(beats.disagreement)
    number = int(wrong[0]) if len(wrong) else count // 2
    link.choose(beat=number, target=None)
    return number


def _go_if(wanted: bool, number: int) -> None:
    if wanted:
        link.choose(beat=number, target=None)
        st.rerun()
