import numpy as np
import pytest

from backend.models.training.beats.ecg_beat import ECG_BEAT
from backend.records.channels.artifacts import find_artifacts
from backend.records.record import RecordRefused
from backend.records.samples.library import open_sample
from backend.windows.base import distinct
from backend.windows.beats.beat_windows import (
    LEAD_PLACES,
    OUTCOME_STEPS,
    BeatWindow,
    beat_reference,
    compose_windows,
    cut_beats,
    cut_tracings,
    lead_place,
    leads_by_place,
)
from backend.windows.beats.compression import expand
from backend.windows.beats.detection import Beats, find_beats
from backend.windows.beats.rhythm import KNOWN_AFTER, RHYTHM_SOURCES, RHYTHM_VARIABLES, measure_rhythm
from backend.windows.signal.filtering import WORKING_RATE, resample_lead
from tests.made_records import beat_marks, made_record, simulated_record

IN_CONTEXT = ECG_BEAT.window
BEFORE, STRIDE = IN_CONTEXT.steps_before, IN_CONTEXT.stride


def beats_at(record, r_peaks, lead="MLII") -> Beats:
    samples = record.signals[:, record.channel_index(lead)]
    return Beats(lead, np.asarray(r_peaks, dtype=np.int64), find_artifacts(samples, record.sampling_rate))


def test_a_window_is_216_steps_from_0_2_s_before_the_r_peak_to_0_4_s_after_it():
    window = BeatWindow()
    assert (window.steps, window.steps_before, window.sampling_rate) == (216, 72, 360.0)
    assert window.variables == ("lead",)


def test_a_window_in_context_has_each_lead_its_difference_from_the_usual_beat_and_the_rhythm():
    leads = tuple(f"{place} lead" for place in LEAD_PLACES)
    assert IN_CONTEXT.variables == (*leads, *(f"{lead}, difference" for lead in leads), *RHYTHM_VARIABLES)
    assert IN_CONTEXT.sources == (*leads, *leads, *RHYTHM_SOURCES)
    assert (IN_CONTEXT.n_leads, BeatWindow().n_leads) == (3, 1)


def test_a_window_at_120_hz_takes_every_third_step_and_has_its_r_peak_at_the_anchor_step():
    window = BeatWindow(before_s=0.5, after_s=0.4, sampling_rate=120.0)
    assert (window.steps, window.steps_before, window.stride) == (108, 60, 3)


def test_only_measurements_are_sources_of_the_whole_window():
    assert IN_CONTEXT.whole_sources == distinct(RHYTHM_SOURCES)
    assert BeatWindow().whole_sources == ()


def test_a_lead_that_is_hidden_takes_its_difference_with_it_and_a_measurement_all_its_columns():
    values = np.ones((1, IN_CONTEXT.steps, len(IN_CONTEXT.variables)), dtype=np.float32)
    names = distinct(IN_CONTEXT.sources)
    hidden = np.zeros((1, IN_CONTEXT.steps, len(names)), dtype=bool)
    hidden[0, 5:9, 1] = True
    hidden[0, :, names.index("earlier RR")] = True
    found = IN_CONTEXT.without(values, hidden)[0]
    expected = values[0].copy()
    expected[5:9, [1, 4]] = 0.0
    expected[:, [6 + RHYTHM_VARIABLES.index(f"RR {own} earlier / typical") for own in ("one", "two")]] = 0.0
    np.testing.assert_array_equal(found, expected)


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


@pytest.mark.parametrize("window", [BeatWindow(), IN_CONTEXT])
def test_a_record_without_beats_gives_no_windows(window):
    record = made_record(np.zeros((3600, 2)))
    windows = cut_beats(record, beats_at(record, []), window)
    assert windows.values.shape == (0, window.steps, len(window.variables))
    assert len(windows.anchor) == 0


def test_the_variables_are_named_after_the_leads():
    record, _ = simulated_record()
    assert cut_beats(record, find_beats(record), BeatWindow()).variables == ("lead MLII",)
    assert cut_beats(record, find_beats(record), IN_CONTEXT).variables == (
        *("lead MLII", "lead V1", "no left precordial lead"),
        *("difference MLII", "difference V1", "no left precordial lead, difference"),
        *RHYTHM_VARIABLES,
    )


def test_every_variable_of_a_record_of_one_lead_has_its_own_name():
    record = made_record(simulated_record()[0].signals[:, :1], ("ECG",))
    variables = cut_beats(record, find_beats(record), IN_CONTEXT).variables
    assert len(set(variables)) == len(variables) == len(IN_CONTEXT.variables)


def test_a_missing_lead_and_its_difference_are_zero_and_the_others_are_not():
    record, _ = simulated_record()
    values = cut_beats(record, find_beats(record), IN_CONTEXT).values
    assert not values[:, :, [2, 5]].any()
    assert values[:, :, :2].any(axis=1).all()
    assert values[3:, :, 3:5].any(axis=1).all()


@pytest.mark.parametrize("sampling_rate", [360.0, 250.0])
def test_windows_in_context_are_what_a_reader_works_out_beat_by_beat(sampling_rate):
    record, _ = simulated_record(sampling_rate=sampling_rate)
    beats = find_beats(record)
    windows = cut_beats(record, beats, IN_CONTEXT)
    assert len(windows.anchor) > 40
    for place, lead in enumerate(("MLII", "V1")):
        leads, differences = (np.arcsinh(8 * own) / 3 for own in worked_out(record, lead, windows.anchor))
        np.testing.assert_allclose(windows.values[:, :, place], leads, atol=2e-6)
        np.testing.assert_allclose(windows.values[:, :, 3 + place], differences, atol=2e-6)


def worked_out(record, lead, anchor) -> tuple[np.ndarray, np.ndarray]:
    """One lead of the windows, and its difference from the usual beat, beat by beat: each (n, T)."""
    passed = resample_lead(record.signals[:, record.channel_index(lead)], record.sampling_rate, IN_CONTEXT.band_hz)
    centres = [round(sample * WORKING_RATE / record.sampling_rate) for sample in anchor.tolist()]
    heights = [passed[centre - 36 : centre + 37].max() - passed[centre - 36 : centre + 37].min() for centre in centres]
    leads, differences = [], []
    for beat, centre in enumerate(centres):
        renewed = beat if beat < 16 else beat - beat % 8
        over = [other for other in range(beat) if anchor[other] <= anchor[renewed] - 0.6 * record.sampling_rate][-60:]
        on_time = beats_on_time(anchor, over)
        over = on_time if len(on_time) >= 3 else over
        unit = max(np.median([heights[other] for other in over]), 0.05) if over else 1.0
        leads.append([passed[centre + STRIDE * (step - BEFORE)] / unit for step in range(IN_CONTEXT.steps)])
        usual = np.median([leads[other] for other in over], axis=0) if len(over) >= 3 else leads[-1]
        differences.append(np.array(leads[-1]) - usual)
    return np.array(leads), np.array(differences)


def beats_on_time(anchor, beats: list[int]) -> list[int]:
    before = {beat: anchor[beat] - anchor[beat - 1] if beat else np.inf for beat in beats}
    intervals = [interval for interval in before.values() if np.isfinite(interval)]
    return [beat for beat in beats if intervals and before[beat] >= 0.85 * np.quantile(intervals, 0.65)]


def test_a_faint_lead_is_scaled_up_only_to_a_bound_and_an_artifact_never_exceeds_another():
    record, truth = simulated_record(noise=None)
    faint = made_record(record.signals * 0.001, record.channels and tuple(own.name for own in record.channels))
    beats = beats_at(record, truth.r_peaks)
    assert np.abs(expand(cut_beats(faint, beats, IN_CONTEXT).values[1:, :, :6])).max() < 0.1
    spike = record.signals.copy()
    spike[truth.r_peaks[20] + 30 :][:20] += 500.0
    greatest = np.abs(cut_beats(made_record(spike), beats, IN_CONTEXT).values[:, :, 0]).max()
    assert expand(greatest) == pytest.approx(8.0, rel=1e-5)


def test_rhythm_variables_are_those_of_all_beats_and_the_next_interval_comes_at_the_end():
    record, _ = simulated_record()
    beats = beats_at(record, [60, 360, 660, 960, 1230, 1530])
    windows = cut_beats(record, beats, IN_CONTEXT)
    assert windows.anchor.tolist() == [360, 660, 960, 1230, 1530]
    measured = measure_rhythm(beats.r_peaks, 360.0)[1:]
    assert measured[:-1, KNOWN_AFTER].all(axis=1).any()
    for beat, rhythm in zip(windows.values[:, :, 6:], measured, strict=True):
        for step, row in enumerate(beat):
            is_over = step >= IN_CONTEXT.steps - OUTCOME_STEPS
            np.testing.assert_array_equal(row, np.where(KNOWN_AFTER & (not is_over), 0.0, rhythm))


def test_composed_windows_are_tracings_then_differences_then_rhythm():
    rng = np.random.default_rng(0)
    tracings, usual = rng.normal(size=(2, 4, 7, 3)).astype(np.float32)
    rhythm = rng.normal(size=(4, len(RHYTHM_VARIABLES))).astype(np.float32)
    usual[1] = np.nan
    usual[2, :, 1] = np.nan
    found = compose_windows(tracings, usual, rhythm)
    assert (found.shape, found.dtype) == ((4, 7, 19), np.float32)
    for beat, step in np.ndindex(4, 7):
        row = found[beat, step].tolist()
        for lead in range(3):
            is_known = beat != 1 and (beat, lead) != (2, 1)
            assert expand(row[lead]) == pytest.approx(tracings[beat, step, lead], abs=1e-5)
            difference = tracings[beat, step, lead] - usual[beat, step, lead] if is_known else 0.0
            assert expand(row[3 + lead]) == pytest.approx(difference, abs=1e-5)
        for column, name in enumerate(RHYTHM_VARIABLES):
            is_told = step >= 4 or not name.startswith("RR after")
            assert row[6 + column] == (rhythm[beat, column] if is_told else 0.0)


def test_a_margin_adds_steps_on_either_side_and_changes_nothing_between():
    record, _ = simulated_record()
    beats = find_beats(record)
    # The window of the first beat lies within the record, but not with its margin.
    beats = beats_at(record, [185, *beats.r_peaks[1:].tolist()])
    plain, wider = cut_tracings(record, beats, IN_CONTEXT), cut_tracings(record, beats, IN_CONTEXT, 6)
    kept = wider.has_window[plain.has_window]
    assert (plain.has_window[0], wider.has_window[0]) == (True, False)
    assert wider.values.shape == (kept.sum(), IN_CONTEXT.steps + 12, 3)
    np.testing.assert_array_equal(wider.values[:, 6:-6], plain.values[kept])
    np.testing.assert_array_equal(wider.usual[:, 6:-6], plain.usual[kept])
    np.testing.assert_array_equal(wider.amplitudes, plain.amplitudes[kept])


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
        (("ECG1", "ECG2"), ("ECG1", "ECG2", None)),
        (("ECG1", "ECG2", "ECG3", "ECG4"), ("ECG1", "ECG2", "ECG3")),
        (("V1", "ECG"), ("ECG", "V1", None)),
        (("II", "III", "aVF"), ("II", None, None)),
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
