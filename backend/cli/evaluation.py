"""The commands that measure a model's explanations: ``evaluate`` and ``stabilisers``."""

import argparse
import sys
from pathlib import Path
from typing import Any

from backend.cli.answers import STOPPED

__all__ = ["add_commands"]


def add_commands(commands: Any) -> None:
    """Add ``evaluate`` and ``stabilisers``."""
    evaluate = commands.add_parser(
        "evaluate",
        help="measure the faithfulness and stability of a model's explanations; resumes an interrupted run",
    )
    evaluate.add_argument("name", metavar="MODEL")
    evaluate.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder that holds the databases")
    evaluate.add_argument("--runs", type=Path, metavar="DIR", help="finished parts (default: runs/evaluate/MODEL)")
    evaluate.add_argument(
        "--into", type=Path, metavar="DIR", help="where the folder evidence goes (default: beside the model)"
    )
    evaluate.add_argument(
        "--beats",
        type=_number_or_all,
        default=2000,
        metavar="N",
        help="test beats, drawn evenly from classes and patients, or all (default: %(default)s)",
    )
    evaluate.add_argument(
        "--subset",
        type=_positive,
        default=128,
        metavar="N",
        help="test beats for the randomisation and stability checks (default: %(default)s)",
    )
    evaluate.add_argument("--techniques", type=_names, default=(), metavar="A,B", help="only these (default: all)")
    evaluate.add_argument(
        "--fills", type=_names, default=(), metavar="A,B", help="baseline values: 0, mean, ... (default: all)"
    )
    evaluate.add_argument("--seed", type=_seed, default=2018, metavar="N", help="of all draws (default: %(default)s)")
    where = evaluate.add_mutually_exclusive_group()
    where.add_argument("--workers", type=_positive, metavar="N", help="processes (default: one for each core)")
    where.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="tcp://host:8786, of a Dask cluster whose processes were started in this folder with PYTHONPATH=.",
    )
    where.add_argument(
        "--finished", action="store_true", help="compute nothing more: write the tables of the finished parts"
    )
    evaluate.set_defaults(run=_evaluate)
    stabilisers = commands.add_parser(
        "stabilisers", help="measure how much of the score relevance (LRP) loses with each stabiliser"
    )
    stabilisers.add_argument("name", metavar="MODEL")
    stabilisers.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="the folder that holds the databases"
    )
    stabilisers.add_argument(
        "--beats",
        type=_positive,
        default=2000,
        metavar="N",
        help="beats to choose and to test on (default: %(default)s)",
    )
    stabilisers.set_defaults(run=_stabilisers)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is too few")
    return number


def _seed(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} is below 0")
    return number


def _number_or_all(text: str) -> int | None:
    return None if text == "all" else _positive(text)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _evaluate(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from backend.cohort.evaluation import Workers, evaluate
    from backend.cohort.model_cards.model_card import write_model_card
    from backend.cohort.request import EvaluationRequest

    request = EvaluationRequest(options.beats, options.subset, options.techniques, options.fills, options.seed)
    workers = None if options.finished else Workers(options.workers, options.scheduler)
    runs = options.runs or Path("runs", "evaluate", options.name)
    with tqdm(unit="part", desc=f"Evaluating {options.name}") as bar:

        def show_progress(done: int, total: int, last: str) -> None:
            if bar.total is None:
                # What lies on disk took no time now: counted in, it would make the rest look quicker than it is.
                bar.reset(total)
                bar.initial = done
            bar.n = done
            bar.set_postfix_str(last)

        try:
            evidence = evaluate(
                options.name, options.data, runs, request, options.into, workers=workers, on_progress=show_progress
            )
        except KeyboardInterrupt:
            bar.close()
            print(f"Stopped. The finished parts are in {runs}; the same command resumes.", file=sys.stderr)
            return STOPPED
    if options.into is None:
        write_model_card(options.name)
    about = evidence.about
    print(f"{about['beats']} beats of {about['patients']} patients, {len(about['techniques'])} techniques")
    for missing in about.get("unfinished", ()):
        print(f"unfinished: {missing}", file=sys.stderr)
    return 0


def _stabilisers(options: argparse.Namespace) -> int:
    from backend.cohort.model_cards.model_card import write_model_card
    from backend.cohort.stabilisers import study_stabilisers

    study = study_stabilisers(options.name, options.data, options.beats)
    write_model_card(options.name)
    for row in study.choice:
        print(f"{row.stabiliser:g}: lost {row.lost:.2f} of the score, departure {row.departure:.2f}")
    print(f"chosen: {study.chosen:g}")
    return 0
