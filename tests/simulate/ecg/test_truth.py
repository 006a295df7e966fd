"""Where a wave begins and ends follows from its Gaussians."""

import numpy as np
import pytest

from backend.simulate.ecg.shapes import VENTRICULAR, Bump, Shape
from backend.simulate.ecg.truth import SHARE, extent_ms, r_offset_ms, wave_peak_ms, wave_values

ONE_WAVE = Shape((Bump("T", 0.4, 0.1, 250, 30),))


def test_a_single_gaussian_begins_and_ends_where_it_falls_to_five_percent():
    reach_ms = 30 * np.sqrt(2 * np.log(1 / SHARE))
    assert extent_ms(ONE_WAVE, "T") == pytest.approx((250 - reach_ms, 250 + reach_ms), abs=0.5)
    assert wave_peak_ms(ONE_WAVE, "T") == 250


def test_gaussians_add_up_in_each_lead():
    shape = Shape((Bump("T", 0.4, 0.1, 250, 30), Bump("T", 0.2, -0.3, 250, 30)))
    np.testing.assert_allclose(wave_values(shape.bumps, np.array([250.0])), [[0.6, -0.2]])


def test_the_end_of_a_wave_is_that_in_the_lead_in_which_it_is_longest():
    shape = Shape((Bump("QRS", 1.0, 0.0, 0, 10), Bump("QRS", 0.0, 1.0, 60, 10)))
    onset, end = extent_ms(shape, "QRS")
    assert onset < -20
    assert end > 80


@pytest.mark.parametrize("name", VENTRICULAR)
def test_the_r_peak_lies_at_phase_zero_in_the_tables(name):
    assert abs(r_offset_ms(VENTRICULAR[name])) <= 8


def test_the_r_mark_of_a_negative_beat_is_its_nadir():
    shape = Shape((Bump("QRS", 0.3, 0, -40, 8), Bump("QRS", -1.5, 0, 5, 15)))
    assert r_offset_ms(shape) == 5
