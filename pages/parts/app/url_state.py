"""What is chosen, kept for the session and told in the page's address.

Screens that read the same kind of thing, beats, alarms or stays, share their choices; the others have their own, as has
the screen of evidence, which reads none.
"""

import re

import streamlit as st

from backend.workbench import Reading
from pages.parts.app.screen_kinds import screen_kind, screen_kinds

__all__ = [
    "choose",
    "choose_parameters",
    "chosen",
    "chosen_parameters",
    "compare",
    "compared_kind",
    "forget_mismatches",
    "mismatch",
    "restore",
    "seek_beat",
    "show_mismatch",
    "show_mismatches",
    "sought_beat",
    "write",
    "write_all",
    "write_comparison",
]

_EVIDENCE = "evidence"
_EVIDENCE_NAMES = ("model", "fill", "class", "techniques")
"""The choices that an address may hold on the Evidence screen, which reads no record."""

_OF_COMPARISON = ("techniques", "row", "fill", "source")
"""What it may tell besides of a comparison; ``technique``, one alone, and its parameters are of the other screens."""

_COMPARED = "what"

_PARAMETER = "p_"
_LONGEST = 160

_MARKDOWN = re.compile(r"[\\`*_{}\[\]()<>#!|~$:]")
"""What would make a link, a picture or a heading of a sentence."""


def restore(kind: str) -> None:
    """Take up the choices of a kind of screen; at first those in the address, and whoever uses one checks it."""
    if st.session_state.get("kind") != kind:
        st.session_state.kind = kind
        forget_mismatches()
    if kind not in st.session_state.setdefault("choices", {}):
        st.session_state.choices[kind] = {
            name: value
            for name, value in st.query_params.items()
            if (name in (*_link_names(kind), *_OF_COMPARISON) or name.startswith(_PARAMETER)) and len(value) <= _LONGEST
        }


def _link_names(kind: str) -> tuple[str, ...]:
    """The choices that an address may hold on the screens of a kind of window, or on the Evidence screen."""
    return _EVIDENCE_NAMES if kind == _EVIDENCE else screen_kind(kind).link_names


def _choices() -> dict[str, str]:
    return st.session_state.choices[st.session_state.kind]


def chosen(name: str) -> str | None:
    """One choice, or None."""
    return _choices().get(name)


def choose(**values: object) -> None:
    """Change choices; None forgets one."""
    if "beat" in values:
        st.session_state.pop("beat_sought", None)
    for name, value in values.items():
        if value is None:
            _choices().pop(name, None)
        else:
            _choices()[name] = str(value)


def seek_beat(r_peak: int) -> None:
    """Choose the beat nearest to this sample of the record, whichever number it has once the beats are found."""
    choose(beat=None, target=None)
    st.session_state.beat_sought = r_peak


def sought_beat() -> int | None:
    """The sample whose nearest beat is chosen, as long as no number is."""
    return st.session_state.get("beat_sought")


def chosen_parameters() -> dict[str, str]:
    """The chosen technique's parameters by name, as text."""
    return {name.removeprefix(_PARAMETER): value for name, value in _choices().items() if name.startswith(_PARAMETER)}


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
        show_mismatch(sentence)


def show_mismatch(sentence: str) -> None:
    """Show one such sentence as plain text: it quotes the address, which anyone may have written."""
    st.warning(_MARKDOWN.sub(r"\\\g<0>", sentence), icon=":material/link_off:")


def write(reading: Reading | None) -> None:
    """Tell the choices in the address, so that it reopens this view.

    Nothing is told without a reading or of an upload, and neither a beat nor what is explained of it while a person's
    changes count: where the address is opened they do not.
    """
    _tell({name: value for name, value in _told(reading).items() if name not in _OF_COMPARISON})


def write_comparison(reading: Reading) -> None:
    """Tell the choices of a comparison in the address; as ``write`` does."""
    told = {name: value for name, value in _told(reading).items() if _is_of_comparison(name)}
    _tell({_COMPARED: st.session_state.kind, **told} if told else {})


def write_all() -> None:
    """Tell all choices in the address: of a screen that reads no record, so that nothing of a person is in them."""
    names = _link_names(st.session_state.kind)
    _tell({name: value for name, value in _choices().items() if name in names})


def compared_kind() -> str:
    """The kind of window that is compared: that of the last screen, else what the address names, else the first."""
    candidates: tuple[str | None, ...] = (st.session_state.get("kind"), st.query_params.get(_COMPARED))
    known = screen_kinds()
    return next((kind for kind in candidates if kind is not None and kind in known), next(iter(known)))


def compare(kind: str) -> None:
    """Compare another kind of thing: what the address tells of the last one is not of this one."""
    st.session_state.kind = kind
    forget_mismatches()
    st.query_params.clear()


def _is_of_comparison(name: str) -> bool:
    return name != "technique" and not name.startswith(_PARAMETER)


def _told(reading: Reading | None) -> dict[str, str]:
    told = dict(_choices()) if reading is not None and reading.is_sample else {}
    if reading is not None and reading.changes:
        of_window = (screen_kind(st.session_state.kind).kind.number_option, "target")
        told = {name: value for name, value in told.items() if name not in of_window}
    return told


def _tell(told: dict[str, str]) -> None:
    if st.query_params.to_dict() != told:
        st.query_params.from_dict(told)
