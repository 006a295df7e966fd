import numpy as np
import pytest

from backend.models.metrics.beat_metrics import MISSED, Outcomes, outcome_figures, share_with_interval
from backend.models.metrics.cluster_bootstrap import bootstrap_means

ROWS, COLUMNS, CLASSES = ("N", "S", "F", "no beat"), ("N", "S", MISSED), ("N", "S", "F")


def outcomes_of(pairs: str, patients: str = "") -> Outcomes:
    """Outcomes of pairs such as "NN SN F-", where "-" is missed or no beat."""
    names = {"-": MISSED, "N": "N", "S": "S"}
    references = [{"-": "no beat"}.get(pair[0], pair[0]) for pair in pairs.split()]
    predicted = [names[pair[1]] for pair in pairs.split()]
    owner = np.array(list(patients or "a" * len(references)))
    return Outcomes(np.array(references), np.array(predicted), owner, owner)


def figures_of(outcomes: Outcomes) -> dict:
    return outcome_figures(outcomes, ROWS, COLUMNS, CLASSES, "no beat")


def test_missed_beats_false_detections_and_other_kinds_are_in_the_denominators():
    found = figures_of(outcomes_of("NN NN NS N- SS SN S- FS -S"))
    assert found["beats"] == 8
    assert found["accuracy"] == [pytest.approx(3 / 8), None, None]
    assert found["classes"]["N"]["sensitivity"][0] == 0.5
    assert found["classes"]["N"]["positive_predictive_value"][0] == pytest.approx(2 / 3, abs=1e-4)
    assert found["classes"]["S"]["sensitivity"][0] == pytest.approx(1 / 3, abs=1e-4)
    assert found["classes"]["S"]["positive_predictive_value"][0] == 0.25
    assert found["classes"]["F"] == {
        "beats": 1,
        "sensitivity": [0.0, None, None],
        "positive_predictive_value": [None, None, None],
        "f1": [0.0, None, None],
    }
    assert found["confusion"]["counts"] == [[2, 1, 1], [1, 1, 1], [0, 1, 0], [0, 1, 0]]


def test_a_class_that_does_not_occur_is_not_in_the_macro_f1():
    found = figures_of(outcomes_of("NN NN SN"))
    assert found["classes"]["F"]["f1"] == [None, None, None]
    assert found["macro_f1"][0] == pytest.approx((2 * 2 / (2 * 2 + 1) + 0) / 2)


@pytest.fixture(scope="module")
def many() -> Outcomes:
    rng = np.random.default_rng(3)
    owner = rng.integers(0, 12, 900).astype(str)
    return Outcomes(rng.choice(ROWS, 900), rng.choice(COLUMNS, 900), owner, owner)


def test_the_figures_equal_those_of_a_plain_count(many):
    found = figures_of(many)
    pairs = list(zip(many.reference.tolist(), many.predicted.tolist(), strict=True))
    beats = [pair for pair in pairs if pair[0] != "no beat"]
    f1 = []
    for name in CLASSES:
        right = sum(pair == (name, name) for pair in pairs)
        of_class, called = sum(own == name for own, _ in pairs), sum(own == name for _, own in pairs)
        f1.append(2 * right / (of_class + called))
        row = found["classes"][name]
        assert row["beats"] == of_class
        assert row["sensitivity"][0] == pytest.approx(right / of_class, abs=1e-4)
        assert row["f1"][0] == pytest.approx(f1[-1], abs=1e-4)
        if called:
            assert row["positive_predictive_value"][0] == pytest.approx(right / called, abs=1e-4)
    assert found["accuracy"][0] == pytest.approx(np.mean([one == two for one, two in beats]), abs=1e-4)
    assert found["macro_f1"][0] == pytest.approx(np.mean(f1), abs=1e-4)


def test_the_intervals_are_those_of_the_means_over_patients(many):
    row = figures_of(many)["classes"]["S"]
    sensitivity = np.where(many.reference == "S", many.predicted == "S", np.nan)
    ppv = np.where(many.predicted == "S", many.reference == "S", np.nan)
    means = bootstrap_means(np.stack([sensitivity, ppv], axis=1), many.patients)
    expected = np.stack([means.values, means.low, means.high])
    assert row["sensitivity"] == pytest.approx(expected[:, 0], abs=1e-4)
    assert row["positive_predictive_value"] == pytest.approx(expected[:, 1], abs=1e-4)


def test_the_interval_of_macro_f1_covers_its_value_and_needs_five_patients(many):
    value, low, high = figures_of(many)["macro_f1"]
    assert low < value < high
    assert figures_of(many.where(np.isin(many.patients, list("1234"))))["macro_f1"][1:] == [None, None]


def test_a_share_has_the_interval_of_the_mean():
    rng = np.random.default_rng(0)
    is_part, patients = rng.random(200) < 0.3, rng.integers(0, 9, 200).astype(str)
    means = bootstrap_means(is_part[:, np.newaxis].astype(float), patients)
    assert share_with_interval(is_part, patients) == pytest.approx(
        [means.values[0], means.low[0], means.high[0]], abs=1e-4
    )
