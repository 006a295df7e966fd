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
from typing import Any, Concatenate, ParamSpec, TypeVar

import streamlit as st

from backend.explain.salience import Salience
from backend.explain.techniques import explain, read_parameters
from backend.explain.what_if import WhatIf, what_if
from backend.models.bundle import Bundle, bundle_names, load_bundle
from backend.models.classification import ClassifiedBeats, classify_found
from backend.models.scores import StepScores, scores_over_time
from backend.models.summary import RecordSummary, summarised
from backend.records import samples
from backend.records.catalogue import CatalogueRecord, catalogue, is_fetched
from backend.records.fetching import FetchReport, fetch_samples
from backend.records.record import Record
from backend.records.uploads import read_upload
from backend.windows.corrections import Correction, corrected
from backend.windows.detection import Beats, find_beats
from backend.windows.intervals import Intervals, Spread, interval_spreads, measure_intervals
from backend.windows.marks import Waves
from backend.windows.waves import find_waves

__all__ = [
    "UPLOADED",
    "Reading",
    "classified",
    "explanation",
    "fetch",
    "found",
    "intervals",
    "intervals_of_record",
    "is_explained",
    "missing_samples",
    "model",
    "model_names",
    "over_time",
    "sample",
    "sample_list",
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
    """One way of reading a record: what every screen is about and every door is asked about.

    Attributes
    ----------
    record : Record
    model : str
        Name of the bundle that classifies the beats.
    lead : str or None
        The lead on which beats are found; None for the record's usual one.
    detector : str
        The one of DETECTORS that finds them.
    corrections : tuple of Correction
        What a person changed of them, in this order.
    """

    record: Record
    model: str
    lead: str | None
    detector: str
    corrections: tuple[Correction, ...] = ()

    @property
    def is_sample(self) -> bool:
        """Whether a link can reopen the record; an upload stays in its session."""
        return self.record.source != UPLOADED

    @property
    def is_shared(self) -> bool:
        """Whether its results serve everyone; what a person corrected stays in the session as an upload does."""
        return self.is_sample and not self.corrections


def _by_detector(reading: Reading) -> tuple[Any, ...]:
    """What the beats depend on as they are found."""
    return reading.record.digest, reading.lead, reading.detector


def _by_beats(reading: Reading) -> tuple[Any, ...]:
    """What the beats depend on once they are corrected."""
    return *_by_detector(reading), reading.corrections


def _by_model(reading: Reading) -> tuple[Any, ...]:
    """What the model's words on the beats depend on."""
    return *_by_beats(reading), model(reading.model).digest


def _kept(
    by: Callable[[Reading], tuple[Any, ...]], most: int, store: Any = st.cache_data
) -> Callable[[Callable[Concatenate[Reading, _Asked], _Result]], Callable[Concatenate[Reading, _Asked], _Result]]:
    """Keep a function's results, for everyone or for the session, filed ``by`` what they depend on of the reading."""

    def keeping(
        compute: Callable[Concatenate[Reading, _Asked], _Result],
    ) -> Callable[Concatenate[Reading, _Asked], _Result]:
        settings = {"max_entries": most, "show_spinner": False, "hash_funcs": {Reading: by}}
        for_all = store(**settings)(compute)
        for_session = store(**settings, scope="session")(compute)

        @wraps(compute)
        def door(reading: Reading, *asked: _Asked.args, **named: _Asked.kwargs) -> _Result:
            return (for_all if reading.is_shared else for_session)(reading, *asked, **named)

        return door

    return keeping


@st.cache_resource(show_spinner=False, max_entries=8)
def model(name: str) -> Bundle:
    """A bundle, loaded once."""
    return load_bundle(name)


def model_names() -> tuple[str, ...]:
    """The bundled models, the default first."""
    return bundle_names()


def sample_list(kind: str = "ecg") -> tuple[samples.Sample, ...]:
    """The samples of a kind (``ecg``, ``alarm``, ``stay``) that can be opened now, real ones first."""
    return samples.available_samples(kind)


def missing_samples(kind: str) -> tuple[CatalogueRecord, ...]:
    """The catalogue's real records of a kind that are not here yet."""
    return tuple(record for record in catalogue(kind) if not is_fetched(record))


def fetch(kind: str, on_file: Callable[[int, int, str], bool | None]) -> FetchReport:
    """Fetch the real samples of a kind: from the folder that BEATLIGHT_DATA names, else from PhysioNet."""
    return fetch_samples(on_file=on_file, kind=kind)


@st.cache_data(show_spinner=False, max_entries=6)
def sample(name: str) -> Record:
    """A sample record, read once."""
    return samples.open_sample(name)


def upload(files: Mapping[str, bytes], sampling_rate: float | None = None, unit: str | None = None) -> Record:
    """A record from uploaded files; nothing of it stays on disk.

    Raises
    ------
    RecordRefused
        If the files are no record that can be used.
    """
    with TemporaryDirectory(prefix="beatlight-") as folder:
        return read_upload(files, Path(folder), sampling_rate=sampling_rate, unit=unit)


def found(reading: Reading) -> Beats:
    """The beats that are found on one lead, and corrected; the same whatever the model.

    Raises
    ------
    RecordRefused
        If there is no such lead or detector, or a correction does not fit the beats.
    """
    return corrected(_detected(replace(reading, corrections=())), reading.corrections, reading.record)


@_kept(_by_detector, most=12)
def _detected(reading: Reading) -> Beats:
    return find_beats(reading.record, reading.lead, reading.detector)


@_kept(_by_model, most=6)
def classified(reading: Reading) -> ClassifiedBeats:
    """All beats of a record, found on one lead, corrected and classified."""
    known = classified(replace(reading, corrections=())) if reading.corrections else None
    return classify_found(model(reading.model), reading.record, found(reading), known)


@_kept(_by_model, most=32)
def summary(reading: Reading) -> RecordSummary:
    """The numbers of a classified record."""
    return summarised(reading.record, classified(reading))


@_kept(_by_beats, most=12)
def waves(reading: Reading) -> Waves:
    """The wave marks of all beats that are found on one lead; the same whatever the model."""
    return find_waves(reading.record, found(reading))


@_kept(_by_beats, most=12)
def intervals(reading: Reading) -> Intervals:
    """The intervals of all beats that are found on one lead; the same whatever the model."""
    return measure_intervals(found(reading), waves(reading), reading.record.sampling_rate)


@_kept(_by_beats, most=32)
def intervals_of_record(reading: Reading) -> dict[str, Spread]:
    """Each interval over all beats that are found on one lead."""
    return interval_spreads(intervals(reading))


@_kept(_by_model, most=256)
def over_time(reading: Reading, beat: int) -> StepScores:
    """What the model says of each prefix of a beat's window."""
    return scores_over_time(model(reading.model), classified(reading).window_of(beat))


@_kept(_by_model, most=256)
def with_deleted(reading: Reading, beat: int, first_step: int, last_step: int, fill: float | str) -> WhatIf:
    """What the model says once a stretch of a beat's window is deleted."""
    return what_if(model(reading.model), classified(reading).window_of(beat), first_step, last_step, fill)


def explanation(
    reading: Reading,
    beat: int,
    technique: str,
    target: str,
    given: Mapping[str, object],
    on_step: Callable[[int, int], bool | None] | None = None,
) -> Salience:
    """Why the model says it of one beat.

    Raises
    ------
    RecordRefused
        If technique, class or a parameter is not one that there is.
    Cancelled
        If ``on_step`` returned False.
    """
    parameters = read_parameters(technique, given)
    slot = _explanation_slot(reading, beat, technique, target, parameters.values())
    if "salience" not in slot:
        window = classified(reading).window_of(beat)
        slot["salience"] = explain(model(reading.model), window, technique, target, parameters, on_step)
    return slot["salience"]


def is_explained(reading: Reading, beat: int, technique: str, target: str, given: Mapping[str, object]) -> bool:
    """Whether this explanation is already there, so that asking for it takes no time."""
    parameters = read_parameters(technique, given).values()
    return "salience" in _explanation_slot(reading, beat, technique, target, parameters)


@_kept(_by_model, most=1024, store=st.cache_resource)
def _explanation_slot(
    reading: Reading, beat: int, technique: str, target: str, parameters: Mapping[str, Any]
) -> dict[str, Salience]:
    """Where the explanation is kept once it is there.

    A slot rather than a cached function, since the work draws its progress, which a cached function may not.
    """
    return {}
