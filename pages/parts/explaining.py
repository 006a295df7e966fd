"""Choosing a technique with its parameters and the class to explain, and running it with a sign of life."""

from dataclasses import dataclass

import streamlit as st

from backend import workbench
from backend.explain.parameters import Parameter
from backend.explain.salience import Salience
from backend.explain.techniques import DEFAULT_TECHNIQUE, TECHNIQUES, read_parameters
from backend.models.classification import ClassifiedBeats
from backend.records.record import RecordRefused
from pages.parts import link
from pages.parts.choosing import Selection

__all__ = ["Wanted", "choose_explanation", "explained"]


@dataclass(frozen=True)
class Wanted:
    """The explanation that is asked for."""

    technique: str
    target: str
    parameters: dict[str, object]


def choose_explanation(selection: Selection, beats: ClassifiedBeats, number: int) -> Wanted:
    """Draw the choices and return them."""
    technique = _choose_technique()
    st.caption(TECHNIQUES[technique].sentence)
    target = _choose_target(selection, beats.scores.labels[number])
    with st.popover("Parameters", icon=":material/tune:", width="stretch"):
        parameters = _choose_parameters(technique)
    return Wanted(technique, target, parameters)


def _choose_technique() -> str:
    names = list(TECHNIQUES)
    wanted = link.chosen("technique")
    if wanted is not None and wanted not in names:
        st.warning(f"The link names a technique {wanted!r} that is not here; {DEFAULT_TECHNIQUE} is used instead.")
        wanted = None
    wanted = wanted or DEFAULT_TECHNIQUE
    picked = st.selectbox(
        "Technique", names, index=names.index(wanted), format_func=lambda name: TECHNIQUES[name].label
    )
    if picked != wanted:
        link.choose_parameters({})
    link.choose(technique=picked)
    return picked


def _choose_target(selection: Selection, predicted: str) -> str:
    classes = workbench.model(selection.model).classes
    wanted = link.chosen("target") or predicted
    if wanted not in classes:
        st.warning(f"The link names a class {wanted!r} that this model does not know.")
        wanted = predicted
    picked = st.selectbox(
        "Explain the class",
        classes,
        index=classes.index(wanted),
        format_func=lambda name: f"{name} (the model's choice)" if name == predicted else name,
    )
    link.choose(target=None if picked == predicted else picked)
    return picked


def _choose_parameters(technique: str) -> dict[str, object]:
    given = link.chosen_parameters()
    try:
        current = read_parameters(technique, given).values()
    except RecordRefused as refusal:
        st.warning(f"{refusal} The defaults are used.")
        current = read_parameters(technique, {}).values()
    described = TECHNIQUES[technique].parameters.described()
    picked = {parameter.name: _ask(parameter, current[parameter.name]) for parameter in described}
    link.choose_parameters({p.name: picked[p.name] for p in described if picked[p.name] != p.default})
    return picked


def _ask(parameter: Parameter, current: object) -> object:
    label = f"{parameter.label} ({parameter.unit})" if parameter.unit else parameter.label
    if parameter.choices:
        return st.selectbox(label, parameter.choices, index=parameter.choices.index(current))
    whole = isinstance(parameter.default, int)
    kind = int if whole else float
    return st.number_input(
        label,
        kind(parameter.least),
        kind(parameter.most),
        kind(current),
        step=1 if whole else None,
        format=None if whole else "%.4f",
    )


def explained(selection: Selection, number: int, wanted: Wanted) -> Salience:
    """The explanation, at once where it is kept; else with progress, and a way to stop it."""
    asked = (selection.record, selection.model, selection.lead, number, wanted.technique, wanted.target)
    if workbench.is_explained(*asked, wanted.parameters):
        return workbench.explanation(*asked, wanted.parameters)
    with st.container(horizontal=True, vertical_alignment="center"):
        bar = st.progress(0.0, f"{TECHNIQUES[wanted.technique].label} …")
        stop = st.empty()
        if wanted.technique != DEFAULT_TECHNIQUE:
            stop.button("Stop", on_click=_back_to_default)

    def told(step: int, steps: int) -> None:
        if step % max(1, steps // 50) == 0:
            bar.progress(step / steps, f"{TECHNIQUES[wanted.technique].label}: {step} of {steps}")

    salience = workbench.explanation(*asked, wanted.parameters, told)
    bar.empty()
    stop.empty()
    return salience


def _back_to_default() -> None:
    link.choose(technique=DEFAULT_TECHNIQUE)
    link.choose_parameters({})
