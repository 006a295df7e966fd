import numpy as np
import pytest
from sklearn import metrics
from sklearn.calibration import calibration_curve

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


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("digits", [1, 2, 9])
def test_order_and_distance_are_as_scikit_learn_has_them_with_and_without_ties(seed, digits):
    is_event, risk = events_and_risks(seed, digits)
    assert auroc(is_event, risk) == pytest.approx(metrics.roc_auc_score(is_event, risk), abs=1e-12)
    assert auprc(is_event, risk) == pytest.approx(metrics.average_precision_score(is_event, risk), abs=1e-12)
    assert brier_score(is_event, risk) == pytest.approx(metrics.brier_score_loss(is_event, risk), abs=1e-12)


@pytest.mark.parametrize("seed", range(10))
def test_sensitivity_and_positive_predictivity_are_recall_and_precision_of_scikit_learn(seed):
    is_event, risk = events_and_risks(seed)
    called = risk > 0.4
    assert sensitivity(is_event, called) == pytest.approx(metrics.recall_score(is_event, called), abs=1e-12)
    assert positive_predictive_value(is_event, called) == pytest.approx(
        metrics.precision_score(is_event, called), abs=1e-12
    )


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("bins", [5, 10])
def test_reliability_is_the_calibration_curve_of_scikit_learn(seed, bins):
    is_event, risk = events_and_risks(seed)
    rows = reliability(is_event, risk, bins)
    shares, risks = calibration_curve(is_event, risk, n_bins=bins)
    assert [row.event_share for row in rows] == pytest.approx(shares, abs=1e-12)
    assert [row.mean_risk for row in rows] == pytest.approx(risks, abs=1e-12)
    counts = np.histogram(risk, bins, (0.0, 1.0))[0]
    expected = (counts[counts > 0] * np.abs(shares - risks)).sum() / len(risk)
    assert expected_calibration_error(is_event, risk, bins) == pytest.approx(expected, abs=1e-12)


def events_and_risks(seed: int, digits: int = 9) -> tuple[np.ndarray, np.ndarray]:
    """200 risks and what came about, the likelier the greater the risk."""
    rng = np.random.default_rng(seed)
    risk = np.round(rng.random(200), digits)
    return rng.random(200) < 0.2 + 0.5 * risk, risk
