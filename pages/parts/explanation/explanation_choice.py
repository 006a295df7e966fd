"""Choosing a technique with its parameters and the class to explain, and running it with a sign of life."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from backend import workbench
from backend.explain.api import DEFAULT_TECHNIQUE, TECHNIQUES, list_parameters, read_parameters
from backend.explain.parameters import Parameter
from backend.explain.salience import Salience
from backend.kinds.kind import kind_of
from backend.records.record import RecordRefused
from backend.workbench import Reading
from pages.parts.app import url_state
from pages.parts.app.widgets import ask_number, ask_option

__all__ = ["Wanted", "choose_explanation", "choose_target", "explained", "show_progress", "warn"]

_TIMES_TOLD = 50


@dataclass(frozen=True)
class Wanted:
    """The explanation that is asked for."""

    technique: str
    target: str
    parameters: dict[str, Any]


def choose_explanation(reading: Reading, number: int) -> Wanted:
    """Draw the choices for one window in a row and return them."""
    warnings = st.container()
    technique_column, target_column, parameters_column = st.columns([1, 1.25, 0.7], vertical_alignment="bottom")
    with technique_column:
        technique = _choose_technique()
    with target_column:
        target = choose_target(reading, workbench.classified(reading).scores.labels[number])
    with warnings:
        current = _current_parameters(reading, technique)
    with parameters_column, st.popover("Parameters", icon=":material/tune:", width="stretch"):
        parameters = _choose_parameters(reading, technique, current)
    return Wanted(technique, target, parameters)


def _choose_technique() -> str:
    wanted = url_state.chosen("technique")
    if wanted is None or wanted not in TECHNIQUES:
        if wanted is not None:
            warn(f"The link names a technique {wanted!r} that is not here; {DEFAULT_TECHNIQUE} is used instead.")
            url_state.choose_parameters({})
        wanted = DEFAULT_TECHNIQUE
        url_state.choose(technique=wanted)
    return ask_option(
        "Technique",
        "technique",
        list(TECHNIQUES),
        wanted,
        on_new=lambda: url_state.choose_parameters({}),
        format_func=lambda name: TECHNIQUES[name].label,
    )


def choose_target(reading: Reading, predicted: str) -> str:
    """The class that is explained: the chosen one, else the one that the model predicts."""
    classes = workbench.model(reading.model).classes
    wanted = url_state.chosen("target") or predicted
    if wanted not in classes:
        warn(f"The link names a class {wanted!r} that this model does not know; {predicted} is explained instead.")
        wanted = predicted
        url_state.choose(target=None)
    return ask_option(
        "Explain the class",
        "target",
        classes,
        wanted,
        format_func=lambda name: f"{name} (the model's choice)" if name == predicted else name,
    )


def warn(sentence: str) -> None:
    """Say what the address asked for in vain, now and when the screen is drawn again."""
    url_state.show_mismatch(sentence)
    url_state.mismatch(sentence)


def _current_parameters(reading: Reading, technique: str) -> dict[str, Any]:
    """The parameters that are chosen; where they cannot be, the defaults, and a sentence."""
    bundle = workbench.model(reading.model)
    try:
        return read_parameters(technique, bundle, url_state.chosen_parameters()).values()
    except RecordRefused as refusal:
        warn(f"{refusal} The defaults are used.")
        return read_parameters(technique, bundle, {}).values()


def _choose_parameters(reading: Reading, technique: str, current: dict[str, Any]) -> dict[str, Any]:
    described = list_parameters(technique, workbench.model(reading.model))
    picked = {parameter.name: _ask(parameter, current[parameter.name]) for parameter in described}
    url_state.choose_parameters({p.name: picked[p.name] for p in described if picked[p.name] != p.default})
    return picked


def _ask(parameter: Parameter, current: Any) -> Any:
    label = f"{parameter.label} ({parameter.unit})" if parameter.unit else parameter.label
    if parameter.choices:
        return ask_option(label, f"p_{parameter.name}", parameter.choices, current)
    if parameter.minimum is None or parameter.maximum is None:
        raise ValueError(f"The parameter {parameter.name} has neither choices nor bounds. Give it one of them.")
    name = f"p_{parameter.name}"
    if isinstance(parameter.default, int):
        return ask_number(label, name, int(parameter.minimum), int(parameter.maximum), int(current), step=1)
    step = float(parameter.default) / 2
    return ask_number(label, name, parameter.minimum, parameter.maximum, float(current), format="%.5g", step=step)


def explained(reading: Reading, number: int, wanted: Wanted, room: DeltaGenerator) -> Salience:
    """The explanation, at once where it is kept; else with progress in ``room``, and a way to stop it.

    What the technique does takes the same room afterwards, so that nothing below moves.
    """
    asked = (reading, number, wanted.technique, wanted.target)
    try:
        kept = workbench.is_explained(*asked, wanted.parameters)
        salience = workbench.explanation(*asked, wanted.parameters, None if kept else _progress(wanted, room))
    except RecordRefused as refusal:
        room.error(str(refusal), icon=":material/block:")
        st.stop()
    room.caption(TECHNIQUES[wanted.technique].sentence_for(kind_of(workbench.model(reading.model))))
    return salience


def _progress(wanted: Wanted, room: DeltaGenerator) -> Callable[[int, int], None]:
    label = TECHNIQUES[wanted.technique].label
    return show_progress(room, label, _back_to_default, can_stop=wanted.technique != DEFAULT_TECHNIQUE)


def show_progress(
    room: DeltaGenerator, label: str, on_stop: Callable[[], None], can_stop: bool = True
) -> Callable[[int, int], None]:
    """Draw a bar and a button to stop; what is to be told of the steps done and in all.

    Parameters
    ----------
    room : DeltaGenerator
        Where they stand.
    label : str
        What is being worked on.
    on_stop : callable
        Changes the choices, so that what was stopped is not begun anew.
    can_stop : bool
    """
    with room.container(horizontal=True, vertical_alignment="center"):
        bar = st.progress(0.0, f"{label} …")
        st.button("Stop", on_click=on_stop, disabled=not can_stop)

    def told(step: int, steps: int) -> None:
        if step % max(1, steps // _TIMES_TOLD) == 0:
            bar.progress(step / steps, f"{label}: {step} of {steps}")

    return told


def _back_to_default() -> None:
    url_state.choose(technique=DEFAULT_TECHNIQUE)
    url_state.choose_parameters({})
