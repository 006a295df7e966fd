"""The doors that the screens call: the floors below, with every result kept.

What is computed from a sample is kept for everyone, what is computed from an upload for its own session alone, and goes
with it. Each result is filed under the record's digest, the model's digest and all that it depends on; each
store has a bound.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import streamlit as st

from backend.explain.salience import Salience
from backend.explain.techniques import explain, read_parameters
from backend.explain.what_if import WhatIf, what_if
from backend.models.bundle import Bundle, bundle_names, load_bundle
from backend.models.classification import ClassifiedBeats, classify_beats
from backend.models.scores import StepScores, scores_over_time
from backend.models.summary import RecordSummary, summarised
from backend.records import samples
from backend.records.catalogue import catalogue, is_fetched
from backend.records.fetching import FetchReport, fetch_samples
from backend.records.record import Record
from backend.records.uploads import read_upload
from backend.windows.detection import Beats
from backend.windows.marks import Waves
from backend.windows.waves import find_waves

__all__ = [
    "classified",
    "explanation",
    "fetch",
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


class _Kept:
    """A function of a record whose results are kept, for everyone or for one session, by the record's source."""

    def __init__(self, compute: Callable[..., Any], most: int) -> None:
        self._for_all = st.cache_data(max_entries=most, show_spinner=False)(compute)
        self._for_session = st.cache_data(max_entries=most, show_spinner=False, scope="session")(compute)

    def __call__(self, record: Record, *key: Any, **unkeyed: Any) -> Any:
        store = self._for_session if record.source == UPLOADED else self._for_all
        return store(record.digest, *key, _record=record, **unkeyed)


@st.cache_resource(show_spinner=False, max_entries=8)
def model(name: str) -> Bundle:
    """A bundle, loaded once."""
    return load_bundle(name)


def model_names() -> tuple[str, ...]:
    """The bundled models, the default first."""
    return bundle_names()


def sample_list() -> tuple[samples.Sample, ...]:
    """The samples that can be opened now, real ones first."""
    return samples.available_samples()


def missing_samples() -> int:
    """How many of the catalogue's real records are not here yet."""
    return sum(not is_fetched(record) for record in catalogue())


def fetch(on_file: Callable[[int, int, str], bool | None]) -> FetchReport:
    """Fetch the real samples: from the folder that BEATLIGHT_DATA names, else from PhysioNet."""
    return fetch_samples(on_file=on_file)


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


def classified(record: Record, model_name: str, lead: str | None) -> ClassifiedBeats:
    """All beats of a record, found on one lead and classified."""
    bundle = model(model_name)
    return _CLASSIFIED(record, bundle.digest, lead, _bundle=bundle)


def _classify(digest: str, model_digest: str, lead: str | None, _record: Record, _bundle: Bundle) -> ClassifiedBeats:
    return classify_beats(_bundle, _record, lead)


def summary(record: Record, model_name: str, lead: str | None) -> RecordSummary:
    """The numbers of a classified record."""
    return _SUMMARY(record, model(model_name).digest, lead, _beats=classified(record, model_name, lead))


def _summarise(
    digest: str, model_digest: str, lead: str | None, _record: Record, _beats: ClassifiedBeats
) -> RecordSummary:
    return summarised(_record, _beats)


def waves(record: Record, model_name: str, lead: str | None) -> Waves:
    """The wave marks of all beats that are found on one lead; the same whatever the model."""
    return _WAVES(record, lead, _beats=classified(record, model_name, lead).beats)


def _mark(digest: str, lead: str | None, _record: Record, _beats: Beats) -> Waves:
    return find_waves(_record, _beats)


def over_time(record: Record, model_name: str, lead: str | None, beat: int) -> StepScores:
    """What the model says of each prefix of a beat's window."""
    bundle, beats = model(model_name), classified(record, model_name, lead)
    return _OVER_TIME(record, bundle.digest, lead, beat, _bundle=bundle, _beats=beats)


def _score_steps(
    digest: str,
    model_digest: str,
    lead: str | None,
    beat: int,
    _record: Record,
    _bundle: Bundle,
    _beats: ClassifiedBeats,
) -> StepScores:
    return scores_over_time(_bundle, _beats.window_of(beat))


def with_deleted(
    record: Record, model_name: str, lead: str | None, beat: int, first_step: int, last_step: int, fill: float | str
) -> WhatIf:
    """What the model says once a stretch of a beat's window is deleted."""
    bundle, beats = model(model_name), classified(record, model_name, lead)
    key = (bundle.digest, lead, beat, first_step, last_step, fill)
    return _WHAT_IF(record, *key, _bundle=bundle, _beats=beats)


def _delete(
    digest: str,
    model_digest: str,
    lead: str | None,
    beat: int,
    first_step: int,
    last_step: int,
    fill: float | str,
    _record: Record,
    _bundle: Bundle,
    _beats: ClassifiedBeats,
) -> WhatIf:
    return what_if(_bundle, _beats.window_of(beat), first_step, last_step, fill)


_CLASSIFIED = _Kept(_classify, most=6)
_SUMMARY = _Kept(_summarise, most=32)
_WAVES = _Kept(_mark, most=12)
_OVER_TIME = _Kept(_score_steps, most=256)
_WHAT_IF = _Kept(_delete, most=256)


def explanation(
    record: Record,
    model_name: str,
    lead: str | None,
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
    slot = _explanation_slot(record, model_name, lead, beat, technique, target, given)
    if "salience" not in slot:
        window = classified(record, model_name, lead).window_of(beat)
        parameters = read_parameters(technique, given)
        slot["salience"] = explain(model(model_name), window, technique, target, parameters, on_step)
    return slot["salience"]


def is_explained(
    record: Record,
    model_name: str,
    lead: str | None,
    beat: int,
    technique: str,
    target: str,
    given: Mapping[str, object],
) -> bool:
    """Whether this explanation is already there, so that asking for it takes no time."""
    return "salience" in _explanation_slot(record, model_name, lead, beat, technique, target, given)


def _explanation_slot(
    record: Record,
    model_name: str,
    lead: str | None,
    beat: int,
    technique: str,
    target: str,
    given: Mapping[str, object],
) -> dict[str, Salience]:
    """Where the explanation is kept once it is there.

    A slot rather than a cached function, since the work draws its progress, which a cached function may not.
    """
    parameters = tuple(sorted(read_parameters(technique, given).values().items()))
    slots = _session_slot if record.source == UPLOADED else _shared_slot
    return slots(record.digest, model(model_name).digest, lead, beat, technique, target, parameters)


def _slot(
    digest: str,
    model_digest: str,
    lead: str | None,
    beat: int,
    technique: str,
    target: str,
    parameters: tuple[tuple[str, Any], ...],
) -> dict[str, Salience]:
    return {}


_shared_slot = st.cache_resource(max_entries=1024, show_spinner=False)(_slot)
_session_slot = st.cache_resource(max_entries=256, show_spinner=False, scope="session")(_slot)
