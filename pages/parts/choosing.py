"""Choosing a record, a model, a lead and a detector, in the side bar of every screen."""

import streamlit as st

from backend import workbench
from backend.records.leads import choose_lead, ecg_leads
from backend.records.record import Record, RecordRefused
from backend.windows.corrections import Correction
from backend.windows.detection import DETECTORS
from backend.workbench import Reading
from pages.parts import link
from pages.parts.asking import ask_option
from pages.parts.corrections import corrections_of
from pages.parts.frame import require_frame
from pages.parts.model_card import show_model_card
from pages.parts.real_samples import offer_real_samples
from pages.parts.uploading import HOW_TO_UPLOAD, uploaded_record

__all__ = ["choose_all"]

_FIRST_SIMULATED = "sim_ventricular_premature"
_OWN_FILES = "Your own files …"


def choose_all() -> Reading:
    """Draw the side bar and return what is chosen; ends the run, with a hint, where no record is there yet."""
    require_frame()
    link.restore()
    with st.sidebar:
        record = _choose_record()
        if record is not None:
            model = _choose_model(record)
            lead = _choose_lead(record)
            detector = _choose_detector(model)
            corrections = _tell_corrections(corrections_of(record, lead, detector))
        offer_real_samples("ecg")
    if record is None:
        link.write(None)
        st.info(HOW_TO_UPLOAD, icon=":material/arrow_back:")
        st.stop()
    link.show_mismatches()
    return Reading(record, model, lead, detector, corrections)


def _choose_record() -> Record | None:
    samples = {sample.name: sample for sample in workbench.sample_list()}
    options = [*samples, _OWN_FILES]
    wanted = link.chosen("record")
    if wanted not in options:
        if wanted is not None:
            link.mismatch(f"The link names a record {wanted!r} that is not here; another one is shown instead.")
            _other_record()
        wanted = options[0] if not samples[options[0]].is_simulated else _FIRST_SIMULATED
        link.choose(record=wanted)
    picked = ask_option("Record", "record", options, wanted, on_new=_other_record)
    if picked == _OWN_FILES:
        return uploaded_record()
    st.caption(f"{samples[picked].source[:1].upper()}{samples[picked].source[1:]}: {samples[picked].line}")
    try:
        return workbench.sample(picked)
    except RecordRefused as refusal:
        st.error(str(refusal), icon=":material/block:")
        return None


def _other_record() -> None:
    """What was chosen for the last record says nothing about this one."""
    link.choose(beat=None, lead=None, target=None)
    st.session_state.pop("stretch", None)


def _choose_model(record: Record) -> str:
    names = workbench.model_names()
    wanted = link.chosen("model")
    if wanted not in names:
        if wanted is not None:
            link.mismatch(f"The link names a model {wanted!r} that is not here; the default is used instead.")
        wanted = names[0]
        link.choose(model=wanted)
    picked = ask_option("Model", "model", names, wanted, on_new=lambda: _other_model(record, wanted))
    st.caption(workbench.model(picked).card["title"])
    if st.button("About this model", icon=":material/info:", width="stretch"):
        show_model_card(workbench.model(picked).card)
    return picked


def _other_model(record: Record, last: str) -> None:
    """Another model has other classes, and may have been trained on the beats of another detector.

    Its detector takes over from the last model's, and the same beat stays open. A detector that the person chose stays,
    and so does one whose beats the person corrected.
    """
    lead, detector = link.chosen("lead"), link.chosen("detector")
    reading = Reading(record, last, lead, detector, corrections_of(record, lead, detector))
    r_peak = _open_beat(reading)
    link.choose(target=None)
    if r_peak is not None:
        link.seek_beat(r_peak)
    if not reading.corrections and not _is_own_choice(detector, last):
        link.choose(detector=None)


def _is_own_choice(detector: str, model: str) -> bool:
    return st.session_state.get("detector_picked", False) or detector != workbench.model(model).window.detector


def _open_beat(reading: Reading) -> int | None:
    """The R peak of the chosen beat."""
    number, r_peaks = link.chosen("beat"), workbench.classified(reading).windows.anchor
    is_there = number is not None and number.isdecimal() and int(number) < len(r_peaks)
    return int(r_peaks[int(number)]) if is_there else link.sought_beat()


def _choose_lead(record: Record) -> str:
    leads = ecg_leads(record)
    try:
        wanted = choose_lead(record, link.chosen("lead"))
    except RecordRefused as refusal:
        link.mismatch(str(refusal))
        wanted = choose_lead(record)
    link.choose(lead=wanted)
    return ask_option("Lead to find beats on", "lead", leads, wanted, on_new=_other_beats)


def _choose_detector(model: str) -> str:
    usual = workbench.model(model).window.detector
    wanted = link.chosen("detector") or usual
    if wanted not in DETECTORS:
        link.mismatch(f"The link names a detector {wanted!r} that is not here; {usual} is used instead.")
        wanted = usual
    link.choose(detector=wanted)
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
    link.choose(beat=None, target=None)
