"""A folder of samples like ``sample_records``, with a catalogue of two small made-up records, and where to get them."""

import hashlib
from pathlib import Path

from tests.records.well_formed import synthetic_ecg, write_beats, write_wfdb

NAMES = ("901", "902")
FILES = tuple(f"{name}.{ending}" for name in NAMES for ending in ("hea", "dat", "atr"))

_DATABASE = """
[databases.madeup]
title = "Made-up Database"
version = "2.1.0"
address = "https://example.org/madeup"
doi = "10.0/0"
licence = "CC0"
citations = ["Nobody. Nowhere. 2000."]
"""


def write_database(folder: Path) -> None:
    """Two records of ten seconds that differ."""
    folder.mkdir(parents=True)
    for factor, name in enumerate(NAMES, start=1):
        write_wfdb(folder, name, signals=synthetic_ecg() * factor)
        write_beats(folder, name)


def write_catalogue(root: Path, database: Path) -> None:
    """A catalogue of the records in ``database``."""
    root.mkdir()
    entries = [_DATABASE]
    for name in NAMES:
        files = [_file_entry(database / f"{name}.{ending}") for ending in ("hea", "dat", "atr")]
        entries.append(
            f'[[records]]\nkind = "ecg"\nname = "{name}"\ndatabase = "madeup"\nline = "What is seen in {name}."\n'
            f"beats = {{ N = 11, V = 1 }}\nfiles = [{', '.join(files)}]\n"
        )
    (root / "physionet.toml").write_text("\n".join(entries))


def _file_entry(path: Path) -> str:
    content = path.read_bytes()
    return f'{{ name = "{path.name}", size_bytes = {len(content)}, sha256 = "{hashlib.sha256(content).hexdigest()}" }}'


def write_simulated(root: Path, name: str = "sim_one") -> None:
    """A simulated record whose header's second comment says what there is to see."""
    (root / "simulated").mkdir(exist_ok=True)
    write_wfdb(root / "simulated", name, comments=["Simulated.", f"What is seen in {name}."])
