"""One answer for each record, as JSON or as text; a refused record does not stop the others."""

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any

from backend.records.record import Record, RecordRefused

__all__ = ["REFUSED", "STOPPED", "Answer", "add_record_command"]

Answer = dict[str, Any]

REFUSED = 2
STOPPED = 130


def add_record_command(
    commands: Any,
    name: str,
    answer: Callable[[argparse.Namespace, Record], Answer],
    as_text: Callable[[Answer], str],
    described: str,
) -> argparse.ArgumentParser:
    """Add a command that answers for each of several records.

    Parameters
    ----------
    commands : the parser's sub-parsers
    name : str
    answer : callable
        Called with the options and a record; returns what JSON can hold.
    as_text : callable
        Called with an answer and its record's path; returns the answer for a person.
    described : str
        The help.
    """
    command: argparse.ArgumentParser = commands.add_parser(name, help=described, allow_abbrev=False)
    command.add_argument(
        "records", nargs="+", metavar="RECORD", help="a path as wfdb takes it, an EDF or CSV file, or a stay"
    )
    command.add_argument("--lead", help="its name in any case (default: MLII or II, else the first ECG lead)")
    command.add_argument(
        "--detector", help="hamilton or biosppy (default: hamilton; for a model, the one that it was trained with)"
    )
    command.add_argument("--json", action="store_true", help="one JSON document a line for each record")
    command.add_argument("--sampling-rate", type=float, metavar="HZ", help="in place of the file's")
    command.add_argument("--unit", help="of the ECG, in place of the file's: mV, uV, nV or V")
    command.add_argument(
        "--lead-channel", action="append", metavar="NAME", help="a channel that is an ECG lead; can be repeated"
    )
    command.set_defaults(run=lambda options: _answer_each(options, answer, as_text))
    return command


def _answer_each(
    options: argparse.Namespace,
    answer: Callable[[argparse.Namespace, Record], Answer],
    as_text: Callable[[Answer], str],
) -> int:
    from backend.records.opening import open_record
    from backend.records.understanding import Stated

    leads = tuple(options.lead_channel) if options.lead_channel else None
    stated = Stated(options.sampling_rate, options.unit, leads)
    status = 0
    for path in options.records:
        try:
            record = open_record(path, stated)
            found = {"record": path, **answer(options, record)}
        except RecordRefused as refusal:
            status = REFUSED
            found = {"record": path, "error": str(refusal)}
        if options.json:
            print(json.dumps(found, allow_nan=False), flush=True)
        elif "error" in found:
            print(f"{path}: {found['error']}", file=sys.stderr)
        else:
            print(as_text(found), flush=True)
    return status
