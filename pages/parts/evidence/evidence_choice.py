"""Choosing in the side bar what evidence is looked at: model, class, techniques, what deleted values become."""

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
from pages.parts.sidebar.record_choice import choose_model

__all__ = ["EvidenceChoice", "choose_evidence", "choose_evidence_model", "fill_in_words", "read_evidence_of"]

_USUAL = ("occlusion", "mask", "derivative", "integrated_gradients", "relevance", "fade")
"""Of each way to explain something, and no more lines in one chart than can be told apart."""

_FILLS = {
    "mean": "the beat's own mean",
    "class mean": "the class's mean beat",
    "local mean": "a moving average",
}


@dataclass(frozen=True, eq=False)
class EvidenceChoice:
    """What is chosen of a model's evidence.

    Attributes
    ----------
    model : str
    evidence : Evidence
    fill : str
        What deleted values become.
    class_name : str
        A class, or ALL.
    techniques : tuple of str
        Those that are drawn.
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

    @property
    def named_right_in_words(self) -> str:
        """Those of them that the model names as the reference does."""
        return f"{self.beats_in_words}, as far as the model " + (
            "names them right" if self.class_name == ALL else "names them so"
        )

    @property
    def beats_in_words(self) -> str:
        """Which beats the figures of the chosen class are of."""
        return "all beats" if self.class_name == ALL else f"beats that the reference calls {self.class_name}"


def fill_in_words(fill: str) -> str:
    """What deleted values become, for a reader."""
    return _FILLS.get(fill, fill)


def choose_evidence_model() -> str:
    """Draw the choice of one of all models at the top of the side bar."""
    require_frame()
    url_state.restore("evidence")
    with st.sidebar:
        return choose_model(None, lambda last: url_state.choose(fill=None, techniques=None, **{"class": None}))


def read_evidence_of(model: str) -> Evidence | None:
    """The model's evidence, None where there is none; ends the run, with a sentence, where it cannot be read."""
    try:
        return workbench.evidence(model)
    except RecordRefused as refusal:
        st.error(str(refusal), icon=":material/block:")
        st.stop()


def choose_evidence(model: str, evidence: Evidence | None) -> EvidenceChoice | None:
    """Draw the other choices and return them; None where there is no evidence yet."""
    if evidence is None:
        return None
    with st.sidebar:
        fills = tuple(dict.fromkeys(evidence.measures.fill))
        fill = _choose("Deleted values become (k)", "fill", fills, format_func=fill_in_words)
        classes = tuple(dict.fromkeys(evidence.measures["class"]))
        class_name = _choose("Class", "class", classes, format_func=lambda name: "all" if name == ALL else name)
        return EvidenceChoice(model, evidence, fill, class_name, _choose_techniques(list_techniques(evidence)))


def _choose(label: str, name: str, options: Sequence[str], **looks: Any) -> str:
    wanted = url_state.chosen(name)
    if wanted is None or wanted not in options:
        if wanted is not None:
            url_state.mismatch(
                f"The link names a {name} {wanted!r} that was not measured; {options[0]} is shown instead."
            )
        wanted = options[0]
        url_state.choose(**{name: wanted})
    return ask_option(label, name, options, wanted, **looks)


def _choose_techniques(there: Sequence[str]) -> tuple[str, ...]:
    asked = [name for name in (url_state.chosen("techniques") or "").split(SEPARATOR) if name]
    unknown = [name for name in asked if name not in there]
    if unknown:
        url_state.mismatch(f"The link names techniques that were not measured: {', '.join(unknown)}.")
    wanted = [name for name in there if name in asked] or [name for name in there if name in _USUAL]
    url_state.choose(techniques=SEPARATOR.join(wanted))
    picked = ask_several(
        "Techniques in the charts",
        "techniques",
        there,
        wanted,
        format_func=lambda name: technique_style(name).label,
    )
    st.caption("The controls are always drawn: as much deleted at random, and as much around the R peak.")
    return tuple(name for name in there if name in picked)
