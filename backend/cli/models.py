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
    models.add_argument("--json", action="store_true", help="the cards as JSON")
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

    cards = [dict(load_bundle(name).card) for name in ([options.name] if options.name else bundle_names())]
    for card in cards:
        if options.json or options.name:
            print(json.dumps(card, ensure_ascii=False, indent=None if options.json else 2))
        else:
            print(f"{card['name']}: {card['title']}\n  {card['summary']}")
    return 0


def _train(options: argparse.Namespace) -> int:
    from backend.models.bundle import BUNDLES
    from backend.models.training.registry import train

    train(options.name, options.data, options.runs, options.into or BUNDLES)
    return 0
