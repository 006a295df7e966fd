"""Fetching the catalogue's real records."""

from collections.abc import Sequence

import streamlit as st

from backend import workbench
from backend.kinds.kind import Kind
from backend.records.record import RecordRefused
from backend.records.samples.catalogue import CatalogueRecord
from backend.records.samples.download import OnFile
from pages.parts.app.screen_kinds import screen_kind

__all__ = ["offer_real_samples"]


def offer_real_samples(kind: Kind) -> None:
    """Offer the real samples of a kind that are not on this machine yet, with progress and a way to stop.

    The simulated samples stay whatever happens.
    """
    samples = kind.samples
    missing = workbench.missing_samples(samples)
    if not missing:
        return
    with st.expander(_counted(len(missing), screen_kind(kind.name).real_sample), icon=":material/download:"):
        st.caption(_where_from(missing))
        if st.button("Download from PhysioNet", width="stretch", key=f"download {samples}"):
            _download(samples)
        for sentence in st.session_state.get(_failures_of(samples), ()):
            st.error(sentence, icon=":material/cloud_off:")


def _counted(count: int, noun: str) -> str:
    return f"{count} more {noun}" if count == 1 else f"{count} more {noun}s"


def _where_from(missing: Sequence[CatalogueRecord]) -> str:
    """Databases and licences, and how much there is to fetch."""
    origins = dict.fromkeys(f"{record.database.source}, {record.database.licence}" for record in missing)
    size = _size_in_words(sum(record.size_bytes for record in missing))
    return f"From PhysioNet: {'; '.join(origins)}. No model was trained on any of them. {size} in all."


def _size_in_words(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes >= 1e5 else f"{size_bytes / 1e3:.0f} kB"


def _failures_of(samples: str) -> str:
    return f"{samples} not fetched"


def _download(samples: str) -> None:
    st.session_state[_failures_of(samples)] = ()
    bar = st.progress(0.0, "Asking PhysioNet …")
    # A click ends this run at the next file; what is here by then stays.
    stop = st.empty()
    stop.button("Stop", width="stretch")

    def told(done: int, total: int, name: str) -> None:
        bar.progress(done / total, f"{name} ({done} of {total})")

    st.session_state[_failures_of(samples)] = failures = _fetched(samples, told)
    bar.empty()
    stop.empty()
    if not failures:
        st.rerun()


def _fetched(samples: str, on_file: OnFile) -> Sequence[str]:
    """What went wrong, in sentences; nothing when all went well."""
    try:
        return workbench.fetch(samples, on_file).failures
    except RecordRefused as refusal:
        return (str(refusal),)
