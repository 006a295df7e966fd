"""The beats of another lead where a lead is unreadable."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import signal

from backend.records.channels.artifacts import find_artifacts
from backend.windows.beats import detection
from backend.windows.beats.detection import find_beats
from backend.windows.beats.lead_takeover import take_over
from backend.windows.beats.noisy_beats import LeadBeats
from backend.windows.beats.reference import match_beats
from tests.made_records import made_record
from tests.windows.beats.test_noisy_beats import NOISY_S, RATE, noisy_lead

EVERY_SECOND = np.arange(360, 60 * 360, 360)
FROM_20_TO_30_S = np.array([[20 * 360, 30 * 360]])
NOWHERE = np.zeros((0, 2), dtype=np.int64)
USABLE = find_artifacts(np.arange(60 * 360) % 7.0, RATE)


def test_beats_of_the_other_lead_are_moved_by_the_delay_of_its_r_peaks():
    is_kept = (EVERY_SECOND < 20 * 360) | (EVERY_SECOND >= 30 * 360)
    beats = LeadBeats(EVERY_SECOND[is_kept], FROM_20_TO_30_S)
    other = LeadBeats(EVERY_SECOND + 12, NOWHERE)
    taken = take_over(beats, other, USABLE, RATE)
    # The beat at 30 s is the lead's own; that at 20 s lies in the stretch.
    assert taken.r_peaks.tolist() == EVERY_SECOND.tolist()
    assert not len(taken.unreadable)


def test_a_stretch_that_is_unreadable_in_both_leads_stays_so():
    beats, other = (LeadBeats(EVERY_SECOND + shift, FROM_20_TO_30_S) for shift in (0, 12))
    taken = take_over(beats, other, USABLE, RATE)
    assert np.array_equal(taken.r_peaks, beats.r_peaks)
    assert np.array_equal(taken.unreadable, FROM_20_TO_30_S)


def test_a_lead_without_signal_in_the_stretch_takes_nothing_over():
    artifacts = replace(USABLE, flat=np.array([[25 * 360, 27 * 360]]))
    taken = take_over(LeadBeats(EVERY_SECOND, FROM_20_TO_30_S), LeadBeats(EVERY_SECOND, NOWHERE), artifacts, RATE)
    assert np.array_equal(taken.unreadable, FROM_20_TO_30_S)


def test_a_lead_with_other_beats_takes_nothing_over():
    other = LeadBeats(EVERY_SECOND + 180, NOWHERE)
    taken = take_over(LeadBeats(EVERY_SECOND, FROM_20_TO_30_S), other, USABLE, RATE)
    assert np.array_equal(taken.unreadable, FROM_20_TO_30_S)


def buried_lead() -> tuple[np.ndarray, np.ndarray]:
    """A lead with noise in the band of QRS and higher than it in its second minute, and its true R peaks."""
    samples, true = noisy_lead(0.0)
    first, last = (round(one * RATE) for one in NOISY_S)
    band = signal.butter(2, (2.0, 20.0), "bandpass", fs=RATE, output="sos")
    noise = signal.sosfilt(band, np.random.default_rng(5).standard_normal(last - first))
    samples[first:last] += 2 * noise / noise.std()
    return samples, true


def test_what_no_lead_shows_is_excluded_and_counted():
    samples, _ = buried_lead()
    beats = find_beats(made_record(np.column_stack([samples, samples])))
    unreadable = beats.artifacts.unreadable
    assert beats.artifacts.count >= len(unreadable) >= 1
    assert np.diff(unreadable).sum() >= 20 * RATE
    for start, end in unreadable:
        assert NOISY_S[0] - 6 <= start / RATE < end / RATE <= NOISY_S[1] + 6
        assert not np.any((beats.r_peaks >= start) & (beats.r_peaks < end))


def test_a_readable_lead_takes_over_where_the_first_one_is_unreadable():
    samples, true = buried_lead()
    quiet, _ = noisy_lead(0.0)
    beats = find_beats(made_record(np.column_stack([samples, quiet])))
    assert beats.lead == "MLII"
    assert not len(beats.artifacts.unreadable)
    unreadable = detection.get_detector("hamilton").find(samples, RATE).unreadable
    inside = [true[(true >= start) & (true < end)] for start, end in unreadable]
    n_beats = sum(map(len, inside))
    n_missed = sum(len(match_beats(beats.r_peaks, part, RATE, 0.05).missed) for part in inside)
    assert n_beats >= 20
    assert n_missed <= 2


@pytest.mark.parametrize("detector", ["biosppy"])
def test_a_detector_that_does_not_judge_the_signal_excludes_nothing(detector):
    samples, _ = buried_lead()
    assert not len(find_beats(made_record(np.column_stack([samples, samples])), detector=detector).artifacts.unreadable)
