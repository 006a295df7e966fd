"""Choosing the beats of a record in the sidebar: model, lead and detector."""

import streamlit as st

from backend import workbench
from backend.kinds.beat_kind import BEAT
from backend.models.classification import beat_window
from backend.records.channels.leads import choose_lead, ecg_leads
from backend.records.record import Record, RecordRefused
from backend.windows.beats.corrections import Correction
from backend.windows.beats.detection import DETECTORS
from backend.workbench import BeatReading
from pages.parts.app import url_state
from pages.parts.app.widgets import ask_option
from pages.parts.beat import beat_text
from pages.parts.record.corrections import corrections_of
from pages.parts.sidebar.reading_choice import choose_reading
from pages.parts.sidebar.record_choice import choose_model

__all__ = ["choose_beats"]


def choose_beats() -> BeatReading:
    """Draw the sidebar and return the chosen beats; ends the run with a hint if no record is open."""
    return choose_reading(BEAT, _forget_record, _choose)


def _choose(record: Record) -> BeatReading:
    model = choose_model(BEAT.name, lambda last: _change_model(record, last))
    lead = _choose_lead(record)
    detector = _choose_detector(model)
    return BeatReading(record, model, lead, detector, _show_corrections(corrections_of(record, lead, detector)))


def _forget_record() -> None:
    url_state.choose(beat=None, lead=None, target=None)
    st.session_state.pop("stretch", None)


def _change_model(record: Record, last: str) -> None:
    """Another model has other classes, and may have been trained on the beats of another detector.

    Its detector takes over from the last model's, and the same beat stays open. A detector that the person chose stays,
    and so does one whose beats the person corrected.
    """
    usual = beat_window(workbench.model(last)).detector
    lead, detector = url_state.chosen("lead"), url_state.chosen("detector") or usual
    reading = BeatReading(record, last, lead, detector, corrections_of(record, lead, detector))
    r_peak = _open_beat(reading)
    url_state.choose(target=None)
    if r_peak is not None:
        url_state.seek_beat(r_peak)
    is_picked = st.session_state.get("detector_picked", False) or detector != usual
    if not reading.corrections and not is_picked:
        url_state.choose(detector=None)


def _open_beat(reading: BeatReading) -> int | None:
    """Return the R peak of the chosen beat."""
    number, r_peaks = url_state.chosen("beat"), workbench.classified(reading).windows.anchor
    if number is not None and number.isdecimal() and int(number) < len(r_peaks):
        return int(r_peaks[int(number)])
    return url_state.sought_beat()


def _choose_lead(record: Record) -> str:
    leads = ecg_leads(record)
    try:
        selected = choose_lead(record, url_state.chosen("lead"))
    except RecordRefused as refusal:
        url_state.mismatch(str(refusal))
        selected = choose_lead(record)
    url_state.choose(lead=selected)
    return ask_option("Detection lead", "lead", leads, selected, on_new=_forget_beats)


def _choose_detector(model: str) -> str:
    usual = beat_window(workbench.model(model)).detector
    selected = url_state.chosen("detector") or usual
    if selected not in DETECTORS:
        url_state.mismatch(beat_text.unknown_detector(selected, usual))
        selected = usual
    url_state.choose(detector=selected)
    titles = {name: detector.title for name, detector in DETECTORS.items()}
    picked = ask_option(
        "Detector", "detector", list(titles), selected, on_new=_change_detector, format_func=titles.__getitem__
    )
    if picked != usual:
        st.caption(beat_text.other_detector(titles[usual]))
    return picked


def _show_corrections(corrections: tuple[Correction, ...]) -> tuple[Correction, ...]:
    if corrections:
        st.caption(beat_text.corrections_sentence(len(corrections)))
    return corrections


def _change_detector() -> None:
    st.session_state.detector_picked = True
    _forget_beats()


def _forget_beats() -> None:
    """Forget the open beat: beats of another lead or detector have other numbers."""
    url_state.choose(beat=None, target=None)
