"""The choice of evidence in the sidebar: model, baseline value, class and techniques."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from backend import workbench
from backend.charts.style.technique_styles import technique_style
from backend.cohort.evidence import ALL, AROUND_R, Evidence
from backend.cohort.findings import RANDOM, list_techniques
from backend.records.record import RecordRefused
from pages.parts.app import url_state
from pages.parts.app.frame import require_frame
from pages.parts.app.widgets import SEPARATOR, ask_option, ask_several
from pages.parts.evidence import evidence_text
from pages.parts.sidebar.record_choice import choose_model

__all__ = ["EvidenceChoice", "choose_evidence", "choose_evidence_model", "read_evidence_of"]

_NOUNS = {"fill": "baseline value"}
_USUAL = ("occlusion", "mask", "derivative", "integrated_gradients", "relevance", "fade")
"""One technique of each approach, and no more lines in a chart than can be distinguished."""


@dataclass(frozen=True, eq=False)
class EvidenceChoice:
    """The chosen part of a model's evidence.

    Attributes
    ----------
    model : str
    evidence : Evidence
    fill : str
        The baseline value.
    class_name : str
        A class, or ALL.
    techniques : tuple of str
        The drawn techniques.
    """

    model: str
    evidence: Evidence
    fill: str
    class_name: str
    techniques: tuple[str, ...]

    @property
    def with_controls(self) -> tuple[str, ...]:
        """The techniques, and the two controls after them."""
        return *self.techniques, RANDOM, AROUND_R


def choose_evidence_model() -> str:
    """Draw the choice of one of all models at the top of the sidebar."""
    require_frame()
    url_state.restore("evidence")
    with st.sidebar:
        return choose_model(None, lambda last: url_state.choose(fill=None, techniques=None, **{"class": None}))


def read_evidence_of(model: str) -> Evidence | None:
    """Return a model's evidence, or None; ends the run with a message if it cannot be read."""
    try:
        return workbench.evidence(model)
    except RecordRefused as refusal:
        st.error(str(refusal), icon=":material/block:")
        st.stop()


def choose_evidence(model: str, evidence: Evidence | None) -> EvidenceChoice | None:
    """Draw the other choices and return them; None without evidence."""
    if evidence is None:
        return None
    with st.sidebar:
        fills = tuple(dict.fromkeys(evidence.measures.fill))
        fill = _choose("Baseline value (k)", "fill", fills, format_func=evidence_text.baseline_label)
        classes = tuple(dict.fromkeys(evidence.measures["class"]))
        class_name = _choose("Class", "class", classes, format_func=lambda name: "all" if name == ALL else name)
        return EvidenceChoice(model, evidence, fill, class_name, _choose_techniques(list_techniques(evidence)))


def _choose(label: str, name: str, options: Sequence[str], **looks: Any) -> str:
    selected = url_state.chosen(name)
    if selected is None or selected not in options:
        if selected is not None:
            url_state.mismatch(evidence_text.not_measured(_NOUNS.get(name, name), selected, options[0]))
        selected = options[0]
        url_state.choose(**{name: selected})
    return ask_option(label, name, options, selected, **looks)


def _choose_techniques(measured: Sequence[str]) -> tuple[str, ...]:
    linked = [name for name in (url_state.chosen("techniques") or "").split(SEPARATOR) if name]
    unknown = [name for name in linked if name not in measured]
    if unknown:
        url_state.mismatch(evidence_text.unknown_techniques(unknown))
    selected = [name for name in measured if name in linked] or [name for name in measured if name in _USUAL]
    url_state.choose(techniques=SEPARATOR.join(selected))
    picked = ask_several(
        "Techniques",
        "techniques",
        measured,
        selected,
        format_func=lambda name: technique_style(name).label,
        help=evidence_text.CONTROLS_HELP,
    )
    return tuple(name for name in measured if name in picked)
