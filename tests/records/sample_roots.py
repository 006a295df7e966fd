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


ICU_FILES = ("a901l.hea", "a901l.dat", "140901.txt")
ICU_FOLDERS = {"a901l.hea": "alarms/training", "a901l.dat": "alarms/training", "140901.txt": "stays/set-b"}

_ICU_DATABASES = """
[databases.alarms]
title = "Made-up Alarms"
version = "2.1.0"
address = "https://example.org/alarms"
licence = "CC0"
citations = ["Nobody. Nowhere. 2000."]
folder = "training"
mirrored_as = ["madeup-alarms/full"]

[databases.stays]
title = "Made-up Stays"
version = "2.1.0"
address = "https://example.org/stays"
licence = "CC0"
citations = ["Nobody. Nowhere. 2000."]
folder = "set-b"
mirrored_as = ["madeup-stays/set-b"]
"""

_STAY = "Time,Parameter,Value\n00:00,RecordID,140901\n00:00,Age,63\n00:30,HR,82\n12:15,HR,91\n47:50,Lactate,1.4\n"


def write_icu_files(folder: Path) -> None:
    """The files of an alarm and of a stay, all in one folder."""
    folder.mkdir(parents=True)
    write_wfdb(folder, "a901l", comments=["Asystole", "False alarm"])
    (folder / "140901.txt").write_text(_STAY)


def write_icu_catalogue(root: Path, folder: Path) -> None:
    """A catalogue of the alarm and the stay in ``folder``."""
    root.mkdir()
    alarm, stay = ICU_FILES[:2], ICU_FILES[2:]
    (root / "physionet.toml").write_text(
        _ICU_DATABASES
        + '[[records]]\nkind = "alarm"\nname = "a901l"\ndatabase = "alarms"\nline = "An alarm."\n'
        + f'alarm = "asystole"\nis_true = false\nfiles = [{", ".join(_file_entry(folder / name) for name in alarm)}]\n'
        + '[[records]]\nkind = "stay"\nname = "140901"\ndatabase = "stays"\nline = "A stay."\n'
        + f'outcome = "death"\nfiles = [{", ".join(_file_entry(folder / name) for name in stay)}]\n'
    )
