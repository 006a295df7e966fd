"""The card of a model for people: ``README.md`` beside its weights."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path

from backend.cohort.evidence import read_evidence
from backend.cohort.model_cards.evidence_tables import evidence_tables
from backend.cohort.model_cards.stabiliser_tables import stabiliser_tables
from backend.cohort.stabilisers import read_study
from backend.kinds.kind import kind_named
from backend.models.bundle import BUNDLES, bundle_names
from backend.models.card_sections.markdown import bullets, count, paragraphs, table
from backend.models.card_sections.sections import Card
from backend.records.record import RecordRefused

__all__ = ["model_card", "models_table", "write_model_card"]

_MOST_VARIABLES = 20
"""A card with more variables than this gives their number instead of their names."""

_POOLING = {"last": "the read-out of the last state", "mean": "the mean of the read-outs after each read"}
_PLAN = {
    "epochs": "epochs at most",
    "patience": "patience in epochs",
    "batch": "batch size",
    "learning_rate": "learning rate",
    "weight_decay": "weight decay",
    "label_smoothing": "label smoothing",
    "averaging": "weight averaging",
    "seed": "seed",
}


def write_model_card(name: str, folder: Path = BUNDLES) -> Path:
    """Write the card of a bundle for people and return its path.

    Parameters
    ----------
    name : str
    folder : Path
        Holds the bundle's folder.

    Raises
    ------
    RecordRefused
        If the bundle does not exist, or its evidence cannot be read.
    """
    path = folder / name / "README.md"
    path.write_text(model_card(name, folder), encoding="utf-8")
    return path


def model_card(name: str, folder: Path = BUNDLES) -> str:
    """Return the card of a bundle for people as Markdown.

    It is made from ``card.json`` (written by training), ``notes.toml`` (written by people; optional) and the folder
    ``evidence`` (written by evaluation; optional), in the order of the Hugging Face model cards.

    Parameters
    ----------
    name : str
    folder : Path
        Holds the bundle's folder.

    Raises
    ------
    RecordRefused
        If the bundle does not exist, or its evidence cannot be read.
    """
    card, notes = _card(folder / name), _notes(folder / name)
    evidence, study = read_evidence(name, folder), read_study(name, folder)
    sections = kind_named(card["window"]["kind"]).card_sections
    return (
        paragraphs(
            [
                f"# {name}",
                f"**{card['title']}.** For research and teaching only: not a medical device.",
                card["summary"],
                f"<!-- Made by `python -m backend models {name} --write-readme`; edit notes.toml, not this file. -->",
                "## Model details",
                _details(card),
                "### Input",
                bullets(card["preprocessing"]),
                *_titled("## Intended use", bullets(notes.get("intended_use", ()))),
                "## Out of scope",
                bullets(card["not_for"]),
                "## Training data",
                bullets(card["data"]),
                sections.data_sets(card) if sections else "",
                _training(card),
                bullets(notes.get("training", ())),
                *_titled("### Departures from the published recipe", bullets(notes.get("departures", ()))),
                "## Evaluation",
                bullets(notes.get("evaluation", ())),
                sections.evaluation(card) if sections else "The figures are in `card.json` under `test`.",
                *_titled("## Limitations", bullets(notes.get("limitations", ()))),
                *_titled("## Evidence about the explanations", evidence_tables(evidence) if evidence else ""),
                *_titled("### Relevance (LRP) by stabiliser", stabiliser_tables(study) if study else ""),
                *_titled("### Read with care", bullets(notes.get("explanations", ()))),
            ]
        )
        + "\n"
    )


def models_table(folder: Path = BUNDLES) -> str:
    """Return one Markdown table of all bundles, with a link to each card from the root of the repository."""
    rows = []
    for name in bundle_names():
        card = _card(folder / name)
        sections = kind_named(card["window"]["kind"]).card_sections
        link = f"[`{name}`](backend/models/bundles/{name}/README.md)"
        rows.append([link, card["title"], sections.headline(card) if sections else ""])
    return table(("model", "classifies", "figures on held-out data (95% CI)"), rows)


def _card(bundle: Path) -> Card:
    try:
        card: Card = json.loads((bundle / "card.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RecordRefused(f"The card of {bundle.name} cannot be read. Restore its folder.") from error
    return card


def _notes(bundle: Path) -> Mapping[str, list[str]]:
    path = bundle / "notes.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _titled(heading: str, body: str) -> tuple[str, ...]:
    """Return a heading with its body, or nothing where the body is empty."""
    return (heading, body) if body else ()


def _details(card: Card) -> str:
    return table(("", ""), _detail_rows(card))


def _detail_rows(card: Card) -> list[tuple[str, str]]:
    architecture, variables = card["architecture"], card["variables"]
    names = ", ".join(variables) if len(variables) <= _MOST_VARIABLES else "names in `card.json`"
    rows = [
        ("network", f"LSTM, {count(architecture['layers'], 'layer')} of {architecture['hidden']} units"),
        ("time steps per read", str(architecture["steps_per_read"])),
        ("class score", _POOLING[architecture["pooling"]]),
        ("classes", ", ".join(card["classes"])),
        ("variables", f"{len(variables)}: {names}"),
        ("temperature of the probabilities", f"{card['temperature']:.3f}"),
    ]
    if "weights" in card:
        weights = ", ".join(f"{label} {weight:g}" for label, weight in card["weights"].items())
        rows.append(("class weights", f"{weights}; the class of the greatest weighted probability is predicted"))
    probability = "weighted probability" if "weights" in card else "probability"
    rows.append(("uncertain below", f"a {probability} of {_thresholds(card['certain_from'])}"))
    return rows


def _thresholds(certain_from: float | Mapping[str, float | None]) -> str:
    """Return the threshold of a certain prediction, or that of each class."""
    if not isinstance(certain_from, Mapping):
        return f"{certain_from:g}"
    thresholds = [f"{name} {threshold:g}" for name, threshold in certain_from.items() if threshold is not None]
    never = [name for name, threshold in certain_from.items() if threshold is None]
    return ", ".join(thresholds) + (f"; predictions of {', '.join(never)} always" if never else "")


def _training(card: Card) -> str:
    plan, training = card["plan"], card["training"]
    settings = ", ".join(f"{title} {plan[name]:g}" for name, title in _PLAN.items() if plan.get(name) is not None)
    parts = [f"Settings: {settings}; the rest is under `plan` in `card.json`."]
    if "best_epoch" in training:
        losses = ", ".join(f"seed {seed} {loss:.3f}" for seed, loss in training["validation_loss_by_seed"].items())
        parts.append(
            f"The weights are those of epoch {training['best_epoch']} of {training['epochs']}, with the least "
            f"validation loss ({training['validation_loss']:.3f}; by start: {losses})."
        )
    if "best_epochs" in training:
        epochs = ", ".join(map(str, training["best_epochs"]))
        losses = ", ".join(f"{loss:.3f}" for loss in training.get("validation_losses", ()))
        parts.append(
            f"The network merges {len(training['best_epochs'])} networks, with weights of epochs {epochs}"
            + (f" (validation loss {losses})." if losses else ".")
        )
    return " ".join(parts)
