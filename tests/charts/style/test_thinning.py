import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend.charts.style.thinning import thin


def peaks_by_hand(signal, reach):
    """Samples that nothing within ``reach`` samples on either side equals or exceeds, found one by one."""
    peaks = []
    for index, value in enumerate(signal):
        around = [signal[k] for k in range(max(0, index - reach), min(len(signal), index + reach + 1)) if k != index]
        if all(value > other for other in around):
            peaks.append(index)
    return peaks


@given(seed=st.integers(0, 2**32 - 1), length=st.integers(400, 1500), n_out=st.integers(40, 200))
@example(seed=156, length=400, n_out=159)
def test_every_peak_and_trough_taller_than_a_bin_survives(seed, length, n_out):
    signal = np.cumsum(np.random.default_rng(seed).normal(size=length)).astype(np.float32)
    kept = set(thin(signal, n_out).tolist())
    bin_samples = int(np.ceil(2 * length / (n_out - 5))) + 1
    assert set(peaks_by_hand(signal, bin_samples)) <= kept
    assert set(peaks_by_hand(-signal, bin_samples)) <= kept


@given(
    seed=st.integers(0, 2**32 - 1),
    length=st.integers(1, 3000),
    n_out=st.integers(16, 400),
    gap_share=st.floats(0, 1),
)
def test_thinned_positions_ascend_and_are_limited_whatever_the_gaps(seed, length, n_out, gap_share):
    rng = np.random.default_rng(seed)
    signal = rng.normal(size=length).astype(np.float32)
    signal[rng.random(length) < gap_share] = np.nan
    kept = thin(signal, n_out)
    assert 1 <= len(kept) <= max(n_out, 16)
    assert np.all(np.diff(kept) > 0)
    assert kept[0] >= 0
    assert kept[-1] < length


def test_a_gap_stays_a_gap():
    signal = np.sin(np.arange(10_000) / 30).astype(np.float32)
    signal[4000:6000] = np.nan
    kept = thin(signal, 300)
    inside = kept[(kept >= 4000) & (kept < 6000)]
    assert len(inside) == 1
    assert np.isnan(signal[inside[0]])
    assert np.isfinite(signal[kept[(kept < 4000) | (kept >= 6000)]]).all()


def test_a_short_signal_keeps_all_samples():
    assert thin(np.array([1.0, np.nan, 3.0]), 16).tolist() == [0, 1, 2]


def test_too_few_samples_are_refused():
    with pytest.raises(ValueError, match="Choose 16 or more"):
        thin(np.zeros(100), 10)
