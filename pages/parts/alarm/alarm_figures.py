"""How good a model of alarms is, as its card has it."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from backend.charts.style.number_format import format_percent

__all__ = ["show_alarm_figures"]


def show_alarm_figures(card: Mapping[str, Any]) -> None:
    """Figures over all folds and for each kind of alarm, beside the rule that knows the kind alone."""
    folds, test = card["cross_validation"]["all"], card["test"]
    st.markdown(f"**{folds['alarms']} alarms, each judged by networks that were not trained on it**")
    auc, score, accuracy = st.columns(3)
    auc.metric("AUC", f"{folds['auc']:.3f}", border=True, help=_interval(folds["auc_interval"], "{:.3f}"))
    low_high = _interval(folds["challenge_score_interval"], "{:.1f}")
    score.metric("Score of the challenge", f"{folds['challenge_score']:.1f}", border=True, help=low_high)
    accuracy.metric("Named right", format_percent(folds["accuracy"], 1), border=True)
    rule = folds["by_type_alone"]
    st.caption(
        f"Deciding by the kind of alarm alone: AUC {rule['auc']:.3f}, score {rule['challenge_score']:.1f}, named right "
        f"{format_percent(rule['accuracy'], 1)}. If all were called the commonest: "
        f"{format_percent(folds['majority_class_share'], 1)}. "
        f"The published network on its own {test['alarms']} test alarms: AUC {test['auc']:.3f}, score "
        f"{test['challenge_score']:.1f}, named right {format_percent(test['accuracy'], 1)}. The score counts a missed "
        "true alarm five times; 100 is best."
    )
    st.dataframe(_kind_table(folds["kinds"]), hide_index=True)


def _kind_table(kinds: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    rows = kinds.values()
    return pd.DataFrame(
        {
            "alarm": list(kinds),
            "alarms (true)": [f"{row['alarms']} ({row['true_alarms']})" for row in rows],
            "AUC": ["–" if row["auc"] is None else f"{row['auc']:.3f}" for row in rows],
            "score": [f"{row['challenge_score']:.1f}" for row in rows],
            "by kind alone": [f"{row['by_type_alone']['challenge_score']:.1f}" for row in rows],
            "named right": [format_percent(row["accuracy"], 1) for row in rows],
            "commonest": [format_percent(row["majority_class_share"], 1) for row in rows],
            "true ones missed": [row["missed_true_alarms"] for row in rows],
        }
    )


def _interval(interval: tuple[float, float], pattern: str) -> str:
    low, high = (pattern.format(limit) for limit in interval)
    return f"95 % of bootstrap samples lie between {low} and {high}."
