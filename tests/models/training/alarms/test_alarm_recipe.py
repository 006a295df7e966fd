from dataclasses import replace

import numpy as np
import pytest

from backend.models.network.lstm import score_with_features
from backend.models.training.alarms.alarm_inputs import compose_inputs
from backend.models.training.alarms.alarm_recipe import FOLDS, TEST_FOLD, assign_folds
from backend.models.training.alarms.icu_alarm import ICU_ALARM
from backend.models.training.alarms.labelled_alarms import CATALOGUED
from backend.models.training.publish import publish
from backend.records.record import RecordRefused
from tests.models.training.alarms.test_labelled_alarms import made_alarms, write_challenge


def test_the_folds_are_stratified_by_kind_and_label():
    alarms = made_alarms(200)
    folds = assign_folds(alarms)
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
    assert set(assign_folds(named)[np.isin(records, CATALOGUED)]) == {TEST_FOLD}
    np.testing.assert_array_equal(assign_folds(named), assign_folds(named))


def test_a_committee_is_the_mean_of_its_members_and_learns_a_slow_heart(tmp_path):
    recipe = replace(ICU_ALARM, plan=replace(ICU_ALARM.plan, epochs=3, learning_rate=0.01, averaging=0.5))
    alarms = made_alarms(60)
    trained = recipe.train_committee(alarms, np.arange(60) % 3, tmp_path, "made")
    assert len(trained.committee.members) == 3 * recipe.seeds_per_fold
    values = compose_inputs(alarms)
    mean = np.mean([score_with_features(member, values)[0] for member in trained.committee.members], axis=0)
    np.testing.assert_allclose(score_with_features(trained.committee.network, values)[0], mean, atol=1e-4)
    risk = trained.risk(compose_inputs(made_alarms(60, seed=9)))
    is_true = made_alarms(60, seed=9).is_true
    assert risk[is_true].min() > risk[~is_true].max()
    assert 1 / 6 <= trained.threshold < 0.5


def test_without_the_database_there_is_no_training(tmp_path):
    with pytest.raises(RecordRefused, match="challenge2015"):
        publish(ICU_ALARM, tmp_path, tmp_path / "runs", tmp_path)


def test_another_alarm_bundle_is_another_instance_of_the_recipe(tmp_path):
    recipe = replace(ICU_ALARM, name="another-alarm", plan=replace(ICU_ALARM.plan, epochs=1))
    names = tuple(f"{letter}{900 + number}l" for letter in "abtvf" for number in range(10))
    data = write_challenge(tmp_path, names, standstill=names[::2])
    published = publish(recipe, data, tmp_path / "runs", tmp_path / "bundles")
    assert published.folder == tmp_path / "bundles" / "another-alarm"
    card = published.bundle.card
    assert card["name"] == "another-alarm"
    assert len(card["training"]["records"]) == 40
    assert len(card["test_set"]["records"]) == 10
    assert card["cross_validation"]["all"]["alarms"] == 50
    assert card["test"]["alarms"] == 10
