import numpy as np
import pytest
from scipy import signal

from backend.windows.signal.grid import Grid

RATES = [50.0, 100.0, 257.3, 360.0, 1000.0, 5000.0]


def made(rate, seconds=4.0):
    return np.random.default_rng(7).normal(size=int(seconds * rate))


@pytest.mark.parametrize("rate", RATES)
def test_a_grid_has_the_lowest_possible_rate_above_the_minimum(rate):
    grid = Grid.of_at_least(150.0, rate)
    assert 150.0 <= grid.rate < 300.0


@pytest.mark.parametrize("rate", RATES)
def test_a_filtered_signal_is_the_convolution_of_the_upsampled_signal(rate):
    grid, samples = Grid.of_at_least(150.0, rate), made(rate)
    kernel = np.random.default_rng(1).normal(size=41)
    spread = np.zeros(len(samples) * grid.up)
    spread[:: grid.up] = samples
    whole = np.convolve(spread, kernel, mode="same")[:: grid.down]
    first, last = 30, len(whole) - 30
    assert np.allclose(grid.filter(samples, kernel, first, last), whole[first:last])


@pytest.mark.parametrize("rate", RATES)
def test_a_step_does_not_depend_on_the_other_steps(rate):
    grid, samples = Grid.of_at_least(150.0, rate), made(rate)
    kernel = signal.firwin(51, 20.0, fs=grid.fine_rate)
    whole = grid.filter(samples, kernel, -10, 500)
    for first, last in ((-10, 3), (0, 1), (77, 78), (100, 333), (499, 500)):
        assert np.array_equal(grid.filter(samples, kernel, first, last), whole[first + 10 : last + 10])


@pytest.mark.parametrize("rate", RATES)
def test_blocks_contain_every_step_once(rate, monkeypatch):
    monkeypatch.setattr("backend.windows.signal.grid.BLOCK_STEPS", 100)
    grid, samples = Grid.of_at_least(150.0, rate), made(rate)
    steps = [step for first, last in grid.blocks(samples) for step in range(first, last)]
    assert steps == list(range(int(np.ceil(len(samples) * grid.up / grid.down))))


@pytest.mark.parametrize("rate", RATES)
def test_a_kernel_without_offset_does_not_respond_to_a_constant(rate):
    grid = Grid.of_at_least(150.0, rate)
    kernel = grid.remove_offset(signal.firwin(61, (8.0, 16.0), pass_zero=False, fs=grid.fine_rate))
    assert np.abs(grid.filter(np.full(int(2 * rate), 3.5), kernel, 0, 200)).max() < 1e-12
