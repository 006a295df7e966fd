import numpy as np
import pytest
import torch

from backend.explain.explained import explained_output, window_tensor
from backend.models.scores import softmax
from tests.toys import toy_bundle


def test_the_score_of_the_target_is_taken_whatever_its_case():
    scores = torch.tensor([[1.0, 2.0, 3.0, 4.0]])
    assert explained_output(toy_bundle(), scores, "rbbb", "score").tolist() == [3.0]


def test_a_probability_is_the_calibrated_one():
    scores = np.array([[1.0, 2.0, 3.0, 4.0]], dtype=np.float32)
    explained = explained_output(toy_bundle(temperature=2.0), torch.from_numpy(scores), "APC", "probability")
    assert explained.numpy() == pytest.approx(softmax(scores, 2.0)[:, 3])


def test_a_window_is_copied_before_torch_gets_it():
    window = np.ones((6, 1), dtype=np.float32)
    window_tensor(window).zero_()
    assert window.all()
