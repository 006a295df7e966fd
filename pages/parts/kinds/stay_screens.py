"""Stays on the screens: the ICU stay screen, and a stay on the Compare screen."""

from functools import partial

import numpy as np
import streamlit as st

from backend import workbench
from backend.charts.compare.technique_rows import comparison_axis
from backend.charts.compare.window_lanes import WindowLane
from backend.kinds.stay_kind import STAY
from backend.records.record import Record, RecordRefused
from backend.records.stays import PARAMETERS, apply_edits, is_stay
from backend.windows.base import distinct
from backend.windows.stay_windows import carry_forward, resample_hourly
from backend.workbench import StayReading
from pages.parts.app import url_state
from pages.parts.app.chart_inputs import screen_theme
from pages.parts.app.screen_kinds import ScreenKind, register_screens
from pages.parts.compare.compared_window import ComparedWindow
from pages.parts.record.record_numbers import show_title
from pages.parts.stay.parameter_names import LABELS
from pages.parts.stay.stay_edits import forget_edits
from pages.parts.stay.stay_figures import show_stay_figures
from pages.parts.stay.stay_reading import choose_stay
from pages.parts.stay.stay_text import CLASSIFYING
from pages.parts.stay.unit_choice import forget_units, in_chosen_units

__all__ = ["STAY_SCREENS"]

_HOURS_TICK = 6.0
_DEATH = "death"


def _open_compared() -> ComparedWindow:
    reading = choose_stay()
    with st.spinner(CLASSIFYING):
        stay = workbench.classified(reading)
    show_title(reading.record)
    known = distinct(workbench.model(reading.model).window.sources)
    hours = stay.windows.values.shape[1]
    return ComparedWindow(
        reading,
        0,
        {source: LABELS[source] for source in known},
        known,
        "variables",
        comparison_axis(0.0, float(hours), "hours since ICU admission", _HOURS_TICK),
        partial(_variable_lanes, reading),
    )


def _variable_lanes(reading: StayReading, source: str | None) -> tuple[WindowLane, ...]:
    """The hourly values of the chosen variable as the model reads them, else the risk after each hour."""
    if source is None:
        death = workbench.model(reading.model).class_index(_DEATH)
        risks = 100 * workbench.over_time(reading, 0).probabilities[:, death]
        colour = screen_theme().colour_of(_DEATH)
        return (WindowLane("risk of death", "%", np.arange(len(risks)) + 1.0, risks, colour, is_read=False),)
    values = carry_forward(resample_hourly(apply_edits(reading.record, reading.edits)))[
        :, list(PARAMETERS).index(source)
    ]
    return (WindowLane(LABELS[source], PARAMETERS[source].unit, np.arange(len(values)) + 0.5, values),)


def _check_upload(record: Record) -> None:
    if not is_stay(record):
        raise RecordRefused(f"{record.name} holds signals instead of charted values. Open it on the Record screen.")


def _forget_changes(record: Record) -> None:
    forget_edits(in_chosen_units(record))
    forget_edits(record)
    forget_units(record)


STAY_SCREENS = register_screens(
    ScreenKind(
        kind=STAY,
        title="Stay",
        screen="ICU stay",
        page="pages/icu_stay.py",
        link_names=("record", "model", "variable", "order", "technique", "target"),
        open_compared=_open_compared,
        show_figures=show_stay_figures,
        upload_hint=(
            "Upload the table of one stay in the sidebar, as CSV or text: one row per value (time since admission, "
            "parameter, value) or one column per parameter, as in MIMIC, eICU and the PhysioNet challenges."
        ),
        real_sample="real stay",
        check_upload=_check_upload,
        forget_changes=_forget_changes,
        as_chosen=in_chosen_units,
        open_source=lambda source: url_state.choose(variable=source),
    )
)
