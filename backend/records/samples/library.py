"""The sample records: simulated ones, and real ones once downloaded."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from backend.records.alarms import parse_challenge_header
from backend.records.opening import open_record
from backend.records.record import Record, RecordRefused
from backend.records.samples.catalogue import SAMPLE_RECORDS, CatalogueStay, fetched_folder, is_fetched, read_catalogue
from backend.records.stays import with_outcome

__all__ = ["SIMULATED", "Sample", "available_samples", "open_sample"]

SIMULATED = "simulated"
"""The source of every simulated record."""


@dataclass(frozen=True)
class Sample:
    """A sample record that can be opened.

    Attributes
    ----------
    name : str
        Name of the record; unique among samples.
    line : str
        One-line description.
    source : str
        ``simulated``, or the database and its version.
    path : Path
        Argument of `open_record`: a WFDB record without ending, or the text file of a stay.
    kind : str
        The kind of sample, as in ``Kind.samples``.
    """

    name: str
    line: str
    source: str
    path: Path
    kind: str

    @property
    def is_simulated(self) -> bool:
        """Whether the record is simulated rather than from a patient."""
        return self.source == SIMULATED


def available_samples(kind: str | None = None, root: Path = SAMPLE_RECORDS) -> tuple[Sample, ...]:
    """Return the samples that can be opened: complete real records, then simulated ones.

    Parameters
    ----------
    kind : str, optional
        A kind of samples; all kinds by default. A kind without samples has none.
    """
    samples = (*_real_samples(root), *_simulated_samples(root))
    return tuple(sample for sample in samples if kind in (None, sample.kind))


def open_sample(name: str, root: Path = SAMPLE_RECORDS) -> Record:
    """Return the record of a sample, with ``simulated`` or its database as ``source``.

    A real stay has its outcome as the annotation ``outcome`` at the last sample.

    Raises
    ------
    RecordRefused
        If the sample is unknown, or a real record that is not downloaded.

    Examples
    --------
    >>> open_sample("sim_normal").source
    'simulated'
    """
    samples = {sample.name: sample for sample in available_samples(root=root)}
    known = {record.name: record for record in read_catalogue(root=root)}
    if name in samples:
        record = replace(open_record(samples[name].path), source=samples[name].source)
        entry = known.get(name)
        return with_outcome(record, entry.outcome) if isinstance(entry, CatalogueStay) else record
    if name in known:
        raise RecordRefused(
            f"The real sample {name} is not downloaded. "
            "Download it with 'python -m backend samples' or with the button on its screen."
        )
    raise RecordRefused(f"Unknown sample {name!r}. Choose one of {', '.join(samples)}.")


def _real_samples(root: Path) -> Iterator[Sample]:
    for record in read_catalogue(root=root):
        if is_fetched(record, root):
            opened_by = fetched_folder(root) / record.files[0].name
            path = opened_by.with_suffix("") if opened_by.suffix == ".hea" else opened_by
            yield Sample(record.name, record.line, record.database.source, path, record.kind)


def _simulated_samples(root: Path) -> Iterator[Sample]:
    for header in sorted((root / "simulated").glob("*.hea")):
        comments = _comments(header)
        kind = "alarm" if parse_challenge_header(header.stem, comments, n_samples=1, sampling_rate=1.0) else "ecg"
        yield Sample(header.stem, _description(comments), SIMULATED, header.with_suffix(""), kind)
    for stay in sorted((root / "simulated").glob("*.txt")):
        yield Sample(stay.stem, _description(_comments(stay)), SIMULATED, stay, "stay")


def _description(comments: list[str]) -> str:
    """Return the second comment of a simulated record; the first states that it is simulated."""
    return comments[1] if len(comments) > 1 else ""


def _comments(path: Path) -> list[str]:
    lines = path.read_text(encoding="latin-1").splitlines()
    return [line.removeprefix("#").strip() for line in lines if line.startswith("#")]
