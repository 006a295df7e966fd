import numpy as np
import pytest

from backend.models.metrics.binary import (
    ReliabilityBin,
    auprc,
    auroc,
    bootstrap_interval,
    brier_score,
    event_1,
    event_1_threshold,
    expected_calibration_error,
    positive_predictive_value,
    reliability,
    sensitivity,
)

# From the greatest risk down: event, none, event, none, none.
IS_EVENT = np.array([False, True, False, True, False])
RISK = np.array([0.1, 0.9, 0.8, 0.6, 0.3])


def test_auroc_is_the_share_of_pairs_in_the_correct_order():
    assert auroc(IS_EVENT, RISK) == pytest.approx(5 / 6)
    assert auroc(~IS_EVENT, RISK) == pytest.approx(1 / 6)
    assert auroc(IS_EVENT, np.ones(5)) == 0.5
    assert auroc([1, 0, 0], [0.5, 0.5, 0.1]) == pytest.approx(0.75)
    assert np.isnan(auroc([0, 0], [0.1, 0.2]))
    assert np.isnan(auroc([1, 1], [0.1, 0.2]))


def test_average_precision_is_the_mean_precision_at_each_event():
    assert auprc(IS_EVENT, RISK) == pytest.approx((1 / 1 + 2 / 3) / 2)
    assert auprc(IS_EVENT, np.ones(5)) == pytest.approx(2 / 5)
    assert auprc([1, 1, 0], [0.9, 0.5, 0.5]) == pytest.approx((1 + 2 / 3) / 2)
    assert np.isnan(auprc([0, 0], [0.1, 0.2]))


def test_event_1_is_the_lesser_of_sensitivity_and_positive_predictive_value():
    called = RISK > 0.5
    assert sensitivity(IS_EVENT, called) == 1
    assert positive_predictive_value(IS_EVENT, called) == pytest.approx(2 / 3)
    assert event_1(IS_EVENT, called) == pytest.approx(2 / 3)
    assert event_1(IS_EVENT, RISK > 0.85) == 0.5
    assert event_1(IS_EVENT, RISK > 1) == 0


def test_the_event_1_threshold_maximises_event_1():
    threshold = event_1_threshold(IS_EVENT, RISK)
    assert 0.3 < threshold < 0.6
    assert event_1(IS_EVENT, threshold <= RISK) == pytest.approx(2 / 3)
    rng = np.random.default_rng(7)
    is_event = rng.random(300) < 0.2
    risk = np.round(np.clip(0.2 + 0.3 * is_event + 0.2 * rng.standard_normal(300), 0, 1), 2)
    best = max(event_1(is_event, risk >= level) for level in risk)
    assert event_1(is_event, risk >= event_1_threshold(is_event, risk)) == best


def test_probabilities_equal_to_the_share_of_events_are_calibrated():
    is_event = np.array([1, 0, 0, 0, 1, 1, 1, 0], dtype=bool)
    risk = np.array([0.25] * 4 + [0.75] * 4)
    assert reliability(is_event, risk, bins=2) == (
        ReliabilityBin(0.0, 0.5, 4, 0.25, 0.25),
        ReliabilityBin(0.5, 1.0, 4, 0.75, 0.75),
    )
    assert expected_calibration_error(is_event, risk) == 0
    assert expected_calibration_error(is_event, np.ones(8)) == 0.5
    assert reliability(is_event, np.ones(8))[-1] == ReliabilityBin(0.9, 1.0, 8, 1.0, 0.5)
    assert brier_score(is_event, risk) == pytest.approx((6 * 0.25**2 + 2 * 0.75**2) / 8)
    assert brier_score(is_event, is_event) == 0


def test_the_interval_holds_the_figure_and_narrows_with_more_windows():
    rng = np.random.default_rng(1)
    widths = []
    for n in (100, 1600):
        is_event = rng.random(n) < 0.3
        risk = rng.standard_normal(n) + is_event
        low, high = bootstrap_interval(auroc, is_event, risk, draws=300)
        assert low < auroc(is_event, risk) < high
        widths.append(high - low)
    assert widths[1] < widths[0] / 2
    assert bootstrap_interval(auroc, is_event, risk, draws=50) == bootstrap_interval(auroc, is_event, risk, draws=50)
