"""The sections of a model card for models of stays in intensive care."""

from collections.abc import Iterator

from backend.models.card_sections.markdown import count, paragraphs, percent, table, with_interval
from backend.models.card_sections.sections import Card, CardSections

__all__ = ["STAY_SECTIONS"]

_MEASURES = {"auroc": "AUROC (95% CI)", "auprc": "AUPRC (95% CI)", "event_1": "event 1 (95% CI)"}


def _headline(card: Card) -> str:
    test = card["test"]
    accuracy, baseline = percent(test["accuracy"]), percent(test["majority_class_share"])
    auroc, event_1 = (with_interval(test[name]["value"], test[name]["interval"]) for name in ("auroc", "event_1"))
    size = f"{count(test['stays'], 'test stay')}, {count(test['deaths'], 'death')}"
    return f"AUROC {auroc}, event 1 {event_1}, accuracy {accuracy} (majority-class baseline {baseline}); {size}"


def _data_sets(card: Card) -> str:
    rows = [
        [title, *(f"{card[name]['stays'][label]:,}" for label in card["classes"])]
        for name, title in (("training", "training"), ("test_set", "test"))
    ]
    return table(["set", *(f"stays: {label}" for label in card["classes"])], rows)


def _evaluation(card: Card) -> str:
    name, test, strict, validation = card["name"], card["test"], card["strict"], card["validation"]
    return paragraphs(
        [
            f"### Test set: {_size(test)}",
            "Event 1 is the lesser of sensitivity and PPV, at a threshold chosen on training stays. Brackets: 95% CI, "
            "bootstrap.",
            _beside(name, test),
            table(("figure", "value"), _certainty(test)),
            "### By hour",
            _by_hour(test, validation),
            "### Calibration",
            _calibration(test),
            f"### Comparison with the challenge: {_size(strict)}",
            f"The same recipe, {strict['what']}.",
            _beside("the same recipe", strict),
            _calibration(strict),
            _earlier_trials(strict),
            f"### Cross-validation: {_size(validation)}",
            f"{validation['what'][0].upper()}{validation['what'][1:]}.",
            _beside(name, validation),
            _calibration(validation),
        ]
    )


def _size(figures: Card) -> str:
    return f"{count(figures['stays'], 'stay')}, {count(figures['deaths'], 'death')}"


def _beside(name: str, figures: Card) -> str:
    """Return the figures of a model and of what was measured beside it on the same stays."""
    heads = ("on the same stays", *_MEASURES.values(), "sensitivity", "PPV", "accuracy", "majority-class baseline")
    rows = []
    for title, row in {name: figures, **figures.get("beside", {})}.items():
        estimates = [with_interval(row[measure]["value"], row[measure]["interval"]) for measure in _MEASURES]
        event_1 = row["event_1"]
        shares = (event_1["sensitivity"], event_1["positive_predictivity"], row["accuracy"])
        rows.append([title, *estimates, *map(percent, shares), percent(row["majority_class_share"])])
    return table(heads, rows)


def _certainty(test: Card) -> Iterator[tuple[str, str]]:
    yield "uncertain predictions", percent(test["uncertain_share"])
    yield "accuracy of uncertain predictions", percent(test["accuracy_of_uncertain"])
    yield "accuracy of the other predictions", percent(test["accuracy_of_certain"])
    yield "test stays out of distribution", percent(test["unlike_share"])


def _by_hour(test: Card, validation: Card) -> str:
    heads = (
        "after",
        "AUROC",
        "mean risk",
        "calibration error",
        "cross-validation: AUROC",
        "mean risk",
        "calibration error",
    )
    rows = (
        [f"{hour} h", *_hour_figures(row), *_hour_figures(validation["by_hours"][hour])]
        for hour, row in test["by_hours"].items()
    )
    return table(heads, rows)


def _hour_figures(row: Card) -> list[str]:
    return [f"{row['auroc']:.3f}", percent(row["mean_risk"]), f"{row['calibration_error']:.3f}"]


def _calibration(figures: Card) -> str:
    calibration = figures["calibration"]
    return paragraphs(
        [
            f"Brier score {calibration['brier']:.3f} (of the mean alone {calibration['brier_of_the_mean']:.3f}), "
            f"calibration error {calibration['calibration_error']:.3f}.",
            table(
                ("predicted risk", "stays", "mean predicted risk", "deaths"),
                (
                    [
                        f"{100 * row['low']:.0f}–{percent(row['high'], 0)}",
                        f"{row['count']:,}",
                        percent(row["mean_risk"]),
                        percent(row["event_share"]),
                    ]
                    for row in calibration["reliability"]
                ),
            ),
        ]
    )


def _earlier_trials(strict: Card) -> str:
    """Return the figures of earlier trials on the same split; a figure that was not measured is left empty."""
    if "earlier_trials" not in strict:
        return ""
    rows = [
        [title, *(f"{row[name]:.3f}" if name in row else "" for name in ("auroc", "event_1"))]
        for title, row in strict["earlier_trials"].items()
    ]
    return table(("earlier trials on that split", "AUROC", "event 1"), rows)


STAY_SECTIONS = CardSections(_headline, _data_sets, _evaluation)
