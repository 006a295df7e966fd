"""The simulated alarms: one heart moves all signals, and what is true or false is so by construction."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from backend.records.alarms import find_alarms
from backend.records.channels.sensors import SENSORS, find_sensors
from backend.records.opening import open_record
from backend.simulate.alarms.alarm_plans import ALARMS
from backend.simulate.alarms.alarm_simulation import ALARM_RATE_HZ, CHANNELS, simulate_alarm
from backend.simulate.alarms.circulation import Circulation, Finger
from backend.simulate.wfdb_files import write_alarm

RATE = ALARM_RATE_HZ
PLANS = {plan.name.removeprefix("sim_alarm_"): plan for plan in ALARMS}
II, V, ABP, PLETH = range(len(CHANNELS))
SEED = 5


def signals_of(name: str) -> np.ndarray:
    return simulate_alarm(PLANS[name], SEED).signals


def last(signals: np.ndarray, seconds: float) -> np.ndarray:
    return signals[-round(seconds * RATE) :]


def pulse_pressures(name: str, from_s: float, to_s: float) -> np.ndarray:
    """Systolic less diastolic pressure of each beat of a stretch."""
    alarm = simulate_alarm(PLANS[name], SEED)
    peaks = alarm.r_peaks[(alarm.r_peaks >= from_s * RATE) & (alarm.r_peaks < to_s * RATE)]
    delay = round(Circulation().wrist_delay_s * RATE)
    beats = [alarm.signals[first + delay : last + delay, ABP] for first, last in pairwise(peaks)]
    return np.array([np.ptp(beat) for beat in beats])


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("simulated")
    for plan in ALARMS:
        write_alarm(plan, simulate_alarm(plan, SEED), folder)
    return folder


def test_alarms_are_true_and_false_with_and_without_a_pulse():
    assert {plan.is_true for plan in ALARMS} == {True, False}
    assert {plan.called_out for plan in ALARMS} == {"Asystole", "Ventricular_Tachycardia"}


@pytest.mark.parametrize("plan", ALARMS, ids=lambda plan: plan.name)
def test_a_written_alarm_is_restored(plan, written):
    record = open_record(written / plan.name)
    (alarm,) = find_alarms(record)
    assert alarm.kind == plan.called_out.replace("_", " ").lower()
    assert alarm.is_true == plan.is_true
    assert alarm.sample == len(record.signals) - 1 == 60 * RATE - 1
    assert [(channel.name, channel.unit) for channel in record.channels] == list(CHANNELS)
    found = find_sensors(record)
    assert [sensor for sensor in SENSORS if found[sensor] is None] == ["RESP"]
    assert np.isfinite(record.signals).all()


def test_the_seed_determines_the_minute_before_an_alarm():
    first, again, other = (simulate_alarm(PLANS["lead_off"], seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.signals, again.signals)
    assert not np.array_equal(first.r_peaks, other.r_peaks)


def test_every_beat_has_a_pressure_wave_and_a_later_pulse():
    alarm = simulate_alarm(PLANS["shaken_lead"], SEED)
    peaks = alarm.r_peaks[(alarm.r_peaks > RATE) & (alarm.r_peaks < 58 * RATE)]
    around = np.mean([alarm.signals[peak : peak + round(0.7 * RATE)] for peak in peaks], axis=0)
    feet_s = np.argmin(around[: round(0.5 * RATE), [ABP, PLETH]], axis=0) / RATE
    assert feet_s[0] == pytest.approx(Circulation().wrist_delay_s, abs=0.02)
    assert feet_s[1] == pytest.approx(Circulation().wrist_delay_s + Finger().delay_s, abs=0.04)


def test_with_disconnected_leads_the_ecg_is_flat_and_the_pulse_continues():
    signals = last(signals_of("lead_off"), 11)
    assert np.ptp(signals[:, [II, V]], axis=0).max() == 0
    assert (pulse_pressures("lead_off", 49, 60) > 20).all()
    assert np.ptp(last(signals, 2)[:, PLETH]) > 0.4
    assert np.abs(signals_of("lead_off")[:, [II, V]]).max() <= 5


def test_in_asystole_the_pressure_decays_as_in_a_windkessel():
    alarm = simulate_alarm(PLANS["asystole"], SEED)
    assert alarm.r_peaks[-1] < 53 * RATE
    assert np.ptp(last(alarm.signals, 6)[:, II]) < 0.5
    start = round(54 * RATE)
    adult = Circulation()
    elapsed_s = np.arange(len(alarm.signals) - start) / RATE
    expected = adult.closing_mmhg + (alarm.signals[start, ABP] - adult.closing_mmhg) * np.exp(
        -elapsed_s / adult.time_constant_s
    )
    # The chest sways the pressure by 1 mmHg (SD) and the monitor adds noise.
    np.testing.assert_allclose(alarm.signals[start:, ABP], expected, atol=5)
    assert alarm.signals[-1, ABP] < 35


def test_every_beat_of_a_tachycardia_has_a_weaker_pulse():
    before, during = pulse_pressures("vt_pulse", 34, 48), pulse_pressures("vt_pulse", 52, 60)
    assert len(during) > 18
    assert (during > 5).all()
    assert np.median(during) < 0.6 * np.median(before)
    assert last(signals_of("vt_pulse"), 4)[:, ABP].mean() > 55


def test_the_pressure_decays_in_a_pulseless_tachycardia():
    signals = signals_of("vt_pulseless")
    assert np.median(pulse_pressures("vt_pulseless", 56, 60)) < 4
    assert last(signals, 3)[:, ABP].mean() < 40
    assert np.ptp(last(signals, 4)[:, II]) > 1


def test_movement_of_one_lead_leaves_the_other_lead_and_the_pulse_unchanged():
    shaken = signals_of("shaken_lead")
    still = simulate_alarm(replace(PLANS["shaken_lead"], disturbance=None), SEED).signals
    np.testing.assert_array_equal(shaken[:, [II, PLETH]], still[:, [II, PLETH]])
    np.testing.assert_array_equal(shaken[:, ABP], still[:, ABP])
    start = round(48 * RATE)
    np.testing.assert_array_equal(shaken[:start, V], still[:start, V])
    assert np.std(shaken[start:, V] - still[start:, V]) > 0.5
