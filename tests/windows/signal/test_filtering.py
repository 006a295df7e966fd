import numpy as np
import pytest
from biosppy.signals.tools import filter_signal
from scipy import signal

from backend.records.samples.library import open_sample
from backend.windows.signal.filtering import BAND_HZ, WIDE_BAND_HZ, WORKING_RATE, bandpass, fill_gaps, resample_lead
from tests.made_records import simulated_record

RATES = (50, 128, 250, 360, 500, 1000, 5000)


def lead_of_a_sample(name: str = "sim_ventricular_premature") -> np.ndarray:
    return open_sample(name).signals[:, 0].astype(np.float64)


def sine(hz: float, rate: float, seconds: float = 30.0) -> np.ndarray:
    return np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)


def amplitude(samples: np.ndarray) -> float:
    """Of a sine, from its middle third, where no edge reaches."""
    third = len(samples) // 3
    return float(np.sqrt(2 * np.mean(samples[third:-third] ** 2)))


@pytest.mark.parametrize("rate", [250, 360, 500])
def test_the_band_pass_equals_that_of_biosppy_up_to_the_ends(rate):
    record, _ = simulated_record(sampling_rate=rate)
    lead = record.signals[:, 0].astype(np.float64)
    theirs = filter_signal(
        lead, ftype="FIR", band="bandpass", order=int(0.3 * rate), frequency=list(BAND_HZ), sampling_rate=rate
    )["signal"]
    np.testing.assert_allclose(bandpass(lead, rate), theirs, rtol=0, atol=1e-9)


def test_the_wide_band_pass_equals_filtfilt_of_scipy():
    lead = lead_of_a_sample()
    taps = int(0.9 / WIDE_BAND_HZ[0] * 360)
    taps += 1 - taps % 2
    kernel = signal.firwin(taps, WIDE_BAND_HZ, pass_zero=False, fs=360)
    slow = signal.filtfilt(kernel, [1.0], lead, padlen=3 * taps)
    np.testing.assert_allclose(bandpass(lead, 360.0, WIDE_BAND_HZ), slow, rtol=0, atol=1e-9)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("band_hz", [BAND_HZ, WIDE_BAND_HZ])
def test_the_band_pass_keeps_10_hz_and_removes_baseline_wander(rate, band_hz):
    assert amplitude(resample_lead(sine(10, rate), rate, band_hz)) == pytest.approx(1.0, abs=0.02)
    assert amplitude(resample_lead(sine(0.05, rate, 60), rate, band_hz)) < 0.1


@pytest.mark.parametrize("rate", [250, 360, 1000])
def test_muscle_noise_above_the_band_is_removed(rate):
    assert amplitude(bandpass(sine(70, rate), rate)) < 0.01


@pytest.mark.parametrize("rate", RATES)
def test_step_i_lies_at_i_over_360_seconds_whatever_the_records_rate(rate):
    steps = resample_lead(sine(8, rate), rate)
    assert len(steps) == 30 * WORKING_RATE
    third = len(steps) // 3
    wanted = np.sin(2 * np.pi * 8 * np.arange(len(steps)) / WORKING_RATE) * amplitude(steps)
    np.testing.assert_allclose(steps[third:-third], wanted[third:-third], rtol=0, atol=0.02)


@pytest.mark.parametrize("rate", [250, 500, 1000, 5000])
def test_the_resampled_lead_does_not_depend_on_the_sampling_rate(rate):
    at_360, at_rate = (resample_lead(simulated_record(sampling_rate=own)[0].signals[:, 0], own) for own in (360, rate))
    inner = slice(360, -360)
    assert np.abs(at_360[inner] - at_rate[inner]).max() < 0.03 * np.ptp(at_360)


def test_a_gap_is_interpolated_linearly():
    lead = np.array([1.0, 2.0, np.nan, np.nan, 5.0, np.nan])
    np.testing.assert_allclose(fill_gaps(lead), [1, 2, 3, 4, 5, 5])


def test_a_lead_without_gaps_is_unchanged_and_a_lead_of_gaps_becomes_zero():
    lead = np.array([0.5, -0.5], dtype=np.float32)
    assert np.array_equal(fill_gaps(lead), lead)
    assert np.array_equal(fill_gaps(np.full(3, np.nan)), np.zeros(3))


def test_filling_gaps_leaves_the_original_array_unchanged():
    lead = np.array([1.0, np.nan, 3.0])
    fill_gaps(lead)
    assert np.isnan(lead[1])


def test_a_gap_disturbs_the_filtered_signal_only_around_itself():
    lead = lead_of_a_sample()
    torn = lead.copy()
    torn[20_000:20_700] = np.nan
    whole, bridged = resample_lead(lead, 360.0), resample_lead(torn, 360.0)
    assert np.isfinite(bridged).all()
    reach = 2 * int(0.3 * 360)
    np.testing.assert_allclose(bridged[: 20_000 - reach], whole[: 20_000 - reach], rtol=0, atol=1e-9)
    np.testing.assert_allclose(bridged[20_700 + reach :], whole[20_700 + reach :], rtol=0, atol=1e-9)


@pytest.mark.parametrize("length", [0, 1, 2, 50, 400])
@pytest.mark.parametrize("rate", [50, 360, 1000])
def test_signals_shorter_than_the_filter_are_filtered(length, rate):
    steps = resample_lead(np.random.default_rng(length).normal(size=length), rate)
    assert len(steps) == round(length * WORKING_RATE / rate)
    assert np.isfinite(steps).all()
