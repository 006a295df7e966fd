import numpy as np
import pyarrow as pa
import pytest

from backend.cohort.job_store import Store, write_table
from backend.records.record import RecordRefused


def test_a_kept_part_is_read_unchanged(tmp_path):
    columns = {
        "salience": np.random.default_rng(0).random((3, 12), dtype=np.float32),
        "area": np.array([0.5, np.nan, -1.0]),
        "verdict": np.array(["stable", "stable", "do not rely on it"]),
        "occluded": np.arange(6).reshape(3, 2),
    }
    store = Store(tmp_path)
    store.keep("ab12", columns, 1.25)
    found = store.read("ab12")
    assert list(found) == list(columns)
    for name, values in columns.items():
        assert found[name].shape == values.shape
        np.testing.assert_array_equal(found[name], values)
    assert store.seconds("ab12") == 1.25


def test_a_part_exists_only_after_it_is_kept(tmp_path):
    store = Store(tmp_path / "not" / "there" / "yet")
    assert not store.has("ab12")
    with pytest.raises(FileNotFoundError):
        store.read("ab12")
    store.keep("ab12", {"area": np.zeros(2)}, 0.0)
    assert store.has("ab12")
    assert not store.has("ab13")


def test_the_refusal_of_a_damaged_part_names_it(tmp_path):
    store = Store(tmp_path)
    store.keep("ab12", {"area": np.arange(50.0)}, 0.0)
    (file,) = tmp_path.glob("*/*.parquet")
    for left in (20, 0):
        file.write_bytes(file.read_bytes()[:left])
        with pytest.raises(RecordRefused, match=rf"{file.name} cannot be read\. Delete it"):
            store.read("ab12")
        with pytest.raises(RecordRefused, match="Delete it"):
            store.seconds("ab12")


def test_an_interrupted_write_leaves_no_table(tmp_path, monkeypatch):
    def cut(self, target):
        raise KeyboardInterrupt

    monkeypatch.setattr("pathlib.Path.replace", cut)
    with pytest.raises(KeyboardInterrupt):
        write_table(pa.table({"area": [1.0]}), tmp_path / "part.parquet")
    assert not (tmp_path / "part.parquet").exists()


def test_the_same_figures_make_the_same_bytes(tmp_path):
    for name in ("one", "other"):
        write_table(pa.table({"area": np.arange(5.0), "class": list("abcde")}), tmp_path / f"{name}.parquet")
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "other.parquet").read_bytes()
