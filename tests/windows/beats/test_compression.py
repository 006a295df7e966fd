import numpy as np
import pytest

from backend.windows.beats.compression import compress, expand

AMPLITUDES = np.array([-8.0, -1.0, -0.1, 0.0, 0.1, 1.0, 8.0])


def test_zero_stays_zero_signs_and_order_stay_and_a_p_wave_counts():
    found = compress(AMPLITUDES)
    assert found[3] == 0.0
    np.testing.assert_array_equal(np.sign(found), np.sign(AMPLITUDES))
    assert (np.diff(found) > 0).all()
    np.testing.assert_allclose(found[4:], [0.2442, 0.9255, 1.6174], atol=1e-4)


def test_expanding_gives_the_amplitudes_back():
    np.testing.assert_allclose(expand(compress(AMPLITUDES)), AMPLITUDES, rtol=1e-12)
    assert expand(compress(AMPLITUDES.astype(np.float32))) == pytest.approx(AMPLITUDES, rel=1e-5)
