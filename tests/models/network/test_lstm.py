import pytest
import torch

from backend.models.network.lstm import Architecture, ScoringLSTM
from tests.toys import summing_bundle, toy_bundle

POOLINGS = ("last", "mean")


def network(**shape) -> ScoringLSTM:
    torch.manual_seed(4)
    return ScoringLSTM(Architecture(variables=2, classes=3, hidden=7, **shape)).eval()


def values(n: int = 4, steps: int = 24) -> torch.Tensor:
    return torch.randn(n, steps, 2, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("steps_per_read", [1, 3])
@pytest.mark.parametrize("layers", [1, 2])
def test_the_score_of_every_prefix_is_that_of_the_truncated_window(pooling, steps_per_read, layers):
    own = network(pooling=pooling, steps_per_read=steps_per_read, layers=layers)
    windows = values()
    with torch.inference_mode():
        at_once = own.prefix_scores(windows)
        one_by_one = [own(windows[:, :end]) for end in range(steps_per_read, 25, steps_per_read)]
    torch.testing.assert_close(at_once, torch.stack(one_by_one, dim=1), rtol=0, atol=1e-5)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_the_last_prefix_is_the_whole_window(pooling):
    own, windows = network(pooling=pooling), values()
    with torch.inference_mode():
        torch.testing.assert_close(own.prefix_scores(windows)[:, -1], own(windows), rtol=0, atol=1e-6)


def test_a_score_of_the_mean_is_the_mean_of_the_scores_of_all_steps():
    own, windows = network(pooling="mean"), values()
    with torch.inference_mode():
        of_steps = own.readout(own.states(windows))
        torch.testing.assert_close(own(windows), of_steps.mean(dim=1), rtol=0, atol=1e-6)


def test_a_score_of_the_last_step_is_read_from_torchs_own_last_state():
    own, windows = network(), values()
    with torch.inference_mode():
        _, (last, _) = own.lstm(windows)
        torch.testing.assert_close(own(windows), own.readout(last[-1]), rtol=0, atol=1e-6)


def test_reading_three_steps_at_once_gives_the_lstm_their_values_side_by_side():
    own, windows = network(steps_per_read=3), values()
    stacked = torch.cat([windows[:, 0::3], windows[:, 1::3], windows[:, 2::3]], dim=2)
    with torch.inference_mode():
        expected, _ = own.lstm(stacked)
        torch.testing.assert_close(own.states(windows), expected, rtol=0, atol=0)


def test_a_window_that_cannot_be_read_three_at_a_time_is_refused():
    with pytest.raises(ValueError, match="25 steps cannot be read 3 at a time"):
        network(steps_per_read=3)(values(steps=25))


@pytest.mark.parametrize("layers", [1, 2])
def test_forget_gates_begin_with_a_bias_of_one_in_every_layer(layers):
    own = network(layers=layers)
    for layer in range(layers):
        biases = getattr(own.lstm, f"bias_ih_l{layer}") + getattr(own.lstm, f"bias_hh_l{layer}")
        assert torch.equal(biases[7:14], torch.ones(7))


def test_dropout_acts_while_training_and_never_after():
    own, windows = network(dropout=0.5), values()
    assert torch.equal(own(windows), own(windows))
    own.train()
    assert not torch.equal(own(windows), own(windows))


def test_the_published_network_is_one_layer_of_128_units():
    published = ScoringLSTM(Architecture(variables=1, classes=4))
    assert published.architecture == Architecture(1, 4, 128, 1, 1, "last", 0.1)
    gates = 4 * 128
    assert sum(part.numel() for part in published.parameters()) == gates * (1 + 128 + 2) + 4 * 129


def test_a_network_that_adds_computes_the_sum_of_a_window():
    window = torch.linspace(-1, 1, 30).reshape(1, 30, 1) + 0.2
    with torch.inference_mode():
        assert summing_bundle().network(window)[0, 0].item() == pytest.approx(6.0, abs=1e-3)


def test_no_state_is_left_from_one_window_to_the_next():
    bundle, windows = toy_bundle(variables=2), values()
    with torch.inference_mode():
        first = bundle.network(windows)
        bundle.network(10 * windows)
        assert torch.equal(bundle.network(windows), first)
