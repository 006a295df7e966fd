import numpy as np
import pytest

from backend.models.calibration.temperature import fit_temperature


@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0])
def test_scores_that_are_overconfident_by_a_factor_are_divided_by_it(factor):
    rng = np.random.default_rng(5)
    scores = rng.normal(0, 2, (20_000, 3))
    raised = np.exp(scores)
    shares = raised / raised.sum(axis=1, keepdims=True)
    targets = (shares.cumsum(axis=1) < rng.random((20_000, 1))).sum(axis=1)
    assert fit_temperature(scores * factor, targets) == pytest.approx(factor, rel=0.05)
