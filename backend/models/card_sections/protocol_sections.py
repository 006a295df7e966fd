"""The sections of a beat model's card about the protocols that it was tested under."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from backend.models.card_sections.markdown import (
    count,
    figure_with_interval,
    paragraphs,
    percent,
    percent_with_interval,
    table,
)
from backend.models.card_sections.published_figures import PUBLISHED_FIGURES
from backend.models.card_sections.sections import Card

__all__ = [
    "ablations",
    "all_kinds",
    "dominant_diagnosis",
    "learning_curve",
    "other_splits",
    "protocols",
]

_DOMINANT = {
    "ptbxl_dominant_label": "PTB-XL",
    "cpsc2018_dominant_label": "CPSC 2018",
    "cinc2021_dominant_label": "CinC 2021",
}
_TITLES = {
    "aami_ds2": "ANSI/AAMI EC57: training on DS1, test on DS2",
    "svdb_left_out": "MIT-BIH Supraventricular (svdb) kept out of training",
    "mitdb_left_out": "MIT-BIH Arrhythmia kept out of training",
}
_TRAINING = {
    "aami_ds2": "DS1 of de Chazal et al. 2004, the paced records and the other databases. Record 201 is not used: "
    "202, in DS2, is of the same man.",
    "svdb_left_out": "all other databases.",
    "mitdb_left_out": "all other databases; tested on the records without a pacemaker.",
}
_CLASS_HEADS = ("sensitivity", "PPV", "F1")
_SHARES = ("sensitivity", "positive_predictive_value")
_COUNTING = (
    "A missed beat is an error of its class. The PPV is over all beats predicted as a class, false detections and "
    "beats of other kinds included. Brackets: 95% CI, bootstrap over patients."
)


def all_kinds(test: Card) -> Iterator[str]:
    """Yield the figures on MIT-BIH whose denominators hold missed beats, false detections and beats of other kinds."""
    if found := test.get("mitdb_all_kinds"):
        yield "### MIT-BIH with missed beats, false detections and beats of other kinds"
        yield _COUNTING
        yield _overall([("", found)])
        yield _by_class([("", found)])
        yield _confusion(found)


def ablations(test: Card) -> Iterator[str]:
    """Yield what the model recognises without its measurements, and without its tracing."""
    if not (found := test.get("ablations")):
        return
    yield "### Without measurements, without tracing"
    yield (
        "Kept: the share of the correctly classified beats that keep their class when all measurements are withheld, "
        "or when all leads are flat."
    )
    yield table(
        ("input", "accuracy"),
        [
            ("whole", percent(found["accuracy"])),
            ("measurements withheld", percent(found["accuracy_without_measurements"])),
            ("flat leads", percent(found["accuracy_with_flat_leads"])),
        ],
    )
    rows = [
        (name, f"{row['beats']:,}", percent(row["without_measurements"]), percent(row["with_flat_leads"]))
        for name, row in found["kept"].items()
    ]
    yield table(("class", "correctly classified", "kept without measurements", "kept with flat leads"), rows)
    share = percent(found["morphological_with_flat_leads"])
    yield f"With flat leads, {share} of all beats are classified by a morphology (LBBB, RBBB, PVC or paced)."


def protocols(card: Card) -> Iterator[str]:
    """Yield one section for each protocol with a training of its own."""
    for name, found in card.get("protocols", {}).items():
        yield f"### {_TITLES[name]}"
        sizes = f"{count(found['training_patients'], 'patient')} (validation: {found['validation_patients']})"
        yield f"One network, trained on {sizes}: {_TRAINING[name]}"
        yield f"{_COUNTING} The model has no class F: fusion beats are errors, and F is 0 in macro-F1."
        columns = [("", found)]
        if "without_232" in found:
            columns.append(("without 232", found["without_232"]))
        yield _overall(columns)
        yield _by_class(columns)
        yield _confusion(found)
        if name == "aami_ds2":
            yield _beside_published(columns)


def learning_curve(card: Card) -> Iterator[str]:
    """Yield the figures on DS2 by the number of training patients."""
    if not (rows := card.get("learning_curve")):
        return
    yield "### Learning curve over patients: DS1 to DS2"
    yield "One network for each share of the training patients; the validation patients stay the same."
    heads = ("training patients", "accuracy", "S sensitivity", "S PPV", "V sensitivity", "V PPV")
    yield table(
        heads,
        [
            (
                row["training_patients"],
                percent_with_interval(row["accuracy"]),
                *(percent_with_interval(row[name][figure]) for name in ("S", "V") for figure in _SHARES),
            )
            for row in rows
        ],
    )


def dominant_diagnosis(card: Card) -> Iterator[str]:
    """Yield the share of resting records whose most frequent predicted class is the reference's."""
    found = [(f"{title}, test set", card["test"].get(key, {})) for key, title in _DOMINANT.items()]
    found.append(("PTB-XL, other splits", card.get("cross_validation", {}).get("ptbxl_dominant_label", {})))
    rows = [
        (title, name, row["records"], percent_with_interval(row["right"]))
        for title, classes in found
        for name, row in classes.items()
    ]
    if rows:
        yield "### Resting recordings"
        yield (
            "Accuracy by record: the most frequent prediction over the beats of a record against its label. Each "
            "PTB-XL patient of the other splits is tested once, by a network that was not trained on that patient."
        )
        yield table(("records", "class", "records tested", "accuracy"), rows)


def other_splits(card: Card) -> Iterator[str]:
    """Yield the figures of the cross-validation over the four classes of the papers."""
    if "cross_validation" not in card:
        return
    found = card["cross_validation"]
    splits = found["splits"]
    classes = list(splits[0]["sensitivity"])
    yield f"### {len(splits)} other splits of MIT-BIH"
    yield (
        f"The recipe trained from one start on {len(splits)} other admissible splits, over the classes "
        f"{', '.join(classes)}."
    )
    yield "Beats of other classes are left out. Missed beats are errors. Brackets: 95% CI, bootstrap over patients."
    columns = (
        ("accuracy", percent),
        ("majority_class_share", percent),
        ("macro_f1", "{:.3f}".format),
        ("accuracy_one_lead", percent),
        ("macro_f1_one_lead", "{:.3f}".format),
    )
    heads = ["split", "beats", "left out"]
    heads += ["accuracy", "majority-class baseline", "macro-F1", "accuracy, one lead", "macro-F1, one lead"]
    rows: list[list[str]] = []
    for number, split in enumerate(splits, start=1):
        shown = {name: pattern(split[name]) for name, pattern in columns}
        shown["accuracy"] = percent_with_interval([split["accuracy"], *split["accuracy_interval"]])
        shown["macro_f1"] = figure_with_interval([split["macro_f1"], *split["macro_f1_interval"]])
        title = f"{number} ({count(len(split['test_patients']), 'patient')})"
        sensitivities = [percent(split["sensitivity"][name]) for name in classes]
        rows.append([title, f"{split['beats']:,}", percent(split["left_out_share"]), *shown.values(), *sensitivities])
    means = [pattern(found[f"mean_{name}"]) for name, pattern in columns]
    yield table(
        [*heads, *(f"sensitivity, {name}" for name in classes)],
        [*rows, ["mean", "", "", *means, *("" for _ in classes)]],
    )


def _overall(columns: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    rows = [
        ("patients", *(f"{found['patients']:,}" for _, found in columns)),
        ("beats", *(f"{found['beats']:,}" for _, found in columns)),
        ("accuracy", *(percent_with_interval(found["accuracy"]) for _, found in columns)),
        ("macro-F1", *(figure_with_interval(found["macro_f1"]) for _, found in columns)),
    ]
    return table(("figure", *(title or "value" for title, _ in columns)), rows)


def _by_class(columns: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    heads = [f"{head}, {title}" if title else head for title, _ in columns for head in ("beats", *_CLASS_HEADS)]
    rows = [
        [name, *(cell for _, found in columns for cell in _class_cells(found["classes"][name]))]
        for name in columns[0][1]["classes"]
    ]
    return table(["class", *heads], rows)


def _class_cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        f"{row['beats']:,}",
        percent_with_interval(row["sensitivity"]),
        percent_with_interval(row["positive_predictive_value"]),
        figure_with_interval(row["f1"]),
    )


def _confusion(found: Mapping[str, Any]) -> str:
    confusion = found["confusion"]
    counts = dict(zip(confusion["rows"], confusion["counts"], strict=True))
    rows = [[name, *(f"{number:,}" for number in row)] for name, row in counts.items()]
    drawn = table(["reference", *confusion["columns"]], rows)
    if "Q" not in confusion["columns"]:
        return drawn
    not_paced = [counts[name] for name in "NSVF"]
    n_paced = sum(row[confusion["columns"].index("Q")] for row in not_paced)
    share = percent(n_paced / sum(map(sum, not_paced)), 2)
    return paragraphs(
        ["Rows: reference. Columns: prediction.", drawn, f"Classified as paced: {share} of the N, S, V and F beats."]
    )


def _beside_published(columns: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    """Return the figures on DS2 beside published ones, which start from annotated R peaks."""
    own = [
        (
            f"this recipe{', ' + title if title else ''}",
            percent(found["accuracy"][0]),
            *(percent(found["classes"][name][figure][0]) for name in ("S", "V") for figure in _SHARES),
        )
        for title, found in columns
    ]
    published = [
        (
            figures.source,
            percent(figures.accuracy),
            *(percent(share) for share in (*figures.supraventricular, *figures.ventricular)),
        )
        for figures in PUBLISHED_FIGURES
    ]
    heads = ("DS1 to DS2", "accuracy", "S sensitivity", "S PPV", "V sensitivity", "V PPV")
    return paragraphs(
        [
            "Beside published results, which start from the annotated R peaks and miss no beat:",
            table(heads, [*own, *published]),
        ]
    )
