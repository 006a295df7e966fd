"""The commands that ask a model about windows: ``classify`` and ``explain``."""

import argparse
from functools import cache
from typing import TYPE_CHECKING, Any

from backend.cli.answers import Answer, add_record_command
from backend.records.record import Record, RecordRefused

if TYPE_CHECKING:
    from backend.kinds.kind import Kind
    from backend.kinds.reading import Reading
    from backend.models.bundle import Bundle
    from backend.models.classification import Classified

__all__ = ["add_commands"]

_SHOWN_VARIABLES = 5


def add_commands(commands: Any) -> None:
    """Add ``classify`` and ``explain``."""
    classify = add_record_command(
        commands, "classify", _classify, _labels_as_text, "the predicted class of each beat, alarm or stay"
    )
    explain = add_record_command(
        commands, "explain", _explain, _explanation_as_text, "the salience of one beat, alarm or stay"
    )
    for command in (classify, explain):
        command.add_argument(
            "--model", default="ecg-beat", metavar="NAME", help="a bundled model (default: %(default)s)"
        )
        command.add_argument(
            "--alarm", metavar="KIND", help="the kind of alarm, for a record that does not name it: asystole, ..."
        )
        command.add_argument(
            "--at", type=float, metavar="SECONDS", help="the alarm time (default: the end of the record)"
        )
    explain.add_argument("--beat", type=int, metavar="N", help="number of the beat, from 0")
    explain.add_argument(
        "--window", type=int, metavar="N", help="number of the alarm where there are several (default: 0)"
    )
    explain.add_argument(
        "--technique",
        default="occlusion",
        metavar="NAME",
        # Spelt out, since asking the techniques themselves would load torch for every command; a test compares them.
        help=(
            "occlusion, mask, derivative, gradient_input, integrated_gradients, gradient_shap, relevance, erasure, "
            "fade or random (default: %(default)s)"
        ),
    )
    explain.add_argument("--target", metavar="CLASS", help="the class to explain (default: the predicted one)")
    explain.epilog = (
        "The technique's own parameters follow by name: --width_steps 25 --fill mean --variables each. A wrong one "
        "lists them."
    )


def _classify(options: argparse.Namespace, record: Record) -> Answer:
    bundle, kind, reading = _read(options, record)
    classified = reading.classify(bundle)
    return {
        **reading.describe(classified),
        "sampling_rate": record.sampling_rate,
        "model": bundle.name,
        kind.windows_key: [
            {kind.anchor_key: int(anchor), **_prediction(classified, number)}
            for number, anchor in enumerate(classified.windows.anchor)
        ],
    }


def _read(options: argparse.Namespace, record: Record) -> "tuple[Bundle, Kind, Reading]":
    """The model, its kind of window, and the record read as the options say; refuses options of other kinds."""
    from backend.kinds.kind import kind_of, kinds

    bundle = _load(options.model)
    kind = kind_of(bundle)
    own = {*kind.reading.options, kind.number_option}
    every = dict.fromkeys(name for known in kinds() for name in (*known.reading.options, known.number_option))
    for name in every:
        if name not in own and getattr(options, name, None) is not None:
            raise RecordRefused(f"{bundle.name} reads {kind.plural}: leave out --{name}.")
    return bundle, kind, kind.reading.from_options(record, bundle, vars(options))


@cache
def _load(name: str) -> "Bundle":
    """Return the model, read once for all records of a command."""
    from backend.models.bundle import load_bundle

    return load_bundle(name)


def _prediction(classified: "Classified", number: int) -> Answer:
    from backend.explain.export import name_scores

    scores, reference = classified.scores, classified.windows.reference
    return {
        "label": scores.labels[number],
        "probabilities": name_scores(scores.classes, scores.probabilities[number]),
        "uncertain": bool(scores.is_uncertain[number]),
        "unlike_training": bool(scores.is_ood[number]),
        "reference": (reference[number] or None) if reference else None,
    }


def _explain(options: argparse.Namespace, record: Record) -> Answer:
    from backend.explain.api import explain, read_parameters
    from backend.explain.export import describe_explanation

    parameters = read_parameters(options.technique, _load(options.model), options.parameters)
    bundle, kind, reading = _read(options, record)
    classified = reading.classify(bundle)
    number = getattr(options, kind.number_option)
    if number is None:
        if kind.is_number_required:
            raise RecordRefused(
                f"No {kind.name} was chosen. Give the number of the {kind.name}, from 0, with --{kind.number_option}."
            )
        number = 0
    salience = explain(bundle, classified.window_of(number), options.technique, options.target, parameters)
    document = describe_explanation(record, bundle, classified, number, salience)
    return reading.describe_window(classified, number) | document


def _heading(answer: Answer) -> str:
    if "lead" in answer:
        return f"{answer['record']}, lead {answer['lead']}, detector {answer['detector']}"
    return str(answer["record"])


def _labels_as_text(answer: Answer) -> str:
    from backend.kinds.kind import kind_of

    kind = kind_of(_load(answer["model"]))
    windows = answer[kind.windows_key]
    count = f"{len(windows)} {kind.name if len(windows) == 1 else kind.plural}"
    rows = [_label_as_text(window[kind.anchor_key], window) for window in windows]
    return "\n".join([f"{_heading(answer)}: {count} by {answer['model']}", *rows])


def _label_as_text(anchor: int, window: Answer) -> str:
    """The anchor's sample, the label with its probability, doubts, and the reference."""
    cells = (
        f"{anchor:>8}",
        f"{window['label']:<17}",
        f"{window['probabilities'][window['label']]:.2f}",
        "uncertain" if window["uncertain"] else "",
        "out of distribution" if window["unlike_training"] else "",
        f"reference {window['reference']}" if window["reference"] else "",
    )
    return "  ".join(cell for cell in cells if cell)


def _explanation_as_text(answer: Answer) -> str:
    from backend.kinds.kind import kind_of

    time = kind_of(_load(answer["model"])).time
    parameters = ", ".join(f"{name} {value}" for name, value in answer["parameters"].items())
    n_steps, rate = len(answer["salience"]), answer["window"]["sampling_rate"]
    step = max(range(n_steps), key=lambda index: max(answer["salience"][index]))
    peak = f"{step / rate / time.unit_s:.{time.decimals}f} {time.unit}"
    drops = ", ".join(f"{own['variable']} {own['drop']:+.2f}" for own in answer["ranking"][:_SHOWN_VARIABLES])
    return (
        f"{_heading(answer)}: sample {answer['anchor_sample']}, {answer['technique']} for {answer['target']} "
        f"({parameters})\n"
        f"window of {n_steps} steps from sample {answer['window']['start_sample']}; highest salience {peak} after its "
        f"start; {answer['seconds']:.2f} s\n"
        f"score drop when removed: {drops}. {_measurements_as_text(answer)}Use --json for all values."
    )


def _measurements_as_text(answer: Answer) -> str:
    """The drop of each measurement, and the share of the tracing; empty for a model without measurements."""
    if "tracing_share" not in answer:
        return ""
    drops = ", ".join(f"{own['measurement']} {own['drop']:+.2f}" for own in answer["measurements"])
    share = answer["tracing_share"]
    shares = "" if share["share"] is None else f" ({share['share']:.0%} of both)"
    return (
        f"Measurements removed whole: {drops}. Contribution to the score: tracing {share['tracing']:+.2f}{shares}, "
        f"measurements {share['measurements']:+.2f}. "
    )
