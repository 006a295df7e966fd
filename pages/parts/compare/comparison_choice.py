"""The choices of a comparison: techniques, target class, baseline value and variable."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import streamlit as st

from backend.explain.api import DEFAULT_TECHNIQUE, TECHNIQUES, default_baseline, list_parameters
from backend.explain.parameters import Value, join_choices
from backend.models.bundle import Bundle
from backend.workbench import Reading
from pages.parts.app import url_state
from pages.parts.app.frame import require_frame
from pages.parts.app.screen_kinds import screen_kinds
from pages.parts.app.widgets import SEPARATOR, ask_option, ask_several
from pages.parts.compare import compare_text
from pages.parts.compare.compared_window import ComparedWindow
from pages.parts.explanation.explanation_choice import choose_target, warn

__all__ = ["Comparison", "Request", "choose_comparison", "choose_kind", "remove_technique"]

_USUAL = ("occlusion", "mask", "derivative", "integrated_gradients", "relevance", "random")
_TOGETHER = ""
_KIND_KEY = "ask what"


@dataclass(frozen=True)
class Comparison:
    """The choices of a comparison.

    Attributes
    ----------
    techniques : tuple of str
        In the order in which they are offered.
    target : str
        The class that they explain.
    fill : one of FILLS
        The baseline value of every technique that deletes, and of the measured faithfulness.
    source : str or None
        The lead, sensor or variable whose salience is drawn; None for the greatest of several.
    """

    techniques: tuple[str, ...]
    target: str
    fill: Value
    source: str | None

    def parameters(self, technique: str, bundle: Bundle) -> dict[str, Value]:
        """Return the parameters of a technique that differ from its defaults."""
        return {"fill": self.fill} if self.fill in _fills(technique, bundle) else {}

    def request(self, window: ComparedWindow, technique: str) -> "Request":
        """Return the explanation of a window by one technique, as the workbench takes it."""
        parameters = self.parameters(technique, window.bundle)
        return Request(window.reading, window.number, technique, self.target, parameters)


class Request(NamedTuple):
    """The arguments of an explanation, in the order of the workbench's functions."""

    reading: Reading
    number: int
    technique: str
    target: str
    parameters: Mapping[str, Value]


def choose_kind() -> str:
    """Draw the switch between the kinds of windows at the top of the sidebar."""
    require_frame()
    st.session_state[_KIND_KEY] = url_state.compared_kind()
    with st.sidebar:
        kind = st.segmented_control(
            "Compared window",
            list(screen_kinds()),
            key=_KIND_KEY,
            required=True,
            format_func=lambda name: screen_kinds()[name].title,
            on_change=lambda: url_state.compare(st.session_state[_KIND_KEY]),
        )
    return url_state.compared_kind() if kind is None else kind


def choose_comparison(window: ComparedWindow) -> Comparison:
    """Draw the choices in a row and return them."""
    bundle = window.bundle
    techniques_column, target_column, fill_column, source_column = st.columns(
        [0.9, 1.45, 0.85, 0.95], vertical_alignment="bottom"
    )
    with techniques_column:
        techniques = _choose_techniques()
    with target_column:
        target = choose_target(window.reading, window.predicted)
    with fill_column:
        fill = _choose_fill(bundle)
    with source_column:
        source = _choose_source(window)
    return Comparison(techniques, target, fill, source)


def _choose_techniques() -> tuple[str, ...]:
    current = _chosen_techniques()
    with st.popover(compare_text.count_techniques(len(current)), icon=":material/stacks:", width="stretch"):
        ask_several(
            "Techniques", "techniques", list(TECHNIQUES), current, format_func=lambda name: TECHNIQUES[name].label
        )
    if not current:
        st.info(compare_text.CHOOSE_TECHNIQUE, icon=":material/arrow_upward:")
        st.stop()
    return tuple(current)


def _chosen_techniques() -> list[str]:
    """Return the chosen techniques in the order in which they are offered; empty if the person has chosen none."""
    linked = url_state.chosen("techniques")
    named = _USUAL if linked is None else tuple(name for name in linked.split(SEPARATOR) if name)
    unknown = [name for name in named if name not in TECHNIQUES]
    if unknown and linked is not None:
        warn(compare_text.unknown_techniques(unknown))
        named = tuple(name for name in named if name in TECHNIQUES) or _USUAL
        url_state.choose(techniques=SEPARATOR.join(named))
    return [name for name in TECHNIQUES if name in named]


def remove_technique(technique: str) -> None:
    """Compare without this technique from now on."""
    url_state.forget_mismatches()
    url_state.choose(techniques=SEPARATOR.join(name for name in _chosen_techniques() if name != technique))


def _choose_fill(bundle: Bundle) -> Value:
    offered = {join_choices((fill,)): fill for fill in _fills(DEFAULT_TECHNIQUE, bundle)}
    usual = next(name for name, fill in offered.items() if fill == default_baseline(bundle))
    selected = url_state.chosen("fill") or usual
    if selected not in offered:
        warn(compare_text.unknown_baseline(selected, usual))
        selected = usual
        url_state.choose(fill=None)
    return offered[ask_option("Baseline value", "fill", list(offered), selected)]


def _fills(technique: str, bundle: Bundle) -> tuple[Value, ...]:
    """Return the baseline values that a technique offers; empty if it deletes nothing."""
    return next((parameter.choices for parameter in list_parameters(technique, bundle) if parameter.name == "fill"), ())


def _choose_source(window: ComparedWindow) -> str | None:
    """The source whose salience is drawn; None for the greatest of several."""
    if len(window.names) == 1:
        return None
    selected = url_state.chosen("source") or _TOGETHER
    if selected != _TOGETHER and selected not in window.names:
        warn(compare_text.unknown_source(selected))
        selected = _TOGETHER
        url_state.choose(source=None)
    shown = {_TOGETHER: f"all {window.word}", **window.names}
    return ask_option("Shown variable", "source", list(shown), selected, format_func=shown.__getitem__) or None
