"""An explained beat to take away: as pictures, as a table, as JSON."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from backend import workbench
from backend.charts.pictures import picture
from backend.explain.document import explanation_document, explanation_table
from backend.explain.salience import Salience
from backend.models.classification import ClassifiedBeats
from backend.workbench import Reading
from pages.parts.drawing import screen_theme

__all__ = ["offer_downloads"]


def offer_downloads(
    reading: Reading, beats: ClassifiedBeats, number: int, salience: Salience, charts: Mapping[str, Any]
) -> None:
    """Buttons for the pictures, the CSV and the JSON of what is on the screen; made when they are asked for."""
    name = f"{reading.record.name} beat {number} {salience.technique}"
    theme = screen_theme()
    with st.popover("Download", icon=":material/download:", width="stretch"):
        for shown, chart in charts.items():
            _offer(f"Picture: {shown}", lambda chart=chart: picture(chart, theme), f"{name} {shown}.png", "image/png")
        _offer(
            "Table (CSV)",
            lambda: explanation_table(beats, number, salience).to_csv(index=False),
            f"{name}.csv",
            "text/csv",
        )
        _offer(
            "All values (JSON)",
            lambda: json.dumps(_document(reading, beats, number, salience)),
            f"{name}.json",
            "application/json",
        )


def _offer(label: str, made: Callable[[], str | bytes], file_name: str, kind: str) -> None:
    # Nothing on the screen changes by it: drawing it anew would take the next click's file away.
    st.download_button(label, made, file_name, kind, on_click="ignore", width="stretch")


def _document(reading: Reading, beats: ClassifiedBeats, number: int, salience: Salience) -> dict[str, Any]:
    bundle = workbench.model(reading.model)
    return {
        "record": reading.record.name,
        **explanation_document(reading.record, bundle, beats, number, salience),
    }
