"""What is chosen, kept for the session and told in the page's address."""

import streamlit as st

from backend.workbench import Reading

__all__ = [
    "choose",
    "choose_parameters",
    "chosen",
    "chosen_parameters",
    "forget_mismatches",
    "mismatch",
    "restore",
    "seek_beat",
    "show_mismatches",
    "sought_beat",
    "write",
]

_NAMES = ("record", "model", "lead", "detector", "beat", "technique", "target")
_OF_A_BEAT = ("beat", "target")
_PARAMETER = "p_"
_LONGEST = 80


def restore() -> None:
    """Take the choices from the address when the session begins; whoever uses one checks it."""
    if "choices" not in st.session_state:
        st.session_state.mismatches = []
        st.session_state.choices = {
            name: value
            for name, value in st.query_params.items()
            if (name in _NAMES or name.startswith(_PARAMETER)) and len(value) <= _LONGEST
        }


def chosen(name: str) -> str | None:
    """One choice, or None."""
    return st.session_state.choices.get(name)


def choose(**values: object) -> None:
    """Change choices; None forgets one."""
    if "beat" in values:
        st.session_state.pop("beat_sought", None)
    for name, value in values.items():
        if value is None:
            st.session_state.choices.pop(name, None)
        else:
            st.session_state.choices[name] = str(value)


def seek_beat(r_peak: int) -> None:
    """Choose the beat nearest to this sample of the record, whichever number it has once the beats are found."""
    choose(beat=None, target=None)
    st.session_state.beat_sought = r_peak


def sought_beat() -> int | None:
    """The sample whose nearest beat is chosen, as long as no number is."""
    return st.session_state.get("beat_sought")


def chosen_parameters() -> dict[str, str]:
    """The chosen technique's parameters by name, as text."""
    return {
        name.removeprefix(_PARAMETER): value
        for name, value in st.session_state.choices.items()
        if name.startswith(_PARAMETER)
    }


def choose_parameters(values: dict[str, object]) -> None:
    """Replace the technique's parameters."""
    for name in chosen_parameters():
        choose(**{_PARAMETER + name: None})
    choose(**{_PARAMETER + name: value for name, value in values.items()})


def mismatch(sentence: str) -> None:
    """Keep a sentence on what the address asked for in vain; it is shown until the person chooses something."""
    st.session_state.mismatches.append(sentence)


def forget_mismatches() -> None:
    """The person has chosen: what the address asked for no longer matters."""
    st.session_state.mismatches = []


def show_mismatches() -> None:
    """Show what the address asked for in vain."""
    for sentence in st.session_state.mismatches:
        st.warning(sentence, icon=":material/link_off:")


def write(reading: Reading | None) -> None:
    """Tell the choices in the address, so that it reopens this view.

    Nothing is told without a reading or of an upload, and no beat while beats are corrected: they have other numbers
    where the address is opened.
    """
    told = dict(st.session_state.choices) if reading is not None and reading.is_sample else {}
    if reading is not None and reading.corrections:
        told = {name: value for name, value in told.items() if name not in _OF_A_BEAT}
    if st.query_params.to_dict() != told:
        st.query_params.from_dict(told)
