"""How an evaluation is cut: what a part hangs on, and what it does not."""

from dataclasses import replace

import numpy as np
import pytest

from backend.cohort import plan as plan_module
from backend.cohort.evidence import AROUND_R
from backend.cohort.plan import Part, Plan, plan_parts
from backend.explain.api import TECHNIQUES
from backend.models.test_set import Cases
from tests.toys import toy_bundle

N = 150


@pytest.fixture
def plan() -> Plan:
    rng = np.random.default_rng(1)
    cases = Cases(
        values=rng.normal(size=(N, 20, 1)).astype(np.float32),
        labels=np.array(["normal"] * N),
        patients=np.array([f"p{number % 9}" for number in range(N)]),
        variables=(("lead II",),) * N,
        anchor_step=7,
        marks=None,
    )
    return Plan(
        bundle=toy_bundle(),
        cases=cases,
        targets=("normal",) * N,
        subset=np.arange(0, N, 3),
        shifted={-2: cases.values[::3] + 1.0, 2: cases.values[::3] - 1.0},
        techniques=("derivative", "mask", "occlusion"),
        fills=(0.0, "mean"),
        seed=0,
    )


def of(parts: tuple[Part, ...], kind: str, technique: str) -> list[Part]:
    return [part for part in parts if (part.kind, part.technique) == (kind, technique)]


def test_every_case_is_explained_once_and_measured_once_with_each_baseline(plan):
    parts = plan_parts(plan)
    for technique in (AROUND_R, "derivative"):
        explained = [position for part in of(parts, "salience", technique) for position in part.windows]
        assert explained == list(range(N))
        for fill in plan.fills:
            measured = [part for part in of(parts, "faithfulness", technique) if part.fill == fill]
            assert [position for part in measured for position in part.windows] == list(range(N))


def test_a_technique_that_deletes_is_measured_with_its_own_baseline(plan):
    for part in of(plan_parts(plan), "faithfulness", "occlusion"):
        assert part.parameters.fill == part.fill
    saliences = of(plan_parts(plan), "salience", "occlusion")
    assert {part.parameters.fill for part in saliences} == {0.0, "mean"}
    assert len(saliences) == 2 * len(of(plan_parts(plan), "salience", "derivative"))


def test_randomisation_and_stability_use_the_subset_and_default_parameters(plan):
    for kind in ("sanity", "stability"):
        parts = of(plan_parts(plan), kind, "mask")
        assert [position for part in parts for position in part.windows] == list(range(0, N, 3))
        assert {part.parameters for part in parts} == {TECHNIQUES["mask"].parameters()}
        assert of(plan_parts(plan), kind, AROUND_R) == []


def test_measures_follow_their_saliences_and_learned_masks_come_last(plan):
    parts = plan_parts(plan)
    place = {part.key: number for number, part in enumerate(parts)}
    assert len(place) == len(parts)
    measuring = [part for part in parts if part.kind == "faithfulness"]
    assert all(place[part.needs] < place[part.key] for part in measuring)
    technique_of = [part.technique for part in parts]
    assert technique_of.index("mask") > max(number for number, name in enumerate(technique_of) if name != "mask")


def keys(plan: Plan, kind: str, technique: str) -> set[str]:
    return {part.key for part in of(plan_parts(plan), kind, technique)}


def changed(plan: Plan, **of_cases) -> Plan:
    return replace(plan, cases=replace(plan.cases, **of_cases))


def test_the_key_of_a_part_depends_on_everything_behind_its_figures(plan):
    values = plan.cases.values.copy()
    values[0, 3, 0] += 1e-6
    touched = changed(plan, values=values)
    assert len(keys(plan, "salience", "occlusion") & keys(touched, "salience", "occlusion")) == 4
    assert len(keys(plan, "faithfulness", "occlusion") & keys(touched, "faithfulness", "occlusion")) == 4
    other_target = replace(plan, targets=("PVC", *plan.targets[1:]))
    assert len(keys(plan, "salience", "mask") & keys(other_target, "salience", "mask")) == 4
    other_model = replace(plan, bundle=replace(plan.bundle, digest="another"))
    assert not {part.key for part in plan_parts(plan)} & {part.key for part in plan_parts(other_model)}
    assert not keys(plan, "sanity", "mask") & keys(replace(plan, seed=1), "sanity", "mask")
    unshifted = replace(plan, shifted={})
    assert not keys(plan, "stability", "mask") & keys(unshifted, "stability", "mask")
    moved = changed(plan, anchor_step=8)
    assert not keys(plan, "salience", AROUND_R) & keys(moved, "salience", AROUND_R)


def test_the_key_of_a_part_does_not_depend_on_other_parts(plan):
    fewer = replace(plan, techniques=("occlusion",), fills=("mean",))
    assert {part.key for part in plan_parts(fewer)} < {part.key for part in plan_parts(plan)}
    relabelled = changed(plan, labels=np.array(["PVC"] * N), patients=np.array(["x"] * N))
    assert [part.key for part in plan_parts(relabelled)] == [part.key for part in plan_parts(plan)]
    assert keys(plan, "salience", "mask") == keys(replace(plan, seed=1), "salience", "mask")


def test_the_key_of_a_part_depends_on_its_code(plan, monkeypatch):
    own = {
        (kind, name): keys(plan, kind, name) for kind in ("salience", "faithfulness", "sanity") for name in ("mask",)
    }
    of_real = plan_module.code_digest
    monkeypatch.setattr(plan_module, "code_digest", lambda *asked: f"{of_real(*asked)} changed")
    plan_module._code_of.cache_clear()
    try:
        for (kind, name), before in own.items():
            assert not before & keys(plan, kind, name)
    finally:
        plan_module._code_of.cache_clear()


def test_a_part_depends_on_the_code_of_its_own_technique_and_measure_alone():
    kinds = ("salience", "sanity", "stability")
    codes = [plan_module._code_of(kind, name)["digest"] for kind in kinds for name in TECHNIQUES]
    assert len(set(codes)) == len(codes)
    measured = {plan_module._code_of("faithfulness", name)["digest"] for name in (*TECHNIQUES, "occlusion")}
    assert len(measured) == 1
