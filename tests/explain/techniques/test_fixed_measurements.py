"""Every technique explains the tracing alone, at the measurements of the window."""

import copy

import numpy as np
import pytest
import torch

from backend.explain.api import TECHNIQUES, explain, explain_many, list_parameters, read_parameters
from backend.explain.gradients import compute_gradients
from backend.explain.quality.faithfulness import measure_faithfulness
from backend.explain.questions.feature_ranking import measure_pairs, rank_features
from backend.explain.techniques.gradient_shap import GradientShapParameters
from backend.models.scores import compute_scores
from tests.toys import packed, toy_beat, toy_bundle, varying

SOURCES = ("II", "RR before", "V1", "II", "RR before", "irregularity")
"""Two leads, one of two columns, and two measurements, one of two columns."""
MEASURED = (0.7, -1.2, 0.4)
STEPS, READ = 24, 3
SHORT = {"occlusion": {"width_steps": 5}, "mask": {"steps": 20}, "fade": {"steps": 20}}
ASKED = [
    (name, {**SHORT.get(name, {}), **({"variables": variables} if variables else {})})
    for name, technique in TECHNIQUES.items()
    if name != "random"
    for variables in (
        ("each", "together") if "variables" in {own.name for own in technique.parameters.describe()} else (None,)
    )
]


@pytest.fixture(scope="module")
def bundle():
    whole = ("RR before", "irregularity")
    return toy_bundle(6, steps_per_read=READ, pooling="mean", sources=SOURCES, whole_sources=whole, temperature=1.5)


@pytest.fixture(scope="module")
def window(bundle):
    window = np.empty((STEPS, 6), dtype=np.float32)
    window[:, varying(bundle)] = toy_beat(STEPS, 3)
    window[:, ~varying(bundle)] = MEASURED
    return window


@pytest.fixture(scope="module")
def of_leads(bundle):
    """The network of the leads alone that scores them as the whole one does at these measurements.

    What the measurements add to the gates at every read is the same, and is moved into the biases.
    """
    network = copy.deepcopy(bundle.network)
    weights = network.lstm.weight_ih_l0.detach().reshape(-1, READ, 6)
    alone = toy_bundle(3, steps_per_read=READ, pooling="mean").network
    alone.load_state_dict(
        {
            **network.state_dict(),
            "lstm.weight_ih_l0": weights[:, :, varying(bundle)].reshape(len(weights), -1),
            "lstm.bias_ih_l0": network.lstm.bias_ih_l0.detach()
            + weights[:, :, ~varying(bundle)].sum(dim=1) @ torch.tensor(MEASURED),
        }
    )
    return packed(alone, 1.5, sources=("II", "V1", "II"))


def test_the_network_of_the_leads_scores_as_the_whole_one(bundle, of_leads, window):
    alone = window[np.newaxis][:, :, varying(bundle)]
    assert compute_scores(of_leads, alone) == pytest.approx(compute_scores(bundle, window[np.newaxis]), abs=1e-5)


@pytest.mark.parametrize(("technique", "given"), ASKED)
@pytest.mark.parametrize("fill", [0.0, "mean", "not measured"])
def test_the_salience_is_that_of_the_network_of_the_leads(bundle, of_leads, window, technique, given, fill):
    has_fill = "fill" in {own.name for own in list_parameters(technique, bundle)}
    if has_fill:
        given = {**given, "fill": fill}
    elif fill != 0.0:
        pytest.skip("this technique has no baseline")
    if technique == "gradient_shap":
        # Its noise depends on the number of variables; the next test draws it.
        given = {**given, "noise": 0.0}
    asked = TECHNIQUES[technique].parameters.read(given)
    ours = explain(bundle, window, technique, "RBBB", asked)
    alone = explain(of_leads, window[:, varying(bundle)], technique, "RBBB", asked)
    assert ours.raw[:, varying(bundle)] == pytest.approx(alone.raw, abs=2e-3 if technique == "mask" else 1e-4)
    assert ours.values[:, varying(bundle)] == pytest.approx(alone.values, abs=0.02 if technique == "mask" else 1e-3)
    assert not ours.raw[:, ~varying(bundle)].any()
    assert not ours.values[:, ~varying(bundle)].any()
    assert np.ptp(ours.raw[:, varying(bundle)]) > 0


def test_the_noise_of_gradient_shap_is_on_the_leads_alone(bundle, window):
    changing = window.copy()
    changing[: STEPS // 2, ~varying(bundle)] = 0.0
    asked = GradientShapParameters(samples=4, noise=0.5, seed=3)
    rng = np.random.default_rng(3)
    positions = rng.random((4, 1, 1), dtype=np.float32)
    noise = 0.5 * rng.standard_normal((4, STEPS, 6), dtype=np.float32)
    sums = np.zeros((STEPS, 6))
    for position, drawn in zip(positions, noise, strict=True):
        noisy = changing + np.where(varying(bundle), drawn * changing.std(axis=0), 0.0)
        point = np.where(varying(bundle), position * noisy, changing)
        _, gradient = compute_gradients(bundle, point[np.newaxis].astype(np.float32), ("RBBB",))
        sums += np.where(varying(bundle), noisy, 0.0) * gradient[0]
    assert explain(bundle, changing, "gradient_shap", "RBBB", asked).raw == pytest.approx(sums / 4, abs=1e-5)


@pytest.mark.parametrize("technique", TECHNIQUES)
def test_measurements_that_change_within_the_window_have_no_salience(bundle, window, technique):
    changing = window.copy()
    changing[: STEPS // 2, ~varying(bundle)] = 0.0
    (salience,) = explain_many(
        bundle, changing[np.newaxis], technique, ("RBBB",), read_parameters(technique, bundle, SHORT.get(technique, {}))
    )
    assert not salience.raw[:, ~varying(bundle)].any()
    assert not salience.values[:, ~varying(bundle)].any()
    assert np.ptp(salience.raw[:, varying(bundle)]) > 0


def test_a_random_salience_is_of_the_leads_alone(bundle, window):
    salience = explain(bundle, window, "random", "RBBB")
    assert np.array_equal(salience.raw[:, 0], salience.raw[:, 3])
    assert np.unique(salience.raw[:, varying(bundle)]).size == 2 * STEPS


@pytest.mark.parametrize("fill", [0.0, "mean", "local mean", "not measured"])
def test_faithfulness_deletes_steps_of_the_leads_alone(bundle, of_leads, window, fill):
    salience = np.random.default_rng(0).random((STEPS, 6), dtype=np.float32)
    alone = window[:, varying(bundle)]
    (ours,) = measure_faithfulness(bundle, window[np.newaxis], salience[np.newaxis], ["RBBB"], fill)
    (expected,) = measure_faithfulness(
        of_leads, alone[np.newaxis], salience[np.newaxis][:, :, varying(bundle)], ["RBBB"], fill
    )
    assert ours.occluded.tolist() == expected.occluded.tolist()
    assert ours.drops == pytest.approx(expected.drops, abs=1e-4)
    figures = (ours.comprehensiveness, ours.sufficiency, ours.area)
    assert figures == pytest.approx((expected.comprehensiveness, expected.sufficiency, expected.area), abs=1e-4)


def test_only_leads_are_ranked_and_paired(bundle, of_leads, window):
    alone = window[:, varying(bundle)]
    ours, expected = (rank_features(own, values, "RBBB") for own, values in ((bundle, window), (of_leads, alone)))
    assert {own.variable for own in ours} == {"II", "V1"}
    assert [own.drop for own in ours] == pytest.approx([own.drop for own in expected], abs=1e-4)
    (pair,) = measure_pairs(bundle, window, "RBBB", ("II", "V1"))
    (expected_pair,) = measure_pairs(of_leads, alone, "RBBB", ("II", "V1"))
    assert pair.together == pytest.approx(expected_pair.together, abs=1e-4)
