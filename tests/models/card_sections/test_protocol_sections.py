"""Sections about protocols, from a made card whose figures are computed as those of a real one."""

from typing import Any

import numpy as np
import pytest

from backend.models.card_sections.protocol_sections import (
    ablations,
    all_kinds,
    dominant_diagnosis,
    learning_curve,
    other_splits,
    protocols,
)
from backend.models.metrics.beat_metrics import Outcomes, outcome_figures
from backend.models.training.beats.protocols.aami import AAMI_PROTOCOLS
from backend.models.training.beats.protocols.dominant_diagnosis import dominant_figures
from tests.models.card_sections.test_card_sections import absent_figures

LABELS = ("normal", "atrial premature", "PVC", "fusion", "no beat")
PREDICTIONS = ("normal", "atrial premature", "PVC", "paced", "missed")
SECTIONS = (all_kinds, ablations)


def made_outcomes(seed: int) -> Outcomes:
    """Beats of eight patients, one of them record 232, predicted at random."""
    rng = np.random.default_rng(seed)
    names = rng.choice(["232", *"abcdefg"], 600)
    return Outcomes(rng.choice(LABELS, 600), rng.choice(PREDICTIONS, 600), names, names)


def made_split(seed: int) -> dict[str, Any]:
    limits = np.round(np.random.default_rng(seed).uniform(0.5, 0.9, 9), 3).tolist()
    names = ("left_out_share", "majority_class_share", "accuracy", "macro_f1", "accuracy_one_lead", "macro_f1_one_lead")
    return {
        "test_patients": ["mitdb-100", "mitdb-101"],
        "beats": 4321,
        **dict(zip(names, limits, strict=False)),
        "accuracy_interval": [0.61, 0.93],
        "macro_f1_interval": [None, None],
        "sensitivity": {"normal": limits[6], "RBBB": None, "PVC": limits[7], "paced": limits[8]},
    }


@pytest.fixture
def card() -> dict[str, Any]:
    classes = PREDICTIONS[:4]
    of_ten = dominant_figures(
        Outcomes(np.array(["LBBB"] * 10), np.array(["LBBB"] * 9 + ["PVC"]), *[np.array(list("abcdefghij"))] * 2)
    )
    return {
        "test": {
            "mitdb_all_kinds": outcome_figures(
                made_outcomes(1), (*classes, "fusion", "no beat"), PREDICTIONS, classes, "no beat"
            ),
            "ablations": {
                "accuracy": 0.951,
                "accuracy_without_measurements": 0.912,
                "accuracy_with_flat_leads": 0.403,
                "morphological_with_flat_leads": 0.071,
                "kept": {"PVC": {"beats": 1234, "without_measurements": 0.885, "with_flat_leads": None}},
            },
            "ptbxl_dominant_label": of_ten,
            "cinc2021_dominant_label": of_ten,
        },
        "cross_validation": {
            "splits": [made_split(1), made_split(2)],
            **{f"mean_{name}": 0.5 for name in ("accuracy", "macro_f1", "majority_class_share")},
            **{f"mean_{name}": 0.4 for name in ("accuracy_one_lead", "macro_f1_one_lead")},
            "ptbxl_dominant_label": of_ten,
        },
        "protocols": {
            protocol.name: {"training_patients": 90, "validation_patients": 17}
            | protocol.figures(made_outcomes(3 + place))
            for place, protocol in enumerate(AAMI_PROTOCOLS)
        },
        "learning_curve": [
            {
                "training_patients": 20 * (place + 1),
                "accuracy": [0.9, 0.8, 0.95],
                "S": {"sensitivity": [0.5, 0.4, 0.6], "positive_predictive_value": [0.55, None, None]},
                "V": {"sensitivity": [0.8, 0.7, 0.85], "positive_predictive_value": [None, None, None]},
            }
            for place in range(2)
        ],
    }


def text_of(card: dict[str, Any]) -> str:
    parts = [own for section in SECTIONS for own in section(card["test"])]
    return "\n".join([*parts, *other_splits(card), *dominant_diagnosis(card), *protocols(card), *learning_curve(card)])


def test_another_value_of_any_figure_changes_the_sections(card):
    # The PPV and F1 of the empty class F are None, and no number.
    assert absent_figures(card, lambda: text_of(card)) == []


def test_a_figure_has_its_interval_beside_it(card):
    value, low, high = card["protocols"]["aami_ds2"]["classes"]["S"]["sensitivity"]
    assert f"{100 * value:.1f}% ({100 * low:.1f}–{100 * high:.1f}%)" in text_of(card)
    assert "| PTB-XL, test set | LBBB | 10 | 90.0% (" in text_of(card)


def test_ds2_stands_beside_published_results(card):
    text = "\n".join(protocols(card))
    assert (
        "| de Chazal, O'Dwyer & Reilly 2004, IEEE Trans Biomed Eng 51(7):1196-1206 | – | 75.9% | 38.5% | 77.7% |"
        in text
    )
    assert text.count("de Chazal, O'Dwyer") == 1
    assert "this recipe, without 232" in text


def test_the_share_of_beats_classified_as_paced_is_of_beats_without_a_pacemaker(card):
    confusion = card["protocols"]["svdb_left_out"]["confusion"]
    counts = dict(zip(confusion["rows"], confusion["counts"], strict=True))
    n_paced = sum(counts[name][confusion["columns"].index("Q")] for name in "NSVF")
    share = n_paced / sum(sum(counts[name]) for name in "NSVF")
    assert f"Classified as paced: {100 * share:.2f}% of" in "\n".join(protocols(card))


def test_a_card_without_these_figures_has_no_such_section():
    card = {"test": {}}
    assert text_of(card) == ""
