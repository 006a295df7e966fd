"""The figures of the beat cards on all kinds of beats and without parts of the input are those of the product."""

import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from backend.models.bundle import bundle_names, load_bundle
from backend.models.classification import ClassifiedBeats, classify_beats
from backend.models.metrics.reference_agreement import FALSE, Agreement, compare_with_reference
from backend.models.scores import compute_scores
from backend.models.training.splits import mitdb_patient
from backend.records.opening import open_record
from backend.windows.beats.reference import REFERENCE_LABELS

DATA = os.environ.get("BEATLIGHT_DATA")

pytestmark = pytest.mark.skipif(DATA is None, reason="BEATLIGHT_DATA names no folder with the databases")

EDGE_BEATS = 4
"""Beats of a record that the product classifies, but that lie too near its ends to be shifted in training."""


def with_figures(name: str) -> list[str]:
    return [own for own in bundle_names("beat") if name in load_bundle(own).card["test"]]


@cache
def classified_records(name: str) -> list[tuple[ClassifiedBeats, Agreement]]:
    """Every test record of MIT-BIH as the product classifies it."""
    bundle, folder = load_bundle(name), Path(DATA or "") / "mitdb"
    found = []
    for path in sorted(folder.glob("*.hea")):
        if f"mitdb-{mitdb_patient(path.stem)}" in bundle.card["test_set"]["patients"]:
            record = open_record(folder / path.stem)
            classified = classify_beats(bundle, record)
            found.append((classified, compare_with_reference(record, classified)))
    return found


@pytest.mark.parametrize("name", with_figures("mitdb_all_kinds"))
def test_missed_false_and_other_beats_are_those_of_the_agreement_with_the_reference(name):
    confusion = load_bundle(name).card["test"]["mitdb_all_kinds"]["confusion"]
    rows, columns = confusion["rows"], confusion["columns"]
    counts = np.zeros((len(rows), len(columns)), dtype=int)

    def row_of(label: str) -> int:
        return rows.index(label if label in rows else "other kinds")

    for _, agreement in classified_records(name):
        for label, own in zip(agreement.rows, agreement.counts, strict=True):
            counts[row_of(label), : len(own)] += own
        for error in agreement.errors:
            if error.kind != FALSE:
                counts[row_of(REFERENCE_LABELS[error.label]), columns.index("missed")] += 1
            elif error.label:
                counts[rows.index("no beat"), columns.index(error.label)] += 1
    assert np.abs(counts - confusion["counts"]).sum() <= 2 * EDGE_BEATS * len(classified_records(name))


@pytest.mark.parametrize("name", with_figures("ablations"))
def test_the_ablations_are_those_of_windows_whose_columns_are_set_to_their_absent_values(name):
    bundle = load_bundle(name)
    card, window = bundle.card["test"]["ablations"], bundle.window
    is_measurement = np.isin(window.sources, window.whole_sources)
    nothing = np.zeros_like(is_measurement)
    withheld = {"whole": nothing, "tracing": is_measurement, "measurements": ~is_measurement}
    labels: list[str] = []
    predicted: dict[str, list[str]] = {left: [] for left in withheld}
    for classified, _ in classified_records(name):
        reference = np.array(classified.windows.reference)
        kept = np.isin(reference, bundle.classes)
        labels += reference[kept].tolist()
        values = classified.windows.values[kept]
        for left, columns in withheld.items():
            changed = np.where(columns, window.absent, values).astype(np.float32)
            scores = compute_scores(bundle, changed)
            predicted[left] += np.array(bundle.classes)[scores.argmax(axis=1)].tolist()
    truth, by_input = np.array(labels), {left: np.array(own) for left, own in predicted.items()}
    for left, figure in (
        ("whole", "accuracy"),
        ("tracing", "accuracy_without_measurements"),
        ("measurements", "accuracy_with_flat_leads"),
    ):
        assert (by_input[left] == truth).mean() == pytest.approx(card[figure], abs=5e-3)
    for label, row in card["kept"].items():
        is_right = (truth == label) & (by_input["whole"] == label)
        assert (by_input["tracing"][is_right] == label).mean() == pytest.approx(row["without_measurements"], abs=0.02)
        assert (by_input["measurements"][is_right] == label).mean() == pytest.approx(row["with_flat_leads"], abs=0.02)
