"""Simulated stays: the body follows its course, laws tie its quantities together, and habits chart them."""

from dataclasses import replace

import numpy as np
import pytest

from backend.records.opening import open_record
from backend.records.record import Record
from backend.records.stays import PARAMETERS, STATICS, is_stay
from backend.simulate.stays.stay_plans import STAYS
from backend.simulate.stays.stay_simulation import Charted, Schedule, StayPlan, simulate_stay, write_stay

PLANS = {plan.name.removeprefix("sim_stay_"): plan for plan in STAYS}
VITALS = StayPlan(
    "vitals",
    "For tests.",
    {"Age": 60},
    {"HR": ((0, 60), (48, 108)), "SysABP": ((0, 120),), "DiasABP": ((0, 60),), "Urine": ((0, 50),)},
    (Schedule(("HR",), 1), Schedule(("SysABP", "DiasABP", "MAP"), 2, to_h=30), Schedule(("Urine",), 3)),
)


def charted(lines: tuple[Charted, ...], quantity: str) -> np.ndarray:
    """Minutes and values of one quantity, shape = (n, 2)."""
    return np.array([(line.minute, line.value) for line in lines if line.quantity == quantity])


def series(record: Record, name: str) -> np.ndarray:
    values = record.signals[:, record.channel_index(name)]
    return values[np.isfinite(values)]


@pytest.fixture(scope="module")
def stays(tmp_path_factory) -> dict[str, Record]:
    """The plans' stays, written and read back."""
    folder = tmp_path_factory.mktemp("stays")
    for plan in STAYS:
        write_stay(plan, simulate_stay(plan, 3), folder)
    return {name: open_record(folder / f"{plan.name}.txt") for name, plan in PLANS.items()}


def test_a_quantity_varies_around_its_course():
    runs = [charted(simulate_stay(VITALS, seed), "HR") for seed in range(30)]
    off = np.concatenate([run[:, 1] - (60 + run[:, 0] / 60) for run in runs])
    assert abs(off.mean()) < 1
    # Unrest of 4 and a scatter of a third of it.
    assert off.std() == pytest.approx(4 * np.sqrt(1 + 1 / 9), rel=0.15)


def test_schedules_chart_at_their_frequency_and_within_their_period():
    lines = simulate_stay(VITALS, 1)
    minutes = charted(lines, "HR")[:, 0]
    assert len(minutes) == 48
    assert np.diff(minutes).mean() == pytest.approx(60, abs=1)
    assert 0 < np.abs(np.diff(minutes) - 60).max() <= 12
    assert charted(lines, "MAP")[:, 0].max() < 30 * 60


def test_urine_is_the_amount_since_the_last_entry():
    amounts = np.concatenate([charted(simulate_stay(VITALS, seed), "Urine")[1:, 1] for seed in range(30)])
    assert amounts.mean() == pytest.approx(3 * 50, rel=0.05)


def test_mean_pressure_ph_and_saturation_are_computed_from_their_causes():
    lines = simulate_stay(VITALS, 2)
    systolic, diastolic, mean = (charted(lines, name)[:, 1] for name in ("SysABP", "DiasABP", "MAP"))
    np.testing.assert_allclose(mean, diastolic + (systolic - diastolic) / 3, atol=6)
    gas = StayPlan(
        "gas",
        "For tests.",
        {},
        {"HCO3": ((0, 24),), "PaCO2": ((0, 40),), "PaO2": ((0, 90),)},
        (Schedule(("pH", "SaO2"), 1),),
    )
    drawn = np.concatenate([charted(simulate_stay(gas, seed), "pH")[:, 1] for seed in range(10)])
    assert drawn.mean() == pytest.approx(7.39, abs=0.02)
    assert charted(simulate_stay(gas, 1), "SaO2")[:, 1].mean() == pytest.approx(97, abs=1)


def test_the_seed_determines_the_stay():
    assert simulate_stay(VITALS, 1) == simulate_stay(VITALS, 1)
    assert simulate_stay(VITALS, 1) != simulate_stay(VITALS, 2)


def test_a_quantity_without_a_schedule_does_not_change_the_chart():
    without = replace(VITALS, schedules=VITALS.schedules[:1])
    assert {line.quantity for line in simulate_stay(without, 1)} == {"Age", "HR"}


@pytest.mark.parametrize("plan", STAYS, ids=lambda plan: plan.name)
def test_a_written_stay_is_restored(plan, tmp_path):
    chart = simulate_stay(plan, 3)
    write_stay(plan, chart, tmp_path)
    record = open_record(tmp_path / f"{plan.name}.txt")
    assert is_stay(record)
    # All of it is possible, nothing is told of the end, and what is unknown is missing.
    assert record.annotations == {}
    known = {(line.minute, line.quantity) for line in chart if line.value != -1}
    assert np.isfinite(record.signals).sum() == len(known)
    for line in chart[:: max(1, len(chart) // 40)]:
        value = record.signals[line.minute, record.channel_index(line.quantity)]
        assert np.isnan(value) if line.value == -1 else value == np.float32(line.value)


@pytest.mark.parametrize("plan", STAYS, ids=lambda plan: plan.name)
def test_a_file_states_that_it_is_simulated_and_has_a_description(plan, tmp_path):
    write_stay(plan, simulate_stay(plan, 3), tmp_path)
    first, second, header = (tmp_path / f"{plan.name}.txt").read_text().splitlines()[:3]
    assert first.startswith("# Simulated")
    assert "not a patient" in first
    assert second == f"# {plan.description}"
    assert header == "Time,Parameter,Value"


def test_recovery_ends_with_normal_vital_signs(stays):
    stay = stays["recovery"]
    for name in ("HR", "NISysABP", "Temp", "GCS", "Lactate", "K", "Creatinine"):
        parameter = PARAMETERS[name]
        assert parameter.normal_low <= np.median(series(stay, name)[-3:]) <= parameter.normal_high, name
    ventilated = np.flatnonzero(np.isfinite(stay.signals[:, stay.channel_index("MechVent")]))
    assert ventilated.max() < 8 * 60


def test_septic_shock_worsens(stays):
    stay = stays["septic_shock"]
    for name, sign in {
        "Lactate": 1,
        "HR": 1,
        "Creatinine": 1,
        "SysABP": -1,
        "Platelets": -1,
        "pH": -1,
        "Urine": -1,
    }.items():
        values = series(stay, name)
        assert sign * (values[-3:].mean() - values[:3].mean()) > 0, name
    assert series(stay, "Lactate")[-1] > 8
    assert series(stay, "Urine")[-12:].mean() < 15
    assert series(stay, "MAP")[-4:].mean() < 60


def test_kidney_function_and_potassium_recover(stays):
    stay = stays["kidney_injury"]
    potassium, creatinine, urine = (series(stay, name) for name in ("K", "Creatinine", "Urine"))
    assert potassium[0] > 6.5
    assert potassium[-1] < 5
    assert creatinine[-1] < 0.6 * creatinine.max()
    assert urine[-5:].mean() > 3 * urine[:2].mean()
    assert series(stay, "HR")[0] < 60


def test_a_night_of_observation_has_few_values_and_none_after_hour_20(stays):
    stay = stays["sparse"]
    measured = [name for name in PARAMETERS if name not in STATICS]
    charted_at = np.isfinite(stay.signals[:, [stay.channel_index(name) for name in measured]])
    assert charted_at.sum() < 80
    assert np.flatnonzero(charted_at.any(axis=1)).max() < 20 * 60
    assert len(series(stay, "Height")) == 0
