"""Downloads: explanations as pictures, table and JSON; all beats as WFDB annotations."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from backend import workbench
from backend.charts.style.picture_export import render_png
from backend.explain.export import describe_explanation, describe_measurements, tabulate_explanation
from backend.explain.parameters import Value
from backend.explain.quality.comparison import ComparedTechnique, describe_comparison, tabulate_comparison
from backend.explain.quality.stability import Stability
from backend.explain.salience import Salience
from backend.models.classification import ClassifiedBeats
from backend.models.wfdb_export import annotate_beats
from backend.records.formats.wfdb.writer import encode_annotations
from backend.workbench import BeatReading, Reading
from pages.parts.app.chart_inputs import screen_theme
from pages.parts.record.record_text import download_help

__all__ = ["offer_beats", "offer_comparison", "offer_downloads"]


def offer_downloads(
    reading: Reading,
    number: int,
    salience: Salience,
    charts: Mapping[str, Any],
) -> None:
    """Draw buttons for the pictures, the CSV and the JSON of the screen; each file is made on its click.

    Parameters
    ----------
    charts : mapping of name to chart
    """
    bundle, classified = workbench.model(reading.model), workbench.classified(reading)
    changed = "-corrected" if reading.changes else ""
    name = f"{reading.record.name}{changed} {bundle.kind} {number} {salience.technique}"

    # These are made outside of the session, whose stores they cannot reach.
    def document() -> str:
        document = describe_explanation(reading.record, bundle, classified, number, salience)
        described = reading.describe_window(classified, number)
        return json.dumps({"record": reading.record.name, **described, **document})

    def table() -> str:
        return tabulate_explanation(bundle, classified, number, salience).to_csv(index=False)

    _offer_all(name, charts, table, document)


def offer_comparison(
    reading: Reading,
    number: int,
    target: str,
    compared: Sequence[ComparedTechnique],
    fill: Value,
    chance: np.ndarray,
    stabilities: Mapping[str, Stability],
    charts: Mapping[str, Any],
) -> None:
    """Draw buttons for the pictures, the CSV and the JSON of a comparison; each file is made on its click.

    Parameters
    ----------
    target : str
        The explained class.
    fill : one of FILLS
        The baseline value.
    chance : array
        As ``workbench.by_chance`` gives it.
    stabilities : mapping of technique to Stability
        Of the techniques whose stability was checked.
    charts : mapping of name to chart
    """
    bundle, classified = workbench.model(reading.model), workbench.classified(reading)
    changed = "-corrected" if reading.changes else ""
    about = {
        "record": reading.record.name,
        "record_digest": reading.record.digest,
        bundle.kind: number,
        "anchor_sample": int(classified.windows.anchor[number]),
    }

    def document() -> str:
        measured = describe_measurements(bundle, classified.window_of(number), target)
        return json.dumps({**about, **measured, **describe_comparison(bundle, compared, fill, chance, stabilities)})

    def table() -> str:
        return tabulate_comparison(bundle, compared, fill, chance).to_csv(index=False)

    _offer_all(f"{reading.record.name}{changed} {bundle.kind} {number} compared", charts, table, document)


def _offer_all(name: str, charts: Mapping[str, Any], table: Callable[[], str], document: Callable[[], str]) -> None:
    theme = screen_theme()
    with st.popover("Download", icon=":material/download:", width="stretch"):
        for shown, chart in charts.items():
            _offer(f"Picture: {shown}", partial(render_png, chart, theme), f"{name} {shown}.png", "image/png")
        _offer("Table (CSV)", table, f"{name}.csv", "text/csv")
        _offer("All values (JSON)", document, f"{name}.json", "application/json")


def offer_beats(reading: BeatReading, beats: ClassifiedBeats) -> None:
    """Draw a button for all beats of the record as a WFDB annotation file, which is made on its click."""
    name = reading.record.name

    def made() -> bytes:
        annotations = annotate_beats(beats, reading.model, len(reading.corrections))
        return encode_annotations(annotations, reading.record.sampling_rate)

    st.download_button(
        "Download beats",
        made,
        f"{name}.qrs",
        "application/octet-stream",
        icon=":material/download:",
        on_click="ignore",
        help=download_help(name, reading.record.sampling_rate),
    )


def _offer(label: str, made: Callable[[], str | bytes], file_name: str, kind: str) -> None:
    # A download changes nothing on the screen; drawing it again would invalidate the file of the next click.
    st.download_button(label, made, file_name, kind, on_click="ignore", width="stretch")
