"""What a window in context holds at a step was known at that step: what comes later changes nothing in it."""

import numpy as np
import pytest

from backend.models.training.beats.ecg_beat import ECG_BEAT
from backend.records.channels.artifacts import find_artifacts
from backend.windows.base import Windows
from backend.windows.beats import beat_windows
from backend.windows.beats.beat_windows import OUTCOME_STEPS, cut_beats
from backend.windows.beats.detection import Beats
from backend.windows.signal.filtering import WORKING_RATE
from tests.made_records import made_record

WINDOW = ECG_BEAT.window
N_BEATS = 45
RR_AFTER = np.array([source == "RR after" for source in WINDOW.sources])
FROM_PEAK = (-60, -59, -35, -1, 0, 14, 44, 46)
STEPS = tuple(WINDOW.steps_before + own for own in FROM_PEAK)
CHECKED = (0, 1, 2, 3, 4, 9, 16, 17, 30, 41)


def intervals_s(rhythm: str) -> np.ndarray:
    rng = np.random.default_rng(5)
    if rhythm == "premature":
        return rng.choice([0.42, 0.8, 1.25], N_BEATS)
    return {"sinus": 0.8, "fast": 0.29, "at the limit": 0.6}[rhythm] + rng.normal(0, 0.004, N_BEATS)


class Heart:
    """R peaks at the rate of a record, and its band-passed leads at WORKING_RATE, as ``filter_lead`` returns them."""

    def __init__(self, rhythm: str, sampling_rate: float) -> None:
        rng = np.random.default_rng(6)
        r_s = 0.7 + np.cumsum(intervals_s(rhythm))
        self.sampling_rate = sampling_rate
        self.r_peaks = np.round(r_s * sampling_rate).astype(np.int64)
        self.n_samples = round((r_s[-1] + 1.0) * sampling_rate)
        phase = np.arange(round(self.n_samples * WORKING_RATE / sampling_rate)) / WORKING_RATE
        trace = sum(rng.uniform(0.5, 2) * np.exp(-0.5 * ((phase - own) / 0.02) ** 2) for own in r_s)
        self.leads = {
            name: (size * trace + rng.normal(0, 0.05, len(phase))).astype(np.float32)
            for name, size in (("ECG1", 1.0), ("ECG2", -0.4))
        }

    def cut(self, monkeypatch, r_peaks: np.ndarray, leads: dict[str, np.ndarray]) -> Windows:
        monkeypatch.setattr(beat_windows, "filter_lead", lambda record, lead, window: leads[lead])
        signals = np.zeros((self.n_samples, 2))
        record = made_record(signals, ("ECG1", "ECG2"), self.sampling_rate)
        return cut_beats(record, Beats("ECG1", r_peaks, find_artifacts(signals[:, 0], self.sampling_rate)), WINDOW)

    def changed_after(self, beat: int, step: int, others: str) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """R peaks and leads with another future: of the signal after a step of a beat's window, and of later beats."""
        centre = round(self.r_peaks[beat] * WORKING_RATE / self.sampling_rate)
        now = centre + (step - WINDOW.steps_before) * WINDOW.stride
        rng = np.random.default_rng((beat, step))
        leads = {name: lead.copy() for name, lead in self.leads.items()}
        for lead in leads.values():
            lead[now + 1 :] += rng.normal(3, 2, len(lead) - now - 1)
        later = self.r_peaks[beat + 1 :]
        later = {"none": later[:0], "moved": later[::2] + round(0.11 * self.sampling_rate)}[others]
        last = self.n_samples - round(0.5 * self.sampling_rate)
        return np.concatenate([self.r_peaks[: beat + 1], later[later < last]]), leads


def window_of(windows: Windows, r_peak: int) -> np.ndarray:
    return windows.values[int(np.flatnonzero(windows.anchor == r_peak)[0])]


def identity(values: np.ndarray) -> np.ndarray:
    return values


def standardised(values: np.ndarray) -> np.ndarray:
    """The leads in units of their deviation over the whole window."""
    return values / np.maximum(values.std(axis=0), 0.05)


def moved_columns(monkeypatch, heart: Heart, others: str, read=identity) -> np.ndarray:
    """Which columns of any window move at a step by what comes after that step, bool, shape = (D,)."""
    before = heart.cut(monkeypatch, heart.r_peaks, heart.leads)
    assert len(before.anchor) == N_BEATS
    moved = np.zeros(len(WINDOW.variables), dtype=bool)
    for beat in CHECKED:
        own = read(window_of(before, heart.r_peaks[beat]))
        for step in STEPS:
            other = heart.cut(monkeypatch, *heart.changed_after(beat, step, others))
            again = read(window_of(other, heart.r_peaks[beat]))
            is_moved = own != again
            is_moved[-OUTCOME_STEPS:, RR_AFTER] = False
            moved |= is_moved[: step + 1].any(axis=0)
            assert (own[step + 1 :, :3] != again[step + 1 :, :3]).any(), "the other future must show"
    return moved


@pytest.mark.parametrize("others", ["none", "moved"])
@pytest.mark.parametrize("sampling_rate", [360.0, 250.0, 128.0])
@pytest.mark.parametrize("rhythm", ["sinus", "fast", "at the limit", "premature"])
def test_nothing_that_comes_after_a_step_moves_a_value_of_it(monkeypatch, rhythm, sampling_rate, others):
    assert not moved_columns(monkeypatch, Heart(rhythm, sampling_rate), others).any()


def test_a_window_that_is_standardised_as_a_whole_does_not_pass():
    with pytest.MonkeyPatch.context() as patch:
        moved = moved_columns(patch, Heart("sinus", 360.0), "none", standardised)
    assert moved[:2].all()
    assert moved[3:5].all()


def test_the_next_beat_moves_the_rr_after_in_the_last_steps_alone(monkeypatch):
    heart = Heart("sinus", 250.0)
    before = heart.cut(monkeypatch, heart.r_peaks, heart.leads)
    is_told = np.zeros((WINDOW.steps, len(WINDOW.variables)), dtype=bool)
    is_told[-OUTCOME_STEPS:, RR_AFTER & (np.array(WINDOW.variables) != "RR after known")] = True
    for beat in CHECKED[1:]:
        other = heart.cut(monkeypatch, np.delete(heart.r_peaks, beat + 1), heart.leads)
        is_moved = window_of(before, heart.r_peaks[beat]) != window_of(other, heart.r_peaks[beat])
        np.testing.assert_array_equal(is_moved, is_told)
