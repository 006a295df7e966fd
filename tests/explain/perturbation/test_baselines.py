from dataclasses import replace

import numpy as np
import pytest

from backend.explain.perturbation.baselines import compute_baseline, delete_sources
from backend.records.record import RecordRefused
from tests.toys import summing_bundle

WINDOW = np.array([[1.0, 10.0], [3.0, 30.0]], dtype=np.float32)
PLAIN = summing_bundle((1.0, 1.0))
THREE_COLUMNS = summing_bundle((1.0, 1.0, 1.0), sources=("pressure", "pulse", "pressure"))


def test_a_number_is_the_baseline_of_every_variable():
    assert compute_baseline(PLAIN, WINDOW, 0.5, "normal").tolist() == [[0.5, 0.5]] * 2


def test_the_mean_is_each_variables_own():
    assert compute_baseline(PLAIN, WINDOW, "mean", "normal").tolist() == [[2.0, 20.0]] * 2


def test_not_measured_is_what_the_model_reads_when_a_sensor_is_off():
    assert compute_baseline(PLAIN, WINDOW, "not measured", "normal").tolist() == [[-1.0, -1.0]] * 2


def test_the_class_mean_replaces_deleted_values():
    means = np.arange(8, dtype=np.float32).reshape(2, 2, 2)
    of_second = compute_baseline(replace(PLAIN, class_means=means), WINDOW, "class mean", "LBBB")
    assert of_second.tolist() == means[1].tolist()


def test_the_class_mean_needs_mean_windows_of_the_classes():
    with pytest.raises(RecordRefused, match="Choose another baseline value"):
        compute_baseline(PLAIN, WINDOW, "class mean", "normal")


def test_the_local_mean_is_a_centred_average_over_a_quarter_of_the_window_that_leaves_a_slope_alone():
    slope = np.arange(20.0, dtype=np.float32)
    bump = np.where(slope == 10, 5.0, 0.0).astype(np.float32)
    local = compute_baseline(PLAIN, np.stack([slope, bump], axis=1), "local mean", "normal")
    assert local[4:-4, 0] == pytest.approx(slope[4:-4])
    assert local[:, 1] == pytest.approx(np.where(abs(slope - 10) <= 2, 1.0, 0.0))


@pytest.mark.parametrize(("fill", "instead"), [(0.0, (0.0, 0.0)), ("mean", (2.0, 4.0)), ("not measured", (-1.0, -1.0))])
def test_a_source_is_deleted_in_all_of_its_columns_and_no_other(fill, instead):
    window = np.array([[1.0, 7.0, 3.0], [3.0, 8.0, 5.0]], dtype=np.float32)
    hidden = np.zeros((2, 2, 2), dtype=bool)
    hidden[0, 1, 0] = True  # the pressure's two columns, in the second step
    gone, kept = delete_sources(THREE_COLUMNS, window, hidden, fill, "normal")
    assert gone.tolist() == [[1.0, 7.0, 3.0], [instead[0], 8.0, instead[1]]]
    assert kept.tolist() == window.tolist()
