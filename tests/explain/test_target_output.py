import numpy as np
import pytest

from backend.explain.target_output import select_output
from backend.models.scores import softmax
from tests.toys import toy_bundle

SCORES = np.array([[1.0, 2.0, 3.0, 4.0]], dtype=np.float32)


def test_the_target_is_found_in_upper_or_lower_case():
    assert select_output(toy_bundle(), SCORES, "rbbb", "score").tolist() == [3.0]


def test_a_probability_is_the_calibrated_one():
    explained = select_output(toy_bundle(temperature=2.0), SCORES, "APC", "probability")
    assert explained == pytest.approx(softmax(SCORES, 2.0)[:, 3])
