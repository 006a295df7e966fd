from dataclasses import replace

import numpy as np
import pytest

from backend.explain.perturbation.baselines import delete_sources
from backend.explain.quality.faithfulness import (
    SHARES,
    THRESHOLDS,
    make_anchor_control,
    measure_comprehensiveness,
    measure_faithfulness,
)
from backend.models.scores import compute_scores
from tests.toys import PlainWindow, stay_bundle, summing_bundle, toy_beat, toy_bundle

RISING = np.array([[1.0], [2.0], [3.0], [4.0]], dtype=np.float32)
POSITIVE = np.random.default_rng(3).random((216, 1)).astype(np.float32)


def judged(bundle, window, salience, fill=0.0, target="normal"):
    (found,) = measure_faithfulness(bundle, window[np.newaxis], salience[np.newaxis], [target], fill)
    return found


def test_the_drop_of_a_sum_is_the_sum_above_the_threshold_times_the_kept_share():
    found = judged(summing_bundle(), RISING, RISING / 4)
    # All four exceed thresholds below 0.25; from then on 2 + 3 + 4, from 0.5 on 3 + 4, from 0.75 on 4.
    assert found.drops == pytest.approx(np.repeat([10 * 0, 9 / 4, 7 * 2 / 4, 4 * 3 / 4], 5), abs=1e-3)
    assert found.occluded == pytest.approx(np.repeat([1.0, 0.75, 0.5, 0.25], 5))
    assert len(found.drops) == len(THRESHOLDS)


def test_deletion_and_insertion_of_a_sum_are_sums():
    found = judged(summing_bundle(), RISING, RISING / 4)
    # Of four entries all shares but the half are one entry: the 4; the half is 4 + 3.
    assert found.comprehensiveness == pytest.approx((5 * 4 + 7) / 6, abs=1e-3)
    assert found.sufficiency == pytest.approx((5 * 6 + 3) / 6, abs=1e-3)
    # Insertion 0, 4, 7, 9, 10 less deletion 10, 6, 3, 1, 0 at every quarter, joined by straight lines.
    assert found.area == pytest.approx(0.25 * (-10 / 2 - 2 + 4 + 8 + 10 / 2), abs=1e-3)


def test_the_terms_of_a_sum_are_more_faithful_than_chance_and_their_inverse_less():
    chance = np.random.default_rng(0).random(POSITIVE.shape)
    best, by_chance, worst = (judged(summing_bundle(), POSITIVE, own) for own in (POSITIVE, chance, 1 - POSITIVE))
    assert best.comprehensiveness > by_chance.comprehensiveness + 5 > worst.comprehensiveness + 10
    assert best.sufficiency < by_chance.sufficiency - 5 < worst.sufficiency - 10
    assert best.area > by_chance.area + 5 > worst.area + 10
    assert best.drops.mean() > by_chance.drops.mean() > worst.drops.mean()


def test_a_constant_salience_is_deleted_in_the_same_random_order_each_time():
    bundle = summing_bundle()
    once, again = (judged(bundle, POSITIVE, np.zeros_like(POSITIVE)) for _ in range(2))
    # A random share takes that share of the sum: 20 % on average over SHARES.
    assert once.comprehensiveness == pytest.approx(np.mean(SHARES) * POSITIVE.sum(), rel=0.2)
    assert (again.comprehensiveness, again.area) == (once.comprehensiveness, once.area)
    assert once.drops.tolist() == [0.0] * len(THRESHOLDS)


@pytest.mark.parametrize("fill", [0.5, "mean", "local mean"])
def test_faithfulness_follows_its_definition_for_several_variables_and_any_baseline(fill):
    bundle = toy_bundle(variables=3, sources=("pressure", "pulse", "pressure"))
    rng = np.random.default_rng(5)
    window, salience = rng.normal(size=(12, 3)).astype(np.float32), rng.random((12, 3))
    found = judged(bundle, window, salience, fill, "RBBB")
    of_source = np.stack([salience[:, [0, 2]].max(axis=1), salience[:, 1]], axis=1).astype(np.float32)

    def score(hidden):
        given = delete_sources(bundle, window, hidden[np.newaxis], fill, "RBBB")
        return compute_scores(bundle, given)[0, 2]

    def most_salient(share):
        count = max(round(share * 24), 1)
        return of_source >= np.sort(of_source.ravel())[-count]

    full = score(np.zeros((12, 2), bool))
    for alpha, drop, occluded in zip(THRESHOLDS, found.drops, found.occluded, strict=True):
        exceeding = of_source > alpha
        assert occluded == pytest.approx(exceeding.sum() / 24)
        assert drop == pytest.approx((full - score(exceeding)) * (1 - exceeding.mean()), abs=1e-5)
    without = [full - score(most_salient(share)) for share in SHARES]
    alone = [full - score(~most_salient(share)) for share in SHARES]
    assert found.comprehensiveness == pytest.approx(np.mean(without), abs=1e-5)
    assert found.sufficiency == pytest.approx(np.mean(alone), abs=1e-5)


def test_deletion_is_that_of_the_explained_class():
    means = np.stack([np.zeros_like(RISING), np.ones_like(RISING)])
    bundle = replace(summing_bundle(), class_means=means)
    # Each deleted step of the first class becomes 0; of the second, whose score is always 0, nothing changes.
    first, second = measure_faithfulness(
        bundle, np.stack([RISING] * 2), np.stack([RISING / 4] * 2), ["normal", "LBBB"], "class mean"
    )
    assert first.comprehensiveness == pytest.approx(4.5, abs=1e-3)
    assert second.comprehensiveness == 0.0


def test_marking_entries_that_deletion_does_not_change_gains_nothing():
    bundle = summing_bundle((1.0, 1.0))
    window = np.concatenate([RISING, np.zeros_like(RISING)], axis=1)
    at_the_absent = np.concatenate([np.zeros_like(RISING), np.ones_like(RISING)], axis=1)
    found = judged(bundle, window, at_the_absent)
    assert found.occluded.tolist() == [0.5] * len(THRESHOLDS)
    assert found.drops == pytest.approx(np.zeros(len(THRESHOLDS)))
    assert found.comprehensiveness == pytest.approx(0.0)


def test_comprehensiveness_alone_equals_that_of_the_full_measure():
    bundle = toy_bundle(2)
    windows = np.stack([toy_beat(24, 2, seed) for seed in range(3)])
    saliences = np.random.default_rng(4).random(windows.shape)
    whole = measure_faithfulness(bundle, windows, saliences, ["RBBB"] * 3, "mean")
    alone = measure_comprehensiveness(bundle, windows, saliences, ["RBBB"] * 3, "mean")
    assert alone == pytest.approx([own.comprehensiveness for own in whole], abs=1e-6)


def test_the_faithfulness_of_stays_depends_on_charted_values():
    bundle = stay_bundle()
    window = np.random.default_rng(6).normal(size=(48, 6)).astype(np.float32)
    found = judged(bundle, window, np.random.default_rng(7).random((48, 6)), "not measured", "death")
    assert np.isfinite([*found.drops, found.comprehensiveness, found.sufficiency, found.area]).all()


def test_the_anchor_control_falls_with_the_distance():
    control = make_anchor_control(replace(toy_bundle(8), window=PlainWindow(("lead",) * 8, steps=216)), 72)
    assert control.shape == (216, 8)
    assert control[72].tolist() == [1.0] * 8
    assert control[215].tolist() == [0.0] * 8
    assert control[71] == pytest.approx(control[73])
    assert (np.diff(control[:73, 0]) > 0).all()
    assert (np.diff(control[72:, 0]) < 0).all()
