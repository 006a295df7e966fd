"""What holds of every detector."""

import numpy as np
import pytest

from backend.records.record import RecordRefused
from backend.records.samples.library import available_samples, open_sample
from backend.windows.beats.detection import DEFAULT_DETECTOR, DETECTORS, find_beats
from backend.windows.beats.reference import match_beats
from tests.made_records import made_record, simulated_record

SAMPLES = [sample.name for sample in available_samples("ecg") if sample.is_simulated]

every_detector = pytest.mark.parametrize("detector", DETECTORS)


@every_detector
@pytest.mark.parametrize("rate", [50, 128, 250, 360, 500, 1000, 5000])
def test_simulated_beats_are_found_at_every_rate_within_50_ms(rate, detector):
    record, truth = simulated_record(sampling_rate=rate, noise=None)
    found = find_beats(record, detector=detector).r_peaks
    matching = match_beats(found, truth.r_peaks, rate, tolerance_s=0.05)
    assert len(matching.missed) <= 0.01 * len(truth.r_peaks)
    assert (matching.reference_index < 0).sum() <= 0.01 * len(truth.r_peaks)


@every_detector
def test_sensitivity_and_ppv_are_high_in_the_simulated_samples(detector):
    missed = false = beats = 0
    for name in SAMPLES:
        record = open_sample(name)
        reference = record.annotations["atr"]
        labelled = reference.samples[[symbol != "+" for symbol in reference.symbols]]
        matching = match_beats(find_beats(record, detector=detector).r_peaks, labelled, record.sampling_rate)
        missed += len(matching.missed)
        false += int((matching.reference_index < 0).sum())
        beats += len(labelled)
    assert missed <= 0.01 * beats
    assert false <= 0.01 * beats


@every_detector
def test_a_beat_at_the_edge_is_kept_and_so_is_everything_after_it(detector):
    record, truth = simulated_record()
    start = int(truth.r_peaks[3]) - 8
    cut = made_record(record.signals[start:], sampling_rate=360)
    found = find_beats(cut, detector=detector).r_peaks
    matching = match_beats(found, truth.r_peaks[3:] - start, 360.0)
    assert len(matching.missed) <= 1


@every_detector
def test_an_inverted_lead_has_the_same_number_of_true_beats(detector):
    record, truth = simulated_record(noise=None)
    turned = made_record(-record.signals, sampling_rate=360)
    matching = match_beats(find_beats(turned, detector=detector).r_peaks, truth.r_peaks, 360.0)
    assert len(matching.missed) <= 0.02 * len(truth.r_peaks)


@every_detector
def test_gaps_flat_and_clipped_segments_have_no_beats(detector):
    record = open_sample("sim_dropouts")
    beats = find_beats(record, detector=detector)
    assert beats.artifacts.count >= 4
    for start, end in np.concatenate([beats.artifacts.gaps, beats.artifacts.flat, beats.artifacts.clipped]):
        assert not ((beats.r_peaks >= start) & (beats.r_peaks < end)).any()


@every_detector
def test_detections_are_samples_of_the_record_ascending_and_unique(detector):
    record, _ = simulated_record(sampling_rate=50)
    peaks = find_beats(record, detector=detector).r_peaks
    assert peaks.dtype == np.int64
    assert (np.diff(peaks) > 0).all()
    assert peaks[0] >= 0
    assert peaks[-1] < len(record.signals)


@every_detector
@pytest.mark.parametrize("value", [0.0, 1.0, -3.5, np.nan])
def test_a_constant_lead_has_no_beats(value, detector):
    assert len(find_beats(made_record(np.full((3600, 2), value)), detector=detector).r_peaks) == 0


def test_the_name_of_a_lead_is_accepted_in_any_case():
    record, _ = simulated_record()
    assert find_beats(record).lead == "MLII"
    assert find_beats(record, "v1").lead == "V1"
    assert not np.array_equal(find_beats(record, "v1").r_peaks, find_beats(record, "mlii").r_peaks)


def test_an_unknown_lead_is_refused_with_the_available_ones():
    record, _ = simulated_record()
    with pytest.raises(RecordRefused, match="MLII, V1"):
        find_beats(record, "V6")


def test_the_name_of_a_detector_is_accepted_in_any_case():
    record, _ = simulated_record()
    assert find_beats(record).detector == DEFAULT_DETECTOR == "hamilton"
    chosen = find_beats(record, detector="BioSPPy")
    assert chosen.detector == "biosppy"
    assert np.array_equal(chosen.r_peaks, DETECTORS["biosppy"].r_peaks(record.signals[:, 0], 360.0))


def test_an_unknown_detector_is_refused_with_the_available_ones():
    record, _ = simulated_record()
    with pytest.raises(RecordRefused, match=r"Unknown detector 'pan'\. Choose one of hamilton, biosppy"):
        find_beats(record, detector="pan")
