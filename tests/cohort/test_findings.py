from dataclasses import replace

import numpy as np
import pytest

from backend.cohort.findings import (
    BETTER,
    DISSIMILAR,
    SIMILAR,
    UNDECIDED,
    WORSE,
    compare_with_controls,
    compare_with_time,
    list_techniques,
    summarise_evidence,
)
from tests.made_evidence import made_evidence


@pytest.fixture(scope="module")
def evidence():
    return made_evidence()


@pytest.fixture(scope="module")
def found(evidence):
    return {one.technique: one for one in summarise_evidence(evidence)}


def test_controls_are_no_techniques(evidence, found):
    assert list_techniques(evidence) == tuple(found) == ("occlusion", "mask", "derivative")


def test_techniques_have_the_order_of_the_registry_and_unknown_ones_follow(evidence):
    shares = evidence.shares.assign(technique=evidence.shares.technique.replace({"random": "of old"}))
    turned = replace(evidence, measures=evidence.measures.iloc[::-1], shares=shares)
    assert list_techniques(turned) == ("occlusion", "mask", "derivative", "of old")


def test_better_than_a_control_means_a_difference_above_0_for_that_baseline(found):
    assert found["occlusion"].against_random == {"0": BETTER, "mean": BETTER}
    assert found["occlusion"].against_around_r == {"0": BETTER, "mean": UNDECIDED}
    assert found["mask"].against_around_r == {"0": BETTER, "mean": BETTER}


def test_worse_than_chance_is_a_finding(found):
    assert found["derivative"].against_random == {"0": UNDECIDED, "mean": WORSE}


def test_one_patient_alone_decides_nothing(evidence):
    single = replace(evidence, measures=evidence.measures.assign(over_random_low=np.nan, over_random_high=np.nan))
    assert {verdict for one in summarise_evidence(single) for verdict in one.against_random.values()} == {UNDECIDED}


def test_a_salience_similar_after_randomisation_fails_the_sanity_check(found):
    assert {name: one.similarity for name, one in found.items()} == {
        "occlusion": SIMILAR,
        "mask": DISSIMILAR,
        "derivative": DISSIMILAR,
    }
    assert found["occlusion"].randomised_similarity.value == 0.7


@pytest.mark.parametrize(("low", "high"), [(0.4, 0.9), (np.nan, np.nan)])
def test_a_similarity_whose_interval_contains_the_limit_is_undecided(evidence, low, high):
    vague = replace(evidence, sanity=evidence.sanity.assign(low=low, high=high))
    assert {one.similarity for one in summarise_evidence(vague)} == {UNDECIDED}


def test_the_order_of_stages_in_the_table_does_not_matter(evidence, found):
    shuffled = replace(evidence, sanity=evidence.sanity.iloc[::-1])
    assert {one.technique: one.randomised_similarity for one in summarise_evidence(shuffled)} == {
        name: one.randomised_similarity for name, one in found.items()
    }


def test_a_verdict_that_never_occurs_has_a_share_of_0(evidence, found):
    assert (found["mask"].stable, found["mask"].unreliable) == (0.3, 0.3)
    never = replace(evidence, verdicts=evidence.verdicts[evidence.verdicts.share > 0])
    assert {one.technique: one.stable for one in summarise_evidence(never)}["derivative"] == 0.0


def test_missing_measures_are_unknown(evidence):
    bare = replace(evidence, sanity=evidence.sanity.head(0), verdicts=evidence.verdicts.head(0))
    one = summarise_evidence(bare)[0]
    assert (one.randomised_similarity, one.similarity, one.stable, one.unreliable) == (None, None, None, None)


@pytest.mark.parametrize(("technique", "kind"), [("occlusion", "more"), ("mask", "undecided"), ("derivative", "less")])
def test_a_wave_has_more_or_less_salience_when_the_whole_interval_does(evidence, technique, kind):
    assert getattr(compare_with_time(evidence.shares, technique, "PVC", ("QRS",)), kind) == ("QRS",)


def test_parts_without_figures_are_not_counted(evidence):
    assert compare_with_time(evidence.shares, "occlusion", "PVC", ("QRS", "Q to R")).n_compared == 1
    assert compare_with_time(evidence.shares, "fade", "PVC", ("QRS",)).n_compared == 0


def test_a_part_without_an_interval_is_not_counted(evidence):
    few = evidence.shares.assign(low=np.nan, high=np.nan)
    assert compare_with_time(few, "occlusion", "PVC", ("QRS",)).n_compared == 0


def test_a_control_has_no_difference_from_itself(evidence):
    beyond = compare_with_controls(evidence.measures)
    own = beyond[(beyond.fill == "0") & (beyond["class"] == "PVC")].set_index(["technique", "control"])
    assert own.value["mask", "around R"] == pytest.approx(1.5)
    assert own.low["mask", "around R"] == pytest.approx(1.42)
    assert ("random", "random") not in own.index
    assert ("random", "around R") in own.index


def test_older_evidence_without_differences_compares_nothing(evidence):
    columns = [name for name in evidence.measures if name.startswith("over_")]
    old = replace(evidence, measures=evidence.measures.drop(columns=columns))
    assert compare_with_controls(old.measures).empty
    assert summarise_evidence(old)[0].against_random == {}
