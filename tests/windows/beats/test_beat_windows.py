from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from backend.records.channels.artifacts import find_artifacts
from backend.records.record import RecordRefused
from backend.records.samples.library import open_sample
from backend.windows.beats.beat_windows import (
    LEAD_PLACES,
    MEASUREMENTS,
    BeatWindow,
    beat_reference,
    cut_beats,
    lead_place,
    leads_by_place,
    measure_beats,
    measure_qrs,
    measure_rr,
    scale_duration,
    standardise,
)
from backend.windows.beats.detection import Beats, find_beats
from backend.windows.signal.filtering import WIDE_BAND_HZ, resample_lead
from backend.windows.waves.delineation import find_qrs
from tests.made_records import beat_marks, made_record, simulated_record

SEVERAL = BeatWindow(band_hz=WIDE_BAND_HZ, several_leads=True, measurements=True, standardised=True)


def beats_at(record, r_peaks, lead="MLII") -> Beats:
    samples = record.signals[:, record.channel_index(lead)]
    return Beats(lead, np.asarray(r_peaks, dtype=np.int64), find_artifacts(samples, record.sampling_rate))


def told_slowly(r_peaks):
    """RR variables beat by beat, from what the function says that it gives."""
    intervals = [later - earlier for earlier, later in pairwise(r_peaks)]

    def median_around(values, index, around):
        reach = range(index - around // 2, index - around // 2 + around)
        return sorted(values[min(max(i, 0), len(values) - 1)] for i in reach)[around // 2]

    around = min(17, len(intervals))
    usual = [median_around(intervals, i, around) for i in range(len(intervals))]
    ratios = [max(-2.0, min(2.0, np.log2(own / of))) for own, of in zip(intervals, usual, strict=True)]
    changes = [abs(intervals[i + 1] - intervals[i]) / usual[i + 1] for i in range(len(intervals) - 1)]
    spread = [median_around(changes, i, min(around, len(changes))) for i in range(len(changes))]
    irregular = [min(2.0, 5 * own) for own in spread]
    return np.array(
        [
            [
                ratios[i - 1] if i else 0.0,
                ratios[i] if i < len(ratios) else 0.0,
                irregular[min(max(i - 1, 0), len(irregular) - 1)],
            ]
            for i in range(len(r_peaks))
        ]
    )


def test_a_window_is_216_steps_from_0_2_s_before_the_r_peak_to_0_4_s_after_it():
    window = BeatWindow()
    assert (window.steps, window.steps_before, window.sampling_rate) == (216, 72, 360.0)
    assert window.variables == ("lead",)


def test_the_default_models_window_has_three_leads_and_five_measurements():
    assert SEVERAL.variables == (*(f"{place} lead" for place in LEAD_PLACES), *MEASUREMENTS)
    assert SEVERAL.n_leads == 3


def test_a_windows_values_are_the_filtered_lead_around_its_r_peak():
    record, _ = simulated_record(noise=None)
    windows = cut_beats(record, find_beats(record), BeatWindow())
    passed = resample_lead(record.signals[:, 0], 360.0)
    assert windows.values.shape == (len(windows.anchor), 216, 1)
    assert windows.values.dtype == np.float32
    for values, r_peak in zip(windows.values, windows.anchor, strict=True):
        np.testing.assert_array_equal(values[:, 0], passed[r_peak - 72 : r_peak + 144].astype(np.float32))


def test_the_r_peak_lies_at_the_anchor_step():
    record, _ = simulated_record()
    windows = cut_beats(record, find_beats(record), BeatWindow())
    assert windows.anchor_step == 72
    passed = resample_lead(record.signals[:, 0], 360.0).astype(np.float32)
    assert np.array_equal(windows.values[:, 72, 0], passed[windows.anchor])


def test_biosppys_r_peak_is_the_highest_step_around_the_anchor():
    record, _ = simulated_record()
    windows = cut_beats(record, find_beats(record, detector="biosppy"), BeatWindow(detector="biosppy"))
    assert (windows.values[:, 54:91, 0].argmax(axis=1) == 18).all()


def test_windows_are_at_360_hz_whatever_the_sampling_rate():
    (slow, truth), (usual, _) = simulated_record(sampling_rate=250), simulated_record()
    at_250 = cut_beats(slow, beats_at(slow, truth.r_peaks), BeatWindow())
    at_360 = cut_beats(usual, beats_at(usual, np.round(truth.r_peaks * 1.44)), BeatWindow())
    assert at_250.sampling_rate == 360.0
    assert at_250.values.shape == at_360.values.shape
    assert np.abs(at_250.values - at_360.values).max() < 0.05 * np.ptp(at_360.values)
    assert np.array_equal(at_250.anchor, truth.r_peaks[: len(at_250.anchor)])


def test_beats_at_the_edges_have_no_window_and_can_be_counted():
    record, _ = simulated_record()
    n_samples = len(record.signals)
    beats = beats_at(record, [71, 72, 500, n_samples - 144, n_samples - 143])
    windows = cut_beats(record, beats, BeatWindow())
    assert windows.anchor.tolist() == [72, 500, n_samples - 144]
    assert len(beats.r_peaks) - len(windows.anchor) == 2


@pytest.mark.parametrize("window", [BeatWindow(), SEVERAL])
def test_a_record_without_beats_gives_no_windows(window):
    record = made_record(np.zeros((3600, 2)))
    windows = cut_beats(record, beats_at(record, []), window)
    assert windows.values.shape == (0, 216, len(window.variables))
    assert len(windows.anchor) == 0


def test_the_variables_are_named_after_the_leads():
    record, _ = simulated_record()
    assert cut_beats(record, find_beats(record), BeatWindow()).variables == ("lead MLII",)
    assert cut_beats(record, find_beats(record), SEVERAL).variables == (
        "lead MLII",
        "lead V1",
        "no left precordial lead",
        *MEASUREMENTS,
    )


def test_a_missing_lead_is_zero_and_the_others_are_not():
    record, _ = simulated_record()
    values = cut_beats(record, find_beats(record), SEVERAL).values
    assert not values[:, :, 2].any()
    assert values[:, :, :2].any(axis=1).all()


def test_each_lead_of_a_standardised_window_has_zero_mean_and_unit_deviation():
    record, _ = simulated_record(noise=None)
    leads = cut_beats(record, find_beats(record), SEVERAL).values[:, :, :2]
    np.testing.assert_allclose(leads.mean(axis=1), 0.0, atol=1e-5)
    np.testing.assert_allclose(leads.std(axis=1), 1.0, atol=1e-4)


def test_a_nearly_flat_lead_is_not_scaled_up():
    faint = np.random.default_rng(0).normal(0.0, 0.002, (1, 216, 1)).astype(np.float32)
    assert standardise(faint).std() < 0.2
    assert not standardise(np.zeros((1, 216, 1), dtype=np.float32)).any()


def test_measurements_are_constant_over_a_window():
    record, _ = simulated_record()
    beats = find_beats(record)
    windows = cut_beats(record, beats, SEVERAL)
    told = measure_beats(record, beats)[np.isin(beats.r_peaks, windows.anchor)]
    assert np.array_equal(windows.values[:, :, 3:], np.repeat(told[:, np.newaxis], 216, axis=1))


def test_only_measurements_are_sources_of_the_whole_window():
    window = BeatWindow(several_leads=True, measurements=True)
    whole = [source in window.whole_sources for source in window.sources]
    assert whole == [False] * window.n_leads + [True] * (len(window.sources) - window.n_leads)
    assert BeatWindow(several_leads=True).whole_sources == ()


def test_rr_variables_include_beats_at_the_edges():
    record, _ = simulated_record()
    cut = beats_at(record, [60, 360, 660, 960, 1260])
    first = cut_beats(record, cut, SEVERAL)
    assert first.anchor[0] == 360
    np.testing.assert_array_equal(first.values[0, 0, 3:6], measure_rr(cut.r_peaks)[1])


def test_a_qrs_duration_is_relative_to_100_ms_and_zero_if_unknown():
    told = scale_duration(np.array([100.0, 140.0, 60.0, 400.0, np.nan]))
    np.testing.assert_allclose(told, [0.0, 1.0, -1.0, 2.0, 0.0])


def test_the_qrs_duration_is_that_of_the_lead_in_which_it_is_longest():
    record, _ = simulated_record()
    beats = find_beats(record)
    told = measure_beats(record, beats)[:, 3]
    alone = [
        scale_duration(measure_qrs(*find_qrs(record, replace(beats, lead=lead)), record.sampling_rate))
        for lead in ("MLII", "V1")
    ]
    np.testing.assert_allclose(told, np.maximum(*alone))


def test_sinus_beats_have_a_p_wave_and_pvcs_do_not():
    record = open_sample("sim_ventricular_premature")
    beats = find_beats(record)
    p_wave = measure_beats(record, beats)[:, 4]
    reference = np.array(beat_reference(record, beats.r_peaks))
    assert np.mean(p_wave[reference == "normal"] == 1.0) > 0.95
    assert np.mean(p_wave[reference == "PVC"] == -1.0) > 0.85


@pytest.mark.parametrize("n_beats", [3, 4, 5, 10, 17, 18, 19, 40, 200])
def test_rr_variables_equal_those_of_a_plain_implementation(n_beats):
    rng = np.random.default_rng(n_beats)
    r_peaks = np.cumsum(rng.integers(80, 700, n_beats))
    np.testing.assert_allclose(measure_rr(r_peaks), told_slowly(r_peaks.tolist()), atol=1e-5)


def test_rr_variables_are_zero_in_a_regular_rhythm_and_octaves_around_an_early_beat():
    assert not measure_rr(np.arange(20) * 300).any()
    early = np.arange(20) * 300
    early[10] -= 150
    told = measure_rr(early)
    assert told[10, 0] == pytest.approx(-1.0)
    assert told[10, 1] == pytest.approx(np.log2(1.5))
    assert told[9, 1] == pytest.approx(-1.0)


def test_the_irregularity_is_high_in_atrial_fibrillation_only():
    rng = np.random.default_rng(3)
    sinus = np.cumsum(rng.normal(300, 4, 100)).astype(np.int64)
    fibrillating = np.cumsum(rng.uniform(150, 350, 100)).astype(np.int64)
    assert np.median(measure_rr(sinus)[:, 2]) < 0.2
    assert np.median(measure_rr(fibrillating)[:, 2]) > 0.8


@pytest.mark.parametrize("n_beats", [0, 1, 2])
def test_too_few_beats_have_zero_rr_variables(n_beats):
    assert np.array_equal(measure_rr(np.arange(n_beats) * 300), np.zeros((n_beats, 3)))


@pytest.mark.parametrize(
    ("lead", "place"),
    [
        ("MLII", "limb"),
        ("II", "limb"),
        ("aVR", "limb"),
        ("ECG", "limb"),
        ("V1", "right precordial"),
        ("v1", "right precordial"),
        ("Lead V1", "right precordial"),
        ("ECG V1", "right precordial"),
        ("ECG-V1", "right precordial"),
        ("mod.V1", "right precordial"),
        ("MCL1", "right precordial"),
        ("V2", "right precordial"),
        ("V5", "left precordial"),
        ("V6", "left precordial"),
        ("lead v5", "left precordial"),
        ("ML5", "left precordial"),
    ],
)
def test_the_name_of_a_lead_determines_its_place(lead, place):
    assert lead_place(lead) == place


@pytest.mark.parametrize(
    ("leads", "by_place"),
    [
        (("MLII", "V1"), ("MLII", "V1", None)),
        (("V5", "MLII"), ("MLII", None, "V5")),
        (("MLII", "V5"), ("MLII", None, "V5")),
        (("V5", "V2"), (None, "V2", "V5")),
        (("ECG",), ("ECG", None, None)),
        (("II", "V1", "V5"), ("II", "V1", "V5")),
        (("V2", "aVF", "V6", "V1", "V5", "I", "II"), ("II", "V1", "V5")),
        (("Lead V2", "Lead II", "Lead V1"), ("Lead II", "Lead V1", None)),
    ],
)
def test_leads_are_assigned_to_places_whatever_their_order(leads, by_place):
    record = made_record(np.random.default_rng(0).normal(size=(3600, len(leads))), leads)
    chosen = find_beats(record).lead
    assert leads_by_place(record, chosen) == by_place


def test_the_selected_lead_has_precedence_at_its_place():
    record = made_record(np.zeros((3600, 4)), ("II", "I", "V1", "V2"))
    assert leads_by_place(record, "I")[0] == "I"
    assert leads_by_place(record, "V2")[1] == "V2"


def test_other_signals_than_ecg_have_no_place():
    record = made_record(np.zeros((3600, 2)), ("II", "RESP"))
    assert leads_by_place(record, "II") == ("II", None, None)


def test_windows_are_cut_from_the_named_lead_in_any_case():
    record, _ = simulated_record()
    lower, upper = (cut_beats(record, find_beats(record, lead), BeatWindow()) for lead in ("v1", "V1"))
    assert lower.variables == ("lead V1",)
    assert np.array_equal(lower.values, upper.values)
    with pytest.raises(RecordRefused):
        find_beats(record, "V9")


def test_each_beat_has_the_reference_of_its_own_sample():
    record = made_record(np.zeros((3600, 2)), annotations={"atr": beat_marks([500, 900, 1300], "NVF")})
    assert beat_reference(record, np.array([505, 1290, 2000])) == ("normal", "fusion", "")


def test_a_record_without_annotations_has_windows_without_reference():
    record = made_record(open_sample("sim_normal").signals)
    assert cut_beats(record, find_beats(record), BeatWindow()).reference is None


def test_nearly_all_references_of_a_simulated_record_are_true_labels():
    record, truth = simulated_record()
    windows = cut_beats(record, find_beats(record), BeatWindow())
    true = dict(zip(truth.r_peaks.tolist(), truth.labels, strict=True))
    assert windows.reference.count("PVC") == list(true.values()).count("V")
    assert windows.reference.count("atrial premature") == list(true.values()).count("A")
    assert "" not in windows.reference
