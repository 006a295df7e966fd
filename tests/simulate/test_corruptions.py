import numpy as np
import pytest
from scipy import signal

from backend.records.samples.library import open_sample
from backend.simulate.corruptions import ARTIFICIAL, CORRUPTIONS, add_noise, corrupt, make_artificial

N, RATE = 60_000, 250.0


def power_between(noise: np.ndarray, low: float, high: float) -> float:
    hertz, density = signal.periodogram(noise, RATE)
    return density[(hertz >= low) & (hertz <= high)].sum() / density.sum()


def slope_of_power(noise: np.ndarray) -> float:
    """The exponent of the power over the frequency from 1 to 60 Hz."""
    hertz, density = signal.welch(noise, RATE, nperseg=2048)
    is_in = (hertz >= 1) & (hertz <= 60)
    return float(np.polyfit(np.log(hertz[is_in]), np.log(density[is_in]), 1)[0])


@pytest.mark.parametrize(("kind", "slope"), [("white noise", 0.0), ("pink noise", -1.0), ("brown noise", -2.0)])
def test_the_power_of_coloured_noise_falls_with_the_frequency_as_its_colour_demands(kind, slope):
    assert slope_of_power(ARTIFICIAL[kind](N, RATE, np.random.default_rng(0))) == pytest.approx(slope, abs=0.1)


def test_motion_noise_lies_between_1_and_8_hertz():
    noise = ARTIFICIAL["motion noise"](N, RATE, np.random.default_rng(0))
    assert power_between(noise, 0.9, 9.0) > 0.97
    assert power_between(noise, 1.0, 2.0) == pytest.approx(power_between(noise, 5.0, 6.0), rel=0.2)


def test_spikes_are_short_and_come_at_the_intervals_of_a_heartbeat():
    for seed in range(10):
        made = ARTIFICIAL["spike train"](N, RATE, np.random.default_rng(seed))
        is_spike = np.abs(made) > 0.5
        starts = np.flatnonzero(np.diff(is_spike.astype(int)) == 1)
        assert is_spike.sum() <= 5 * (len(starts) + 1)
        assert 0.35 < np.median(np.diff(starts)) / RATE < 1.25


@pytest.mark.parametrize("kind", ARTIFICIAL)
def test_an_artificial_recording_lasts_30_s_and_depends_on_the_seed_alone(kind):
    made, again, other = (make_artificial(kind, np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert made.duration_s == pytest.approx(30.0)
    assert np.isfinite(made.signals).all()
    assert (made.signals.std(axis=0) > 0.05).all()
    assert np.array_equal(made.signals, again.signals)
    assert made.signals.shape != other.signals.shape or not np.allclose(made.signals, other.signals)


@pytest.mark.parametrize("snr_db", [-6.0, 0.0, 12.0])
def test_noise_is_added_at_the_ratio_of_physionets_definition(snr_db):
    record = open_sample("sim_normal")
    n, n_channels = record.signals.shape
    noise = np.random.default_rng(0).standard_normal((n, n_channels)) * [[0.1, 5.0]][0][:n_channels]
    added = add_noise(record, noise, snr_db).signals - record.signals
    rate = round(record.sampling_rate)
    for channel in range(n_channels):
        trace = record.signals[:, channel]
        peaks = [np.ptp(trace[start : start + rate]) for start in range(0, n - rate + 1, rate)]
        ratio = np.median(peaks) ** 2 / 8 / added[:, channel].var()
        assert 10 * np.log10(ratio) == pytest.approx(snr_db, abs=0.05)


def test_inverting_and_reversing_twice_gives_the_recording_back():
    record, rng = open_sample("sim_normal"), np.random.default_rng(0)
    inverted, turned = corrupt(record, "inverted", rng), corrupt(record, "reversed", rng)
    assert np.array_equal(inverted.signals, -record.signals)
    assert np.array_equal(turned.signals[0], record.signals[-1])
    assert np.array_equal(corrupt(turned, "reversed", rng).signals, record.signals)


@pytest.mark.parametrize("kind", CORRUPTIONS)
def test_a_corrupted_recording_has_no_annotations(kind):
    record = open_sample("sim_normal")
    assert record.annotations
    assert not corrupt(record, kind, np.random.default_rng(0)).annotations
