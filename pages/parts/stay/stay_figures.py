"""How good a model of stays is, as its card has it."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from backend.charts.shared.calibration_curve import plot_calibration_curve
from backend.charts.style.number_format import format_percent, format_range
from pages.parts.app.chart_inputs import screen_theme

__all__ = ["show_stay_figures"]


def show_stay_figures(card: Mapping[str, Any]) -> None:
    """Figures over the test stays beside a severity score and a logistic regression, and whether risks come true."""
    test = card["test"]
    st.markdown(f"**{test['stays']:,} stays that it was not trained on, {test['deaths']} of which ended in death**")
    auroc, auprc, event_1 = st.columns(3)
    for column, name, title in ((auroc, "auroc", "AUROC"), (auprc, "auprc", "AUPRC"), (event_1, "event_1", "Event 1")):
        column.metric(
            title, f"{test[name]['value']:.3f}", border=True, help=_interval(test[name]["interval"], "{:.3f}")
        )
    st.caption(
        f"Event 1 is the lesser of sensitivity ({format_percent(test['event_1']['sensitivity'], 1)}) and positive "
        f"predictivity ({format_percent(test['event_1']['positive_predictivity'], 1)}). Named right: "
        f"{format_percent(test['accuracy'], 1)}; if all were called the commonest: "
        f"{format_percent(test['majority_class_share'], 1)}. It calls "
        f"{format_percent(test['uncertain_share'], 1)} of the stays uncertain."
    )
    st.dataframe(_peer_table(test), hide_index=True)
    plot, hours = st.columns(2)
    with plot:
        st.markdown("**Do the risks come true?**")
        calibration = test["calibration"]
        chart = plot_calibration_curve(calibration["reliability"], "death", theme=screen_theme())
        st.altair_chart(chart, theme=None, width="content")
        st.caption(f"Brier score {calibration['brier']:.3f}; of the mean alone {calibration['brier_of_the_mean']:.3f}.")
    with hours:
        st.markdown("**After so many hours**")
        st.dataframe(
            pd.DataFrame(
                {
                    "hours": [int(hour) for hour in test["by_hours"]],
                    "AUROC": [f"{row['auroc']:.3f}" for row in test["by_hours"].values()],
                    "mean risk": [format_percent(row["mean_risk"], 1) for row in test["by_hours"].values()],
                }
            ),
            hide_index=True,
        )


def _peer_table(test: Mapping[str, Any]) -> pd.DataFrame:
    rows = {"this model": test, **test["beside"]}
    return pd.DataFrame(
        {
            "on the same stays": list(rows),
            **{
                title: [_with_interval(row[name]) for row in rows.values()]
                for name, title in (("auroc", "AUROC"), ("auprc", "AUPRC"), ("event_1", "event 1"))
            },
            "named right": [format_percent(row["accuracy"], 1) for row in rows.values()],
        }
    )


def _with_interval(figure: Mapping[str, Any]) -> str:
    low, high = figure["interval"]
    return f"{figure['value']:.3f} ({format_range(low, high, 3)})"


def _interval(interval: tuple[float, float], pattern: str) -> str:
    low, high = (pattern.format(limit) for limit in interval)
    return f"95 % of bootstrap samples lie between {low} and {high}."
