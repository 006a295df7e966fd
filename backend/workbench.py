"""The doors that the screens call: the floors below, with every result kept.

What is computed from a sample is kept for everyone, what is computed from an upload or from beats that a person has
corrected for its own session alone, and goes with it. Each result is filed under what it depends on of a reading, and
no more: found beats under the record, the lead and the detector, corrected ones under their corrections too, and what a
model says of them under the model as well; each store has a bound.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any, Concatenate, ParamSpec, TypeVar, overload

import numpy as np
import streamlit as st

from backend.cohort.evidence import Evidence, read_evidence
from backend.explain.api import explain, read_parameters, usual_fill
from backend.explain.parameters import Value
from backend.explain.quality.comparison import drops_by_chance
from backend.explain.quality.faithfulness import Faithfulness, faithfulness
from backend.explain.quality.stability import Stability, stability
from backend.explain.questions.feature_ranking import Pair, Ranked
from backend.explain.questions.feature_ranking import pairs as paired
from backend.explain.questions.feature_ranking import ranking as ranked
from backend.explain.questions.what_if import WhatIf, what_if
from backend.explain.salience import Salience
from backend.models.bundle import Bundle, bundle_names, load_bundle
from backend.models.classification import (
    Classified,
    ClassifiedBeats,
    classify_alarms,
    classify_found,
    classify_stay,
)
from backend.models.network.inference import compile_ahead
from backend.models.record_summary import RecordSummary, summarised
from backend.models.scores import StepScores, scores_over_time
from backend.records.alarms import Alarm
from backend.records.record import Record
from backend.records.samples import library
from backend.records.samples.catalogue import CatalogueRecord, catalogue, is_fetched
from backend.records.samples.download import FetchReport, fetch_samples
from backend.records.stays import Edit, apply_edits
from backend.records.uploads import read_upload
from backend.windows.beats.beat_windows import BeatWindow
from backend.windows.beats.corrections import Correction, corrected
from backend.windows.beats.detection import Beats, find_beats
from backend.windows.beats.shifts import shifted_beats
from backend.windows.waves.delineation import find_waves
from backend.windows.waves.intervals import Intervals, Spread, interval_spreads, measure_intervals
from backend.windows.waves.marks import Waves

__all__ = [
    "UPLOADED",
    "AlarmReading",
    "BeatReading",
    "Reading",
    "StayReading",
    "by_chance",
    "classified",
    "evidence",
    "explanation",
    "faithfulness_of",
    "fetch",
    "found",
    "intervals",
    "intervals_of_record",
    "is_explained",
    "is_stability_known",
    "missing_samples",
    "model",
    "model_names",
    "over_time",
    "pairs",
    "ranking",
    "sample",
    "sample_list",
    "stability_of",
    "summary",
    "upload",
    "waves",
    "with_deleted",
]

UPLOADED = "upload"
"""The source of a record that a person uploaded."""

_Asked = ParamSpec("_Asked")
_Result = TypeVar("_Result")


@dataclass(frozen=True, eq=False)
class Reading:
    """One way of reading a record: what a screen is about and every door is asked about.

    Attributes
    ----------
    record : Record
    model : str
        Name of the bundle that classifies its windows.
    """

    record: Record
    model: str

    @property
    def is_sample(self) -> bool:
        """Whether a link can reopen the record; an upload stays in its session."""
        return self.record.source != UPLOADED

    @property
    def by_hand(self) -> tuple[Any, ...]:
        """What the person changed of the record or of what was found in it, in this order."""
        return ()

    @property
    def is_shared(self) -> bool:
        """Whether its results serve everyone; what a person changed stays in the session as an upload does."""
        return self.is_sample and not self.by_hand

    @property
    def of_windows(self) -> tuple[Any, ...]:
        """What the windows depend on, whatever the model."""
        return self.record.digest, *self.by_hand


@dataclass(frozen=True, eq=False)
class BeatReading(Reading):
    """A record read beat by beat.

    Attributes
    ----------
    lead : str or None
        The lead on which beats are found; None for the record's usual one.
    detector : str
        The one of DETECTORS that finds them.
    corrections : tuple of Correction
        What a person changed of them, in this order.
    """

    lead: str | None
    detector: str
    corrections: tuple[Correction, ...] = ()

    @property
    def by_hand(self) -> tuple[Any, ...]:
        """The corrections."""
        return self.corrections

    @property
    def of_windows(self) -> tuple[Any, ...]:
        """What the beats depend on once they are corrected."""
        return *_by_detector(self), *self.corrections


@dataclass(frozen=True, eq=False)
class AlarmReading(Reading):
    """A record read for one alarm.

    Attributes
    ----------
    alarm : Alarm
    """

    alarm: Alarm

    @property
    def of_windows(self) -> tuple[Any, ...]:
        """The record and the alarm."""
        return self.record.digest, self.alarm


@dataclass(frozen=True, eq=False)
class StayReading(Reading):
    """A stay, perhaps with charted values that a person changed.

    Attributes
    ----------
    edits : tuple of Edit
        In this order.
    """

    edits: tuple[Edit, ...] = ()

    @property
    def by_hand(self) -> tuple[Any, ...]:
        """The edits."""
        return self.edits


_R = TypeVar("_R", bound=Reading)


def _by_detector(reading: BeatReading) -> tuple[Any, ...]:
    """What the beats depend on as they are found."""
    return reading.record.digest, reading.lead, reading.detector


def _by_windows(reading: Reading) -> tuple[Any, ...]:
    """What the windows depend on."""
    return reading.of_windows


def _by_model(reading: Reading) -> tuple[Any, ...]:
    """What the model's words on the windows depend on."""
    return *reading.of_windows, model(reading.model).digest


def _kept(
    by: Callable[[Any], tuple[Any, ...]], most: int, store: Any = st.cache_data
) -> Callable[[Callable[Concatenate[_R, _Asked], _Result]], Callable[Concatenate[_R, _Asked], _Result]]:
    """Keep a function's results, for everyone or for the session, filed ``by`` what they depend on of the reading."""
    hashed = dict.fromkeys((BeatReading, AlarmReading, StayReading), by)

    def keeping(compute: Callable[Concatenate[_R, _Asked], _Result]) -> Callable[Concatenate[_R, _Asked], _Result]:
        settings = {"max_entries": most, "show_spinner": False, "hash_funcs": hashed}
        for_all = store(**settings)(compute)
        for_session = store(**settings, scope="session")(compute)

        @wraps(compute)
        def door(reading: _R, *asked: _Asked.args, **named: _Asked.kwargs) -> _Result:
            return (for_all if reading.is_shared else for_session)(reading, *asked, **named)

        return door

    return keeping


@st.cache_resource(show_spinner=False, max_entries=8)
def model(name: str) -> Bundle:
    """A bundle, loaded once."""
    _prepare_kernels()
    return load_bundle(name)


@st.cache_resource(show_spinner=False)
def _prepare_kernels() -> None:
    """Have what explanations need compiled while a person still looks at the record."""
    Thread(target=compile_ahead, name="beatlight-kernels").start()


@st.cache_data(show_spinner=False, max_entries=4)
def model_names(kind: str | None) -> tuple[str, ...]:
    """The bundled models that read beats, alarms or stays, the default first; with None of them all."""
    return bundle_names(kind)


@st.cache_resource(show_spinner=False, max_entries=4, ttl=60)
def evidence(name: str) -> Evidence | None:
    """What was measured of a model's explanations; None where nothing was. What is measured anew shows in a minute.

    Raises
    ------
    RecordRefused
        If there is some that cannot be read.
    """
    return read_evidence(name)


def sample_list(kind: str = "ecg") -> tuple[library.Sample, ...]:
    """The samples of a kind (``ecg``, ``alarm``, ``stay``) that can be opened now, real ones first."""
    return library.available_samples(kind)


def missing_samples(kind: str) -> tuple[CatalogueRecord, ...]:
    """The catalogue's real records of a kind that are not here yet."""
    return tuple(record for record in catalogue(kind) if not is_fetched(record))


def fetch(kind: str, on_file: Callable[[int, int, str], bool | None]) -> FetchReport:
    """Fetch the real samples of a kind: from the folder that BEATLIGHT_DATA names, else from PhysioNet."""
    return fetch_samples(on_file=on_file, kind=kind)


@st.cache_data(show_spinner=False, max_entries=6)
def sample(name: str) -> Record:
    """A sample record, read once."""
    return library.open_sample(name)


def upload(files: Mapping[str, bytes], sampling_rate: float | None = None, unit: str | None = None) -> Record:
    """A record from uploaded files; nothing of it stays on disk.

    Raises
    ------
    RecordRefused
        If the files are no record that can be used.
    """
    with TemporaryDirectory(prefix="beatlight-") as folder:
        return read_upload(files, Path(folder), sampling_rate=sampling_rate, unit=unit)


def found(reading: BeatReading) -> Beats:
    """The beats that are found on one lead, and corrected; the same whatever the model.

    Raises
    ------
    RecordRefused
        If there is no such lead or detector, or a correction does not fit the beats.
    """
    return corrected(_detected(replace(reading, corrections=())), reading.corrections, reading.record)


@_kept(_by_detector, most=12)
def _detected(reading: BeatReading) -> Beats:
    return find_beats(reading.record, reading.lead, reading.detector)


@overload
def classified(reading: BeatReading) -> ClassifiedBeats: ...
@overload
def classified(reading: Reading) -> Classified: ...
def classified(reading: Reading) -> Classified:
    """All windows of a reading with what the model says of each: its beats, its alarm or the stay.

    Raises
    ------
    RecordRefused
        If the record does not hold what the model reads.
    """
    return _classified(reading)


@_kept(_by_model, most=6)
def _classified(reading: Reading) -> Classified:
    bundle = model(reading.model)
    match reading:
        case BeatReading():
            known = classified(replace(reading, corrections=())) if reading.corrections else None
            return classify_found(bundle, reading.record, found(reading), known)
        case AlarmReading():
            return classify_alarms(bundle, reading.record, (reading.alarm,))
        case StayReading():
            return classify_stay(bundle, apply_edits(reading.record, reading.edits))
    raise TypeError(f"there is no classifying of {type(reading).__name__}")


@_kept(_by_model, most=32)
def summary(reading: BeatReading) -> RecordSummary:
    """The numbers of a classified record."""
    return summarised(reading.record, classified(reading))


@_kept(_by_windows, most=12)
def waves(reading: BeatReading) -> Waves:
    """The wave marks of all beats that are found on one lead; the same whatever the model."""
    return find_waves(reading.record, found(reading))


@_kept(_by_windows, most=12)
def intervals(reading: BeatReading) -> Intervals:
    """The intervals of all beats that are found on one lead; the same whatever the model."""
    return measure_intervals(found(reading), waves(reading), reading.record.sampling_rate)


@_kept(_by_windows, most=32)
def intervals_of_record(reading: BeatReading) -> dict[str, Spread]:
    """Each interval over all beats that are found on one lead."""
    return interval_spreads(intervals(reading))


@_kept(_by_model, most=256)
def over_time(reading: Reading, number: int) -> StepScores:
    """What the model says of each prefix of a window."""
    return scores_over_time(model(reading.model), classified(reading).window_of(number))


@_kept(_by_model, most=256)
def with_deleted(
    reading: Reading,
    number: int,
    first_step: int,
    last_step: int,
    fill: Value,
    sources: tuple[str, ...] | None = None,
) -> WhatIf:
    """What the model says once a stretch of a window is deleted, in all or in some of the model's sources."""
    return what_if(model(reading.model), classified(reading).window_of(number), first_step, last_step, fill, sources)


def ranking(reading: Reading, number: int, target: str, fill: Value | None = None) -> tuple[Ranked, ...]:
    """What each source of a window counted for, the one that counted most first."""
    return _ranking(reading, number, target, fill)


@_kept(_by_model, most=64)
def _ranking(reading: Reading, number: int, target: str, fill: Value | None) -> tuple[Ranked, ...]:
    return ranked(model(reading.model), classified(reading).window_of(number), target, fill)


def pairs(reading: Reading, number: int, target: str, fill: Value | None = None) -> tuple[Pair, ...]:
    """What the five sources that counted most count for two by two."""
    return _pairs(reading, number, target, fill)


@_kept(_by_model, most=64)
def _pairs(reading: Reading, number: int, target: str, fill: Value | None) -> tuple[Pair, ...]:
    among = [own.variable for own in ranking(reading, number, target, fill)]
    return paired(model(reading.model), classified(reading).window_of(number), target, among, fill)


def explanation(
    reading: Reading,
    number: int,
    technique: str,
    target: str,
    given: Mapping[str, object],
    on_step: Callable[[int, int], bool | None] | None = None,
) -> Salience:
    """Why the model says it of one window.

    Raises
    ------
    RecordRefused
        If technique, class or a parameter is not one that there is.
    Cancelled
        If ``on_step`` returned False.
    """
    parameters = read_parameters(technique, model(reading.model), given)
    slot = _explanation_slot(reading, number, technique, target, parameters.values())
    if "salience" not in slot:
        window = classified(reading).window_of(number)
        slot["salience"] = explain(model(reading.model), window, technique, target, parameters, on_step)
    return slot["salience"]


def is_explained(reading: Reading, number: int, technique: str, target: str, given: Mapping[str, object]) -> bool:
    """Whether this explanation is already there, so that asking for it takes no time."""
    parameters = read_parameters(technique, model(reading.model), given).values()
    return "salience" in _explanation_slot(reading, number, technique, target, parameters)


@_kept(_by_model, most=1024, store=st.cache_resource)
def _explanation_slot(
    reading: Reading, number: int, technique: str, target: str, parameters: Mapping[str, Any]
) -> dict[str, Salience]:
    """Where the explanation is kept once it is there.

    A slot rather than a cached function, since the work draws its progress, which a cached function may not.
    """
    return {}


def faithfulness_of(
    reading: Reading,
    number: int,
    technique: str,
    target: str,
    given: Mapping[str, object],
    fill: Value | None = None,
) -> Faithfulness:
    """What the score of one window does as it loses what an explanation points at; explains it where that is not kept.

    Parameters
    ----------
    fill : one of FILLS, optional
        What deleted values become: what they become in the explanation, else what is usual, when not given.

    Raises
    ------
    RecordRefused
        As ``explanation`` does.
    """
    parameters = read_parameters(technique, model(reading.model), given).values()
    chosen = parameters.get("fill", usual_fill(model(reading.model))) if fill is None else fill
    return _faithfulness(reading, number, technique, target, parameters, chosen)


@_kept(_by_model, most=1024)
def _faithfulness(
    reading: Reading, number: int, technique: str, target: str, parameters: Mapping[str, Any], fill: Value
) -> Faithfulness:
    values = explanation(reading, number, technique, target, parameters).values
    window = classified(reading).window_of(number)
    return faithfulness(model(reading.model), window[np.newaxis], values[np.newaxis], [target], fill)[0]


@_kept(_by_model, most=256)
def by_chance(reading: Reading, number: int, target: str, fill: Value) -> np.ndarray:
    """What deleting at random does to the score of a window, in place of what an explanation points at; ascending."""
    return drops_by_chance(model(reading.model), classified(reading).window_of(number), target, fill)


def stability_of(
    reading: Reading,
    number: int,
    technique: str,
    target: str,
    given: Mapping[str, object],
    on_step: Callable[[int, int], bool | None] | None = None,
) -> Stability:
    """Whether the explanation of one window stays the same when what should not matter changes.

    Raises
    ------
    RecordRefused, Cancelled
        As ``explanation`` does.
    """
    parameters = read_parameters(technique, model(reading.model), given)
    slot = _stability_slot(reading, number, technique, target, parameters.values())
    if "stability" not in slot:
        window, shifted = classified(reading).window_of(number), _shifted(reading, number)
        slot["stability"] = stability(model(reading.model), window, technique, target, parameters, shifted, on_step)
    return slot["stability"]


def is_stability_known(reading: Reading, number: int, technique: str, target: str, given: Mapping[str, object]) -> bool:
    """Whether this stability is already there, so that asking for it takes no time."""
    parameters = read_parameters(technique, model(reading.model), given).values()
    return "stability" in _stability_slot(reading, number, technique, target, parameters)


@_kept(_by_model, most=256, store=st.cache_resource)
def _stability_slot(
    reading: Reading, number: int, technique: str, target: str, parameters: Mapping[str, Any]
) -> dict[str, Stability]:
    """Where it is kept once it is there; a slot as that of an explanation."""
    return {}


def _shifted(reading: Reading, number: int) -> Mapping[int, np.ndarray]:
    """The window of a beat cut some steps earlier and later; none of alarms and stays, which begin when they begin."""
    if not isinstance(reading, BeatReading):
        return {}
    beats, window = classified(reading), model(reading.model).window
    if not isinstance(window, BeatWindow):
        raise TypeError(f"{reading.model} reads no beats")
    return shifted_beats(reading.record, beats.beats.lead, beats.windows, window, [number])[0]
