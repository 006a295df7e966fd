"""The sample records: real ones once they are fetched, simulated ones always."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from backend.records.alarms import parse_challenge_header
from backend.records.opening import open_record
from backend.records.record import Record, RecordRefused
from backend.records.samples.catalogue import (
    SAMPLE_RECORDS,
    CatalogueStay,
    catalogue,
    fetched_folder,
    is_fetched,
)
from backend.records.stays import with_outcome

__all__ = ["SIMULATED", "Sample", "available_samples", "open_sample"]

SIMULATED = "simulated"
"""The source of every record that no patient ever gave."""


@dataclass(frozen=True)
class Sample:
    """A sample record that can be opened.

    Attributes
    ----------
    name : str
        The record's own name; no two samples share one.
    line : str
        What there is to see in it.
    source : str
        ``simulated``, or the database with its version.
    path : Path
        What `open_record` takes: a WFDB record without an ending, the text file of a stay with its own.
    kind : str
        As in ``Kind.samples``: the screens that it is for.
    """

    name: str
    line: str
    source: str
    path: Path
    kind: str

    @property
    def is_simulated(self) -> bool:
        """Whether it comes from a model rather than from a patient."""
        return self.source == SIMULATED


def available_samples(kind: str | None = None, root: Path = SAMPLE_RECORDS) -> tuple[Sample, ...]:
    """All samples that can be opened now: real records that are here whole and right, then the simulated ones.

    Parameters
    ----------
    kind : str, optional
        For the samples of that kind alone; none for a kind without samples.
    """
    found = (*_real_samples(root), *_simulated_samples(root))
    return tuple(sample for sample in found if kind in (None, sample.kind))


def open_sample(name: str, root: Path = SAMPLE_RECORDS) -> Record:
    """Open a sample by its name; the record's ``source`` says whether it is simulated or which database it is from.

    A real stay carries how it ended as the annotation ``outcome`` at its last sample.

    Raises
    ------
    RecordRefused
        If there is no such sample, or it is a real record that is not here.

    Examples
    --------
    >>> open_sample("sim_normal").source
    'simulated'
    """
    samples = {sample.name: sample for sample in available_samples(root=root)}
    known = {record.name: record for record in catalogue(root=root)}
    if name in samples:
        record = replace(open_record(samples[name].path), source=samples[name].source)
        entry = known.get(name)
        return with_outcome(record, entry.outcome) if isinstance(entry, CatalogueStay) else record
    if name in known:
        raise RecordRefused(
            f"The real sample {name} is not here; fetch it with 'python -m backend samples' "
            f"or with the button on its screen."
        )
    raise RecordRefused(f"There is no sample {name!r}; choose one of {', '.join(samples)}.")


def _real_samples(root: Path) -> Iterator[Sample]:
    for record in catalogue(root=root):
        if is_fetched(record, root):
            opened_by = fetched_folder(root) / record.files[0].name
            path = opened_by.with_suffix("") if opened_by.suffix == ".hea" else opened_by
            yield Sample(record.name, record.line, record.database.source, path, record.kind)


def _simulated_samples(root: Path) -> Iterator[Sample]:
    for header in sorted((root / "simulated").glob("*.hea")):
        comments = _comments(header)
        kind = "alarm" if parse_challenge_header(header.stem, comments, n_samples=1, sampling_rate=1.0) else "ecg"
        yield Sample(header.stem, _what_to_see(comments), SIMULATED, header.with_suffix(""), kind)
    for stay in sorted((root / "simulated").glob("*.txt")):
        yield Sample(stay.stem, _what_to_see(_comments(stay)), SIMULATED, stay, "stay")


def _what_to_see(comments: list[str]) -> str:
    """The second comment of a simulated record; the first says that it is simulated."""
    return comments[1] if len(comments) > 1 else ""


def _comments(path: Path) -> list[str]:
    lines = path.read_text(encoding="latin-1").splitlines()
    return [line.removeprefix("#").strip() for line in lines if line.startswith("#")]
