"""Records to read: samples, real records to download, and uploads."""

from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from backend.records.record import Record
from backend.records.samples import library
from backend.records.samples.catalogue import CatalogueRecord, is_fetched, read_catalogue
from backend.records.samples.download import FetchReport, fetch_samples
from backend.records.understanding import Stated
from backend.records.uploads import read_upload

__all__ = ["fetch", "missing_samples", "sample", "sample_list", "upload"]


def sample_list(kind: str = "ecg") -> tuple[library.Sample, ...]:
    """Return the samples of a kind (``Kind.samples``) that can be opened now, real ones first."""
    return library.available_samples(kind)


def missing_samples(kind: str) -> tuple[CatalogueRecord, ...]:
    """Return the catalogue's real records of a kind that are not on this machine yet."""
    return tuple(record for record in read_catalogue(kind) if not is_fetched(record))


def fetch(kind: str, on_file: Callable[[int, int, str], bool | None]) -> FetchReport:
    """Fetch the real samples of a kind: from the folder that BEATLIGHT_DATA names, else from PhysioNet."""
    return fetch_samples(on_file=on_file, kind=kind)


@st.cache_data(show_spinner=False, max_entries=6)
def sample(name: str) -> Record:
    """Return a sample record, read once."""
    return library.open_sample(name)


def upload(files: Mapping[str, bytes], stated: Stated | None = None) -> Record:
    """Return a record from uploaded files; nothing of it stays on disk.

    Raises
    ------
    RecordRefused
        If the files are not a record that can be used.
    """
    with TemporaryDirectory(prefix="beatlight-") as folder:
        return read_upload(files, Path(folder), stated)
