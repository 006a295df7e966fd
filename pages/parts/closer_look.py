"""One of the compared techniques looked at closely: what it does, whether it can be relied on, and alone."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from backend import workbench
from backend.charts.agreement import correlation_in_words
from backend.explain.comparison import Compared
from backend.explain.stability import VERDICTS, Stability
from backend.explain.techniques import TECHNIQUES, offered_parameters
from pages.parts import link
from pages.parts.asking import ask_option
from pages.parts.compared_kinds import SCREENS
from pages.parts.compared_window import ComparedWindow
from pages.parts.comparing import Comparison
from pages.parts.explaining import show_progress

__all__ = ["choose_row", "known_stabilities", "show_closer_look"]

_LOOKS: Mapping[str, tuple[str, str]] = dict(
    zip(
        VERDICTS,
        (("green", ":material/check_circle:"), ("orange", ":material/warning:"), ("red", ":material/block:")),
        strict=True,
    )
)

_OF_THE_WINDOW = {"shift": "Beat moved to either side", "noise": "A little noise"}
"""What is varied of the window; what is varied of the technique has the name of its parameter."""

_HELP = (
    "Explains it again with other parameters, with a little noise, and for a beat moved by up to 5 samples, and "
    "compares the pictures. A learned mask takes several seconds for it."
)


def choose_row(comparison: Comparison) -> str:
    """The technique whose row is framed: the chosen one, else the first."""
    wanted = link.chosen("row")
    return wanted if wanted in comparison.techniques else comparison.techniques[0]


def show_closer_look(window: ComparedWindow, comparison: Comparison, compared: Mapping[str, Compared]) -> None:
    """The chosen technique in words, its stability once it is asked for, and the way to its own screen."""
    technique = ask_option(
        "Look closer at",
        "row",
        comparison.techniques,
        choose_row(comparison),
        format_func=lambda name: TECHNIQUES[name].label,
    )
    st.caption(TECHNIQUES[technique].sentence_for(window.bundle.kind))
    if technique in compared:
        _show_stability(window, comparison, technique)
    if st.button(f"Open in the {SCREENS[window.bundle.kind][0]} screen", icon=":material/open_in_full:"):
        _open(window, comparison, technique)


def known_stabilities(window: ComparedWindow, comparison: Comparison) -> dict[str, Stability]:
    """The stability of those compared techniques for which it was asked."""
    asked = {technique: _asked(window, comparison, technique) for technique in comparison.techniques}
    return {
        technique: workbench.stability_of(*own)
        for technique, own in asked.items()
        if workbench.is_stability_known(*own)
    }


def _asked(window: ComparedWindow, comparison: Comparison, technique: str) -> tuple[Any, ...]:
    parameters = comparison.parameters(technique, window.bundle)
    return window.reading, window.number, technique, comparison.target, parameters


def _show_stability(window: ComparedWindow, comparison: Comparison, technique: str) -> None:
    """Whether the explanation can be relied on, where that is known; else the way to find out."""
    asked = _asked(window, comparison, technique)
    asking, working = st.empty(), st.empty()
    if not workbench.is_stability_known(*asked):
        if not asking.button("Can it be relied on here?", icon=":material/balance:", help=_HELP):
            return
        asking.empty()
        workbench.stability_of(*asked, show_progress(working, "Trying what should not matter", _change_nothing))
    with working.container():
        _tell(window, technique, workbench.stability_of(*asked))


def _change_nothing() -> None:
    """To stop is enough: it is begun by a button, and not by what is chosen."""


def _tell(window: ComparedWindow, technique: str, found: Stability) -> None:
    colour, icon = _LOOKS[found.verdict]
    st.badge(found.verdict.capitalize(), icon=icon, color=colour)
    # The verdict stands before it already.
    reasons = found.sentence.partition(": ")[2]
    st.markdown(f"{reasons[:1].upper()}{reasons[1:]}")
    if found.correlations:
        st.dataframe(_table(window, technique, found), hide_index=True, width="stretch")


def _table(window: ComparedWindow, technique: str, found: Stability) -> pd.DataFrame:
    """The least and the mean correlation of each kind of variation."""
    labels = {own.name: own.label for own in offered_parameters(technique, window.bundle)}
    labels |= {"width": labels.get("width_steps", ""), **_OF_THE_WINDOW}
    return pd.DataFrame(
        {
            "varied": [labels[kind] for kind in found.correlations],
            "times": [len(own) for own in found.correlations.values()],
            "lowest": [correlation_in_words(min(own)) for own in found.correlations.values()],
            "mean": [correlation_in_words(sum(own) / len(own)) for own in found.correlations.values()],
        }
    )


def _open(window: ComparedWindow, comparison: Comparison, technique: str) -> None:
    """Go to the screen of the window's kind with this technique, class and what deleted values become."""
    bundle = window.bundle
    usual = {own.name: own.default for own in offered_parameters(technique, bundle)}
    asked = comparison.parameters(technique, bundle)
    link.choose(technique=technique, target=None if comparison.target == window.predicted else comparison.target)
    link.choose_parameters({name: value for name, value in asked.items() if value != usual[name]})
    if bundle.kind == "stay" and comparison.source is not None:
        link.choose(variable=comparison.source)
    st.switch_page(SCREENS[bundle.kind][1])
