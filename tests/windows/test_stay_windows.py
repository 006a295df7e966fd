import dataclasses
import json

import numpy as np
import pytest

from backend.records.formats.stays.stay_reader import read_stay
from backend.records.opening import open_record
from backend.records.record import RecordRefused
from backend.records.stays import PARAMETERS, Edit, apply_edits
from backend.windows.base import distinct
from backend.windows.stay_windows import (
    HOURS,
    Measurement,
    StayWindow,
    carry_forward,
    cut_stay,
    fit_window,
    list_measurements,
    resample_hourly,
)
from tests.records.well_formed import csv_text

QUANTITIES = ("value", "measured", "hours since", "distance", "least", "greatest", "mean")
COLUMNS = (
    ("Age", "value"),
    ("Gender", "value"),
    ("ICUType", "is 1"),
    ("ICUType", "is 3"),
    ("Weight", "value"),
    ("Weight", "measured"),
    *((parameter, quantity) for parameter in ("HR", "Urine", "Lactate") for quantity in QUANTITIES),
)
WINDOW = StayWindow(
    columns=COLUMNS,
    parameters=("Age", "Gender", "ICUType", "Weight", "HR", "Urine", "Lactate"),
    logarithmic=("Urine", "Lactate"),
    means=(60.0, 0.5, 0.0, 80.0, 90.0, 4.0, 0.7),
    deviations=(15.0, 0.5, 1.0, 20.0, 20.0, 1.0, 0.5),
)
STAY = """Time,Parameter,Value
00:00,Age,75
00:00,Gender,1
00:00,ICUType,3
00:00,Weight,70
00:10,HR,100
00:50,HR,120
02:30,HR,70
02:10,Urine,40
02:40,Urine,60
47:59,Lactate,2
48:00,Lactate,4
"""


@pytest.fixture
def stay(tmp_path):
    path = tmp_path / "stay.txt"
    path.write_text(STAY)
    return read_stay(path)


def column(values, name):
    return values[0, :, WINDOW.variables.index(name)]


def test_an_hour_holds_the_mean_of_its_values_and_the_sum_of_the_urine(stay):
    grid = resample_hourly(stay)
    assert grid.shape == (HOURS, len(PARAMETERS))
    by_name = dict(zip(PARAMETERS, grid.T, strict=True))
    assert by_name["HR"][0] == 110
    assert by_name["HR"][2] == 70
    assert by_name["Urine"][2] == 100
    assert np.isfinite(by_name["HR"]).sum() == 2


def test_values_charted_at_48_00_belong_to_the_last_hour(stay):
    assert resample_hourly(stay)[47, list(PARAMETERS).index("Lactate")] == 3


def test_measurements_are_listed_with_their_minutes(stay):
    assert list_measurements(stay, "HR") == (Measurement(10, 100.0), Measurement(50, 120.0), Measurement(150, 70.0))
    assert list_measurements(stay, "Mg") == ()


def test_the_columns_equal_values_worked_out_by_hand(stay):
    values = cut_stay(stay, WINDOW).values
    assert values.shape == (1, HOURS, len(COLUMNS))
    assert values.dtype == np.float32
    np.testing.assert_allclose(column(values, "Age"), 1.0)
    np.testing.assert_allclose(column(values, "ICUType is 3"), 1.0)
    np.testing.assert_allclose(column(values, "ICUType is 1"), 0.0)
    np.testing.assert_allclose(column(values, "HR")[:4], [1, 1, -1, -1])
    np.testing.assert_allclose(column(values, "HR measured")[:4], [1, 0, 1, 0])
    np.testing.assert_allclose(column(values, "HR hours since")[:4] * np.log(49), np.log([1, 2, 1, 2]), atol=1e-6)
    np.testing.assert_allclose(column(values, "HR least")[:4], [1, 1, -1, -1])
    np.testing.assert_allclose(column(values, "HR greatest"), 1)
    np.testing.assert_allclose(column(values, "HR mean")[:4], [1, 1, 0, 0])
    np.testing.assert_allclose(column(values, "Urine")[:3], [0, 0, np.log(101) - 4], atol=1e-6)
    np.testing.assert_allclose(column(values, "Urine hours since")[:3], [1, 1, 0])
    np.testing.assert_allclose(column(values, "HR distance")[:4], 1 / 3)
    np.testing.assert_allclose(column(values, "Lactate distance")[:3], 0)
    np.testing.assert_allclose(column(values, "Lactate")[-2:], [0, (np.log(3) - 0.7) / 0.5], atol=1e-6)


def test_a_row_does_not_depend_on_later_hours(stay):
    whole = cut_stay(stay, WINDOW).values
    later = apply_edits(stay, [Edit("HR", 1200, 190.0), Edit("Lactate", 1230, 9.0), Edit("Urine", 1201, 500.0)])
    changed = cut_stay(later, WINDOW).values
    np.testing.assert_array_equal(whole[:, :20], changed[:, :20])
    assert (whole[:, 20] != changed[:, 20]).any()


def test_a_parameter_that_was_never_charted_is_absent_throughout(stay):
    without_heart_rate = apply_edits(stay, [Edit("HR", minute, None) for minute in (10, 50, 150)])
    values = cut_stay(without_heart_rate, WINDOW).values[0]
    own = [place for place, source in enumerate(WINDOW.sources) if source == "HR"]
    np.testing.assert_array_equal(values[:, own], np.tile(WINDOW.absent[own], (HOURS, 1)))


def lines_of(rng, sources):
    """Charted values at random: some parameters often, some once, one perhaps never."""
    edits = [Edit("Age", 0, 40.0), Edit("Gender", 0, 0.0), Edit("ICUType", 0, float(rng.integers(1, 5)))]
    for parameter in sources[3:]:
        for minute in rng.choice(2881, size=rng.integers(0, 60), replace=False):
            edits.append(Edit(parameter, int(minute), float(rng.uniform(30, 190) if parameter != "Lactate" else 2.0)))
    return edits


@pytest.mark.parametrize("seed", range(12))
def test_hiding_hours_equals_a_file_without_their_lines(stay, seed):
    rng = np.random.default_rng(seed)
    sources = distinct(WINDOW.sources)
    edits = lines_of(rng, sources)
    empty = dataclasses.replace(stay, signals=np.full_like(stay.signals, np.nan))
    hidden = rng.random((5, HOURS, len(sources))) < rng.choice([0.02, 0.5, 0.97])
    hidden[0], hidden[1, :, 4], hidden[2] = True, True, False
    kept = [
        [edit for edit in edits if not own[min(edit.minute // 60, HOURS - 1), sources.index(edit.parameter)]]
        for own in hidden
    ]
    expected = np.concatenate([cut_stay(apply_edits(empty, left), WINDOW).values for left in kept])
    values = cut_stay(apply_edits(empty, edits), WINDOW).values
    np.testing.assert_allclose(WINDOW.without(values, hidden), expected, atol=1e-6)
    several = np.concatenate([values] * 5)
    np.testing.assert_array_equal(WINDOW.without(several, hidden), WINDOW.without(values, hidden))
    np.testing.assert_allclose(WINDOW.without(several, hidden[3:4])[4], expected[3], atol=1e-6)


def test_hiding_leaves_the_original_window_unchanged(stay):
    values = cut_stay(stay, WINDOW).values
    before = values.copy()
    WINDOW.without(values, np.ones((1, HOURS, 7), dtype=bool))
    np.testing.assert_array_equal(values, before)


def test_hiding_everything_gives_the_absent_values(stay):
    values = cut_stay(stay, WINDOW).values
    gone = WINDOW.without(values, np.ones((1, HOURS, 7), dtype=bool))
    np.testing.assert_array_equal(gone[0], np.tile(WINDOW.absent, (HOURS, 1)))


def test_a_card_restores_the_stay_window():
    fields = json.loads(json.dumps(dataclasses.asdict(WINDOW)))
    columns = tuple(map(tuple, fields.pop("columns")))
    assert StayWindow(columns=columns, **{name: tuple(value) for name, value in fields.items()}) == WINDOW


def test_a_fitted_window_standardises_the_training_values():
    rng = np.random.default_rng(3)
    grid = np.full((50, HOURS, len(PARAMETERS)), np.nan)
    for name in WINDOW.parameters:
        grid[:, ::2, list(PARAMETERS).index(name)] = rng.uniform(1, 4, size=(50, HOURS // 2))
    window = fit_window(COLUMNS, ("Urine", "Lactate"), ("ICUType",), grid)
    values = window.values_of(grid[:, :, [list(PARAMETERS).index(name) for name in window.parameters]])
    for name in ("HR", "Lactate", "Weight"):
        charted = values[:, ::2, window.variables.index(name)]
        assert charted.mean() == pytest.approx(0, abs=1e-3)
        assert charted.std() == pytest.approx(1, abs=1e-3)
    assert window.deviations[window.parameters.index("ICUType")] == 1.0


def test_a_parameter_without_training_values_has_a_scale():
    window = fit_window(COLUMNS, ("Lactate",), ("ICUType",), np.full((2, HOURS, len(PARAMETERS)), np.nan))
    assert set(window.means) == {0.0}
    assert set(window.deviations) == {1.0}


def test_the_outcome_of_a_stay_is_its_reference(stay, tmp_path):
    windows = cut_stay(stay, WINDOW)
    assert windows.reference is None
    assert windows.anchor.tolist() == [2880]
    assert windows.sampling_rate * 3600 == pytest.approx(1)
    (tmp_path / "told.txt").write_text("# Outcome: survival\n" + STAY)
    assert cut_stay(read_stay(tmp_path / "told.txt"), WINDOW).reference == ("survival",)


def test_a_recording_of_signals_is_not_a_stay(tmp_path):
    (tmp_path / "table.csv").write_text(csv_text())
    with pytest.raises(RecordRefused, match="is not an ICU stay"):
        cut_stay(open_record(tmp_path / "table.csv"), WINDOW)


def test_hourly_values_are_carried_forward_only():
    grid = np.array([[np.nan, 1.0], [2.0, np.nan], [np.nan, np.nan], [3.0, 4.0]])
    assert np.array_equal(carry_forward(grid), [[np.nan, 1], [2, 1], [2, 1], [3, 4]], equal_nan=True)
