import numpy as np
import pytest

from backend.records.channels.heartbeats import shows_heartbeats
from tests.records.well_formed import synthetic_ecg

RATE = 250
TIME_S = np.arange(30 * RATE) / RATE
RNG = np.random.default_rng(11)


def _pulse_wave() -> np.ndarray:
    phase = (1.1 * TIME_S) % 1
    return np.exp(-(((phase - 0.2) / 0.12) ** 2)) + 0.4 * np.exp(-(((phase - 0.5) / 0.12) ** 2))


@pytest.mark.parametrize("rate", [125, 250, 500, 1000])
@pytest.mark.parametrize("lead", [0, 1])
def test_an_ecg_shows_heartbeats_in_any_unit_and_polarity(rate, lead):
    signal = synthetic_ecg(20 * rate, rate)[:, lead]
    assert shows_heartbeats(signal, rate)
    assert shows_heartbeats(-1000 * signal + 5, rate)


def test_gaps_do_not_hide_heartbeats():
    signal = synthetic_ecg(30 * RATE)[:, 0]
    signal[1000:1800] = np.nan
    assert shows_heartbeats(signal, RATE)


@pytest.mark.parametrize(
    "signal",
    [
        RNG.normal(size=len(TIME_S)),
        np.cumsum(RNG.normal(size=len(TIME_S))),
        RNG.standard_t(1.5, size=len(TIME_S)),
        np.sin(2 * np.pi * 0.3 * TIME_S),
        np.sin(2 * np.pi * 10 * TIME_S) * (1 + np.sin(2 * np.pi * 0.9 * TIME_S)),
        _pulse_wave(),
        np.arange(len(TIME_S)) % 256.0,
        np.arange(len(TIME_S), dtype=float),
        np.round(70 + 3 * np.sin(TIME_S)),
        (TIME_S % 1 > 0.5).astype(float),
        np.zeros(len(TIME_S)),
        np.full(len(TIME_S), np.nan),
        synthetic_ecg(2 * RATE)[:, 0],
    ],
    ids=["noise", "drift", "spikes", "breathing", "alpha", "pulse", "counter", "ramp", "rate", "square", *"0n-"],
)
def test_other_signals_do_not_show_heartbeats(signal):
    assert not shows_heartbeats(signal, RATE)
