import numpy as np

from backend.charts.shared.row_salience import RowSalience

WINDOW_S = (-16.0, 0.0)
N_STEPS = 400


def test_steps_of_the_same_salience_are_one_rectangle():
    values = np.repeat([0.2, 0.9, 0.2], [100, 200, 100])[:, None]
    runs = RowSalience(values, WINDOW_S).runs(0)
    assert runs.to_numpy().tolist() == [[-16, -12, 0.2], [-12, -4, 0.9], [-4, 0, 0.2]]


def test_a_sensor_that_the_model_does_not_read_has_no_salience():
    values = np.column_stack([np.linspace(0, 1, N_STEPS), np.full(N_STEPS, np.nan)])
    assert len(RowSalience(values, WINDOW_S).runs(0)) == N_STEPS
    assert RowSalience(values, WINDOW_S).runs(1).empty
