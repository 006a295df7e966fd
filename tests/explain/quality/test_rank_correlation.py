import numpy as np
import pytest
from scipy.stats import spearmanr

from backend.explain.quality.rank_correlation import rank_correlation, rank_correlations


def test_the_same_order_is_1_and_the_opposite_is_minus_1_however_far_apart_the_values_lie():
    salience = np.array([[0.0], [0.1], [0.5], [1.0]])
    assert rank_correlation(salience, salience**3) == pytest.approx(1.0)
    assert rank_correlation(salience, 1.0 - salience) == pytest.approx(-1.0)


def test_one_exchange_among_four_is_eight_tenths():
    # 1 - 6 * (1 + 1) / (4 * 15), by the formula for ranks without ties
    assert rank_correlation(np.array([1.0, 2, 3, 4]), np.array([1.0, 2, 4, 3])) == pytest.approx(0.8)


def test_ties_share_the_mean_of_their_ranks():
    # ranks 1.5, 1.5, 3 against 1, 2, 3: 1.5 over the root of 1.5 * 2
    assert rank_correlation(np.array([0.0, 0, 1]), np.array([1.0, 2, 3])) == pytest.approx(1.5 / np.sqrt(3.0))


def test_a_constant_salience_has_no_rank_correlation():
    with np.errstate(all="raise"):
        assert np.isnan(rank_correlation(np.zeros(5), np.arange(5.0)))
        assert np.isnan(rank_correlation(np.arange(5.0), np.ones(5)))


def test_every_pair_equals_scipy_over_all_steps_and_variables():
    arrays = np.random.default_rng(0).integers(0, 6, (4, 20, 3)).astype(np.float32)
    table = rank_correlations(list(arrays))
    expected = spearmanr(arrays.reshape(4, -1), axis=1).statistic
    assert table == pytest.approx(expected)
    assert table.diagonal() == pytest.approx(np.ones(4))


@pytest.mark.parametrize("seed", range(20))
def test_variables_that_change_in_either_salience_are_compared(seed):
    rng = np.random.default_rng(seed)
    one, other = rng.integers(0, 4, (2, 12, 5)).astype(np.float32)
    one[:, [1, 3]], other[:, [2, 3]] = 2.0, 1.0
    counted = [0, 1, 2, 4]
    expected = spearmanr(one[:, counted].ravel(), other[:, counted].ravel()).statistic
    assert rank_correlation(one, other) == pytest.approx(expected, abs=1e-12)


def test_two_steps_are_in_one_order_or_the_other_and_one_step_is_in_none():
    up, down = np.array([0.0, 3.0]), np.array([2.0, 1.0])
    with np.errstate(all="raise"):
        assert rank_correlation(up, up) == pytest.approx(1.0)
        assert rank_correlation(up, down) == pytest.approx(-1.0)
        assert np.isnan(rank_correlation(np.ones(1), np.ones(1)))


def test_a_salience_with_a_gap_has_no_correlation():
    assert np.isnan(rank_correlation(np.array([1.0, np.nan, 2.0]), np.arange(3.0)))


def test_windows_of_different_shape_are_refused():
    with pytest.raises(ValueError, match=r"\(4,\), \(5,\)"):
        rank_correlation(np.arange(4.0), np.arange(5.0))


def test_a_variable_constant_in_both_saliences_does_not_count():
    # A lead with nothing in common, and seven variables of which both say nothing.
    one, other = np.random.default_rng(1).random((2, 300, 1))
    nothing = np.zeros((300, 7))
    correlation = rank_correlation(np.hstack([one, nothing]), np.hstack([other, nothing]))
    assert abs(correlation) < 0.15
    assert correlation == pytest.approx(rank_correlation(one, other))


def test_a_variable_that_changes_in_one_salience_counts():
    one = np.array([[3.0, 0.0], [4.0, 0.0]])
    # ranks 3, 4 and 1.5, 1.5 against 3, 4 and 1, 2; two steps alone would be alike whatever the second variable says
    assert rank_correlation(one, np.array([[3.0, 1.0], [4.0, 2.0]])) == pytest.approx(4.5 / np.sqrt(4.5 * 5.0))
    assert rank_correlation(one, np.array([[3.0, 9.0], [4.0, 9.5]])) < 0.0


def test_saliences_without_steps_have_no_correlation():
    level = np.array([[1.0, 0.0], [1.0, 0.0]])
    assert np.isnan(rank_correlation(level, level))
