import numpy as np
import pytest
from biosppy.signals.ecg import correct_rpeaks, hamilton_segmenter

from backend.records.samples.library import available_samples, open_sample
from backend.windows.beats.biosppy_detector import biosppy_r_peaks, find_r_steps
from backend.windows.signal.filtering import resample_lead
from tests.made_records import simulated_record

SAMPLES = [sample.name for sample in available_samples("ecg") if sample.is_simulated]


@pytest.mark.parametrize("name", SAMPLES)
def test_detections_equal_those_of_biosppy_away_from_the_edges(name):
    record = open_sample(name)
    passed = resample_lead(record.signals[:, 0], record.sampling_rate)
    finds = hamilton_segmenter(signal=passed, sampling_rate=360.0)["rpeaks"]
    inner = finds[(finds > 18) & (finds < len(passed) - 18)]
    theirs = np.unique(correct_rpeaks(signal=passed, rpeaks=inner, sampling_rate=360.0, tol=0.05)["rpeaks"])
    ours = find_r_steps(passed)
    assert np.array_equal(ours[(ours >= theirs[0]) & (ours <= theirs[-1])], theirs)
    assert len(ours) - len(theirs) <= 2


def test_an_r_peak_is_the_highest_point_of_the_filtered_lead_around():
    record, _ = simulated_record(noise=None)
    passed = resample_lead(record.signals[:, 0], 360.0)
    for peak in biosppy_r_peaks(record.signals[:, 0], 360.0):
        around = passed[max(0, peak - 9) : peak + 10]
        assert passed[peak] == around.max()


@pytest.mark.parametrize("length", [0, 1, 2, 10, 20, 36, 50, 100])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_very_short_signals_are_accepted(length):
    noise = np.random.default_rng(length).normal(size=length)
    assert len(find_r_steps(noise)) <= 1
    assert len(find_r_steps(np.zeros(length))) == 0
    assert len(find_r_steps(np.ones(length))) == 0
