from dataclasses import replace

import numpy as np
import pytest

from backend.models.training.beats.ecg_beat import ECG_BEAT
from backend.windows.beats.beat_windows import BeatWindow, cut_beats, cut_tracings
from backend.windows.beats.compression import expand
from backend.windows.beats.detection import find_beats
from backend.windows.beats.shifts import choose_shifts, shift_beats
from backend.windows.signal.filtering import resample_lead
from tests.made_records import made_record, simulated_record

PLAIN = BeatWindow()
IN_CONTEXT = ECG_BEAT.window


@pytest.fixture(scope="module")
def record():
    return simulated_record(sampling_rate=250.0)[0]


@pytest.fixture(scope="module")
def beats(record):
    return find_beats(record)


def test_a_shifted_beat_is_the_signal_some_steps_later_at_every_sampling_rate(record, beats):
    windows = cut_beats(record, beats, PLAIN)
    third, fifth = shift_beats(record, beats.lead, windows, PLAIN, [3, 5], (-5, 2))
    assert list(third) == list(fifth) == [-5, 2]
    assert np.array_equal(third[2][:-2], windows.values[3][2:])
    assert np.array_equal(fifth[-5][5:], windows.values[5][:-5])


def cut_at_moved_peak(record, beats, beat: int, shift: int) -> np.ndarray:
    """Leads and differences of a beat (T, 6) cut so many steps later, by its own usual beat and amplitude."""
    cut = cut_tracings(record, beats, IN_CONTEXT)
    (r_peak,) = beats.r_peaks[cut.has_window][[beat]]
    first = round(r_peak * 360 / record.sampling_rate) + (shift - IN_CONTEXT.steps_before) * IN_CONTEXT.stride
    expected = np.zeros((IN_CONTEXT.steps, 6))
    for place in range(2):
        passed = resample_lead(record.signals[:, place], record.sampling_rate, IN_CONTEXT.band_hz)
        for step in range(IN_CONTEXT.steps):
            value = passed[first + step * IN_CONTEXT.stride] / cut.amplitudes[beat, place]
            usual = cut.usual[beat, step, place]
            expected[step, [place, 3 + place]] = value, 0.0 if np.isnan(usual) else value - usual
    return expected


@pytest.mark.parametrize("beat", [0, 2, 3, 9, 30])
def test_a_shifted_beat_in_context_is_cut_at_the_moved_r_peak_with_the_same_usual_beat(record, beats, beat):
    windows = cut_beats(record, beats, IN_CONTEXT)
    (found,) = shift_beats(record, beats.lead, windows, IN_CONTEXT, [beat], (0, *choose_shifts(IN_CONTEXT)))
    assert list(found) == [0, -2, -1, 1, 2]
    for shift, values in found.items():
        np.testing.assert_allclose(expand(values[:, :6]), cut_at_moved_peak(record, beats, beat, shift), atol=1e-5)
        np.testing.assert_array_equal(values[:, 6:], windows.values[beat][:, 6:])
    assert np.abs(found[2] - found[0]).max() > 0.2


def test_a_shifted_artifact_stays_within_the_bound_of_the_amplitude(record, beats):
    signals = record.signals.copy()
    at = beats.r_peaks[20]
    signals[at + 20 : at + 40, 0] += 300.0
    spiked = made_record(signals, sampling_rate=record.sampling_rate)
    windows = cut_beats(spiked, beats, IN_CONTEXT)
    (beat,) = np.flatnonzero(windows.anchor == at)
    (found,) = shift_beats(spiked, beats.lead, windows, IN_CONTEXT, [int(beat)], (-1, 0, 1))
    assert expand(np.abs(windows.values[beat][:, 0]).max()) == pytest.approx(8.0, rel=1e-5)
    np.testing.assert_allclose(found[0], windows.values[beat], atol=1e-5)
    np.testing.assert_allclose(found[1][:-1, 0], windows.values[beat][1:, 0], atol=1e-5)
    assert max(expand(np.abs(values[:, 0]).max()) for values in found.values()) <= 8.0001


def test_a_shift_is_of_whole_steps_of_the_window_whatever_its_rate(record, beats):
    windows = cut_beats(record, beats, IN_CONTEXT)
    (found,) = shift_beats(record, beats.lead, windows, IN_CONTEXT, [12], (1,))
    np.testing.assert_allclose(found[1][:-1, :3], windows.values[12][1:, :3], atol=1e-5)
    assert choose_shifts(PLAIN) == (-5, -2, 2, 5)


def test_a_shift_beyond_the_record_is_omitted(record, beats):
    early = replace(beats, r_peaks=np.array([round((PLAIN.steps_before + 3) * 250 / 360)]))
    windows = cut_beats(record, early, PLAIN)
    (found,) = shift_beats(record, early.lead, windows, PLAIN, [0])
    assert list(found) == [-2, 2, 5]
