import copy
import gc
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from backend.models.network import inference as module
from backend.models.network import numba_kernels
from backend.models.network.inference import compile_ahead, freeze
from backend.models.network.numba_backend import NumbaLSTM
from backend.models.network.torch_backend import TorchLSTM
from backend.models.scores import compute_scores
from tests.toys import default_size_bundle, published_size_bundle, summing_bundle, toy_beat, toy_bundle

BOTH = pytest.mark.parametrize("made", [NumbaLSTM, TorchLSTM])
"""The kernels, and what stands in for them where numba is not there."""

SHAPES = [
    # variables, hidden, steps_per_read, pooling, windows: more and less than what is padded, blocked or read at once
    (1, 1, 1, "last", 1),
    (1, 8, 1, "mean", 3),
    (2, 64, 3, "last", 4),
    (3, 65, 2, "mean", 5),
    (9, 130, 4, "mean", 37),
]


def bundle_and_windows(variables, hidden, steps_per_read, pooling, windows):
    bundle = toy_bundle(variables, hidden=hidden, steps_per_read=steps_per_read, pooling=pooling)
    rng = np.random.default_rng(hidden)
    return bundle, rng.normal(size=(windows, 24, variables)).astype(np.float32)


def in_double(network, values, of_scores):
    """Scores, and the slope by the values of the sum of scores times ``of_scores``, by autograd in double precision."""
    precise = copy.deepcopy(network).double()
    read = torch.from_numpy(values).double().requires_grad_()
    scores = precise(read)
    (slopes,) = torch.autograd.grad((scores * torch.from_numpy(of_scores)).sum(), read)
    return scores.detach().numpy(), slopes.numpy()


def scores_and_gradients(network, values):
    """The scores that a network tells of windows, and the slopes of the sum of all scores of each."""
    told = []

    def cotangent(part, own):
        told.append(own.copy())
        return np.ones_like(own)

    slopes = network.gradients(values, cotangent)
    return np.concatenate(told), slopes


@pytest.fixture
def two_threads():
    usual = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(usual)


@BOTH
@pytest.mark.usefixtures("two_threads")
@pytest.mark.parametrize("shape", SHAPES)
def test_scores_and_gradients_equal_autograd_in_double_precision(made, shape):
    bundle, values = bundle_and_windows(*shape)
    of_scores = np.random.default_rng(1).normal(size=(len(values), 4))
    scores, slopes = in_double(bundle.network, values, of_scores)
    network, told = made(bundle.network), np.empty_like(scores)

    def cotangent(part, own):
        told[part] = own
        return of_scores[part]

    found = network.gradients(values, cotangent)
    assert told == pytest.approx(scores, abs=1e-5)
    assert found == pytest.approx(slopes, abs=1e-4 * abs(slopes).max())
    assert found.dtype == np.float32


@BOTH
@pytest.mark.parametrize("bundle", [published_size_bundle(), default_size_bundle()])
def test_the_gradients_of_a_whole_beat_equal_autograd(made, bundle):
    values = toy_beat(bundle.window.steps, bundle.network.architecture.variables)[np.newaxis]
    of_scores = np.eye(len(bundle.classes))[[1]]
    _, slopes = in_double(bundle.network, values, of_scores)
    found = made(bundle.network).gradients(values, lambda part, scores: of_scores)
    assert found == pytest.approx(slopes, abs=1e-4 * abs(slopes).max())


@BOTH
@pytest.mark.usefixtures("two_threads")
@pytest.mark.parametrize("shape", SHAPES)
def test_variants_of_a_window_score_as_if_each_were_read_whole(made, shape):
    bundle, values = bundle_and_windows(*shape)
    window = values[0]
    variants = np.repeat(window[np.newaxis], 30, axis=0)
    for number in range(24):
        variants[number, number : number + 5, number % values.shape[2]] = -2.0
    variants[24, [3, 20]] = 1.0
    variants[25, 23] = 9.0
    whole = compute_scores(bundle, variants)
    assert made(bundle.network).score_variants(window, variants[::-1]) == pytest.approx(whole[::-1], abs=1e-5)


@BOTH
def test_a_variant_that_differs_nowhere_scores_as_the_window(made):
    bundle, values = bundle_and_windows(*SHAPES[3])
    scores = made(bundle.network).score_variants(values[0], values[[0, 1, 0]])
    assert scores == pytest.approx(compute_scores(bundle, values[[0, 1, 0]]), abs=1e-5)


@BOTH
def test_extreme_values_saturate_and_stay_finite(made):
    bundle = toy_bundle(2)
    values = np.array([1e6, -1e6, 1e30, 0.0], dtype=np.float32).repeat(6).reshape(1, 12, 2)
    scores, _ = in_double(bundle.network, values, np.ones((1, 4)))
    told, slopes = scores_and_gradients(made(bundle.network), values)
    assert told == pytest.approx(scores, abs=1e-5)
    assert np.isfinite(slopes).all()


@BOTH
def test_a_sum_of_tiny_numbers_inside_of_the_network_is_kept_to_the_last_place(made):
    # Its unit works at 1e-4 of the scale of its inputs, where a tanh taken as a difference of exponentials is lost.
    values = toy_beat(60)[np.newaxis]
    told, _ = scores_and_gradients(made(summing_bundle().network), values)
    assert told[0, 0] == pytest.approx(values.sum(), abs=1e-4)


@BOTH
def test_the_thread_s_arithmetic_is_left_as_it_was(made):
    bundle, values = bundle_and_windows(*SHAPES[1])
    made(bundle.network).gradients(values, lambda part, own: np.ones_like(own))
    assert float(torch.full((), 1e-38) * 1e-2) != 0


@BOTH
def test_steps_that_cannot_be_read_together_are_refused(made):
    with pytest.raises(ValueError, match="24 steps cannot be read 5 at a time"):
        scores_and_gradients(made(toy_bundle(1, steps_per_read=5).network), np.zeros((1, 24, 1), dtype=np.float32))


@pytest.mark.parametrize("variables", [1, 3])
def test_kernels_refuse_windows_of_other_variables_than_the_network_reads(variables):
    # They would read what lies beside the array in memory.
    network, window = NumbaLSTM(toy_bundle(2).network), np.zeros((24, variables), dtype=np.float32)
    with pytest.raises(ValueError, match=f"reads 2 variables, not {variables}"):
        network.score_variants(window, window[np.newaxis])
    with pytest.raises(ValueError, match=f"reads 2 variables, not {variables}"):
        scores_and_gradients(network, window[np.newaxis])


@pytest.mark.parametrize("layers", [1, 2])
def test_an_unused_network_is_freed(layers):
    # Sanity draws new networks for every part of its work.
    bundle = toy_bundle(layers=layers)
    held = weakref.ref(bundle.network)
    freeze(bundle.network).gradients(np.zeros((1, 12, 1), np.float32), lambda part, own: np.ones_like(own))
    del bundle
    gc.collect()
    assert held() is None


@BOTH
@pytest.mark.usefixtures("two_threads")
def test_concurrent_calls_give_the_same_results(made):
    bundle, values = bundle_and_windows(2, 16, 3, "last", 80)
    network = made(bundle.network)
    alone = network.gradients(values, lambda part, own: np.ones_like(own))
    with ThreadPoolExecutor(6) as people:
        asked = [
            people.submit(network.gradients, values[:count], lambda part, own: np.ones_like(own))
            for count in (80, 3, 41, 80, 17, 64, 1, 80)
        ]
        found = [own.result() for own in asked]
    for own in found:
        assert own == pytest.approx(alone[: len(own)], abs=1e-5)


@BOTH
@pytest.mark.usefixtures("two_threads")
def test_an_error_in_a_thread_is_raised_and_the_next_call_works(made):
    bundle, values = bundle_and_windows(2, 16, 3, "last", 80)
    network = made(bundle.network)

    def broken(part, own):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        network.gradients(values, broken)
    expected = made(copy.deepcopy(bundle.network)).gradients(values, lambda part, own: np.ones_like(own))
    assert network.gradients(values, lambda part, own: np.ones_like(own)) == pytest.approx(expected, abs=1e-6)


def test_the_kernels_serve_one_layer_and_torch_the_others():
    one, two = toy_bundle(), toy_bundle(layers=2)
    assert type(freeze(one.network)) is NumbaLSTM
    assert type(freeze(two.network)) is TorchLSTM
    assert freeze(one.network) is freeze(one.network)


def test_without_numba_torch_serves_all(monkeypatch):
    monkeypatch.setattr(module, "NumbaLSTM", None)
    bundle = toy_bundle()
    assert type(freeze(bundle.network)) is TorchLSTM


def test_kernels_that_are_compiled_ahead_need_not_be_compiled_again():
    compile_ahead()
    compiled_before = [len(kernel.signatures) for kernel in _kernels()]
    bundle, values = bundle_and_windows(*SHAPES[4])
    network = NumbaLSTM(bundle.network)
    network.gradients(values, lambda part, own: np.ones_like(own))
    network.score_variants(values[0], values)
    assert [len(kernel.signatures) for kernel in _kernels()] == compiled_before


def _kernels():
    names = ("add_product", "add_strip_product", "forward", "backward", "read_variants", "find_differences")
    return [getattr(numba_kernels, name) for name in names]
