import re
from pathlib import Path

from backend.cohort.model_cards.model_card import models_table
from tests.benchmarks.__main__ import MEASURED, TIMED

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
READMES = sorted(path for path in ROOT.rglob("README.md") if not {".venv", "node_modules"} & set(path.parts))


def test_the_readme_fits_on_150_lines():
    assert len(README.splitlines()) <= 150


def test_the_table_of_models_is_that_of_the_cards():
    assert models_table() in README, f"Paste this into README.md:\n{models_table()}"


def test_six_pictures_are_shown():
    assert len(re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README)) == 6


def test_every_file_that_a_readme_links_to_exists():
    missing = [
        f"{readme.relative_to(ROOT)}: {link}"
        for readme in READMES
        for link in re.findall(r"\]\(([^)#]+)[^)]*\)", readme.read_text(encoding="utf-8"))
        if not link.startswith("http") and not (readme.parent / link).exists()
    ]
    assert missing == []


def test_every_path_of_the_code_that_a_readme_names_exists():
    missing = [
        f"{readme.relative_to(ROOT)}: {path}"
        for readme in READMES
        for path in re.findall(r"`((?:backend|pages|tests)/[\w/.-]+)`", readme.read_text(encoding="utf-8"))
        if not (ROOT / path).exists()
    ]
    assert missing == []


def test_every_benchmark_is_in_its_readme():
    text = (ROOT / "tests" / "benchmarks" / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"python -m tests\.benchmarks((?: [a-z]+)+)", text)
    assert {name for command in commands for name in command.split()} == {*TIMED, *MEASURED}
