"""One of the compared techniques looked at closely: what it does, whether it can be relied on, and alone."""

from collections.abc import Mapping
from typing import Literal

import pandas as pd
import streamlit as st

from backend import workbench
from backend.charts.style.number_format import format_decimal
from backend.explain.api import TECHNIQUES, list_parameters
from backend.explain.quality.comparison import ComparedTechnique
from backend.explain.quality.stability import VERDICTS, Stability
from backend.explain.quality.verdict import VERDICT_LABELS
from backend.kinds.kind import kind_of
from pages.parts.app import url_state
from pages.parts.app.screen_kinds import screen_kind
from pages.parts.app.widgets import ask_option
from pages.parts.compare.compared_window import ComparedWindow
from pages.parts.compare.comparison_choice import Comparison
from pages.parts.explanation.explanation_choice import show_progress

__all__ = ["choose_row", "known_stabilities", "show_closer_look"]

_BadgeColour = Literal["green", "orange", "red"]
_LOOKS: Mapping[str, tuple[_BadgeColour, str]] = dict(
    zip(
        VERDICTS,
        (("green", ":material/check_circle:"), ("orange", ":material/warning:"), ("red", ":material/block:")),
        strict=True,
    )
)

_OF_THE_WINDOW = {"shift": "Beat moved to either side", "noise": "A little noise"}
"""What is varied of the window; what is varied of the technique has the name of its parameter."""

_QUESTION = "Can it be relied on here?"
_HOW = (
    "Explains it again with other parameters, with a little noise and, of a beat, moved a little to either side, and "
    "compares the pictures. A mask takes some seconds for it."
)
_WANTED = "stability wanted"


def choose_row(comparison: Comparison) -> str:
    """The technique whose row is framed: the chosen one, else the first."""
    wanted = url_state.chosen("row")
    return wanted if wanted in comparison.techniques else comparison.techniques[0]


def show_closer_look(window: ComparedWindow, comparison: Comparison, compared: Mapping[str, ComparedTechnique]) -> None:
    """The chosen technique in words, its stability once it is asked for, and the way to its own screen."""
    technique = ask_option(
        "Look closer at",
        "row",
        comparison.techniques,
        choose_row(comparison),
        format_func=lambda name: TECHNIQUES[name].label,
    )
    st.caption(TECHNIQUES[technique].sentence_for(kind_of(window.bundle)))
    if st.button(f"Open in the {screen_kind(window.bundle.kind).screen} screen", icon=":material/open_in_full:"):
        _open(window, comparison, technique)
    if technique in compared:
        _show_stability(window, comparison, technique)


def known_stabilities(window: ComparedWindow, comparison: Comparison) -> dict[str, Stability]:
    """The stability of those compared techniques for which it was asked."""
    requests = [comparison.request(window, technique) for technique in comparison.techniques]
    return {
        request.technique: workbench.stability_of(*request)
        for request in requests
        if workbench.is_stability_known(*request)
    }


def _show_stability(window: ComparedWindow, comparison: Comparison, technique: str) -> None:
    """Whether the explanation can be relied on, where that is known; else the way to find out."""
    request = comparison.request(window, technique)
    if workbench.is_stability_known(*request):
        st.markdown(f"**{_QUESTION}**")
        _tell(window, technique, workbench.stability_of(*request))
        return
    # Whatever else is chosen while it is worked out stops it.
    is_wanted = st.session_state.pop(_WANTED, None) == technique
    st.button(_QUESTION, icon=":material/balance:", on_click=_want, args=(technique,), disabled=is_wanted)
    room = st.empty()
    if not is_wanted:
        room.caption(_HOW)
        return
    workbench.stability_of(*request, show_progress(room, "Trying what should not matter", _stop))
    st.rerun()


def _want(technique: str) -> None:
    st.session_state[_WANTED] = technique


def _stop() -> None:
    st.session_state.pop(_WANTED, None)


def _tell(window: ComparedWindow, technique: str, found: Stability) -> None:
    colour, icon = _LOOKS[found.verdict]
    st.badge(VERDICT_LABELS[found.verdict].capitalize(), icon=icon, color=colour)
    # The verdict stands before it already.
    reasons = found.sentence.partition(": ")[2]
    st.markdown(f"{reasons[:1].upper()}{reasons[1:]}")
    if found.correlations:
        st.dataframe(_table(window, technique, found), hide_index=True, width="stretch")


def _table(window: ComparedWindow, technique: str, found: Stability) -> pd.DataFrame:
    """The least and the mean correlation of each kind of variation."""
    labels = {own.name: own.label for own in list_parameters(technique, window.bundle)}
    labels |= {"width": labels.get("width_steps", ""), **_OF_THE_WINDOW}
    return pd.DataFrame(
        {
            "varied": [labels[kind] for kind in found.correlations],
            "times": [len(own) for own in found.correlations.values()],
            "lowest": [format_decimal(min(own)) for own in found.correlations.values()],
            "mean": [format_decimal(sum(own) / len(own)) for own in found.correlations.values()],
        }
    )


def _open(window: ComparedWindow, comparison: Comparison, technique: str) -> None:
    """Go to the screen of the window's kind with this technique, class and what deleted values become."""
    bundle = window.bundle
    usual = {own.name: own.default for own in list_parameters(technique, bundle)}
    parameters = comparison.parameters(technique, bundle)
    url_state.choose(technique=technique, target=None if comparison.target == window.predicted else comparison.target)
    url_state.choose_parameters({name: value for name, value in parameters.items() if value != usual[name]})
    screens = screen_kind(bundle.kind)
    if comparison.source is not None:
        screens.open_source(comparison.source)
    st.switch_page(screens.page)
