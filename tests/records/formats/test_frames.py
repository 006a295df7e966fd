import numpy as np
import pytest

from backend.records.formats.frames import hold_samples, lead_samples_per_frame
from backend.records.record import Channel

II, V1, ABP = Channel.named("II", "mV"), Channel.named("V1", "mV"), Channel.named("ABP", "mmHg")


@pytest.mark.parametrize(
    ("counts", "channels", "expected"),
    [((4, 1), (II, ABP), 4), ((1, 4), (II, ABP), 1), ((2, 4), (II, V1), 4), ((1, 8), (ABP, ABP), 8)],
)
def test_the_fastest_ecg_lead_sets_the_rate(counts, channels, expected):
    assert lead_samples_per_frame(counts, channels) == expected


def test_a_slower_signal_is_held_within_each_frame():
    assert hold_samples(np.array([1, 2, 3, 4]), 2, 4).tolist() == [1, 1, 2, 2, 3, 3, 4, 4]
    assert hold_samples(np.array([1, 2, 3, 4]), 2, 3).tolist() == [1, 1, 2, 3, 3, 4]
    assert hold_samples(np.array([1, 2, 3, 4]), 2, 2).tolist() == [1, 2, 3, 4]
