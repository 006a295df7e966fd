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
            model = _choose_model()
            lead = _choose_lead(record)
            detector = _choose_detector(model)
            corrections = _tell_corrections(corrections_of(record, lead, detector))
        offer_real_samples()
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


def _choose_model() -> str:
    names = workbench.model_names()
    wanted = link.chosen("model")
    if wanted not in names:
        if wanted is not None:
            link.mismatch(f"The link names a model {wanted!r} that is not here; the default is used instead.")
        wanted = names[0]
        link.choose(model=wanted)
    picked = ask_option("Model", "model", names, wanted, on_new=_other_model)
    st.caption(workbench.model(picked).card["title"])
    if st.button("About this model", icon=":material/info:", width="stretch"):
        show_model_card(workbench.model(picked).card)
    return picked


def _other_model() -> None:
    """Another model has other classes, and was trained on the beats of a detector of its own."""
    link.choose(target=None, detector=None)


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
    picked = ask_option("Detector", "detector", list(titles), wanted, on_new=_other_beats, format_func=titles.get)
    if picked != usual:
        st.caption(f"The model was trained on beats found by {titles[usual]}.")
    return picked


def _tell_corrections(corrections: tuple[Correction, ...]) -> tuple[Correction, ...]:
    if corrections:
        count = "1 correction" if len(corrections) == 1 else f"{len(corrections)} corrections"
        st.caption(f"With **{count} by hand**, for this session alone: the page's address reopens the beats as found.")
    return corrections


def _other_beats() -> None:
    """Beats that are found elsewhere or otherwise have other numbers."""
    link.choose(beat=None, target=None)
