"""The choices of a person, kept for the session and written to the page's address.

Screens of the same kind of window share their choices; the Evidence screen, which reads no record, has its own.
"""

import streamlit as st

from backend.workbench import Reading
from pages.parts.app.plain_text import as_plain
from pages.parts.app.screen_kinds import screen_kind, screen_kinds

__all__ = [
    "choose",
    "choose_for",
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

_COMPARISON_NAMES = ("techniques", "row", "fill", "source")
"""Further choices of a comparison; ``technique`` and its parameters belong to the other screens."""

_COMPARED = "what"

_PARAMETER = "p_"
_LONGEST = 160


def restore(kind: str) -> None:
    """Restore the choices of a kind of screen, at first from the address; parts check what they read."""
    if st.session_state.get("kind") != kind:
        st.session_state.kind = kind
        forget_mismatches()
    if kind not in st.session_state.setdefault("choices", {}):
        st.session_state.choices[kind] = {
            name: value
            for name, value in st.query_params.items()
            if (name in (*_link_names(kind), *_COMPARISON_NAMES) or name.startswith(_PARAMETER))
            and len(value) <= _LONGEST
        }


def _link_names(kind: str) -> tuple[str, ...]:
    """The choices that an address may hold on the screens of a kind of window, or on the Evidence screen."""
    return _EVIDENCE_NAMES if kind == _EVIDENCE else screen_kind(kind).link_names


def _choices() -> dict[str, str]:
    return st.session_state.choices[st.session_state.kind]


def chosen(name: str) -> str | None:
    """Return one choice, or None."""
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


def choose_for(kind: str, **values: str) -> None:
    """Choose on the screens of another kind, where all but the model is chosen again."""
    known = st.session_state.setdefault("choices", {}).get(kind, {})
    kept = {name: value for name, value in known.items() if name == "model"}
    st.session_state.choices[kind] = kept | values


def seek_beat(r_peak: int) -> None:
    """Choose the beat nearest to this sample of the record, whatever its number once beats are detected."""
    choose(beat=None, target=None)
    st.session_state.beat_sought = r_peak


def sought_beat() -> int | None:
    """Return the sample whose nearest beat is chosen, unless a number is."""
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
    """Keep a sentence on a choice in the address that cannot be met; it is shown until the person chooses."""
    st.session_state.mismatches.append(sentence)


def forget_mismatches() -> None:
    """Forget the choices in the address that could not be met, once the person has chosen."""
    st.session_state.mismatches = []


def show_mismatches() -> None:
    """Show which choices in the address could not be met."""
    for sentence in st.session_state.mismatches:
        show_mismatch(sentence)


def show_mismatch(sentence: str) -> None:
    """Show one such sentence as plain text, since it quotes an address that anyone may have written."""
    st.warning(as_plain(sentence), icon=":material/link_off:")


def write(reading: Reading | None) -> None:
    """Write the choices to the address, so that it reopens this view.

    Nothing is written without a reading or for an upload; neither window nor target is written while a person's changes
    apply, since the address does not hold the changes.
    """
    _write({name: value for name, value in _shareable(reading).items() if name not in _COMPARISON_NAMES})


def write_comparison(reading: Reading) -> None:
    """Write the choices of a comparison to the address, as ``write`` does."""
    choices = {name: value for name, value in _shareable(reading).items() if _belongs_to_comparison(name)}
    _write({_COMPARED: st.session_state.kind, **choices} if choices else {})


def write_all() -> None:
    """Write all choices to the address, for a screen that reads no record and so holds no personal data."""
    names = _link_names(st.session_state.kind)
    _write({name: value for name, value in _choices().items() if name in names})


def compared_kind() -> str:
    """Return the compared kind of window: that of the last screen, else that of the address, else the first."""
    candidates: tuple[str | None, ...] = (st.session_state.get("kind"), st.query_params.get(_COMPARED))
    known = screen_kinds()
    return next((kind for kind in candidates if kind is not None and kind in known), next(iter(known)))


def compare(kind: str) -> None:
    """Compare another kind of window; the address of the last kind is cleared."""
    st.session_state.kind = kind
    forget_mismatches()
    st.query_params.clear()


def _belongs_to_comparison(name: str) -> bool:
    return name != "technique" and not name.startswith(_PARAMETER)


def _shareable(reading: Reading | None) -> dict[str, str]:
    choices = dict(_choices()) if reading is not None and reading.is_sample else {}
    if reading is not None and reading.changes:
        of_window = (screen_kind(st.session_state.kind).kind.number_option, "target")
        choices = {name: value for name, value in choices.items() if name not in of_window}
    return choices


def _write(choices: dict[str, str]) -> None:
    if st.query_params.to_dict() != choices:
        st.query_params.from_dict(choices)
