"""The sections of a model card for models of bedside alarms."""

from collections.abc import Iterable, Iterator

from backend.models.card_sections.markdown import count, paragraphs, percent, table, with_interval
from backend.models.card_sections.sections import Card, CardSections

__all__ = ["ALARM_SECTIONS"]

_SCORE = (
    "The challenge score is (TP + TN) / (TP + TN + FP + 5 FN) in per cent: a missed true alarm counts five times. "
    "Brackets: 95% CI, bootstrap. Type alone: a rule that knows only which alarm sounded."
)


def _headline(card: Card) -> str:
    folds = card["cross_validation"]["all"]
    accuracy, baseline = percent(folds["accuracy"]), percent(folds["majority_class_share"])
    auc, score = _estimate(folds, "auc", "{:.3f}"), _estimate(folds, "challenge_score", "{:.1f}")
    size = f"{count(folds['alarms'], 'alarm')} in {len(card['cross_validation']['folds'])} folds"
    return f"AUC {auc}, challenge score {score}, accuracy {accuracy} (majority-class baseline {baseline}); {size}"


def _data_sets(card: Card) -> str:
    training, test = card["training"], card["test_set"]
    classes = card["classes"]
    heads = ["alarm type", *(f"{part}: {label}s" for part in ("training", "test") for label in classes)]
    rows = [
        [name, *(part["alarms"][name].get(label, 0) for part in (training, test) for label in classes)]
        for name in training["alarms"]
    ]
    return paragraphs(
        [
            f"Training set: {count(len(training['records']), 'record')}. Test set: "
            f"{count(len(test['records']), 'record')}. {card['validation']['how']}",
            table(heads, rows),
        ]
    )


def _evaluation(card: Card) -> str:
    folds, test = card["cross_validation"], card["test"]
    n_folds = len(folds["folds"])
    return paragraphs(
        [
            "### Overall",
            _SCORE,
            table(
                ("", f"{n_folds} folds", "type alone", "published network, its test fold", "type alone"),
                _overall(folds["all"], test),
            ),
            table(("published network, its test fold", "value"), _certainty(test)),
            f"### By alarm type, {n_folds} folds",
            _by_type(folds["all"]),
            "### By alarm type, published network on its test fold",
            _by_type(test),
            "### By fold",
            _by_fold(folds["folds"]),
        ]
    )


def _overall(folds: Card, test: Card) -> Iterator[list[str]]:
    columns = (folds, folds["by_type_alone"], test, test["by_type_alone"])
    yield ["alarms (true)", *(f"{one['alarms']} ({one['true_alarms']})" for one in columns)]
    yield ["AUC (95% CI)", *(_estimate(one, "auc", "{:.3f}") for one in columns)]
    yield ["challenge score (95% CI)", *(_estimate(one, "challenge_score", "{:.1f}") for one in columns)]
    yield ["accuracy", *(percent(one["accuracy"]) for one in columns)]
    yield ["majority-class baseline", *(percent(one["majority_class_share"]) for one in columns)]
    yield ["missed true alarms", *(str(one["missed_true_alarms"]) for one in columns)]
    yield ["suppressed false alarms", *(str(one["suppressed_false_alarms"]) for one in columns)]
    for name, title in (("brier", "Brier score"), ("calibration_gap", "calibration error")):
        yield [title, *(f"{one[name]:.3f}" if name in one else "" for one in columns)]


def _estimate(figures: Card, name: str, pattern: str) -> str:
    limits = figures.get(f"{name}_interval")
    return with_interval(figures[name], limits, pattern) if limits else _number(figures[name], pattern)


def _certainty(test: Card) -> Iterator[tuple[str, str]]:
    yield "uncertain predictions", percent(test["uncertain_share"])
    yield "accuracy of uncertain predictions", percent(test["accuracy_of_uncertain"])
    yield "accuracy of the other predictions", percent(test["accuracy_of_certain"])
    yield "out of distribution", percent(test["unlike_share"])


def _by_type(figures: Card) -> str:
    heads = (
        "alarm type",
        "predictor",
        "alarms (true)",
        "AUC",
        "challenge score",
        "accuracy",
        "majority-class baseline",
        "missed true alarms",
        "suppressed false alarms",
    )
    rows = []
    for name, row in figures["kinds"].items():
        rows.append([name, "model", *_type_figures(row)])
        rows.append(["", "type alone", *_type_figures(row["by_type_alone"])])
    return table(heads, rows)


def _type_figures(row: Card) -> list[str]:
    return [
        f"{row['alarms']} ({row['true_alarms']})",
        _number(row["auc"], "{:.3f}"),
        f"{row['challenge_score']:.1f}",
        percent(row["accuracy"]),
        percent(row["majority_class_share"]),
        str(row["missed_true_alarms"]),
        str(row["suppressed_false_alarms"]),
    ]


def _by_fold(folds: Iterable[Card]) -> str:
    heads = ("fold", "alarms (true)", "AUC", "challenge score", "accuracy", "majority-class baseline", "threshold")
    rows = (
        [
            str(number),
            f"{fold['alarms']} ({fold['true_alarms']})",
            f"{fold['auc']:.3f}",
            f"{fold['challenge_score']:.1f}",
            percent(fold["accuracy"]),
            percent(fold["majority_class_share"]),
            f"{fold['named_true_from']:.3f}",
        ]
        for number, fold in enumerate(folds, start=1)
    )
    return paragraphs(
        [
            "An alarm is predicted true from this probability on (threshold). The published network is that of fold 1.",
            table(heads, rows),
        ]
    )


def _number(value: float | None, pattern: str) -> str:
    return "–" if value is None else pattern.format(value)


ALARM_SECTIONS = CardSections(_headline, _data_sets, _evaluation)
