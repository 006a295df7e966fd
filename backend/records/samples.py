"""The sample records: real ones once they are fetched, simulated ones always."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from backend.records.catalogue import SAMPLE_RECORDS, catalogue, fetched_folder, is_fetched
from backend.records.opening import open_record
from backend.records.record import Record, RecordRefused

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
        The record as wfdb takes it, without an ending.
    """

    name: str
    line: str
    source: str
    path: Path

    @property
    def is_simulated(self) -> bool:
        """Whether it comes from a model rather than from a patient."""
        return self.source == SIMULATED


def available_samples(root: Path = SAMPLE_RECORDS) -> tuple[Sample, ...]:
    """All samples that can be opened now: real records that are here whole and right, then the simulated ones."""
    return (*_real_samples(root), *_simulated_samples(root))


def open_sample(name: str, root: Path = SAMPLE_RECORDS) -> Record:
    """Open a sample by its name; the record's ``source`` says whether it is simulated or which database it is from.

    Raises
    ------
    RecordRefused
        If there is no such sample, or it is a real record that is not here.

    Examples
    --------
    >>> open_sample("sim_normal").source
    'simulated'
    """
    samples = {sample.name: sample for sample in available_samples(root)}
    if name in samples:
        return replace(open_record(samples[name].path), source=samples[name].source)
    if any(record.name == name for record in catalogue(root)):
        raise RecordRefused(
            f"The real sample {name} is not here; fetch it with 'python -m backend samples' "
            f"or with the button on the Record screen."
        )
    raise RecordRefused(f"There is no sample {name!r}; choose one of {', '.join(samples)}.")


def _real_samples(root: Path) -> Iterator[Sample]:
    for record in catalogue(root):
        if is_fetched(record, root):
            yield Sample(record.name, record.line, record.database.source, fetched_folder(root) / record.name)


def _simulated_samples(root: Path) -> Iterator[Sample]:
    for header in sorted((root / "simulated").glob("*.hea")):
        yield Sample(header.stem, _what_to_see(header), SIMULATED, header.with_suffix(""))


def _what_to_see(header: Path) -> str:
    """The second comment of a simulated record's header; the first says that it is simulated."""
    lines = header.read_text(encoding="latin-1").splitlines()
    comments = [line.removeprefix("#").strip() for line in lines if line.startswith("#")]
    return comments[1] if len(comments) > 1 else ""
