"""The commands on bundled models: ``models`` and ``train``."""

import argparse
import json
from pathlib import Path
from typing import Any

__all__ = ["add_commands"]


def add_commands(commands: Any) -> None:
    """Add ``models`` and ``train``."""
    models = commands.add_parser("models", help="the bundled models, or the card of one")
    models.add_argument("name", nargs="?")
    output = models.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="the cards as JSON")
    output.add_argument("--write-readme", action="store_true", help="rewrite the cards for people, README.md")
    models.set_defaults(run=_models)
    train = commands.add_parser("train", help="train a bundled model; resumes an interrupted run")
    train.add_argument("name")
    train.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder that holds the databases")
    train.add_argument(
        "--runs", type=Path, default=Path("runs"), metavar="DIR", help="checkpoints (default: %(default)s)"
    )
    train.add_argument("--into", type=Path, metavar="DIR", help="where the bundle goes (default: beside the others)")
    train.set_defaults(run=_train)


def _models(options: argparse.Namespace) -> int:
    from backend.models.bundle import bundle_names, load_bundle

    bundles = [load_bundle(name) for name in ([options.name] if options.name else bundle_names())]
    if options.write_readme:
        from backend.cohort.model_cards.model_card import write_model_card

        for bundle in bundles:
            print(write_model_card(bundle.name))
        return 0
    for card in (dict(bundle.card) for bundle in bundles):
        if options.json or options.name:
            print(json.dumps(card, ensure_ascii=False, indent=None if options.json else 2))
        else:
            print(f"{card['name']}: {card['title']}\n  {card['summary']}")
    return 0


def _train(options: argparse.Namespace) -> int:
    from backend.cohort.model_cards.model_card import write_model_card
    from backend.models.bundle import BUNDLES
    from backend.models.training.registry import train

    folder = options.into or BUNDLES
    train(options.name, options.data, options.runs, folder)
    print(write_model_card(options.name, folder))
    return 0
