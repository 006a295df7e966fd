from dataclasses import replace

import numpy as np
import pytest

from backend.windows.beats.beat_windows import BeatWindow, cut_beats
from backend.windows.beats.detection import find_beats
from backend.windows.beats.shifts import SHIFTS, shift_beats
from backend.windows.signal.filtering import WIDE_BAND_HZ
from tests.made_records import simulated_record

PLAIN = BeatWindow()
SEVERAL = BeatWindow(band_hz=WIDE_BAND_HZ, several_leads=True, measurements=True, standardised=True)


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


def test_a_shift_of_zero_is_the_original_window(record, beats):
    windows = cut_beats(record, beats, SEVERAL)
    (found,) = shift_beats(record, beats.lead, windows, SEVERAL, [4], (0, *SHIFTS))
    assert np.array_equal(found[0], windows.values[4])
    for shift in SHIFTS:
        assert np.array_equal(found[shift][:, 3:], windows.values[4][:, 3:])
        assert found[shift][:, 0].std() == pytest.approx(1.0, abs=1e-4)


def test_a_shift_beyond_the_record_is_omitted(record, beats):
    early = replace(beats, r_peaks=np.array([round((PLAIN.steps_before + 3) * 250 / 360)]))
    windows = cut_beats(record, early, PLAIN)
    (found,) = shift_beats(record, early.lead, windows, PLAIN, [0])
    assert list(found) == [-2, 2, 5]
