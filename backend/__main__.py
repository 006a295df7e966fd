"""The command line: what the screens do, as text or as JSON."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.records.record import Record, RecordRefused

if TYPE_CHECKING:
    from backend.models.bundle import Bundle
    from backend.models.classification import Classified
    from backend.windows.beats.detection import Beats

__all__ = ["main"]

Answer = dict[str, Any]

REFUSED = 2
STOPPED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0, or 2 when something was refused."""
    parser = _parser()
    options, rest = parser.parse_known_args(arguments)
    try:
        options.parameters = _technique_parameters(parser, options, rest)
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
    _add_record_command(commands, "detect", _detect, "the R peaks of a record")
    _add_record_command(commands, "waves", _waves, "the waves of each beat and how long they last")
    classify = _add_record_command(commands, "classify", _classify, "what the model says of each beat, alarm or stay")
    explain = _add_record_command(commands, "explain", _explain, "what the model looked at in one beat, alarm or stay")
    for command in (classify, explain):
        command.add_argument(
            "--model", default="ecg-beat", metavar="NAME", help="a bundled model (default: %(default)s)"
        )
        command.add_argument(
            "--alarm", metavar="KIND", help="the kind of alarm, for a record that does not say it: asystole, ..."
        )
        command.add_argument(
            "--at", type=float, metavar="SECONDS", help="when that alarm sounded (default: at the end of the record)"
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
    _add_model_commands(commands)
    _add_evaluate_command(commands)
    _add_sample_commands(commands)
    return parser


def _add_record_command(
    commands: Any, name: str, answer: Callable[[argparse.Namespace, Record], Answer], described: str
) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=described, allow_abbrev=False)
    command.add_argument(
        "records", nargs="+", metavar="RECORD", help="a path as wfdb takes it, an EDF or CSV file, or a stay"
    )
    command.add_argument("--lead", help="its name in any case (default: MLII or II, else the first ECG lead)")
    command.add_argument(
        "--detector", help="hamilton or biosppy (default: hamilton; for a model, the one that it was trained with)"
    )
    command.add_argument("--json", action="store_true", help="one JSON document a line for each record")
    command.add_argument("--sampling-rate", type=float, metavar="HZ", help="of a CSV file that does not state it")
    command.add_argument("--unit", help="of a CSV file that does not state it: mV, uV or V")
    command.set_defaults(run=lambda options: _answer_each(options, answer))
    return command


def _add_model_commands(commands: Any) -> None:
    models = commands.add_parser("models", help="the bundled models, or the card of one")
    models.add_argument("name", nargs="?")
    models.add_argument("--json", action="store_true", help="the cards as JSON")
    models.set_defaults(run=_models)
    train = commands.add_parser("train", help="train a bundled model anew; a run that was cut goes on")
    train.add_argument("name")
    train.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder that holds the databases")
    train.add_argument(
        "--runs", type=Path, default=Path("runs"), metavar="DIR", help="checkpoints (default: %(default)s)"
    )
    train.add_argument("--into", type=Path, metavar="DIR", help="where the bundle goes (default: beside the others)")
    train.set_defaults(run=_train)


def _add_evaluate_command(commands: Any) -> None:
    evaluate = commands.add_parser(
        "evaluate", help="how faithful, sane and stable a model's explanations are; a run that was cut goes on"
    )
    evaluate.add_argument("name", metavar="MODEL")
    evaluate.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder that holds the databases")
    evaluate.add_argument(
        "--runs", type=Path, metavar="DIR", help="where finished parts lie (default: runs/evaluate/MODEL)"
    )
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
        help="on how many of them sanity and stability are measured (default: %(default)s)",
    )
    evaluate.add_argument("--techniques", type=_names, default=(), metavar="A,B", help="only these (default: all)")
    evaluate.add_argument(
        "--fills",
        type=_names,
        default=(),
        metavar="A,B",
        help="what deleted values become: 0, mean, ... (default: all)",
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
        "--finished", action="store_true", help="compute nothing more: write the tables of what is finished"
    )
    evaluate.set_defaults(run=_evaluate)


def _positive(told: str) -> int:
    number = int(told)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{told} is too few")
    return number


def _seed(told: str) -> int:
    number = int(told)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{told} is below 0")
    return number


def _number_or_all(told: str) -> int | None:
    return None if told == "all" else _positive(told)


def _names(told: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in told.split(",") if name.strip())


def _add_sample_commands(commands: Any) -> None:
    simulate = commands.add_parser("simulate", help="write the simulated samples")
    simulate.add_argument("--into", type=Path, default=Path("sample_records/simulated"), metavar="DIR")
    simulate.set_defaults(run=_simulate)
    samples = commands.add_parser("samples", help="download the real samples from PhysioNet, or copy them")
    samples.add_argument("--from", type=Path, dest="mirror", metavar="DIR", help="copy from a local mirror instead")
    samples.set_defaults(run=_samples)


def _technique_parameters(
    parser: argparse.ArgumentParser, options: argparse.Namespace, rest: list[str]
) -> dict[str, str]:
    """The parameters of the technique among what the parser did not know: ``--name value`` or ``--name=value``.

    A name may be shortened, and written with - or _.
    """
    if options.command != "explain":
        if rest:
            parser.error(f"unrecognized arguments: {' '.join(rest)}")
        return {}
    from backend.explain.api import TECHNIQUES

    # A technique that there is not has no parameters; it is refused for each record, as everything else is.
    technique = TECHNIQUES.get(options.technique.casefold())
    known = [described.name for described in technique.parameters.described()] if technique else []
    given: dict[str, str] = {}
    words = iter(rest)
    for word in words:
        name, equals, value = word.removeprefix("--").partition("=")
        if not word.startswith("--"):
            parser.error(f"unrecognized argument: {word}")
        name = name.replace("-", "_")
        alike = [own for own in known if own == name] or [own for own in known if own.startswith(name)]
        given[alike[0] if len(alike) == 1 else name] = value if equals else next(words, "")
    return given


def _answer_each(options: argparse.Namespace, answer: Callable[[argparse.Namespace, Record], Answer]) -> int:
    """Answer for each record; one that is refused is said so, and the others go on."""
    from backend.records.opening import open_record

    status = 0
    for path in options.records:
        try:
            record = open_record(path, sampling_rate=options.sampling_rate, unit=options.unit)
            found = {"record": path, **answer(options, record)}
        except RecordRefused as refusal:
            status = REFUSED
            found = {"record": path, "error": str(refusal)}
        _print_answer(options, found)
    return status


def _print_answer(options: argparse.Namespace, found: Answer) -> None:
    if options.json:
        print(json.dumps(found, allow_nan=False), flush=True)
    elif "error" in found:
        print(f"{found['record']}: {found['error']}", file=sys.stderr)
    else:
        print(_as_text(found), flush=True)


def _detect(options: argparse.Namespace, record: Record) -> Answer:
    return _found_in(record, _find_beats(options, record))


def _find_beats(options: argparse.Namespace, record: Record) -> "Beats":
    from backend.windows.beats.detection import DEFAULT_DETECTOR, find_beats

    return find_beats(record, options.lead, options.detector or DEFAULT_DETECTOR)


def _found_in(record: Record, beats: "Beats") -> Answer:
    return {
        "lead": beats.lead,
        "detector": beats.detector,
        "sampling_rate": record.sampling_rate,
        "r_peaks": beats.r_peaks.tolist(),
    }


def _waves(options: argparse.Namespace, record: Record) -> Answer:
    from backend.windows.waves.delineation import find_waves
    from backend.windows.waves.intervals import measure_intervals

    beats = _find_beats(options, record)
    waves = find_waves(record, beats)
    intervals = measure_intervals(beats, waves, record.sampling_rate)
    return _found_in(record, beats) | {
        "beats": [
            {**waves.beat(index), "unsure": list(waves.unsure_of(index)), "intervals": intervals.beat(index)}
            for index in range(len(beats.r_peaks))
        ],
    }


def _classify(options: argparse.Namespace, record: Record) -> Answer:
    from backend.models.bundle import load_bundle

    bundle = load_bundle(options.model)
    classified = _classified(options, bundle, record)
    found = _read_by(options, record, classified)
    if bundle.kind == "beat":
        beats = [{"r_peak": anchor, **said} for anchor, said in _said_of_each(classified)]
        return found | {"beats": beats, "cut_by_edges": classified.cut_by_edges}
    return found | {"windows": [{"anchor_sample": anchor, **said} for anchor, said in _said_of_each(classified)]}


def _classified(options: argparse.Namespace, bundle: "Bundle", record: Record) -> Any:
    """What the model says of the record's beats, alarms or of the stay."""
    from backend.models.classification import classify_alarms, classify_beats, classify_stay

    if bundle.kind == "beat":
        _refuse_options(options, bundle, "alarm", "at", "window")
        return classify_beats(bundle, record, options.lead, options.detector)
    _refuse_options(options, bundle, "lead", "detector", "beat")
    if bundle.kind == "alarm":
        return classify_alarms(bundle, record, _named_alarm(options, record))
    _refuse_options(options, bundle, "alarm", "at")
    return classify_stay(bundle, record)


def _refuse_options(options: argparse.Namespace, bundle: "Bundle", *names: str) -> None:
    for name in names:
        if getattr(options, name, None) is not None:
            raise RecordRefused(f"{bundle.name} reads {bundle.kind}s: leave out --{name}.")


def _named_alarm(options: argparse.Namespace, record: Record) -> Any:
    """The alarm that the options tell of, alone; None where they tell of none."""
    from backend.records.alarms import parse_alarm

    if options.alarm is None and options.at is not None:
        raise RecordRefused("--at says when an alarm sounded; say with --alarm which it was.")
    return None if options.alarm is None else (parse_alarm(record, options.alarm, options.at),)


def _read_by(options: argparse.Namespace, record: Record, classified: "Classified") -> Answer:
    """What was read of the record, and by which model."""
    from backend.models.classification import ClassifiedBeats

    found = {"sampling_rate": record.sampling_rate, "model": options.model}
    if isinstance(classified, ClassifiedBeats):
        return {"lead": classified.beats.lead, "detector": classified.beats.detector, **found}
    return found


def _said_of_each(classified: "Classified") -> list[tuple[int, Answer]]:
    """The anchor of each window and what the model says of it."""
    from backend.explain.export import by_class

    scores, reference = classified.scores, classified.windows.reference
    return [
        (
            int(anchor),
            {
                "label": scores.labels[number],
                "probabilities": by_class(scores.classes, scores.probabilities[number]),
                "uncertain": bool(scores.uncertain[number]),
                "unlike_training": bool(scores.unlike[number]),
                "reference": (reference[number] or None) if reference else None,
            },
        )
        for number, anchor in enumerate(classified.windows.anchor)
    ]


def _explain(options: argparse.Namespace, record: Record) -> Answer:
    from backend.explain.api import explain, read_parameters
    from backend.explain.export import beats_described, explanation_document
    from backend.explain.questions.feature_ranking import ranking_beside
    from backend.models.bundle import load_bundle

    bundle = load_bundle(options.model)
    parameters = read_parameters(options.technique, bundle, options.parameters)
    classified = _classified(options, bundle, record)
    number = options.window or 0
    if bundle.kind == "beat":
        if options.beat is None:
            raise RecordRefused("Which beat is to be explained? Give its number, from 0, with --beat.")
        number = options.beat
    window = classified.window_of(number)
    salience = explain(bundle, window, options.technique, options.target, parameters)
    ranked = ranking_beside(bundle, window, salience)
    document = explanation_document(record, bundle, classified, number, salience, ranked)
    return (beats_described(classified, number) if bundle.kind == "beat" else {}) | document


def _as_text(found: Answer) -> str:
    """An answer for a person: what was found, a line for each beat, alarm or stay."""
    heading = found["record"]
    if "lead" in found:
        heading += f", lead {found['lead']}, detector {found['detector']}"
    if "technique" in found:
        return _explanation_as_text(heading, found)
    if "windows" in found:
        return "\n".join([f"{heading}: by {found['model']}", *map(_label_as_text, found["windows"])])
    if "model" in found:
        return "\n".join(
            [f"{heading}: {len(found['beats'])} beats by {found['model']}", *map(_label_as_text, found["beats"])]
        )
    if "beats" in found:
        rows = [_marks_as_text(beat) for beat in found["beats"]]
        return "\n".join([f"{heading}: {len(rows)} beats, samples at {found['sampling_rate']:g} Hz", *rows])
    return f"{heading}: {len(found['r_peaks'])} beats, samples at {found['sampling_rate']:g} Hz\n" + " ".join(
        map(str, found["r_peaks"])
    )


def _marks_as_text(beat: Answer) -> str:
    """The marks of a beat in samples, unsure ones with a question mark, then its intervals in ms."""
    marks = [
        f"{mark} {'-' if sample is None else sample}{'?' if mark in beat['unsure'] else ''}"
        for mark, sample in beat.items()
        if mark not in ("unsure", "intervals")
    ]
    intervals = [
        f"{name} {'-' if length_ms is None else round(length_ms)}" for name, length_ms in beat["intervals"].items()
    ]
    return "  ".join(marks + intervals)


def _label_as_text(window: Answer) -> str:
    """The anchor's sample, the label with its probability, doubts, and the reference."""
    doubts = [
        word
        for word, there in (("uncertain", window["uncertain"]), ("unlike training", window["unlike_training"]))
        if there
    ]
    reference = f"reference {window['reference']}" if window["reference"] else ""
    cells = [
        f"{window.get('r_peak', window.get('anchor_sample')):>8}",
        f"{window['label']:<17}",
        f"{window['probabilities'][window['label']]:.2f}",
        *doubts,
        reference,
    ]
    return "  ".join(cell for cell in cells if cell)


def _explanation_as_text(heading: str, found: Answer) -> str:
    parameters = ", ".join(f"{name} {value}" for name, value in found["parameters"].items())
    steps, rate = len(found["salience"]), found["window"]["sampling_rate"]
    step = max(range(steps), key=lambda index: max(found["salience"][index]))
    # An hour is a step of a stay.
    most = f"{step / rate:.3f} s" if rate > 1 else f"{step / rate / 3600:.0f} h"
    counted = ", ".join(f"{ranked['variable']} {ranked['drop']:+.2f}" for ranked in found["ranking"][:5])
    return (
        f"{heading}: sample {found['anchor_sample']}, {found['technique']} for {found['target']} ({parameters})\n"
        f"window of {steps} steps from sample {found['window']['start_sample']}; most salient {most} after its start; "
        f"{found['seconds']:.2f} s\n"
        f"by how much the score falls without each: {counted}. Use --json for all values."
    )


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


def _evaluate(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from backend.cohort.evaluation import Workers, evaluate
    from backend.cohort.request import Asked

    asked = Asked(options.beats, options.subset, options.techniques, options.fills, options.seed)
    workers = None if options.finished else Workers(options.workers, options.scheduler)
    runs = options.runs or Path("runs", "evaluate", options.name)
    with tqdm(unit="part", desc=f"Evaluating {options.name}") as bar:

        def told(done: int, total: int, last: str) -> None:
            if bar.total is None:
                # What lies on disk took no time now: counted in, it would make the rest look quicker than it is.
                bar.reset(total)
                bar.initial = done
            bar.n = done
            bar.set_postfix_str(last)

        try:
            evidence = evaluate(options.name, options.data, runs, asked, options.into, workers=workers, told=told)
        except KeyboardInterrupt:
            bar.close()
            print(f"Stopped; what is finished lies in {runs}, and the same command goes on.", file=sys.stderr)
            return STOPPED
    about = evidence.about
    print(f"{about['beats']} beats of {about['patients']} patients, {len(about['techniques'])} techniques")
    for missing in about.get("unfinished", ()):
        print(f"unfinished: {missing}", file=sys.stderr)
    return 0


def _simulate(options: argparse.Namespace) -> int:
    from backend.simulate.bundled_samples import DEFAULT_SEED, simulate_samples

    for name in simulate_samples(options.into, DEFAULT_SEED):
        print(name)
    return 0


def _samples(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from backend.records.samples.download import fetch_samples

    with tqdm(unit="file", desc="Samples") as bar:

        def told(done: int, total: int, name: str) -> None:
            bar.total = total
            bar.update(done - bar.n)
            bar.set_postfix_str(name)

        report = fetch_samples(options.mirror, told)
    for sentence in report.failures:
        print(sentence, file=sys.stderr)
    print(f"{len(report.fetched)} files fetched, {len(report.kept)} were there.")
    return REFUSED if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
