from dataclasses import fields

import numpy as np
import pandas as pd
import pytest

from backend.cohort.evidence import Evidence, read_evidence, write_evidence
from backend.records.record import RecordRefused

TABLES = tuple(field.name for field in fields(Evidence) if field.name != "about")


def made() -> Evidence:
    tables = {
        name: pd.DataFrame({"technique": ["mask", "random"], "low": [0.1, np.nan], "n": [7, 9]}) for name in TABLES
    }
    return Evidence(**tables, about={"model": "toy", "beats": 16})


def test_what_is_written_is_read_again_with_its_columns_and_gaps(tmp_path):
    write_evidence(made(), tmp_path / "toy")
    found = read_evidence("toy", tmp_path)
    assert found.about == {"model": "toy", "beats": 16}
    for name in TABLES:
        table = getattr(found, name)
        assert list(table.columns) == ["technique", "low", "n"]
        assert table["technique"].tolist() == ["mask", "random"]
        assert table["low"][0] == pytest.approx(0.1)
        assert np.isnan(table["low"][1])
        assert table["n"].tolist() == [7, 9]


def test_a_model_without_evidence_has_none(tmp_path):
    assert read_evidence("toy", tmp_path) is None


@pytest.mark.parametrize("harmed", ["curves.parquet", "about.json"])
def test_damaged_evidence_is_refused(tmp_path, harmed):
    write_evidence(made(), tmp_path / "toy")
    (tmp_path / "toy" / "evidence" / harmed).write_text("{")
    with pytest.raises(RecordRefused, match="evidence of toy cannot be read"):
        read_evidence("toy", tmp_path)


def test_a_missing_table_is_refused_too(tmp_path):
    write_evidence(made(), tmp_path / "toy")
    (tmp_path / "toy" / "evidence" / "sanity.parquet").unlink()
    with pytest.raises(RecordRefused, match="evaluate the model again"):
        read_evidence("toy", tmp_path)
