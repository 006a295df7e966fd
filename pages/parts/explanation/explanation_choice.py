"""The choice of technique, parameters and target class, and the explanation with its progress."""

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
from pages.parts.explanation import explanation_text
from pages.parts.explanation.lost_score import lost_line

__all__ = ["ExplanationChoice", "choose_explanation", "choose_target", "explain_window", "show_progress", "warn"]

_N_UPDATES = 50


@dataclass(frozen=True)
class ExplanationChoice:
    """The chosen explanation of one window."""

    technique: str
    target: str
    parameters: dict[str, Any]


def choose_explanation(reading: Reading, number: int) -> ExplanationChoice:
    """Draw the choices for one window in a row and return them."""
    warnings = st.container()
    technique_column, target_column, parameters_column = st.columns([1, 1.25, 0.7], vertical_alignment="bottom")
    with technique_column:
        technique = _choose_technique(reading)
    with target_column:
        target = choose_target(reading, workbench.classified(reading).scores.labels[number])
    with warnings:
        current = _current_parameters(reading, technique)
    with parameters_column, st.popover("Parameters", icon=":material/tune:", width="stretch"):
        parameters = _choose_parameters(reading, technique, current)
    return ExplanationChoice(technique, target, parameters)


def _choose_technique(reading: Reading) -> str:
    selected = url_state.chosen("technique")
    if selected is None or selected not in TECHNIQUES:
        if selected is not None:
            warn(explanation_text.unknown_technique(selected, TECHNIQUES[DEFAULT_TECHNIQUE].label))
            url_state.choose_parameters({})
        selected = DEFAULT_TECHNIQUE
        url_state.choose(technique=selected)
    return ask_option(
        "Technique",
        "technique",
        list(TECHNIQUES),
        selected,
        on_new=lambda: url_state.choose_parameters({}),
        format_func=lambda name: TECHNIQUES[name].label,
        help=TECHNIQUES[selected].sentence_for(kind_of(workbench.model(reading.model))),
    )


def choose_target(reading: Reading, predicted: str) -> str:
    """Draw the choice of the class that is explained, by default the predicted one, and return it."""
    classes = workbench.model(reading.model).classes
    selected = url_state.chosen("target") or predicted
    if selected not in classes:
        warn(explanation_text.unknown_class(selected, predicted))
        selected = predicted
        url_state.choose(target=None)
    return ask_option(
        "Target class",
        "target",
        classes,
        selected,
        format_func=lambda name: explanation_text.predicted_label(name) if name == predicted else name,
    )


def warn(sentence: str) -> None:
    """Warn of a choice in the address that cannot be met, now and when the screen is drawn again."""
    url_state.show_mismatch(sentence)
    url_state.mismatch(sentence)


def _current_parameters(reading: Reading, technique: str) -> dict[str, Any]:
    """Return the chosen parameters; the defaults, with a warning, if they are refused."""
    bundle = workbench.model(reading.model)
    try:
        return read_parameters(technique, bundle, url_state.chosen_parameters()).values()
    except RecordRefused as refusal:
        warn(explanation_text.use_defaults(str(refusal)))
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


def explain_window(reading: Reading, number: int, choice: ExplanationChoice, room: DeltaGenerator) -> Salience:
    """Return the explanation of a window; one that is not cached shows progress in ``room`` and can be stopped.

    A caption takes the same room afterwards, so that nothing below moves.
    """
    request = (reading, number, choice.technique, choice.target)
    label = TECHNIQUES[choice.technique].label
    try:
        on_step = None
        if not workbench.is_explained(*request, choice.parameters):
            can_stop = choice.technique != DEFAULT_TECHNIQUE
            on_step = show_progress(room, label, _choose_default, can_stop)
        salience = workbench.explanation(*request, choice.parameters, on_step)
    except RecordRefused as refusal:
        room.error(str(refusal), icon=":material/block:")
        st.stop()
    share = workbench.tracing_share(reading, number, choice.target, salience.explained)
    line = explanation_text.salience_line(label, choice.target, share)
    room.caption(
        f"{line} {lost_line(*request, choice.parameters)}".rstrip(),
        help=None if share is None else explanation_text.SHARE_HELP,
    )
    return salience


def show_progress(
    room: DeltaGenerator, label: str, on_stop: Callable[[], None], can_stop: bool = True
) -> Callable[[int, int], None]:
    """Draw a progress bar and a button to stop, and return the function to call with the steps done and in all.

    Parameters
    ----------
    room : DeltaGenerator
        Where they are drawn.
    label : str
        The task.
    on_stop : callable
        Changes the choices, so that the stopped task does not start again.
    can_stop : bool
    """
    with room.container(horizontal=True, vertical_alignment="center"):
        bar = st.progress(0.0, f"{label} …")
        st.button("Stop", on_click=on_stop, disabled=not can_stop)

    def on_step(step: int, steps: int) -> None:
        if step % max(1, steps // _N_UPDATES) == 0:
            bar.progress(step / steps, f"{label}: {step} of {steps}")

    return on_step


def _choose_default() -> None:
    url_state.choose(technique=DEFAULT_TECHNIQUE)
    url_state.choose_parameters({})
