"""The sections of a model card for models of heartbeats."""

from collections.abc import Iterator

from backend.models.card_sections.markdown import count, paragraphs, percent, table
from backend.models.card_sections.protocol_sections import (
    ablations,
    all_kinds,
    dominant_diagnosis,
    learning_curve,
    other_splits,
    protocols,
)
from backend.models.card_sections.sections import Card, CardSections

__all__ = ["BEAT_SECTIONS"]

_SETS = {"training": "training", "validation": "validation", "test_set": "test"}


def _headline(card: Card) -> str:
    figures = card["test"]["mitdb"]
    accuracy, baseline = percent(figures["accuracy"]), percent(figures["majority_class_share"])
    size = f"{count(figures['beats'], 'beat')} of {count(figures['patients'], 'test patient')}"
    return f"accuracy {accuracy} (majority-class baseline {baseline}), macro-F1 {figures['macro_f1']:.3f}; {size}"


def _data_sets(card: Card) -> str:
    counted = {label for name in _SETS for label in card[name]["beats"]}
    classes = [*card["classes"], *sorted(counted - set(card["classes"]))]
    rows = [
        [title, len(card[name]["patients"]), *(f"{card[name]['beats'].get(label, 0):,}" for label in classes)]
        for name, title in _SETS.items()
    ]
    return table(["set", "patients", *(f"{label} beats" for label in classes)], rows)


def _evaluation(card: Card) -> str:
    test = card["test"]
    figures, one_lead = test["mitdb"], test.get("mitdb_one_lead")
    return paragraphs(
        [
            f"### MIT-BIH: {count(figures['beats'], 'beat')} of {count(figures['patients'], 'test patient')}",
            table(("figure", "value"), _overall(test)),
            *_certainty(test["calibration"]),
            *_over_time(test["calibration"]),
            *_outliers(test.get("outliers", {})),
            "### By class",
            _by_class(figures, one_lead),
            "### Confusion matrix",
            "Rows: reference. Columns: prediction.",
            _confusion(figures),
            *(["With one lead only:", _confusion(one_lead)] if one_lead else []),
            "### By patient",
            _by_patient(figures, one_lead),
            *all_kinds(test),
            *ablations(test),
            *other_splits(card),
            *dominant_diagnosis(card),
            *protocols(card),
            *learning_curve(card),
        ]
    )


def _overall(test: Card) -> Iterator[tuple[str, str]]:
    figures, calibration = test["mitdb"], test["calibration"]
    yield "accuracy", percent(figures["accuracy"])
    yield "majority-class baseline", percent(figures["majority_class_share"])
    yield "macro-F1", f"{figures['macro_f1']:.3f}"
    if one_lead := test.get("mitdb_one_lead"):
        yield "accuracy with one lead only", percent(one_lead["accuracy"])
        yield "macro-F1 with one lead only", f"{one_lead['macro_f1']:.3f}"
    yield "expected calibration error", f"{calibration['expected_calibration_error']:.3f}"
    yield (
        "expected calibration error before temperature scaling",
        f"{calibration['expected_calibration_error_before']:.3f}",
    )
    yield "uncertain predictions", percent(calibration["uncertain_share"])
    yield "accuracy of uncertain predictions", percent(calibration["accuracy_of_uncertain"])
    yield "accuracy of the other predictions", percent(calibration["accuracy_of_certain"])
    if "unlike_share" in calibration:
        yield "test beats out of distribution", percent(calibration["unlike_share"])
        if "accuracy_of_unlike" in calibration:
            yield "accuracy of beats out of distribution", percent(calibration["accuracy_of_unlike"])
        if "unlike_auroc_of_errors" in calibration:
            yield "AUROC of the outlier score for errors", f"{calibration['unlike_auroc_of_errors']:.3f}"
        yield "white noise out of distribution", percent(calibration["unlike_share_of_white_noise"])


def _certainty(calibration: Card) -> Iterator[str]:
    if "certain_by_class" not in calibration:
        return
    yield "### Certain predictions, by predicted class"
    rows = [
        (name, f"{row['predicted']:,}", f"{row['certain']:,}", _percent_or_dash(row["accuracy_of_certain"]))
        for name, row in calibration["certain_by_class"].items()
    ]
    yield table(("predicted class", "predictions", "certain", "accuracy of the certain"), rows)


def _over_time(calibration: Card) -> Iterator[str]:
    if "over_time" not in calibration:
        return
    yield "### Class probabilities over time"
    yield "From what the model has read at that time after the R peak."
    rows = [
        (time, percent(row["accuracy"]), percent(row["mean_probability"]), f"{row['expected_calibration_error']:.3f}")
        for time, row in calibration["over_time"].items()
    ]
    yield table(("time", "accuracy", "mean greatest probability", "expected calibration error"), rows)


_OUTLIER_SETS = {"test": "test patients", "qtdb": "QT Database (not trained on)"}


def _outliers(found: Card) -> Iterator[str]:
    if not found:
        return
    yield "### Out of distribution"
    yield "The share of windows that are out of distribution; that of clean windows should be small."
    kinds = list(dict.fromkeys(kind for rows in found.values() for kind in rows))
    rows = [[kind, *(cell for rows in found.values() for cell in _outlier_cells(rows.get(kind)))] for kind in kinds]
    heads = [head for name in found for head in (f"windows, {_OUTLIER_SETS[name]}", "out of distribution")]
    yield table(["recording", *heads], rows)


def _outlier_cells(row: Card | None) -> tuple[str, str]:
    return ("–", "–") if row is None else (f"{row['windows']:,}", percent(row["unlike_share"]))


def _percent_or_dash(share: float | None) -> str:
    return "–" if share is None else percent(share)


def _by_class(figures: Card, one_lead: Card | None) -> str:
    heads = ["class", "beats", "sensitivity", "PPV", "F1"]
    if one_lead:
        heads += ["sensitivity, one lead", "PPV, one lead", "F1, one lead"]
    rows = []
    for name, row in figures["classes"].items():
        cells = [name, f"{row['beats']:,}", *_class_figures(row)]
        rows.append(cells + (_class_figures(one_lead["classes"][name]) if one_lead else []))
    return table(heads, rows)


def _class_figures(row: Card) -> list[str]:
    return [percent(row["sensitivity"]), percent(row["positive_predictivity"]), f"{row['f1']:.3f}"]


def _confusion(figures: Card) -> str:
    classes, counts = figures["confusion"]["classes"], figures["confusion"]["counts"]
    rows = ([name, *(f"{number:,}" for number in row)] for name, row in zip(classes, counts, strict=True))
    return table(["reference", *classes], rows)


def _by_patient(figures: Card, one_lead: Card | None) -> str:
    heads = ["patient", "beats", "accuracy", *(["accuracy, one lead"] if one_lead else []), "reference"]
    rows = []
    for patient, row in figures["by_patient"].items():
        alone = [percent(one_lead["by_patient"][patient]["accuracy"])] if one_lead else []
        reference = ", ".join(f"{number:,} {name}" for name, number in row["reference"].items())
        rows.append([patient, f"{row['beats']:,}", percent(row["accuracy"]), *alone, reference])
    return table(heads, rows)


BEAT_SECTIONS = CardSections(_headline, _data_sets, _evaluation)
