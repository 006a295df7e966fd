"""Choosing a record, a model and a lead, in the side bar of every screen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from backend import workbench
from backend.records.leads import choose_lead, ecg_leads
from backend.records.record import Record, RecordRefused
from pages.parts import link
from pages.parts.model_card import show_model_card

__all__ = ["Selection", "choose_all"]

_FIRST_SIMULATED = "sim_ventricular_premature"
_OWN_FILES = "Your own files …"
_UPLOAD_HELP = (
    "The files of one record together (WFDB: .hea with .dat or .mat, and .atr if there is one), an EDF or a CSV file, "
    "or a zip of them. They stay in this session, are never logged, and are gone when it ends."
)
_UNITS = ("as the file says", "mV", "uV", "V")


@dataclass(frozen=True)
class Selection:
    """What a screen is about."""

    record: Record
    model: str
    lead: str

    @property
    def is_sample(self) -> bool:
        """Whether a link can reopen it; an upload stays in its session."""
        return self.record.source != workbench.UPLOADED


def choose_all() -> Selection:
    """Draw the side bar and return what is chosen; ends the run, with a hint, where no record is there yet."""
    link.restore()
    with st.sidebar:
        record = _choose_record()
        if record is not None:
            model = _choose_model()
            lead = _choose_lead(record)
        _offer_real_samples()
    if record is None:
        st.info("Choose a sample on the left, or upload a record of your own.", icon=":material/arrow_back:")
        st.stop()
    return Selection(record, model, lead)


def _choose_record() -> Record | None:
    samples = {sample.name: sample for sample in workbench.sample_list()}
    options = [*samples, _OWN_FILES]
    wanted = link.chosen("record")
    if wanted is not None and wanted not in options:
        st.warning(f"The link names a record {wanted!r} that is not here; the first sample is shown instead.")
        wanted = None
    if wanted is None:
        wanted = options[0] if not samples[options[0]].is_simulated else _FIRST_SIMULATED
        link.choose(record=wanted)
    picked = st.selectbox("Record", options, index=options.index(wanted))
    if picked != wanted:
        link.choose(record=picked, beat=None, lead=None, target=None)
        st.session_state.pop("stretch", None)
    if picked == _OWN_FILES:
        return _upload()
    st.caption(f"{samples[picked].source[:1].upper()}{samples[picked].source[1:]}: {samples[picked].line}")
    return workbench.sample(picked)


def _upload() -> Record | None:
    """The uploaded record; it lives in the session's state and in no file."""
    files = st.file_uploader("Files of one record", accept_multiple_files=True, help=_UPLOAD_HELP)
    if not files:
        st.session_state.pop("uploaded", None)
        return None
    rate, unit = None, None
    if any(file.name.lower().endswith((".csv", ".txt", ".tsv")) for file in files):
        rate = st.number_input("Sampling rate (Hz), if the CSV does not state it", 0.0, 5000.0, 0.0) or None
        unit = st.selectbox("Unit of its values", _UNITS)
    key = (tuple(file.file_id for file in files), rate, unit)
    if st.session_state.get("uploaded", (None,))[0] != key:
        link.choose(beat=None, lead=None, target=None)
        st.session_state.pop("stretch", None)
        st.session_state.pop("uploaded", None)
        try:
            with st.spinner("Reading and checking the files …"):
                contents = {file.name: file.getvalue() for file in files}
                record = workbench.upload(contents, rate, None if unit in (None, _UNITS[0]) else unit)
        except RecordRefused as refusal:
            st.error(str(refusal), icon=":material/block:")
            return None
        st.session_state.uploaded = (key, record)
    return st.session_state.uploaded[1]


def _choose_model() -> str:
    names = workbench.model_names()
    wanted = link.chosen("model")
    if wanted is not None and wanted not in names:
        st.warning(f"The link names a model {wanted!r} that is not here; the default is used instead.")
        wanted = None
    picked = st.selectbox("Model", names, index=names.index(wanted or names[0]))
    if picked != (wanted or names[0]):
        link.choose(target=None)
    link.choose(model=picked)
    st.caption(workbench.model(picked).card["title"])
    if st.button("About this model", icon=":material/info:", width="stretch"):
        show_model_card(workbench.model(picked).card)
    return picked


def _choose_lead(record: Record) -> str:
    leads = ecg_leads(record)
    try:
        wanted = choose_lead(record, link.chosen("lead"))
    except RecordRefused as refusal:
        st.warning(str(refusal))
        wanted = choose_lead(record)
    picked = st.selectbox("Lead on which beats are found", leads, index=leads.index(wanted))
    link.choose(lead=picked)
    return picked


def _offer_real_samples() -> None:
    """Download the catalogue's real records, with progress; the simulated ones stay whatever happens."""
    missing = workbench.missing_samples()
    if not missing:
        return
    with st.expander(f"{missing} real records to download", icon=":material/download:"):
        st.caption(
            "Records of the MIT-BIH Arrhythmia Database from PhysioNet (ODC-By 1.0), from patients that no model was "
            "trained on."
        )
        if st.button("Download from PhysioNet", width="stretch"):
            bar = st.progress(0.0, "Asking PhysioNet …")
            st.button("Stop", width="stretch")

            def told(done: int, total: int, name: str) -> None:
                bar.progress(done / max(total, 1), name)

            failures = _fetch(told)
            bar.empty()
            for sentence in failures:
                st.error(sentence)
            if not failures:
                st.rerun()


def _fetch(on_file: Callable[[int, int, str], None]) -> Sequence[str]:
    """Fetch the real samples; what went wrong, in sentences."""
    try:
        return workbench.fetch(on_file).failures
    except RecordRefused as refusal:
        return (str(refusal),)
