"""The arteries follow the windkessel's equation, and the finger the wrist."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from backend.simulate.alarms.circulation import (
    Circulation,
    Finger,
    Strokes,
    arterial_flow,
    arterial_pressure,
    compute_strokes,
    pulse_at_finger,
)

RATE = 250.0
ADULT = Circulation()
TIMES_S = np.arange(0, 40, 1 / RATE)


def strokes(rr_s: float = 0.8, until_s: float = 40.0, strength: float = 1.0) -> Strokes:
    beats_s = np.arange(0.5, until_s, rr_s)
    return compute_strokes(beats_s, np.full(len(beats_s), strength), np.zeros(len(beats_s)), ADULT)


def pressure_of(given: Strokes, start_mmhg: float = 90.0) -> np.ndarray:
    return arterial_pressure(arterial_flow(given, TIMES_S), RATE, start_mmhg, ADULT)


def test_the_pressure_solves_the_equation_of_the_windkessel():
    flow = arterial_flow(strokes(), TIMES_S)

    def change(time_s, stored):
        return (
            np.interp(time_s, TIMES_S, flow) - (stored - ADULT.closing_mmhg) / ADULT.resistance_mmhg_s_per_ml
        ) / ADULT.compliance_ml_per_mmhg

    solved = solve_ivp(change, (0, TIMES_S[-1]), [90.0], t_eval=TIMES_S, max_step=1 / RATE, rtol=1e-6)
    expected = solved.y[0] + ADULT.impedance_mmhg_s_per_ml * flow
    np.testing.assert_allclose(arterial_pressure(flow, RATE, 90.0, ADULT), expected, atol=0.5)


def test_pressures_at_rest_are_those_of_an_adult():
    beat = pressure_of(strokes())[-round(0.8 * RATE) * 5 :]
    flow_ml_per_s = ADULT.stroke_ml / 0.8
    of_parameters = ADULT.closing_mmhg + flow_ml_per_s * (
        ADULT.resistance_mmhg_s_per_ml + ADULT.impedance_mmhg_s_per_ml
    )
    assert beat.mean() == pytest.approx(of_parameters, abs=0.5)
    assert 105 < beat.max() < 125
    assert 70 < beat.min() < 85


def test_each_stroke_has_its_volume():
    given = Strokes(np.array([1.0, 2.0]), np.array([60.0, 20.0]), np.array([0.28, 0.15]))
    flow = arterial_flow(given, TIMES_S)
    first = TIMES_S < 2
    np.testing.assert_allclose([flow[first].sum() / RATE, flow[~first].sum() / RATE], [60, 20], rtol=0.01)
    assert flow.min() < 0


def test_the_pressure_decays_exponentially_without_beats():
    pressure = pressure_of(strokes(until_s=20.0))
    start, elapsed_s = round(21.5 * RATE), np.arange(0, 15, 1 / RATE)
    expected = ADULT.closing_mmhg + (pressure[start] - ADULT.closing_mmhg) * np.exp(-elapsed_s / ADULT.time_constant_s)
    np.testing.assert_allclose(pressure[start : start + len(elapsed_s)], expected, atol=0.01)
    # Schipke et al. 2003: 24.2 +- 5.3 mmHg, 2.9 +- 1.0 s.
    assert abs(ADULT.closing_mmhg - 24.2) < 5.3
    assert abs(ADULT.time_constant_s - 2.9) < 1.0


def test_an_early_beat_ejects_little_and_the_next_one_much():
    beats_s = np.array([0.0, 0.8, 1.6, 2.0, 3.2])
    volumes = compute_strokes(beats_s, np.ones(5), np.zeros(5), ADULT).volumes_ml
    assert volumes[2] == pytest.approx(ADULT.stroke_ml)
    assert volumes[3] < 0.8 * volumes[2]
    assert volumes[4] > volumes[2]


def test_a_beat_without_a_stroke_has_no_pulse():
    np.testing.assert_array_equal(pressure_of(strokes(strength=0.0), ADULT.closing_mmhg), ADULT.closing_mmhg)


def test_the_ejection_time_follows_weissler_with_a_minimum():
    slow, fast = (strokes(rr_s).durations_s[-1] for rr_s in (60 / 70, 60 / 210))
    assert slow == pytest.approx(0.413 - 0.0017 * 70)
    assert fast == 0.12


def test_respiration_modulates_the_stroke_volume():
    beats_s = np.arange(0, 8, 0.8)
    breath = np.where(np.arange(10) % 2, 1.0, -1.0)
    volumes = compute_strokes(beats_s, np.ones(10), breath, ADULT).volumes_ml
    np.testing.assert_allclose(volumes[2:] / ADULT.stroke_ml, 1 + ADULT.stroke_breathing * breath[2:])


def test_the_pulse_at_the_finger_is_delayed_and_has_no_mean():
    pressure = pressure_of(strokes())
    pulse = pulse_at_finger(pressure, RATE, Finger())
    settled = slice(round(20 * RATE), None)
    assert abs(pulse[settled].mean()) < 0.02
    wrist, finger = pressure[settled] - pressure[settled].mean(), pulse[settled]
    lags = np.arange(round(0.4 * RATE))
    alike = [np.dot(wrist[: len(wrist) - lag], finger[lag:]) for lag in lags]
    later_s = lags[int(np.argmax(alike))] / RATE
    assert Finger().delay_s < later_s < Finger().delay_s + 2 * Finger().smoothing_s


def test_a_constant_pressure_has_no_pulse_at_the_finger():
    np.testing.assert_allclose(pulse_at_finger(np.full(1000, 80.0), RATE, Finger()), 0, atol=1e-12)
