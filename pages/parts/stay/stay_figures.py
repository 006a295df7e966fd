"""The figures of a model of stays, from its card."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from backend.charts.shared.calibration_curve import plot_calibration_curve
from backend.charts.style.number_format import MISSING, format_percent, format_range
from pages.parts.app.chart_inputs import screen_theme

__all__ = ["show_stay_figures"]


def show_stay_figures(card: Mapping[str, Any]) -> None:
    """Draw the figures over the test stays beside a severity score and a logistic regression, and the calibration."""
    test = card["test"]
    st.markdown(f"**{test['stays']:,} test stays**, {test['deaths']} deaths")
    auroc, auprc, event_1 = st.columns(3)
    for column, name, title in ((auroc, "auroc", "AUROC"), (auprc, "auprc", "AUPRC"), (event_1, "event_1", "Event 1")):
        column.metric(title, f"{test[name]['value']:.3f}", border=True, help=_help(test, name))
    st.dataframe(_peer_table(test), hide_index=True)
    plot, hours = st.columns(2)
    with plot:
        st.markdown("**Calibration**")
        calibration = test["calibration"]
        chart = plot_calibration_curve(calibration["reliability"], "death", theme=screen_theme())
        st.altair_chart(chart, theme=None, width="content")
        st.caption(f"Brier score {calibration['brier']:.3f}; mean alone {calibration['brier_of_the_mean']:.3f}.")
    with hours:
        st.markdown("**Performance over time**")
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
            "model": [*rows, "majority-class baseline"],
            **{
                title: [*(_with_interval(row[name]) for row in rows.values()), MISSING]
                for name, title in (("auroc", "AUROC"), ("auprc", "AUPRC"), ("event_1", "event 1"))
            },
            "accuracy": [
                *(format_percent(row["accuracy"], 1) for row in rows.values()),
                format_percent(test["majority_class_share"], 1),
            ],
        }
    )


def _with_interval(figure: Mapping[str, Any]) -> str:
    low, high = figure["interval"]
    return f"{figure['value']:.3f} ({format_range(low, high, 3)})"


def _help(test: Mapping[str, Any], name: str) -> str:
    low, high = test[name]["interval"]
    interval = f"95% CI {format_range(low, high, 3)} (bootstrap)."
    if name != "event_1":
        return interval
    sensitivity, ppv = (format_percent(test[name][key], 1) for key in ("sensitivity", "positive_predictivity"))
    uncertain = format_percent(test["uncertain_share"], 1)
    return (
        f"The lesser of sensitivity ({sensitivity}) and PPV ({ppv}). {interval} Predictions for {uncertain} of the "
        "stays are uncertain."
    )
