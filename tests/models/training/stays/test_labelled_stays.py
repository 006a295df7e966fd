import numpy as np
import pytest

from backend.models.training.stays.labelled_stays import FOLDS, deal_stays, dealt_for_test, load_stays
from backend.records.record import RecordRefused
from backend.records.stays import PARAMETERS
from tests.models.made_stays import made_stays, write_challenge


def test_stays_are_read_with_their_ends_and_those_of_header_rows_alone_are_left_out(tmp_path):
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


def test_the_digest_hangs_on_every_value_and_end_but_not_on_the_order():
    stays = made_stays(12)
    assert stays.only(np.arange(12)[::-1]).digest == stays.digest
    changed = made_stays(12)
    changed.grid[3, 5, 7] = 0.5
    assert changed.digest != stays.digest
    ended = made_stays(12)
    ended.died[0] = ~ended.died[0]
    assert ended.digest != stays.digest


def test_two_fifths_of_set_b_are_tested_with_the_same_share_of_deaths():
    stays = made_stays(400)
    deal = deal_stays(stays)
    assert set(deal.test.sets) == {"b"}
    assert len(deal.test) == round(0.4 * (stays.sets == "b").sum())
    assert deal.test.died.mean() == pytest.approx(stays.died[stays.sets == "b"].mean(), abs=0.01)
    assert not set(deal.test.names) & set(deal.training.names)
    assert len(deal.test) + len(deal.training) == len(stays)
    assert set(deal_stays(stays).test.names) == set(deal.test.names)


def test_every_fold_of_the_training_stays_has_its_share_of_deaths():
    stays = made_stays(400)
    deal = dealt_for_test(stays, stays.sets == "b")
    assert set(deal.training.sets) == {"a"}
    for fold in range(FOLDS):
        own = deal.folds == fold
        assert own.sum() == pytest.approx(len(deal.training) / FOLDS, abs=2)
        assert deal.training.died[own].sum() == pytest.approx(deal.training.died.sum() / FOLDS, abs=1)


def test_data_that_are_not_there_are_refused_with_what_to_give(tmp_path):
    with pytest.raises(RecordRefused, match="give with --data the folder that holds challenge2012"):
        load_stays(tmp_path)
    write_challenge(tmp_path)
    (tmp_path / "challenge2012" / "set-b.tar.xz").write_bytes(b"no archive")
    with pytest.raises(RecordRefused, match=r"set-b\.tar\.xz is not there or cannot be read"):
        load_stays(tmp_path)
