from dataclasses import replace

import numpy as np
import pytest
from tqdm import tqdm

from backend.models.network.lstm import scored
from backend.models.training.alarms import alarm_recipe as recipe
from backend.models.training.alarms.alarm_publishing import (
    FOLDS,
    TEST_FOLD,
    alarm_folds,
    train_alarm_bundle,
    train_committee,
)
from backend.models.training.alarms.labelled_alarms import CATALOGUED
from backend.records.record import RecordRefused
from tests.models.training.alarms.test_labelled_alarms import made_alarms, write_challenge


def test_every_kind_and_label_is_spread_over_the_folds_as_evenly_as_it_goes():
    alarms = made_alarms(200)
    folds = alarm_folds(alarms)
    for kind in range(5):
        for is_true in (True, False):
            own = folds[(alarms.kinds == kind) & (alarms.is_true == is_true)]
            counts = np.bincount(own, minlength=FOLDS)
            assert counts.max() - counts.min() <= 1


def test_catalogued_records_are_all_in_the_test_fold_and_folds_do_not_change():
    alarms = made_alarms(200)
    kind_of_letter = {letter: kind for kind, letter in enumerate("abtvf")}
    records = alarms.records.copy()
    for name in CATALOGUED:
        same = np.flatnonzero((alarms.kinds == kind_of_letter[name[0]]) & ~np.isin(records, CATALOGUED))
        records[same[-1]] = name
    named = replace(alarms, records=records)
    assert set(alarm_folds(named)[np.isin(records, CATALOGUED)]) == {TEST_FOLD}
    np.testing.assert_array_equal(alarm_folds(named), alarm_folds(named))


def test_a_committee_is_the_mean_of_its_members_and_learns_what_is_there(tmp_path, monkeypatch):
    monkeypatch.setattr(recipe, "PLAN", replace(recipe.PLAN, epochs=3, learning_rate=0.01, averaging=0.5))
    alarms = made_alarms(60)
    committee = train_committee(alarms, np.arange(60) % 3, tmp_path, "made", tqdm(disable=True))
    assert len(committee.members) == 3 * recipe.SEEDS
    values = alarms.values()
    mean = np.mean([scored(member, values)[0] for member in committee.members], axis=0)
    np.testing.assert_allclose(scored(committee.network, values)[0], mean, atol=1e-4)
    risk = committee.risk(made_alarms(60, seed=9).values())
    is_true = made_alarms(60, seed=9).is_true
    assert risk[is_true].min() > risk[~is_true].max()
    assert 1 / 6 <= committee.threshold < 0.5


def test_without_the_database_there_is_no_training(tmp_path):
    with pytest.raises(RecordRefused, match="challenge2015"):
        train_alarm_bundle(tmp_path, tmp_path / "runs", tmp_path)


def test_a_bundle_is_trained_and_written_with_its_card(tmp_path, monkeypatch):
    monkeypatch.setattr(recipe, "PLAN", replace(recipe.PLAN, epochs=1))
    names = tuple(f"{letter}{900 + number}l" for letter in "abtvf" for number in range(10))
    data = write_challenge(tmp_path, names, standstill=names[::2])
    bundle = train_alarm_bundle(data, tmp_path / "runs", tmp_path / "bundles")
    card = bundle.card
    assert len(card["training"]["records"]) == 40
    assert len(card["test_set"]["records"]) == 10
    assert card["cross_validation"]["all"]["alarms"] == 50
    assert card["test"]["alarms"] == 10
