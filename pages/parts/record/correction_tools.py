"""Correcting the beats by hand: tools above the paper, and what a click on it does."""

from collections.abc import Callable
from typing import NamedTuple

import pandas as pd
import streamlit as st

from backend import workbench
from backend.windows.beats.corrections import Correction, find_beat_near, find_r_peak_near, move_beat
from backend.workbench import BeatReading
from pages.parts.app.widgets import go_button
from pages.parts.record.corrections import correct, is_switched_on, refusal, refusals_kept, switch_on, undo, undo_all
from pages.parts.record.record_text import CORRECTIONS_HELP, INSTRUCTIONS, chosen_beat_sentence
from pages.parts.record.stretch import show_around

__all__ = ["chosen_beat_s", "draw_tools", "n_clicks", "switch_correcting", "take_click"]

_ADD, _DELETE, _MOVE = "Add", "Delete", "Move"
_TOOL_KEY = "correction tool"
_SWITCH_KEY = "switch correcting"
_NUDGE_S = 0.01
_DONE = {"add": "added", "delete": "deleted", "move": "moved"}


class _Chosen(NamedTuple):
    """The beat to move; once a click has moved it, the next one chooses another."""

    sample: int
    awaits_place: bool


def switch_correcting() -> bool:
    """Draw the switch, and return whether a click on the paper corrects a beat rather than opens it."""
    st.session_state[_SWITCH_KEY] = is_switched_on()
    return st.toggle("Correct beats", key=_SWITCH_KEY, on_change=_take_switch)


def _take_switch() -> None:
    _forget_choice()
    switch_on(st.session_state[_SWITCH_KEY])


def draw_tools(reading: BeatReading) -> None:
    """Draw the rows above the paper: the tools, and the corrections so far."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.segmented_control(
            "Correction tool",
            tuple(INSTRUCTIONS),
            default=_ADD,
            required=True,
            key=_TOOL_KEY,
            on_change=_forget_choice,
            label_visibility="collapsed",
        )
        _offer_undoing(reading)
    _draw_instruction(reading)


def _offer_undoing(reading: BeatReading) -> None:
    count = len(reading.corrections)
    go_button("Undo", count > 0, _take_back, reading, undo, shortcut="Ctrl+Z")
    go_button("Undo all", count > 0, _take_back, reading, undo_all)
    with st.popover(f"{count} correction{'' if count == 1 else 's'}", disabled=not count):
        _list_corrections(reading)


def _take_back(reading: BeatReading, undo_some: Callable[[BeatReading], None]) -> None:
    _forget_choice()
    undo_some(reading)


def _draw_instruction(reading: BeatReading) -> None:
    """Draw one line whatever its text, so that the paper below does not move."""
    chosen, refused = _chosen(reading), refusal()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":orange[:material/block: {refused}]" if refused else _instruction(reading, chosen))
        if st.session_state[_TOOL_KEY] == _MOVE:
            _offer_nudges(reading, None if chosen is None else chosen.sample)


def _offer_nudges(reading: BeatReading, sample: int | None) -> None:
    """Draw buttons that move the beat by whole samples of about ``_NUDGE_S``."""
    rate = reading.record.sampling_rate
    steps = max(1, round(_NUDGE_S * rate))
    by = f"{1000 * steps / rate:.0f} ms"
    for label, by_samples, shortcut in ((f"{by} earlier", -steps, "Ctrl+Left"), (f"{by} later", steps, "Ctrl+Right")):
        go_button(label, sample is not None, _nudge, reading, sample, by_samples, shortcut=shortcut)


def _instruction(reading: BeatReading, chosen: _Chosen | None) -> str:
    if chosen is None:
        return INSTRUCTIONS[st.session_state[_TOOL_KEY]]
    return chosen_beat_sentence(chosen.sample / reading.record.sampling_rate, chosen.awaits_place)


def _list_corrections(reading: BeatReading) -> None:
    record, corrections = reading.record, reading.corrections
    places_s = [
        (correction.sample if correction.to is None else correction.to) / record.sampling_rate
        for correction in corrections
    ]
    table = pd.DataFrame(
        {
            "correction": [_DONE[correction.kind] for correction in corrections],
            "at (s)": places_s,
            "from (s)": [
                None if correction.to is None else correction.sample / record.sampling_rate
                for correction in corrections
            ],
        }
    )
    # A line that was ticked is no longer ticked once the corrections are others.
    key = f"corrections {record.digest} {reading.lead} {reading.detector} {hash(corrections)}"

    def show_chosen() -> None:
        rows = st.session_state[key].selection.rows
        if rows:
            show_around(record, places_s[rows[0]])

    seconds = st.column_config.NumberColumn(format="%.3f")
    st.dataframe(
        table,
        hide_index=True,
        on_select=show_chosen,
        selection_mode="single-row",
        key=key,
        column_config={"at (s)": seconds, "from (s)": seconds},
    )
    st.caption(CORRECTIONS_HELP)


def chosen_beat_s(reading: BeatReading) -> float | None:
    """Return the seconds of the beat that was clicked to be moved."""
    chosen = _chosen(reading)
    return None if chosen is None else chosen.sample / reading.record.sampling_rate


def n_clicks() -> int:
    """Return how many clicks on the paper were answered in this session."""
    return st.session_state.get("clicks", 0)


def take_click(reading: BeatReading, place_s: float) -> None:
    """Correct the beats by a click at this second of the record."""
    st.session_state.clicks = n_clicks() + 1
    sample = round(place_s * reading.record.sampling_rate)
    with refusals_kept():
        _ON_CLICK[st.session_state[_TOOL_KEY]](reading, sample)


def _add(reading: BeatReading, sample: int) -> None:
    correct(reading, (*reading.corrections, Correction("add", _r_peak(reading, sample))))


def _delete(reading: BeatReading, sample: int) -> None:
    correct(reading, (*reading.corrections, Correction("delete", _beat(reading, sample))))


def _choose_or_move(reading: BeatReading, sample: int) -> None:
    chosen = _chosen(reading)
    if chosen is not None and chosen.awaits_place:
        _move(reading, chosen.sample, _r_peak(reading, sample))
    else:
        st.session_state.beat_to_move = _Chosen(_beat(reading, sample), awaits_place=True)


_ON_CLICK = {_ADD: _add, _DELETE: _delete, _MOVE: _choose_or_move}


def _nudge(reading: BeatReading, sample: int, by_samples: int) -> None:
    with refusals_kept():
        _move(reading, sample, sample + by_samples)


def _move(reading: BeatReading, sample: int, to: int) -> None:
    if to != sample:
        correct(reading, move_beat(reading.corrections, sample, to))
    st.session_state.beat_to_move = _Chosen(to, awaits_place=False)


def _r_peak(reading: BeatReading, sample: int) -> int:
    return find_r_peak_near(reading.record, workbench.found(reading), sample)


def _beat(reading: BeatReading, sample: int) -> int:
    return find_beat_near(workbench.found(reading), reading.record, sample)


def _chosen(reading: BeatReading) -> _Chosen | None:
    """Return the beat to move, if it still exists."""
    chosen = st.session_state.get("beat_to_move")
    return chosen if chosen is not None and chosen.sample in workbench.found(reading).r_peaks else None


def _forget_choice() -> None:
    st.session_state.pop("beat_to_move", None)
