import numpy as np

from backend.windows.base import Windows


def test_selected_windows_keep_their_anchors_and_labels():
    values = np.arange(12, dtype=np.float32).reshape(3, 4, 1)
    windows = Windows(values, ("lead II",), 360.0, np.array([10, 20, 30]), 1, ("normal", "", "PVC"))
    chosen = windows.where(np.array([True, False, True]))
    assert np.array_equal(chosen.values, values[[0, 2]])
    assert chosen.anchor.tolist() == [10, 30]
    assert chosen.reference == ("normal", "PVC")
    assert (chosen.variables, chosen.sampling_rate, chosen.anchor_step) == (("lead II",), 360.0, 1)


def test_selected_windows_have_no_reference_if_there_was_none():
    windows = Windows(np.zeros((2, 4, 1), np.float32), ("lead II",), 360.0, np.array([10, 20]), 1)
    assert windows.where(np.array([False, True])).reference is None
