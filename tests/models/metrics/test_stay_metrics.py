import numpy as np
import pytest

from backend.models.metrics.stay_metrics import calibration_figures, hourly_figures, risk_figures

DIED = np.array([True, True, False, False, False, False])
RISK = np.array([0.9, 0.3, 0.6, 0.2, 0.1, 0.1])


def test_figures_include_the_majority_class_baseline():
    found = risk_figures(DIED, RISK, 0.5)
    assert found["accuracy"] == pytest.approx(4 / 6, abs=1e-4)
    assert found["majority_class_share"] == pytest.approx(4 / 6, abs=1e-4)
    assert (found["stays"], found["deaths"]) == (6, 2)


def test_auroc_and_auprc_have_confidence_intervals():
    found = risk_figures(DIED, RISK, 0.5)
    assert found["auroc"]["value"] == pytest.approx(7 / 8)
    assert found["auprc"]["value"] == pytest.approx((1 + 2 / 3) / 2, abs=1e-4)
    assert found["event_1"] | {"interval": None} == {
        "value": 0.5,
        "interval": None,
        "sensitivity": 0.5,
        "positive_predictivity": 0.5,
    }
    for name in ("auroc", "auprc", "event_1"):
        low, high = found[name]["interval"]
        assert 0 <= low <= found[name]["value"] <= high <= 1


def test_calibration_includes_the_brier_score_of_the_mean_risk():
    found = calibration_figures(DIED, RISK)
    assert found["brier"] == pytest.approx(((0.1**2) + 0.7**2 + 0.6**2 + 0.2**2 + 2 * 0.1**2) / 6, abs=1e-4)
    assert found["brier_of_the_mean"] == pytest.approx(2 / 9, abs=1e-4)
    assert sum(row["count"] for row in found["reliability"]) == 6


def test_hourly_figures_are_those_of_the_risk_after_each_hour():
    by_hour = np.full((6, 48), 0.5)
    by_hour[:, 23:] = RISK[:, None]
    found = hourly_figures(DIED, by_hour)
    assert found["12"]["auroc"] == 0.5
    assert found["24"]["auroc"] == found["48"]["auroc"] == 0.875
    assert found["1"]["mean_risk"] == 0.5
