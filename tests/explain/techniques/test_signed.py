import numpy as np

from backend.explain.techniques.gradient_input import GradientInputParameters
from backend.explain.techniques.signed import make_signed_saliences
from tests.toys import PlainWindow

WINDOW = PlainWindow(("lead",))


def test_opposition_to_the_class_is_negative_in_raw_and_not_salient():
    raw = np.array([[[4.0], [-8.0]], [[-1.0], [-2.0]]])
    mixed, against = make_signed_saliences(
        raw, WINDOW, "gradient_input", GradientInputParameters(), ("normal", "PVC"), 3.0
    )
    assert mixed.raw.ravel().tolist() == [4.0, -8.0]
    assert mixed.values.ravel().tolist() == [1.0, 0.0]
    assert against.values.ravel().tolist() == [0.0, 0.0]
    assert (mixed.target, against.target) == ("normal", "PVC")


def test_each_window_has_an_equal_share_of_the_time():
    several = make_signed_saliences(
        np.ones((4, 2, 1)), WINDOW, "gradient_input", GradientInputParameters(), ("normal",) * 4, 2.0
    )
    assert [salience.seconds for salience in several] == [0.5] * 4
