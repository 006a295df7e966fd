"""The source of the evidence, and its tables for download."""

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
from pages.parts.evidence import evidence_text
from pages.parts.evidence.evidence_choice import EvidenceChoice

__all__ = ["offer_tables", "show_missing_evidence", "show_source"]

_CLASS_PX = 140


def show_source(choice: EvidenceChoice) -> None:
    """Draw how the evidence was measured, on which beats, and the command that measures it again."""
    about = choice.evidence.about
    st.subheader(evidence_text.HOW_MEASURED, anchor=False, help=evidence_text.source_sentence(about))
    if about["model_digest"] != workbench.model(choice.model).digest:
        st.warning(evidence_text.MODEL_CHANGED, icon=":material/history:")
    st.code(about["command"], language="bash")
    wide_enough = {"class": st.column_config.Column(width=_CLASS_PX)}
    st.dataframe(_beats(choice.evidence.beats), hide_index=True, width="content", column_config=wide_enough)


def _beats(beats: pd.DataFrame) -> pd.DataFrame:
    shares = [format_percent(right / count, 1) for right, count in zip(beats.right, beats.beats, strict=True)]
    return beats[["class", "patients", "beats"]].assign(accuracy=shares)


def show_missing_evidence(model: str) -> None:
    """Say that a model's explanations have not been measured, and how to measure them."""
    can_be_measured = kind_of(workbench.model(model)).test_set is not None
    st.info(evidence_text.evidence_missing(model, can_be_measured), icon=":material/hourglass_empty:")


def offer_tables(choice: EvidenceChoice, charts: Mapping[str, Any]) -> None:
    """Draw buttons for each table as CSV and each chart as a picture; each file is made on its click."""
    theme = screen_theme()
    with st.popover("Download", icon=":material/download:"):
        for name, label in evidence_text.TABLES.items():
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
