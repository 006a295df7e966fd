import numpy as np
import pytest

from backend.explain.techniques.lrp import LRPParameters, lrp, lrp_many, measure_lost_shares, propagate_relevance
from backend.models.bundle import load_bundle
from backend.models.scores import compute_scores
from tests.toys import remembering_bundle, simulated_beat, summing_bundle, toy_beat, toy_bundle

SHAPES = [
    {"steps_per_read": 1, "pooling": "last", "layers": 1},
    {"steps_per_read": 3, "pooling": "mean", "layers": 1},
    {"steps_per_read": 2, "pooling": "last", "layers": 2},
    {"steps_per_read": 1, "pooling": "mean", "layers": 3},
]


def logistic(x):
    return 1.0 / (1.0 + np.exp(-x))


def slowly(bundle, window, target, stabiliser):
    """The rules of the paper, one window, one read, one unit and one weight at a time."""
    shape = bundle.network.architecture
    H, reads = shape.hidden, len(window) // shape.steps_per_read
    part = {name: value.double().numpy() for name, value in bundle.network.state_dict().items()}

    def stable(z):
        return z + stabiliser * (1 if z >= 0 else -1)

    read = window.astype(float).reshape(reads, -1)
    kept = []
    for layer in range(shape.layers):
        W, U = part[f"lstm.weight_ih_l{layer}"], part[f"lstm.weight_hh_l{layer}"]
        b = part[f"lstm.bias_ih_l{layer}"] + part[f"lstm.bias_hh_l{layer}"]
        h, c = np.zeros((reads + 1, H)), np.zeros((reads + 1, H))
        z, i, f = np.zeros((reads, 4 * H)), np.zeros((reads, H)), np.zeros((reads, H))
        for t in range(reads):
            z[t] = W @ read[t] + U @ h[t] + b
            i[t], f[t] = logistic(z[t, :H]), logistic(z[t, H : 2 * H])
            c[t + 1] = i[t] * np.tanh(z[t, 2 * H : 3 * H]) + f[t] * c[t]
            h[t + 1] = logistic(z[t, 3 * H :]) * np.tanh(c[t + 1])
        kept.append((read, W, U, z, i, f, h, c))
        read = h[1:]

    w, own_bias = part["readout.weight"][bundle.class_index(target)], part["readout.bias"][bundle.class_index(target)]
    pooled = read[-1] if shape.pooling == "last" else read.mean(axis=0)
    score = w @ pooled + own_bias
    R = np.zeros((reads, H))
    for k in range(H):
        for t in range(reads) if shape.pooling == "mean" else [reads - 1]:
            weight = 1 / reads if shape.pooling == "mean" else 1.0
            R[t, k] = w[k] * read[t, k] * weight / stable(score) * score
    for inputs, W, U, z, i, f, h, c in reversed(kept):
        R_read, R_h, R_c = np.zeros(inputs.shape), np.zeros((reads + 1, H)), np.zeros((reads + 1, H))
        R_h[1:] = R
        for t in reversed(range(reads)):
            for k in range(H):
                R_c[t + 1, k] += R_h[t + 1, k]
                g = np.tanh(z[t, 2 * H + k])
                R_g = i[t, k] * g / stable(c[t + 1, k]) * R_c[t + 1, k]
                R_c[t, k] += f[t, k] * c[t, k] / stable(c[t + 1, k]) * R_c[t + 1, k]
                for j in range(inputs.shape[1]):
                    R_read[t, j] += W[2 * H + k, j] * inputs[t, j] / stable(z[t, 2 * H + k]) * R_g
                for j in range(H):
                    R_h[t, j] += U[2 * H + k, j] * h[t, j] / stable(z[t, 2 * H + k]) * R_g
        R = R_read
    return R.reshape(window.shape)


@pytest.mark.parametrize("stabiliser", [0.001, 0.05])
@pytest.mark.parametrize("shape", SHAPES)
def test_small_networks_give_what_the_rules_give_one_unit_at_a_time(shape, stabiliser):
    bundle, window = toy_bundle(2, hidden=5, **shape), toy_beat(12, 2)
    salience = lrp(bundle, window, "RBBB", LRPParameters(stabiliser))
    expected = slowly(bundle, window, "RBBB", stabiliser)
    assert salience.raw == pytest.approx(expected, rel=1e-5, abs=1e-6 * float(abs(expected).max()))
    assert abs(expected).max() > 1e-3
    assert salience.values == pytest.approx(np.maximum(expected, 0.0) / expected.max(), abs=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
def test_without_a_stabiliser_values_and_biases_sum_to_the_score(shape):
    bundle, windows = toy_bundle(2, **shape), np.stack([toy_beat(24, 2, seed) for seed in range(3)])
    targets = ("normal", "LBBB", "RBBB")
    found = propagate_relevance(bundle, windows, targets, 0.0)
    scores = compute_scores(bundle, windows)[range(3), [bundle.class_index(target) for target in targets]]
    assert found.values.sum(axis=(1, 2)) + found.biases == pytest.approx(scores, rel=1e-3, abs=1e-4)
    assert found.absorbed == pytest.approx(0.0, abs=1e-4)


def test_a_larger_stabiliser_absorbs_more():
    bundle, window = toy_bundle(1, pooling="mean"), toy_beat(24)
    (score,) = compute_scores(bundle, window[np.newaxis])[:, 0]
    taken = []
    for stabiliser in (1e-6, 1e-3, 1.0):
        found = propagate_relevance(bundle, window[np.newaxis], ("normal",), stabiliser)
        assert (found.values.sum() + found.biases + found.absorbed)[0] == pytest.approx(score, abs=1e-5)
        taken.append(abs(found.absorbed[0]))
    assert taken[0] < 1e-3 * abs(score)
    assert taken[2] > taken[1] > taken[0]


def test_without_biases_and_stabiliser_the_values_sum_to_the_score():
    bundle, window = toy_bundle(2, layers=2), toy_beat(24, 2)
    for name, part in bundle.network.named_parameters():
        if "bias" in name:
            part.zero_()
    found = propagate_relevance(bundle, window[np.newaxis], ("LBBB",), 0.0)
    (score,) = compute_scores(bundle, window[np.newaxis])[:, 1]
    assert found.values.sum() == pytest.approx(score, abs=1e-4)
    assert found.biases == pytest.approx(0.0)


def test_the_lost_share_is_what_the_values_lack_of_the_score():
    bundle, windows = toy_bundle(2, layers=2), np.stack([toy_beat(24, 2, seed) for seed in range(70)])
    targets = ("LBBB", "RBBB") * 35
    lost = measure_lost_shares(bundle, windows, targets, LRPParameters(0.05))
    scores = compute_scores(bundle, windows)
    for place in (0, 1, 63, 64, 69):
        score = scores[place, bundle.class_index(targets[place])]
        expected = 1 - slowly(bundle, windows[place], targets[place], 0.05).sum() / score
        assert lost[place] == pytest.approx(expected, rel=1e-3, abs=1e-4)


def test_a_bias_takes_its_share_of_the_score():
    # A sum of 0.5 x 2 - 0.25 x 2 = 0.5 and a bias of 2: the bias has 2 of 2.5.
    bundle, window = summing_bundle((2.0,)), np.array([[[0.5], [-0.25]]], dtype=np.float32)
    bundle.network.readout.bias[0] = 2.0
    assert measure_lost_shares(bundle, window, ("normal",), LRPParameters(0.0)) == pytest.approx(0.8, abs=1e-3)


def test_a_score_of_zero_has_no_share():
    window = np.zeros((1, 4, 1), dtype=np.float32)
    assert np.isnan(measure_lost_shares(summing_bundle(), window, ("normal",), LRPParameters())).all()


def test_the_relevance_of_a_sum_is_the_contribution_of_each_value():
    window = np.array([[1.0, 2.0], [-3.0, 0.0], [0.5, 1.0]], dtype=np.float32)
    salience = lrp(summing_bundle((2.0, -3.0)), window, "normal", LRPParameters(0.0))
    assert salience.raw == pytest.approx(window * (2.0, -3.0), abs=1e-3)


def test_the_salience_equals_that_computed_by_hand():
    # One unit, all gates half open (their sums are 0), candidate tanh(x + h / 2), read-out 10 h. Of x = 1, then 2:
    # c1 = tanh(1)/2 = 0.3808, h1 = tanh(c1)/2 = 0.1817; z2 = 2 + 0.0909, c2 = tanh(z2)/2 + c1/2 = 0.4849 + 0.1904.
    # All of s = 10 h2 lies on c2. Its share 0.4849/0.6753 = 0.7181 goes to z2, of that 2/2.0909 = 0.9565 to x2 and the
    # rest over h1 to c1, which with the share 0.2819 of c2 goes to z1 and so to x1.
    bundle = toy_bundle(1, classes=2, hidden=1)
    for part in bundle.network.parameters():
        part.zero_()
    bundle.network.lstm.weight_ih_l0[2] = 1.0
    bundle.network.lstm.weight_hh_l0[2] = 0.5
    bundle.network.readout.weight[0] = 10.0
    window = np.array([[1.0], [2.0]], dtype=np.float32)
    salience = lrp(bundle, window, "normal", LRPParameters(0.0))
    score = compute_scores(bundle, window[np.newaxis])[0, 0]
    of_second = 0.7181 * 0.9565
    assert salience.raw.ravel() == pytest.approx([score * (1 - of_second), score * of_second], rel=1e-3)


def test_the_signal_gets_the_relevance_and_the_gate_none():
    window = np.zeros((12, 2), dtype=np.float32)
    window[:, 0] = 1.0
    window[7, 1] = 1.0
    salience = lrp(remembering_bundle(), window, "normal", LRPParameters(0.0))
    expected = np.zeros((12, 2))
    expected[7, 0] = 1.0
    assert salience.raw == pytest.approx(expected, abs=1e-3)


def test_windows_explained_together_are_explained_as_each_alone():
    bundle, windows = toy_bundle(2), np.stack([toy_beat(24, 2, seed) for seed in range(70)])
    targets = ("normal", "RBBB") * 35
    heard = []
    together = lrp_many(bundle, windows, targets, LRPParameters(), lambda done, of: heard.append((done, of)))
    for position in (0, 1, 63, 64, 69):
        alone = lrp(bundle, windows[position], targets[position], LRPParameters())
        assert together[position].target == targets[position]
        assert together[position].raw == pytest.approx(alone.raw, rel=1e-5, abs=1e-7)
    assert heard == [(64, 70), (70, 70)]


@pytest.mark.parametrize("name", ["ecg-beat", "ecg-beat-2018"])
def test_the_relevance_of_a_bundled_model_sums_to_the_score(name):
    bundle = load_bundle(name)
    window = simulated_beat(bundle)
    found = propagate_relevance(bundle, window[np.newaxis], ("normal",), LRPParameters().stabiliser)
    (score,) = compute_scores(bundle, window[np.newaxis])[:, bundle.class_index("normal")]
    assert (found.values.sum() + found.biases + found.absorbed)[0] == pytest.approx(score, abs=1e-4)
