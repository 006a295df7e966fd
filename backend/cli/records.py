"""The commands that read records without a model: ``detect`` and ``waves``."""

import argparse
from typing import TYPE_CHECKING, Any

from backend.cli.answers import Answer, add_record_command
from backend.records.record import Record

if TYPE_CHECKING:
    from backend.windows.beats.detection import Beats

__all__ = ["add_commands"]


def add_commands(commands: Any) -> None:
    """Add ``detect`` and ``waves``."""
    add_record_command(commands, "detect", _detect, _r_peaks_as_text, "the R peaks of a record")
    add_record_command(commands, "waves", _waves, _waves_as_text, "the waves and intervals of each beat")


def _detect(options: argparse.Namespace, record: Record) -> Answer:
    return _describe_beats(record, _find_beats(options, record))


def _find_beats(options: argparse.Namespace, record: Record) -> "Beats":
    from backend.windows.beats.detection import DEFAULT_DETECTOR, find_beats

    return find_beats(record, options.lead, options.detector or DEFAULT_DETECTOR)


def _describe_beats(record: Record, beats: "Beats") -> Answer:
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
    return _describe_beats(record, beats) | {
        "beats": [
            {
                **waves.beat(index),
                "p_probability": waves.probability_of_p(index),
                "unsure": list(waves.uncertain_marks(index)),
                "intervals": intervals.beat(index),
            }
            for index in range(len(beats.r_peaks))
        ],
    }


def _heading(answer: Answer, n_beats: int) -> str:
    return (
        f"{answer['record']}, lead {answer['lead']}, detector {answer['detector']}: {n_beats} beats, "
        f"samples at {answer['sampling_rate']:g} Hz"
    )


def _r_peaks_as_text(answer: Answer) -> str:
    return _heading(answer, len(answer["r_peaks"])) + "\n" + " ".join(map(str, answer["r_peaks"]))


def _waves_as_text(answer: Answer) -> str:
    return "\n".join([_heading(answer, len(answer["beats"])), *map(_marks_as_text, answer["beats"])])


def _marks_as_text(beat: Answer) -> str:
    """The marks of a beat in samples, uncertain ones with a question mark, then its intervals in ms."""
    marks = [
        f"{mark} {'-' if sample is None else sample}{'?' if mark in beat['unsure'] else ''}"
        for mark, sample in beat.items()
        if mark not in ("p_probability", "unsure", "intervals")
    ]
    intervals = [
        f"{name} {'-' if length_ms is None else round(length_ms)}" for name, length_ms in beat["intervals"].items()
    ]
    return "  ".join(marks + intervals)
