"""One answer for each record, as JSON or as text; a refused record does not stop the others."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

from backend.records.record import Record, RecordRefused

__all__ = ["REFUSED", "STOPPED", "Answer", "add_record_command"]

Answer = dict[str, Any]

REFUSED = 2
STOPPED = 130
_MOST_LISTED = 20


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
        "records",
        nargs="+",
        metavar="RECORD",
        help="a path as wfdb takes it, an EDF, CSV, DICOM or other ECG file, or a stay",
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
    command.add_argument("--exam", type=int, metavar="N", help="which exam of a file that holds several, from 1")
    command.add_argument(
        "--value-unit",
        action="append",
        default=[],
        metavar="NAME=UNIT",
        help="the unit of a stay's parameter, in place of its own: Glucose=mmol/L; can be repeated",
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
    stated = Stated(options.sampling_rate, options.unit, leads, options.exam)
    status = 0
    for path in options.records:
        try:
            record = _with_units(open_record(path, stated), options.value_unit)
            found = {"record": path, "understood": _describe(record), **answer(options, record)}
        except RecordRefused as refusal:
            status = REFUSED
            found = {"record": path, "error": str(refusal)}
        if options.json:
            print(json.dumps(found, allow_nan=False), flush=True)
        elif "error" in found:
            print(f"{path}: {found['error']}", file=sys.stderr)
        else:
            print(_understood_as_text(found["understood"]))
            print(as_text(found), flush=True)
    return status


def _with_units(record: Record, choices: Sequence[str]) -> Record:
    """Return a stay with parameters in the units that were chosen, each as ``Glucose=mmol/L``."""
    from backend.records.stay_units import convert_unit
    from backend.records.stays import is_stay

    if choices and not is_stay(record):
        raise RecordRefused(f"{record.name} is not an ICU stay, so --value-unit does not apply. Leave it out.")
    for choice in choices:
        parameter, _, unit = choice.partition("=")
        record = convert_unit(record, parameter, unit)
    return record


def _describe(record: Record) -> Answer:
    """Return what was understood of a record's file, for JSON."""
    understood = record.understanding
    return {
        "format": understood.format,
        "sampling_rate": record.sampling_rate,
        "sampling_rate_from": understood.rate_from,
        "unit_from": understood.unit_from,
        "leads": [channel.name for channel in record.channels if channel.is_lead],
        "leads_from": understood.leads_from,
        "gaps_s": [list(gap) for gap in understood.gaps],
        "left_out": [{"name": name, "reason": reason} for name, reason in understood.ignored],
        "notices": list(understood.notices),
    }


def _understood_as_text(understood: Answer) -> str:
    """Return one line on the file, and one for each thing to notice."""
    times = f"; times: {understood['sampling_rate_from']}" if not understood["leads"] else ""
    lines = [f"Read as {understood['format'] or 'a record'}{times}."]
    if understood["leads"]:
        rate = f"{understood['sampling_rate']:g} Hz ({understood['sampling_rate_from'] or 'as in the file'})"
        lines = [f"{lines[0][:-1]}; {rate}; leads {', '.join(understood['leads'])} ({understood['leads_from']})."]
    if understood["gaps_s"]:
        lines.append(f"Gaps: {', '.join(f'{start:g}-{end:g} s' for start, end in understood['gaps_s'])}.")
    left_out = [f"Left out: {own['name']} ({own['reason']})." for own in understood["left_out"]]
    lines += left_out[:_MOST_LISTED]
    lines += [f"Left out: {len(left_out) - _MOST_LISTED} more; --json lists all."] if left_out[_MOST_LISTED:] else []
    return "\n".join([*lines, *understood["notices"]])
