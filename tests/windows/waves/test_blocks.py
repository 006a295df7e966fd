"""Blocks of beats, which together hold every beat once."""

import numpy as np
import pytest

from backend.windows.waves.blocks import MARGIN_BEATS, split_beats


@pytest.mark.parametrize("n_beats", [1, 7, 1000])
def test_every_beat_belongs_to_one_block_in_its_order(n_beats):
    r_steps = np.arange(50, 3000, 10)
    blocks = split_beats(r_steps, 3100, 40, n_beats)
    found = [r_steps[block.beats][block.own] for block in blocks]
    assert {len(one) for one in found[:-1]} <= {n_beats}
    np.testing.assert_array_equal(np.concatenate(found), r_steps)


def test_a_block_holds_the_beats_and_the_signal_around_its_own():
    r_steps = np.arange(500) * 100 + 30
    first, middle, last = list(split_beats(r_steps, 50_000, 40, 200))
    assert (middle.beats.start, middle.beats.stop) == (200 - MARGIN_BEATS, 400 + MARGIN_BEATS)
    assert (middle.steps.start, middle.steps.stop) == (r_steps[100] - 40, r_steps[499] + 41)
    assert (first.beats.start, first.steps.start) == (0, 0)
    assert (last.beats.stop, last.steps.stop) == (500, r_steps[499] + 41)
