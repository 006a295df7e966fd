"""Each figure of a shipped card is in its evaluation section."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from backend.models.bundle import BUNDLES, bundle_names
from backend.models.card_sections.alarm_sections import ALARM_SECTIONS
from backend.models.card_sections.beat_sections import BEAT_SECTIONS
from backend.models.card_sections.stay_sections import STAY_SECTIONS

SECTIONS = {"beat": BEAT_SECTIONS, "alarm": ALARM_SECTIONS, "stay": STAY_SECTIONS}
PARTS = ("test", "cross_validation", "protocols", "learning_curve", "strict", "validation")
REPEATED = (
    ("test", "mitdb_one_lead", "beats"),
    ("test", "mitdb_one_lead", "patients"),
    ("test", "mitdb_one_lead", "majority_class_share"),
    ("test", "mitdb_one_lead", "classes", "*", "beats"),
    ("test", "mitdb_one_lead", "by_patient", "*", "beats"),
    ("test", "mitdb_one_lead", "by_patient", "*", "reference", "*"),
    *((part, "beside", "*", size) for part in ("test", "strict") for size in ("stays", "deaths")),
)
"""Sizes that a card repeats: they equal those of all leads, or of the model on the same stays."""
WITH_KIND = [(name, kind) for kind in SECTIONS for name in bundle_names(kind)]


def numbers_of(value: Any, path: tuple = ()) -> Iterator[tuple]:
    """The paths of all numbers inside a JSON value."""
    if isinstance(value, dict | list):
        for key, own in value.items() if isinstance(value, dict) else enumerate(value):
            yield from numbers_of(own, (*path, key))
    elif isinstance(value, int | float):
        yield path


def is_repeated(path: tuple) -> bool:
    return any(
        len(path) == len(pattern) and all(part in ("*", own) for part, own in zip(pattern, path, strict=True))
        for pattern in REPEATED
    )


def card_of(name: str) -> dict[str, Any]:
    return json.loads((BUNDLES / name / "card.json").read_text(encoding="utf-8"))


def absent_figures(card: dict[str, Any], text: Callable[[], str]) -> list[tuple]:
    """The paths of the numbers of a card that can change without another text."""
    shipped, absent = text(), []
    for path in numbers_of({part: card[part] for part in PARTS if part in card}):
        *outer, last = path
        holder = card
        for key in outer:
            holder = holder[key]
        holder[last] += 1
        if text() == shipped and not is_repeated(path):
            absent.append(path)
        holder[last] -= 1
    return absent


@pytest.mark.parametrize(("name", "kind"), WITH_KIND)
def test_another_value_of_any_figure_changes_the_sections(name, kind):
    card, sections = card_of(name), SECTIONS[kind]
    assert absent_figures(card, lambda: sections.data_sets(card) + sections.evaluation(card)) == []


@pytest.mark.parametrize(("name", "kind"), WITH_KIND)
def test_the_headline_states_the_accuracy_beside_the_majority_class_baseline(name, kind):
    headline = SECTIONS[kind].headline(card_of(name))
    assert "accuracy 8" in headline
    assert "majority-class baseline" in headline


def test_the_beat_section_gives_the_accuracy_of_the_certain_predictions_of_each_class_and_the_times():
    card = card_of("ecg-beat")
    calibration = card["test"]["calibration"]
    calibration["certain_by_class"] = {
        "normal": {"predicted": 1200, "certain": 1100, "accuracy_of_certain": 0.991},
        "PVC": {"predicted": 40, "certain": 0, "accuracy_of_certain": None},
    }
    calibration["over_time"] = {
        "+0.1 s": {"accuracy": 0.71, "mean_probability": 0.69, "expected_calibration_error": 0.0213}
    }
    text = BEAT_SECTIONS.evaluation(card)
    assert "| normal | 1,200 | 1,100 | 99.1% |" in text
    assert "| PVC | 40 | 0 | – |" in text
    assert "| +0.1 s | 71.0% | 69.0% | 0.021 |" in text


def test_the_beat_section_gives_the_share_out_of_distribution_of_each_kind_of_recording():
    card = card_of("ecg-beat")
    card["test"]["outliers"] = {
        "test": {"clean": {"windows": 1300, "unlike_share": 0.012}, "inverted": {"windows": 90, "unlike_share": 0.9}},
        "qtdb": {"clean": {"windows": 700, "unlike_share": 0.031}},
    }
    text = BEAT_SECTIONS.evaluation(card)
    assert "| clean | 1,300 | 1.2% | 700 | 3.1% |" in text
    assert "| inverted | 90 | 90.0% | – | – |" in text


def test_the_beat_section_gives_sensitivity_and_ppv_of_each_class():
    card = card_of("ecg-beat")
    figures = card["test"]["mitdb"]["classes"]["PVC"]
    figures |= {"beats": 1165, "sensitivity": 0.9374, "positive_predictivity": 0.7756}
    assert "| PVC | 1,165 | 93.7% | 77.6% |" in BEAT_SECTIONS.evaluation(card)


def test_the_data_sets_are_counted_by_class():
    assert "| training | 895 | 5,498 |" in STAY_SECTIONS.data_sets(card_of("icu-mortality"))
    assert "| asystole | 13 | 63 | 5 | 17 |" in ALARM_SECTIONS.data_sets(card_of("icu-alarm"))
    assert "| training | 383 | 58,728 |" in BEAT_SECTIONS.data_sets(card_of("ecg-beat"))
