"""The rows of the compared techniques: cached results, and the computation of missing ones."""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from backend import workbench
from backend.charts.compare.technique_rows import TechniqueRow
from backend.charts.style.number_format import format_decimal
from backend.explain.api import TECHNIQUES, list_parameters
from backend.explain.quality.comparison import CONTROL, ComparedTechnique, average_correlations, correlate_saliences
from backend.explain.salience import Salience, max_by_source
from backend.records.record import RecordRefused
from backend.windows.base import varying_sources
from pages.parts.compare.compare_text import WAITING
from pages.parts.compare.compared_window import ComparedWindow
from pages.parts.compare.comparison_choice import Comparison, remove_technique
from pages.parts.explanation.explanation_choice import show_progress

__all__ = ["explain_learned", "explain_quick", "known", "rows_of"]


_LEAST_S = 0.01
"""A shorter time is shown as less than this."""


def known(window: ComparedWindow, comparison: Comparison) -> dict[str, ComparedTechnique]:
    """Return the cached results of the chosen techniques, by name."""
    return {
        technique: _compared(window, comparison, technique)
        for technique in comparison.techniques
        if _is_known(window, comparison, technique)
    }


def explain_quick(window: ComparedWindow, comparison: Comparison, room: DeltaGenerator) -> None:
    """Compute every technique without optimisation before anything is drawn."""
    missing = [
        technique
        for technique in comparison.techniques
        if not _is_learned(window, technique) and not _is_known(window, comparison, technique)
    ]
    for place, technique in enumerate(missing):
        room.progress(place / len(missing), f"{TECHNIQUES[technique].label} …")
        _explain(window, comparison, technique, room)


def explain_learned(window: ComparedWindow, comparison: Comparison, room: DeltaGenerator) -> None:
    """Compute the other techniques once the known rows are drawn; each new row is drawn as soon as it is known."""
    for technique in comparison.techniques:
        if not _is_known(window, comparison, technique):
            on_step = show_progress(room, TECHNIQUES[technique].label, partial(remove_technique, technique))
            _explain(window, comparison, technique, room, on_step)
            st.rerun()


def rows_of(
    window: ComparedWindow, comparison: Comparison, compared: Mapping[str, ComparedTechnique], chance: np.ndarray
) -> list[TechniqueRow]:
    """Return the rows of the chart from the top; figures that ``chance`` (of ``by_chance``) reaches are grey."""
    correlations = correlate_saliences(window.bundle, [result.salience for result in compared.values()])
    means = dict(zip(compared, average_correlations(list(compared), correlations), strict=True))
    rows = []
    for technique in comparison.techniques:
        label, result = TECHNIQUES[technique].label, compared.get(technique)
        if result is None:
            rows.append(TechniqueRow(technique, label, None, WAITING))
        else:
            shown, figures = _shown(window, comparison, result.salience), _figures(result, means[technique])
            doubtful = technique == CONTROL or result.faithfulness.comprehensiveness <= chance.max()
            rows.append(TechniqueRow(technique, label, shown, figures=figures, is_doubtful=doubtful))
    return rows


def _figures(result: ComparedTechnique, agreement: float) -> tuple[str, ...]:
    return (
        f"{result.salience.seconds:.2f} s" if result.salience.seconds >= _LEAST_S else f"< {_LEAST_S} s",
        format_decimal(result.faithfulness.comprehensiveness),
        format_decimal(agreement),
    )


def _shown(window: ComparedWindow, comparison: Comparison, salience: Salience) -> np.ndarray:
    """The salience of the chosen source, else the greatest of several, at each step, shape = (T,)."""
    sources = varying_sources(window.bundle.window)
    selected = window.together if comparison.source is None else (comparison.source,)
    columns = [sources.index(source) for source in selected]
    return max_by_source(salience.values, window.bundle.window)[:, columns].max(axis=1)


def _is_known(window: ComparedWindow, comparison: Comparison, technique: str) -> bool:
    return workbench.is_explained(*comparison.request(window, technique))


def _compared(window: ComparedWindow, comparison: Comparison, technique: str) -> ComparedTechnique:
    request = comparison.request(window, technique)
    return ComparedTechnique(workbench.explanation(*request), workbench.faithfulness_of(*request, comparison.fill))


def _is_learned(window: ComparedWindow, technique: str) -> bool:
    return any(parameter.name == "learning_rate" for parameter in list_parameters(technique, window.bundle))


def _explain(
    window: ComparedWindow,
    comparison: Comparison,
    technique: str,
    room: DeltaGenerator,
    on_step: Callable[[int, int], None] | None = None,
) -> None:
    try:
        workbench.explanation(*comparison.request(window, technique), on_step)
    except RecordRefused as refusal:
        room.error(str(refusal), icon=":material/block:")
        st.stop()
