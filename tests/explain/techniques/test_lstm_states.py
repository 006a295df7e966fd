import numpy as np
import pytest
import torch

from backend.explain.techniques.lstm_states import compute_layer_states
from tests.toys import toy_beat, toy_bundle


def test_states_are_those_of_torch_after_every_read_and_in_every_layer():
    network = toy_bundle(2, layers=2, steps_per_read=3).network
    windows = np.stack([toy_beat(12, 2, seed) for seed in range(3)])
    first, last = compute_layer_states(network, windows)
    with torch.inference_mode():
        for reads in range(1, 5):
            stacked = torch.from_numpy(windows[:, : 3 * reads].reshape(3, reads, 6))
            states, (hidden, cell) = network.lstm(stacked)
            for layer, own in enumerate((first, last)):
                assert own.hidden[:, reads - 1] == pytest.approx(hidden[layer].numpy(), abs=1e-6)
                assert own.cell[:, reads - 1] == pytest.approx(cell[layer].numpy(), abs=1e-6)
    assert last.hidden == pytest.approx(states.numpy(), abs=1e-6)


def test_the_cell_is_the_sum_of_what_is_kept_and_added():
    network = toy_bundle(1, layers=2).network
    for own in compute_layer_states(network, toy_beat(12)[np.newaxis]):
        assert own.added + own.kept == pytest.approx(own.cell)
        earlier = np.stack([own.previous_hidden(read) for read in range(12)], axis=1)
        assert own.inputs @ own.input_weights.T + earlier @ own.recurrent_weights.T + own.bias == pytest.approx(
            own.candidate
        )
