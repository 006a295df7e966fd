"""What a worker is given, and what it gives back."""

import numpy as np
import pytest

from backend.cohort.plan import Plan, plan_parts
from backend.cohort.worker import compute_part, make_task
from backend.explain.api import explain_many
from backend.explain.quality.stability import check_stability
from backend.models.bundle import load_bundle
from backend.models.test_set import Cases
from backend.records.record import RecordRefused
from tests.cohort.made_models import write_toy

N = 6


@pytest.fixture
def plan(tmp_path) -> Plan:
    write_toy(tmp_path)
    values = np.random.default_rng(2).normal(size=(N, 216, 1)).astype(np.float32)
    cases = Cases(values, np.array(["normal"] * N), np.array(["p"] * N), (("lead II",),) * N, 72, None)
    subset = np.array([1, 4])
    shifted = {3: np.roll(values[subset], -3, axis=1), -3: np.roll(values[subset], 3, axis=1)}
    targets = ("normal", "PVC") * (N // 2)
    return Plan(load_bundle("toy", tmp_path), cases, targets, subset, shifted, ("derivative",), (0.0,), seed=0)


def test_saliences_are_those_of_the_technique(plan, tmp_path):
    (part,) = [part for part in plan_parts(plan) if (part.kind, part.technique) == ("salience", "derivative")]
    columns, seconds = compute_part(make_task(plan, part, tmp_path, None))
    expected = np.stack(
        [own.values for own in explain_many(plan.bundle, plan.cases.values, "derivative", plan.targets)]
    )
    np.testing.assert_array_equal(columns["salience"].reshape(expected.shape), expected)
    assert seconds > 0.0


def test_stability_is_that_of_each_window_of_the_subset_with_its_own_shifts(plan, tmp_path):
    (part,) = [part for part in plan_parts(plan) if part.kind == "stability"]
    columns, _ = compute_part(make_task(plan, part, tmp_path, None))
    for row, position in enumerate(plan.subset):
        own = {shift: moved[row] for shift, moved in plan.shifted.items()}
        expected = check_stability(
            plan.bundle, plan.cases.values[position], "derivative", plan.targets[position], None, own
        )
        assert columns["verdict"][row] == expected.verdict
        for kind, told in expected.correlations.items():
            np.testing.assert_allclose(columns[kind][row], told, atol=1e-6)


def test_a_worker_refuses_another_model_of_the_same_name(plan, tmp_path):
    other = tmp_path / "other"
    write_toy(other)
    card = other / "toy" / "card.json"
    card.write_text(card.read_text().replace('"temperature": 1.0', '"temperature": 1.5'))
    with pytest.raises(RecordRefused, match="another version of toy than this command"):
        compute_part(make_task(plan, plan_parts(plan)[0], other, None))
