"""The bundled models, loaded once, and the evidence of their explanations."""

from threading import Thread

import streamlit as st

from backend.cohort.evidence import Evidence, read_evidence
from backend.cohort.stabilisers import StabiliserStudy, read_study
from backend.models.bundle import Bundle, bundle_names, load_bundle
from backend.models.network.inference import compile_ahead

__all__ = ["evidence", "model", "model_names", "stabiliser_study"]


@st.cache_resource(show_spinner=False, max_entries=8)
def model(name: str) -> Bundle:
    """Return a bundle, loaded once."""
    _compile_kernels()
    return load_bundle(name)


@st.cache_resource(show_spinner=False)
def _compile_kernels() -> None:
    """Compile what explanations need while a person still looks at the record."""
    Thread(target=compile_ahead, name="beatlight-kernels").start()


@st.cache_data(show_spinner=False, max_entries=8)
def model_names(kind: str | None) -> tuple[str, ...]:
    """Return the bundled models that read windows of a kind, the default first; with None all of them."""
    return bundle_names(kind)


@st.cache_resource(show_spinner=False, max_entries=4, ttl=60)
def evidence(name: str) -> Evidence | None:
    """Return what was measured of a model's explanations, None where nothing was; new measurements show in a minute.

    Raises
    ------
    RecordRefused
        If the evidence cannot be read.
    """
    return read_evidence(name)


@st.cache_resource(show_spinner=False, max_entries=8, ttl=60)
def stabiliser_study(name: str) -> StabiliserStudy | None:
    """Return what LRP loses of a model's scores by stabiliser, None where that was not measured.

    Raises
    ------
    RecordRefused
        If the study cannot be read.
    """
    return read_study(name)
