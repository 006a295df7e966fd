"""The download of the catalogue's real records."""

from collections.abc import Sequence

import streamlit as st

from backend import workbench
from backend.kinds.kind import Kind
from backend.records.record import RecordRefused
from backend.records.samples.download import OnFile
from pages.parts.app.screen_kinds import screen_kind
from pages.parts.sidebar import sidebar_text

__all__ = ["offer_real_samples"]


def offer_real_samples(kind: Kind) -> None:
    """Offer the real samples of a kind that are not on this machine yet, with progress and a way to stop.

    The simulated samples stay whatever happens.
    """
    samples = kind.samples
    missing = workbench.missing_samples(samples)
    if not missing:
        return
    with st.expander(
        sidebar_text.count_samples(len(missing), screen_kind(kind.name).real_sample), icon=":material/download:"
    ):
        origins = dict.fromkeys(f"{record.database.source}, {record.database.licence}" for record in missing)
        st.caption(sidebar_text.origin_sentence(list(origins), sum(record.size_bytes for record in missing)))
        if st.button("Download from PhysioNet", width="stretch", key=f"download {samples}"):
            _download(samples)
        for sentence in st.session_state.get(_failures_of(samples), ()):
            st.error(sentence, icon=":material/cloud_off:")


def _failures_of(samples: str) -> str:
    return f"{samples} not fetched"


def _download(samples: str) -> None:
    st.session_state[_failures_of(samples)] = ()
    bar = st.progress(0.0, sidebar_text.CONNECTING)
    # A click ends this run at the next file; the files downloaded until then stay.
    stop = st.empty()
    stop.button("Stop", width="stretch")

    def on_file(done: int, total: int, name: str) -> None:
        bar.progress(done / total, f"{name} ({done} of {total})")

    st.session_state[_failures_of(samples)] = failures = _fetch(samples, on_file)
    bar.empty()
    stop.empty()
    if not failures:
        st.rerun()


def _fetch(samples: str, on_file: OnFile) -> Sequence[str]:
    """Return the failures as sentences; empty if there are none."""
    try:
        return workbench.fetch(samples, on_file).failures
    except RecordRefused as refusal:
        return (str(refusal),)
