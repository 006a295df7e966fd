import re
from pathlib import Path

import pytest

from tests.readme_evidence import MODELS, evidence_tables

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("model", MODELS)
def test_the_tables_of_evidence_are_those_of_the_bundled_evidence(model):
    assert evidence_tables(model) in README


def test_every_picture_is_there():
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README)
    assert len(pictures) >= 6
    assert [picture for picture in pictures if not (ROOT / picture).is_file()] == []
