"""The figures of a model of beats, from its card."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from backend.charts.style.number_format import MISSING, format_percent
from backend.models.calibration.certainty import certain_thresholds

__all__ = ["show_beat_figures"]


def show_beat_figures(card: Mapping[str, Any]) -> None:
    """Show figures over the test beats, by class and by patient, beside the majority-class baseline."""
    _show_headline(card["test"]["mitdb"])
    others = pd.DataFrame(_other_figures(card["test"]), columns=["beats or records", "accuracy"])
    st.dataframe(others, hide_index=True)
    st.markdown("**Classes** of the test patients")
    st.dataframe(_class_table(card["test"]["mitdb"]["classes"]), hide_index=True)
    if "certain_by_class" in card["test"]["calibration"]:
        st.markdown("**Certain predictions**, by predicted class")
        st.dataframe(_certain_table(card), hide_index=True)
    st.markdown("**Test patients**")
    st.dataframe(_patient_table(card["test"]["mitdb"]["by_patient"]), hide_index=True)


def _show_headline(figures: Mapping[str, Any]) -> None:
    accuracy, majority, f1 = st.columns(3)
    accuracy.metric("Accuracy", format_percent(figures["accuracy"], 1), border=True)
    majority.metric("Majority-class baseline", format_percent(figures["majority_class_share"], 1), border=True)
    f1.metric("Macro-F1", f"{figures['macro_f1']:.2f}", border=True)


def _other_figures(test: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the other measured figures: on which beats or records, and the accuracy."""
    if "mitdb_one_lead" in test:
        yield "one lead alone", format_percent(test["mitdb_one_lead"]["accuracy"], 1)
    calibration = test["calibration"]
    uncertain = format_percent(calibration["uncertain_share"], 1)
    yield f"uncertain beats ({uncertain})", format_percent(calibration["accuracy_of_uncertain"], 1)
    yield "certain beats", format_percent(calibration["accuracy_of_certain"], 1)
    for name, database in (("ptbxl", "PTB-XL"), ("cpsc2018", "CPSC 2018"), ("cinc2021", "CinC 2021")):
        for label, row in test.get(f"{name}_dominant_label", {}).items():
            records = f"{database}, {row['records']} records of {label} excluded from training"
            yield records, format_percent(row["right"][0], 1)


def _class_table(classes: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "class": list(classes),
            "beats": [row["beats"] for row in classes.values()],
            "sensitivity": [format_percent(row["sensitivity"], 1) for row in classes.values()],
            "PPV": [format_percent(row["positive_predictivity"], 1) for row in classes.values()],
            "F1": [f"{row['f1']:.2f}" for row in classes.values()],
        }
    )


def _certain_table(card: Mapping[str, Any]) -> pd.DataFrame:
    """Set the accuracy of the certain predictions of each class beside the threshold and their number."""
    found = card["test"]["calibration"]["certain_by_class"]
    thresholds = certain_thresholds(card["certain_from"], list(found))
    rows = found.values()
    return pd.DataFrame(
        {
            "predicted class": list(found),
            "certain from": [format_percent(own) if own <= 1 else MISSING for own in thresholds],
            "predictions": [row["predicted"] for row in rows],
            "certain": [row["certain"] for row in rows],
            "accuracy of the certain": [
                MISSING if row["accuracy_of_certain"] is None else format_percent(row["accuracy_of_certain"], 1)
                for row in rows
            ],
        }
    )


def _patient_table(patients: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "patient": list(patients),
            "beats": [row["beats"] for row in patients.values()],
            "accuracy": [format_percent(row["accuracy"], 1) for row in patients.values()],
            "reference": [
                ", ".join(f"{count} {label}" for label, count in row["reference"].items()) for row in patients.values()
            ],
        }
    )
