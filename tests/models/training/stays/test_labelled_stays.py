import numpy as np
import pytest

from backend.models.training.stays.labelled_stays import FOLDS, load_stays, split_by_set, split_stays
from backend.records.record import RecordRefused
from backend.records.stays import PARAMETERS
from tests.models.made_stays import made_stays, write_challenge


def test_stays_are_read_with_their_outcomes_and_empty_ones_are_excluded(tmp_path):
    write_challenge(tmp_path)
    stays = load_stays(tmp_path)
    assert stays.names.tolist() == ["1001", "1003", "2001", "2002"]
    assert stays.sets.tolist() == ["a", "a", "b", "b"]
    assert stays.died.tolist() == [True, False, False, True]
    assert np.isnan(stays.saps).tolist() == [False, True, False, False]
    heart_rate = list(PARAMETERS).index("HR")
    assert stays.grid[0, :3, heart_rate].tolist() == pytest.approx([80, np.nan, 95], nan_ok=True)
    assert stays.last[0, heart_rate] == 100
    assert np.isnan(stays.last[0, list(PARAMETERS).index("Mg")])


def test_the_digest_depends_on_every_value_and_outcome_but_not_on_the_order():
    stays = made_stays(12)
    assert stays.select(np.arange(12)[::-1]).digest == stays.digest
    changed = made_stays(12)
    changed.grid[3, 5, 7] = 0.5
    assert changed.digest != stays.digest
    reversed_outcome = made_stays(12)
    reversed_outcome.died[0] = ~reversed_outcome.died[0]
    assert reversed_outcome.digest != stays.digest


def test_two_fifths_of_set_b_are_the_test_set_with_the_same_mortality():
    stays = made_stays(400)
    split = split_stays(stays)
    assert set(split.test.sets) == {"b"}
    assert len(split.test) == round(0.4 * (stays.sets == "b").sum())
    assert split.test.died.mean() == pytest.approx(stays.died[stays.sets == "b"].mean(), abs=0.01)
    assert not set(split.test.names) & set(split.training.names)
    assert len(split.test) + len(split.training) == len(stays)
    assert set(split_stays(stays).test.names) == set(split.test.names)


def test_every_fold_of_the_training_stays_has_the_same_mortality():
    stays = made_stays(400)
    split = split_by_set(stays)
    assert set(split.training.sets) == {"a"}
    for fold in range(FOLDS):
        own = split.folds == fold
        assert own.sum() == pytest.approx(len(split.training) / FOLDS, abs=2)
        assert split.training.died[own].sum() == pytest.approx(split.training.died.sum() / FOLDS, abs=1)


def test_missing_data_are_refused_with_what_to_give(tmp_path):
    with pytest.raises(RecordRefused, match="Give with --data the folder that holds challenge2012"):
        load_stays(tmp_path)
    write_challenge(tmp_path)
    (tmp_path / "challenge2012" / "set-b.tar.xz").write_bytes(b"no archive")
    with pytest.raises(RecordRefused, match=r"set-b\.tar\.xz is missing or cannot be read"):
        load_stays(tmp_path)
