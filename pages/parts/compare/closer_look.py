"""One of the compared techniques in detail: its description, its stability and the way to the screen of its kind."""

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
from pages.parts.compare import compare_text
from pages.parts.compare.compared_window import ComparedWindow
from pages.parts.compare.comparison_choice import Comparison
from pages.parts.explanation.explanation_choice import show_progress
from pages.parts.explanation.lost_score import lost_line

__all__ = ["choose_row", "known_stabilities", "show_closer_look"]

_BadgeColour = Literal["green", "orange", "red"]
_BADGES: Mapping[str, tuple[_BadgeColour, str]] = dict(
    zip(
        VERDICTS,
        (("green", ":material/check_circle:"), ("orange", ":material/warning:"), ("red", ":material/block:")),
        strict=True,
    )
)

_WINDOW_VARIATIONS = {"shift": "Beat shifted", "noise": "Noise"}
"""Variations of the window; a variation of the technique has the name of its parameter."""

_REQUESTED = "stability requested"


def choose_row(comparison: Comparison) -> str:
    """Return the technique whose row is framed: the chosen one, else the first."""
    selected = url_state.chosen("row")
    return selected if selected in comparison.techniques else comparison.techniques[0]


def show_closer_look(window: ComparedWindow, comparison: Comparison, compared: Mapping[str, ComparedTechnique]) -> None:
    """Draw the chosen technique's description, its stability on request, and the way to the screen of its kind."""
    request = comparison.request(window, choose_row(comparison))
    description = TECHNIQUES[request.technique].sentence_for(kind_of(window.bundle))
    technique = ask_option(
        "Technique details",
        "row",
        comparison.techniques,
        choose_row(comparison),
        format_func=lambda name: TECHNIQUES[name].label,
        help=f"{description} {lost_line(*request)}".rstrip(),
    )
    if st.button(compare_text.open_label(screen_kind(window.bundle.kind).screen), icon=":material/open_in_full:"):
        _open(window, comparison, technique)
    if technique in compared:
        _show_stability(window, comparison, technique)


def known_stabilities(window: ComparedWindow, comparison: Comparison) -> dict[str, Stability]:
    """Return the stability of the compared techniques for which it is cached."""
    requests = [comparison.request(window, technique) for technique in comparison.techniques]
    return {
        request.technique: workbench.stability_of(*request)
        for request in requests
        if workbench.is_stability_known(*request)
    }


def _show_stability(window: ComparedWindow, comparison: Comparison, technique: str) -> None:
    """Draw the stability if it is known, else a button to check it."""
    request = comparison.request(window, technique)
    if workbench.is_stability_known(*request):
        st.markdown(compare_text.STABILITY_TITLE, help=compare_text.STABILITY_HELP)
        _show_verdict(window, technique, workbench.stability_of(*request))
        return
    # Any other choice during the computation stops it.
    is_requested = st.session_state.pop(_REQUESTED, None) == technique
    st.button(
        compare_text.CHECK_STABILITY,
        icon=":material/balance:",
        on_click=_request_stability,
        args=(technique,),
        disabled=is_requested,
        help=compare_text.STABILITY_HELP,
    )
    room = st.empty()
    if not is_requested:
        return
    workbench.stability_of(*request, show_progress(room, compare_text.CHECKING, _stop))
    st.rerun()


def _request_stability(technique: str) -> None:
    st.session_state[_REQUESTED] = technique


def _stop() -> None:
    st.session_state.pop(_REQUESTED, None)


def _show_verdict(window: ComparedWindow, technique: str, stability: Stability) -> None:
    colour, icon = _BADGES[stability.verdict]
    st.badge(VERDICT_LABELS[stability.verdict].capitalize(), icon=icon, color=colour)
    # The badge already holds the verdict.
    reasons = stability.sentence.partition(": ")[2]
    st.markdown(f"{reasons[:1].upper()}{reasons[1:]}")
    if stability.correlations:
        st.dataframe(_table(window, technique, stability), hide_index=True, width="stretch")


def _table(window: ComparedWindow, technique: str, stability: Stability) -> pd.DataFrame:
    """Return the lowest and the mean correlation of each variation."""
    labels = {parameter.name: parameter.label for parameter in list_parameters(technique, window.bundle)}
    labels |= {"width": labels.get("width_steps", ""), **_WINDOW_VARIATIONS}
    return pd.DataFrame(
        {
            "variation": [labels[kind] for kind in stability.correlations],
            "runs": [len(runs) for runs in stability.correlations.values()],
            "lowest": [format_decimal(min(runs)) for runs in stability.correlations.values()],
            "mean": [format_decimal(sum(runs) / len(runs)) for runs in stability.correlations.values()],
        }
    )


def _open(window: ComparedWindow, comparison: Comparison, technique: str) -> None:
    """Go to the screen of the window's kind with this technique, class and baseline value."""
    bundle = window.bundle
    usual = {parameter.name: parameter.default for parameter in list_parameters(technique, bundle)}
    parameters = comparison.parameters(technique, bundle)
    url_state.choose(technique=technique, target=None if comparison.target == window.predicted else comparison.target)
    url_state.choose_parameters({name: value for name, value in parameters.items() if value != usual[name]})
    screens = screen_kind(bundle.kind)
    if comparison.source is not None:
        screens.open_source(comparison.source)
    st.switch_page(screens.page)
