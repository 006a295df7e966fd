import json
from dataclasses import replace

import numpy as np
import pytest

from backend.explain.api import explain
from backend.explain.export import describe_explanation, name_scores, tabulate_explanation
from backend.explain.questions.feature_ranking import rank_features
from backend.explain.questions.measurements import measure_measurements
from backend.explain.questions.tracing_share import compute_tracing_share
from backend.explain.techniques.derivative import DerivativeParameters
from backend.kinds.beat_kind import BeatReading
from backend.models.bundle import load_bundle
from backend.models.classification import classify_beats, classify_stay
from backend.records.samples.library import open_sample
from backend.windows.beats.corrections import Correction
from tests.made_records import simulated_record
from tests.toys import default_size_bundle, published_size_bundle

BEAT = 4


def explained(make_bundle=default_size_bundle, rate: float = 360.0):
    record, _ = simulated_record(sampling_rate=rate)
    bundle = make_bundle()
    classified = classify_beats(bundle, record)
    salience = explain(bundle, classified.window_of(BEAT), "derivative")
    return record, bundle, classified, salience


@pytest.fixture(scope="module", params=[default_size_bundle, published_size_bundle])
def case(request):
    return explained(request.param)


def test_the_document_holds_the_explanation_and_its_inputs(case):
    record, bundle, classified, salience = case
    document = describe_explanation(record, bundle, classified, BEAT, salience)
    of_measurements = {"measurements", "tracing_share"} if bundle.window.whole_sources else set()
    assert set(document) - of_measurements == {
        *("technique", "parameters", "target", "window", "scores", "salience", "raw", "seconds"),
        *("ranking", "model", "model_digest", "record_digest", "beat", "anchor_sample"),
    }
    assert set(document["window"]) == {"start_sample", "sampling_rate", "variables", "values"}
    assert (document["record_digest"], document["model_digest"]) == (record.digest, bundle.digest)


def test_the_document_goes_through_json_and_back_without_loss(case):
    record, bundle, classified, salience = case
    document = describe_explanation(record, bundle, classified, BEAT, salience)
    returned = json.loads(json.dumps(document, allow_nan=False))
    assert returned == document
    assert np.array_equal(np.array(returned["raw"], dtype=np.float32), salience.raw)
    assert np.array_equal(np.array(returned["window"]["values"], dtype=np.float32), classified.window_of(BEAT))


def test_the_document_of_a_beat_holds_the_corrections_behind_its_number(case):
    record, bundle, classified, _ = case
    reading = BeatReading(record, bundle.name, None, "hamilton")
    found = reading.describe_window(classified, BEAT)
    assert (found["lead"], found["detector"], found["corrections"]) == ("MLII", "hamilton", [])
    assert found["r_peak"] == classified.windows.anchor[BEAT]
    corrections = (Correction("delete", 120), Correction("move", 500, to=510))
    corrected = replace(reading, corrections=corrections)
    assert json.loads(json.dumps(corrected.describe_window(classified, BEAT)))["corrections"] == [
        {"kind": "delete", "sample": 120, "to": None},
        {"kind": "move", "sample": 500, "to": 510},
    ]


def test_the_document_holds_the_ranking_of_the_variables(case):
    record, bundle, classified, salience = case
    ranked = rank_features(bundle, classified.window_of(BEAT), salience.target)
    document = describe_explanation(record, bundle, classified, BEAT, salience)
    assert [row["variable"] for row in document["ranking"]] == [own.variable for own in ranked]
    assert [row["drop"] for row in document["ranking"]] == [own.drop for own in ranked]


def test_the_document_of_a_model_with_measurements_holds_their_drops_and_the_share_of_the_tracing():
    record, bundle, classified, _ = explained()
    window = classified.window_of(BEAT)
    salience = explain(bundle, window, "derivative", "PVC", DerivativeParameters("probability"))
    document = describe_explanation(record, bundle, classified, BEAT, salience)
    drops = measure_measurements(bundle, window, "PVC", "probability")
    assert document["measurements"] == [{"measurement": own.measurement, "drop": own.drop} for own in drops]
    assert [own["measurement"] for own in document["measurements"]] == list(bundle.window.whole_sources)
    share = compute_tracing_share(bundle, window, "PVC", "probability")
    expected = {"tracing": share.tracing, "measurements": share.measurements, "share": share.share}
    assert document["tracing_share"] == expected


def test_its_scores_are_those_of_the_beat_before_the_softmax(case):
    record, bundle, classified, salience = case
    document = describe_explanation(record, bundle, classified, BEAT, salience)
    assert document["scores"] == name_scores(bundle.classes, classified.scores.scores[BEAT])
    assert tuple(document["scores"]) == bundle.classes


@pytest.mark.parametrize("rate", [360.0, 250.0, 1000.0])
def test_the_windows_start_is_a_sample_of_the_record_at_its_own_rate(rate):
    record, bundle, classified, salience = explained(rate=rate)
    document = describe_explanation(record, bundle, classified, BEAT, salience)
    assert document["anchor_sample"] == classified.windows.anchor[BEAT]
    assert document["window"]["start_sample"] == document["anchor_sample"] - round(bundle.window.before_s * rate)
    assert document["window"]["sampling_rate"] == bundle.window.sampling_rate


def test_the_window_of_a_stay_starts_at_admission():
    record, bundle = open_sample("sim_stay_sparse"), load_bundle("icu-mortality")
    classified = classify_stay(bundle, record)
    salience = explain(bundle, classified.window_of(0), "derivative")
    document = describe_explanation(record, bundle, classified, 0, salience)
    assert (document["window"]["start_sample"], document["anchor_sample"]) == (0, 48 * 60)


def test_the_table_has_a_row_for_each_step_and_its_time_from_the_r_peak(case):
    _, bundle, classified, salience = case
    table = tabulate_explanation(bundle, classified, BEAT, salience)
    window = bundle.window
    assert len(table) == window.steps
    assert table["time_from_r_peak_s"].iloc[window.steps_before] == 0.0
    assert table["time_from_r_peak_s"].iloc[0] == pytest.approx(-window.before_s)
    assert table["time_from_r_peak_s"].iloc[-1] == pytest.approx(window.after_s - 1 / window.sampling_rate)


def test_the_table_has_input_and_salience_of_each_variable(case):
    _, bundle, classified, salience = case
    table = tabulate_explanation(bundle, classified, BEAT, salience)
    for position, variable in enumerate(classified.windows.variables):
        assert np.array_equal(table[f"input of {variable}"], classified.window_of(BEAT)[:, position])
        if bundle.window.sources[position] in bundle.window.whole_sources:
            assert f"salience of {variable}" not in table
        else:
            assert np.array_equal(table[f"salience of {variable}"], salience.values[:, position])


def test_values_by_class_are_plain_numbers_in_the_classes_order():
    named = name_scores(("N", "V"), np.array([0.25, 0.75], dtype=np.float32))
    assert named == {"N": 0.25, "V": 0.75}
    assert all(type(value) is float for value in named.values())


def test_a_value_too_few_is_an_error_rather_than_a_class_left_out():
    with pytest.raises(ValueError, match="shorter"):
        name_scores(("N", "V"), [0.25])
