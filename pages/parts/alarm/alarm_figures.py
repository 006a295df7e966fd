"""The figures of a model of alarms, from its card."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from backend.charts.style.number_format import MISSING, format_percent

__all__ = ["show_alarm_figures"]

_SCORE_HELP = "A missed true alarm counts five times; 100 is best."


def show_alarm_figures(card: Mapping[str, Any]) -> None:
    """Draw the figures over all folds and for each alarm type, beside a rule that knows the type alone."""
    folds, test = card["cross_validation"]["all"], card["test"]
    st.markdown(f"**{folds['alarms']} alarms** in cross-validation")
    auc, score, accuracy = st.columns(3)
    auc.metric("AUC", f"{folds['auc']:.3f}", border=True, help=_interval(folds["auc_interval"], "{:.3f}"))
    low_high = _interval(folds["challenge_score_interval"], "{:.1f}")
    score.metric("Challenge score", f"{folds['challenge_score']:.1f}", border=True, help=f"{low_high} {_SCORE_HELP}")
    accuracy.metric("Accuracy", format_percent(folds["accuracy"], 1), border=True)
    st.dataframe(_baseline_table(folds, test), hide_index=True)
    st.dataframe(_kind_table(folds["kinds"]), hide_index=True)


def _baseline_table(folds: Mapping[str, Any], test: Mapping[str, Any]) -> pd.DataFrame:
    """Set the model beside the baselines, and the published network on its test alarms."""
    rows = {
        "model": folds,
        "alarm type alone": folds["by_type_alone"],
        f"published network, {test['alarms']} test alarms": test,
    }
    return pd.DataFrame(
        {
            "alarms": [*rows, "majority-class baseline"],
            "AUC": [*(f"{row['auc']:.3f}" for row in rows.values()), MISSING],
            "challenge score": [*(f"{row['challenge_score']:.1f}" for row in rows.values()), MISSING],
            "accuracy": [
                *(format_percent(row["accuracy"], 1) for row in rows.values()),
                format_percent(folds["majority_class_share"], 1),
            ],
        }
    )


def _kind_table(kinds: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    rows = kinds.values()
    return pd.DataFrame(
        {
            "alarm type": list(kinds),
            "alarms (true)": [f"{row['alarms']} ({row['true_alarms']})" for row in rows],
            "AUC": [MISSING if row["auc"] is None else f"{row['auc']:.3f}" for row in rows],
            "score": [f"{row['challenge_score']:.1f}" for row in rows],
            "score by type alone": [f"{row['by_type_alone']['challenge_score']:.1f}" for row in rows],
            "accuracy": [format_percent(row["accuracy"], 1) for row in rows],
            "majority class": [format_percent(row["majority_class_share"], 1) for row in rows],
            "missed true alarms": [row["missed_true_alarms"] for row in rows],
        }
    )


def _interval(interval: tuple[float, float], pattern: str) -> str:
    low, high = (pattern.format(limit) for limit in interval)
    return f"95% CI {low}–{high} (bootstrap)."
