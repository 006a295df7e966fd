"""Choosing what a screen is about, in its side bar: beats, an alarm or a stay."""

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from backend import workbench
from backend.charts.style.number_format import format_minutes_seconds
from backend.records.alarms import ALARM_KINDS, Alarm, find_alarms
from backend.records.channels.leads import choose_lead, ecg_leads
from backend.records.record import Record, RecordRefused
from backend.windows.beats.corrections import Correction
from backend.windows.beats.detection import DETECTORS
from backend.workbench import AlarmReading, BeatReading, Reading, StayReading
from pages.parts.app import url_state
from pages.parts.app.frame import require_frame
from pages.parts.app.widgets import ask_number, ask_option
from pages.parts.record.corrections import corrections_of
from pages.parts.sidebar.real_samples import offer_real_samples
from pages.parts.sidebar.record_choice import ask_for_record, choose_model, choose_record
from pages.parts.stay.stay_edits import edits_of

__all__ = ["choose_alarm", "choose_beats", "choose_stay"]

_R = TypeVar("_R", bound=Reading)


def choose_beats() -> BeatReading:
    """Draw the side bar and return what is chosen; ends the run, with a hint, where no record is there yet."""
    return _chosen("beat", "ecg", _other_record, _choose_beats)


def choose_alarm() -> AlarmReading:
    """Draw the side bar and return which alarm of which record is chosen; ends the run where there is none yet."""
    return _chosen("alarm", "alarm", _other_alarm, _choose_model_and_alarm)


def choose_stay() -> StayReading:
    """Draw the side bar and return which stay is chosen, with its edits; ends the run where there is none yet."""
    return _chosen("stay", "stay", lambda: url_state.choose(variable=None, target=None), _choose_model_and_edits)


def _chosen(kind: str, sample_kind: str, on_new: Callable[[], None], choose: Callable[[Record], _R]) -> _R:
    """What is chosen in the side bar of one kind of screen: a record, and then how it is read."""
    require_frame()
    url_state.restore(kind)
    with st.sidebar:
        record = choose_record(sample_kind, on_new)
        reading = None if record is None else choose(record)
        offer_real_samples(sample_kind)
    if reading is None:
        ask_for_record(sample_kind)
    url_state.show_mismatches()
    return reading


def _choose_beats(record: Record) -> BeatReading:
    model = choose_model("beat", lambda last: _other_model(record, last))
    lead = _choose_lead(record)
    detector = _choose_detector(model)
    return BeatReading(record, model, lead, detector, _tell_corrections(corrections_of(record, lead, detector)))


def _choose_model_and_alarm(record: Record) -> AlarmReading:
    model = choose_model("alarm", lambda last: _other_target())
    return AlarmReading(record, model, _choose_alarm(record))


def _choose_model_and_edits(record: Record) -> StayReading:
    model = choose_model("stay", lambda last: _other_target())
    return StayReading(record, model, edits_of(record))


def _other_alarm() -> None:
    url_state.choose(alarm=None, kind=None, at=None, target=None)


def _choose_alarm(record: Record) -> Alarm:
    """The alarm that the record tells of, one of several, or one that the person names."""
    known = find_alarms(record)
    if not known:
        return _name_alarm(record)
    wanted = url_state.chosen("alarm") or "0"
    if not (wanted.isdecimal() and int(wanted) < len(known)):
        url_state.mismatch(f"This record has no alarm {wanted}; its first one is shown instead.")
        wanted = "0"
        url_state.choose(alarm=None)
    if len(known) == 1:
        return known[0]
    titles = [f"{number}: {_at(alarm, record)} {alarm.kind}" for number, alarm in enumerate(known)]
    numbers = range(len(known))
    return known[ask_option("Alarm", "alarm", numbers, int(wanted), _other_target, format_func=titles.__getitem__)]


def _other_target() -> None:
    url_state.choose(target=None)


def _at(alarm: Alarm, record: Record) -> str:
    return format_minutes_seconds(alarm.sample / record.sampling_rate, 1)


def _name_alarm(record: Record) -> Alarm:
    """The kind and the moment that the person gives for a record that tells of no alarm."""
    kind, at = url_state.chosen("kind"), url_state.chosen("at")
    if kind is not None and kind not in ALARM_KINDS:
        url_state.mismatch(
            f"The link names a kind of alarm {kind!r} that is not known; {ALARM_KINDS[0]} is used instead."
        )
        kind = None
    st.caption("This record does not say which alarm sounded when: choose both.")
    kind = ask_option("Kind of alarm", "kind", ALARM_KINDS, kind or ALARM_KINDS[0], _other_target)
    last_s = round((len(record.signals) - 1) / record.sampling_rate, 3)
    second = ask_number("It sounded at (s)", "at", 0.0, last_s, _within(at, last_s), _other_target, step=1.0)
    url_state.choose(kind=kind, at=f"{second:g}")
    return Alarm(kind, round(second * record.sampling_rate))


def _within(text: str | None, last_s: float) -> float:
    """Seconds that an address tells, if they lie in the record; else the record's end."""
    try:
        second = float(text) if text is not None else last_s
    except ValueError:
        return last_s
    return second if 0.0 <= second <= last_s else last_s


def _other_record() -> None:
    """What was chosen for the last record says nothing about this one."""
    url_state.choose(beat=None, lead=None, target=None)
    st.session_state.pop("stretch", None)


def _other_model(record: Record, last: str) -> None:
    """Another model has other classes, and may have been trained on the beats of another detector.

    Its detector takes over from the last model's, and the same beat stays open. A detector that the person chose stays,
    and so does one whose beats the person corrected.
    """
    lead, detector = url_state.chosen("lead"), url_state.chosen("detector")
    reading = BeatReading(record, last, lead, detector, corrections_of(record, lead, detector))
    r_peak = _open_beat(reading)
    url_state.choose(target=None)
    if r_peak is not None:
        url_state.seek_beat(r_peak)
    if not reading.corrections and not _is_own_choice(detector, last):
        url_state.choose(detector=None)


def _is_own_choice(detector: str, model: str) -> bool:
    return st.session_state.get("detector_picked", False) or detector != workbench.model(model).window.detector


def _open_beat(reading: BeatReading) -> int | None:
    """The R peak of the chosen beat."""
    number, r_peaks = url_state.chosen("beat"), workbench.classified(reading).windows.anchor
    is_there = number is not None and number.isdecimal() and int(number) < len(r_peaks)
    return int(r_peaks[int(number)]) if is_there else url_state.sought_beat()


def _choose_lead(record: Record) -> str:
    leads = ecg_leads(record)
    try:
        wanted = choose_lead(record, url_state.chosen("lead"))
    except RecordRefused as refusal:
        url_state.mismatch(str(refusal))
        wanted = choose_lead(record)
    url_state.choose(lead=wanted)
    return ask_option("Lead to find beats on", "lead", leads, wanted, on_new=_other_beats)


def _choose_detector(model: str) -> str:
    usual = workbench.model(model).window.detector
    wanted = url_state.chosen("detector") or usual
    if wanted not in DETECTORS:
        url_state.mismatch(f"The link names a detector {wanted!r} that is not here; {usual} is used instead.")
        wanted = usual
    url_state.choose(detector=wanted)
    titles = {name: detector.title for name, detector in DETECTORS.items()}
    picked = ask_option("Detector", "detector", list(titles), wanted, on_new=_other_detector, format_func=titles.get)
    if picked != usual:
        st.caption(f"The model was trained on beats found by {titles[usual]}.")
    return picked


def _tell_corrections(corrections: tuple[Correction, ...]) -> tuple[Correction, ...]:
    if corrections:
        count = "1 correction" if len(corrections) == 1 else f"{len(corrections)} corrections"
        st.caption(f"With **{count} by hand**, for this session alone: the page's address reopens the beats as found.")
    return corrections


def _other_detector() -> None:
    st.session_state.detector_picked = True
    _other_beats()


def _other_beats() -> None:
    """Beats that are found elsewhere or otherwise have other numbers."""
    url_state.choose(beat=None, target=None)
