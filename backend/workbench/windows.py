"""The windows of a reading and what the model says of them; for beats their waves and intervals too."""

from collections.abc import Mapping
from typing import Any, overload

import numpy as np

from backend.kinds.beat_kind import BeatReading
from backend.kinds.reading import Reading
from backend.models.classification import Classified, ClassifiedBeats
from backend.models.record_summary import RecordSummary, summarise_record
from backend.models.scores import StepScores, score_over_time
from backend.windows.beats.detection import Beats
from backend.windows.waves.delineation import find_waves
from backend.windows.waves.intervals import Intervals, Spread, measure_intervals, summarise_intervals
from backend.windows.waves.marks import Waves
from backend.workbench.bundles import model
from backend.workbench.caching import by_detection, by_model, by_windows, kept

__all__ = ["classified", "found", "intervals", "intervals_of_record", "over_time", "shifted", "summary", "waves"]


@kept(by_detection, most=12)
def _detected(reading: Reading) -> Any:
    return reading.detect()


def found(reading: BeatReading) -> Beats:
    """Return the beats that are detected on one lead, and corrected; the same whatever the model.

    Raises
    ------
    RecordRefused
        If the lead or the detector does not exist, or a correction does not fit the beats.
    """
    return reading.beats(_detected(reading.unchanged()))


@overload
def classified(reading: BeatReading) -> ClassifiedBeats: ...
@overload
def classified(reading: Reading) -> Classified: ...
def classified(reading: Reading) -> Classified:
    """Return all windows of a reading, classified by its model.

    Raises
    ------
    RecordRefused
        If the record does not hold what the model reads.
    """
    return _classified(reading)


@kept(by_model, most=6)
def _classified(reading: Reading) -> Classified:
    unchanged = reading.unchanged()
    return reading.classify(model(reading.model), _detected(unchanged), lambda: _classified(unchanged))


@kept(by_model, most=32)
def summary(reading: BeatReading) -> RecordSummary:
    """Return the figures of a classified record."""
    return summarise_record(reading.record, classified(reading))


@kept(by_windows, most=12)
def waves(reading: BeatReading) -> Waves:
    """Return the wave marks of all beats of one lead; the same whatever the model."""
    return find_waves(reading.record, found(reading))


@kept(by_windows, most=12)
def intervals(reading: BeatReading) -> Intervals:
    """Return the intervals of all beats of one lead; the same whatever the model."""
    return measure_intervals(found(reading), waves(reading), reading.record.sampling_rate)


@kept(by_windows, most=32)
def intervals_of_record(reading: BeatReading) -> dict[str, Spread]:
    """Return each interval over all beats of one lead."""
    return summarise_intervals(intervals(reading))


@kept(by_model, most=256)
def over_time(reading: Reading, number: int) -> StepScores:
    """Return the class probabilities of each prefix of a window."""
    return score_over_time(model(reading.model), classified(reading).window_of(number))


def shifted(reading: Reading, number: int) -> Mapping[int, np.ndarray]:
    """Return a window cut some steps earlier and later; empty where windows have a fixed start."""
    return reading.shifted(model(reading.model), classified(reading), [number])[0]
