import numpy as np
import pytest

from backend.explain.questions.measurements import measure_measurements
from backend.models.scores import compute_scores, softmax
from tests.toys import summing_bundle, toy_beat, toy_bundle

WHOLE = ("RR before", "RR after")


def test_each_measurement_is_deleted_whole_from_a_sum():
    # Twelve steps in which RR before adds 2 * 0.5 and RR after takes away 0.25; not known, each column reads -1.
    bundle = summing_bundle((1.0, 2.0, -1.0), ("lead", *WHOLE), WHOLE)
    window = np.tile(np.array([3.0, 0.5, 0.25], dtype=np.float32), (12, 1))
    before, after = measure_measurements(bundle, window, "normal")
    assert (before.measurement, after.measurement) == WHOLE
    assert before.drop == pytest.approx(12 * 2 * 1.5, abs=1e-2)
    assert after.drop == pytest.approx(-12 * 1.25, abs=1e-2)


@pytest.mark.parametrize("explained", ["score", "probability"])
def test_all_columns_of_a_measurement_are_deleted_and_the_leads_stay(explained):
    sources = ("RR before", "II", "RR before", "V1")
    bundle = toy_bundle(4, sources=sources, whole_sources=("RR before",), temperature=1.5)
    window = toy_beat(24, 4)
    changed = window.copy()
    changed[:, [0, 2]] = -1.0
    scores = compute_scores(bundle, np.stack([window, changed]))
    outputs = softmax(scores, 1.5) if explained == "probability" else scores
    (found,) = measure_measurements(bundle, window, "RBBB", explained)
    assert found.drop == pytest.approx(float(outputs[0, 2] - outputs[1, 2]), abs=1e-5)
    assert abs(found.drop) > 0.01


def test_a_model_of_leads_alone_has_no_measurements():
    assert measure_measurements(toy_bundle(2), toy_beat(24, 2), "RBBB") == ()
