"""How good a model of beats is, as its card has it."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from backend.charts.style.number_format import format_percent

__all__ = ["show_beat_figures"]


def show_beat_figures(card: Mapping[str, Any]) -> None:
    """Show figures over the test beats, by class and by patient, beside the majority-class baseline."""
    _show_headline(card["test"]["mitdb"])
    for sentence in _other_figures(card["test"]):
        st.caption(sentence)
    st.markdown("**Each class**, on patients that it was not trained on")
    st.dataframe(_class_table(card["test"]["mitdb"]["classes"]), hide_index=True)
    st.markdown("**Each patient** of the test set")
    st.dataframe(_patient_table(card["test"]["mitdb"]["by_patient"]), hide_index=True)


def _show_headline(figures: Mapping[str, Any]) -> None:
    accuracy, majority, f1 = st.columns(3)
    accuracy.metric("Beats named right", format_percent(figures["accuracy"], 1), border=True)
    majority.metric("If all were called the commonest", format_percent(figures["majority_class_share"], 1), border=True)
    f1.metric("Macro-F1", f"{figures['macro_f1']:.2f}", border=True)


def _other_figures(test: Mapping[str, Any]) -> Iterator[str]:
    """What else was measured, where it was."""
    if "mitdb_one_lead" in test:
        accuracy = format_percent(test["mitdb_one_lead"]["accuracy"], 1)
        yield f"From one lead alone it names {accuracy} of the same beats right."
    calibration = test["calibration"]
    yield (
        f"It calls {format_percent(calibration['uncertain_share'], 1)} of the beats uncertain: of those it names "
        f"{format_percent(calibration['accuracy_of_uncertain'], 1)} right, of the others "
        f"{format_percent(calibration['accuracy_of_certain'], 1)}."
    )
    for name, database in (("ptbxl", "PTB-XL"), ("cpsc2018", "CPSC 2018")):
        if f"{name}_dominant_label" in test:
            rows = test[f"{name}_dominant_label"].items()
            each = ", ".join(f"{format_percent(row['right'], 1)} of {row['records']} {label}" for label, row in rows)
            yield f"Dominant label right on records of {database} left out of training: {each}."


def _class_table(classes: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "class": list(classes),
            "beats": [row["beats"] for row in classes.values()],
            "found (sensitivity)": [format_percent(row["sensitivity"], 1) for row in classes.values()],
            "right when named": [format_percent(row["positive_predictivity"], 1) for row in classes.values()],
            "F1": [f"{row['f1']:.2f}" for row in classes.values()],
        }
    )


def _patient_table(patients: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "patient": list(patients),
            "beats": [row["beats"] for row in patients.values()],
            "named right": [format_percent(row["accuracy"], 1) for row in patients.values()],
            "reference": [
                ", ".join(f"{count} {label}" for label, count in row["reference"].items()) for row in patients.values()
            ],
        }
    )
