import numpy as np
import pytest

from backend.models.metrics.binary import auroc
from backend.models.training.stays.last_value_regression import fit_last_values
from backend.records.stays import PARAMETERS
from tests.models.made_stays import made_stays


def test_the_regression_generalises_to_stays_that_it_was_not_fitted_to():
    fitted = fit_last_values(made_stays(300, seed=1).last, made_stays(300, seed=1).died)
    others = made_stays(300, seed=2)
    assert auroc(others.died, fitted.risk(others.last)) > 0.95
    no_lactate = others.last.copy()
    no_lactate[:, list(PARAMETERS).index("Lactate")] = np.nan
    assert auroc(others.died, fitted.risk(no_lactate)) > 0.8


def test_its_mean_risk_is_the_mortality():
    stays = made_stays(300, seed=1)
    assert fit_last_values(stays.last, stays.died).risk(stays.last).mean() == pytest.approx(stays.died.mean(), abs=1e-3)


def test_a_stay_without_any_value_has_a_risk():
    stays = made_stays(300, seed=1)
    empty = np.full((1, len(PARAMETERS)), np.nan)
    assert 0 < fit_last_values(stays.last, stays.died).risk(empty)[0] < 1
