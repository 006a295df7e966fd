"""Where the evidence comes from, and the tables to take away."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from backend import workbench
from backend.charts.style.number_format import format_percent
from backend.charts.style.picture_export import render_png
from backend.kinds.kind import kind_of
from pages.parts.app.chart_inputs import screen_theme
from pages.parts.evidence.evidence_choice import EvidenceChoice

__all__ = ["offer_tables", "say_what_is_missing", "show_source"]

_CLASS_PX = 140
_TABLES = {
    "curves": "Curves over the threshold",
    "measures": "Comprehensiveness, sufficiency, area",
    "shares": "Shares of the waves",
    "sanity": "Sanity",
    "stability": "Stability",
    "verdicts": "Verdicts",
    "beats": "Beats measured",
}


def show_source(choice: EvidenceChoice) -> None:
    """Say how the evidence was measured, on which beats, and how to measure it again."""
    about = choice.evidence.about
    st.subheader("How was this measured?", anchor=False)
    if about["model_digest"] != workbench.model(choice.model).digest:
        st.warning("The model's files have changed since: its figures may have, too.", icon=":material/history:")
    st.code(about["command"], language="bash")
    took = f"; {about['seconds'] / 60:.0f} minutes of one core" if "seconds" in about else ""
    versions = ", ".join(f"{name} {version}" for name, version in about.get("versions", {}).items())
    st.caption(
        f"{about['beats']:,} beats of {about['patients']} patients, drawn evenly from classes and patients with seed "
        f"{about['seed']}; sanity and stability on {about['subset']:,} of them{took}. "
        f"Model `{about['model_digest'][:12]}`, data `{about['data_digest'][:12]}`. {versions}"
    )
    wide_enough = {"class": st.column_config.Column(width=_CLASS_PX)}
    st.dataframe(_beats(choice.evidence.beats), hide_index=True, width="content", column_config=wide_enough)


def _beats(beats: pd.DataFrame) -> pd.DataFrame:
    shares = [format_percent(right / count, 1) for right, count in zip(beats.right, beats.beats, strict=True)]
    return beats[["class", "patients", "beats"]].assign(**{"named right": shares})


def say_what_is_missing(model: str) -> None:
    """Say that a model's explanations were not measured, and what measures them where something does."""
    how = (
        f"This measures them on its test set, which has to be on this machine: `python -m backend evaluate {model} "
        "--data DIR`."
        if kind_of(workbench.model(model)).test_set is not None
        else "So far only explanations of beats can be."
    )
    st.info(f"Its explanations have not been measured. {how}", icon=":material/hourglass_empty:")


def offer_tables(choice: EvidenceChoice, charts: Mapping[str, Any]) -> None:
    """Buttons for each table as CSV and each chart as a picture, made when they are asked for."""
    theme = screen_theme()
    with st.popover("Download", icon=":material/download:"):
        for name, label in _TABLES.items():
            table = getattr(choice.evidence, name)
            st.download_button(
                f"Table (CSV): {label}",
                partial(table.to_csv, index=False),
                f"{choice.model} {name}.csv",
                "text/csv",
                on_click="ignore",
                width="stretch",
            )
        for name, chart in charts.items():
            st.download_button(
                f"Picture: {name}",
                partial(render_png, chart, theme),
                f"{choice.model} {name}.png",
                "image/png",
                on_click="ignore",
                width="stretch",
            )
