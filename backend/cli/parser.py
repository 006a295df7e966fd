"""The commands and their options."""

import argparse
import os
import sys
from collections.abc import Sequence

from backend.cli import evaluation, models, records, samples, windows
from backend.cli.answers import REFUSED, STOPPED
from backend.cli.technique_options import technique_parameters
from backend.records.record import RecordRefused

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0, 2 if something was refused, 130 if it was stopped."""
    parser = _parser()
    options, rest = parser.parse_known_args(arguments)
    try:
        options.parameters = technique_parameters(parser, options, rest)
        return int(options.run(options))
    except RecordRefused as refusal:
        print(refusal, file=sys.stderr)
        return REFUSED
    except BrokenPipeError:
        # Whoever read the output has seen enough; without this Python would complain once more when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        print(f"{error.filename or 'A file'} cannot be read or written ({error.strerror}).", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return STOPPED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m backend",
        description="Beatlight from the command line. For research only: not a medical device.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    for family in (records, windows, models, evaluation, samples):
        family.add_commands(commands)
    return parser
