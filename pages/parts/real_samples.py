"""Fetching the catalogue's real records."""

from collections.abc import Sequence

import streamlit as st

from backend import workbench
from backend.records.fetching import OnFile
from backend.records.record import RecordRefused

__all__ = ["offer_real_samples"]


def offer_real_samples() -> None:
    """Offer what is not here yet, with progress and a way to stop; the simulated samples stay whatever happens."""
    missing = workbench.missing_samples()
    if not missing:
        return
    with st.expander(f"{missing} more real records", icon=":material/download:"):
        st.caption(
            "From the MIT-BIH Arrhythmia Database (PhysioNet, ODC-By 1.0), of patients that no model was trained on. "
            "About 2 MB each."
        )
        if st.button("Download from PhysioNet", width="stretch"):
            _download()
        for sentence in st.session_state.get("not_fetched", ()):
            st.error(sentence, icon=":material/cloud_off:")


def _download() -> None:
    st.session_state.not_fetched = ()
    bar = st.progress(0.0, "Asking PhysioNet …")
    # A click ends this run at the next file; what is here by then stays.
    stop = st.empty()
    stop.button("Stop", width="stretch")

    def told(done: int, total: int, name: str) -> None:
        bar.progress(done / total, f"{name} ({done} of {total})")

    st.session_state.not_fetched = _fetched(told)
    bar.empty()
    stop.empty()
    if not st.session_state.not_fetched:
        st.rerun()


def _fetched(on_file: OnFile) -> Sequence[str]:
    """What went wrong, in sentences; nothing when all went well."""
    try:
        return workbench.fetch(on_file).failures
    except RecordRefused as refusal:
        return (str(refusal),)
