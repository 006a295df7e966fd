"""The commands on sample records: ``simulate`` and ``samples``."""

import argparse
import sys
from pathlib import Path
from typing import Any

from backend.cli.answers import REFUSED

__all__ = ["add_commands"]


def add_commands(commands: Any) -> None:
    """Add ``simulate`` and ``samples``."""
    simulate = commands.add_parser("simulate", help="write the simulated samples")
    simulate.add_argument("--into", type=Path, default=Path("sample_records/simulated"), metavar="DIR")
    simulate.set_defaults(run=_simulate)
    samples = commands.add_parser("samples", help="download the real samples from PhysioNet, or copy them")
    samples.add_argument("--from", type=Path, dest="mirror", metavar="DIR", help="copy from a local mirror instead")
    samples.set_defaults(run=_samples)


def _simulate(options: argparse.Namespace) -> int:
    from backend.simulate.bundled_samples import DEFAULT_SEED, simulate_samples

    for name in simulate_samples(options.into, DEFAULT_SEED):
        print(name)
    return 0


def _samples(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from backend.records.samples.download import fetch_samples

    with tqdm(unit="file", desc="Samples") as bar:

        def show_progress(done: int, total: int, name: str) -> None:
            bar.total = total
            bar.update(done - bar.n)
            bar.set_postfix_str(name)

        report = fetch_samples(options.mirror, show_progress)
    for sentence in report.failures:
        print(sentence, file=sys.stderr)
    print(f"{len(report.fetched)} files fetched, {len(report.kept)} already on this machine.")
    return REFUSED if report.failures else 0
