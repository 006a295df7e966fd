import numpy as np

from backend.windows.marks import MARKS, Waves


def waves_of_two_beats() -> Waves:
    whole, without_p = np.arange(100.0, 190.0, 10.0), np.arange(400.0, 490.0, 10.0)
    without_p[1:4] = np.nan
    return Waves(*np.stack([whole, without_p], axis=1))


def test_the_marks_are_those_that_the_command_line_and_the_screens_name():
    assert MARKS == (
        "r_peak",
        "p_onset",
        "p_peak",
        "p_end",
        "qrs_onset",
        "qrs_end",
        "t_onset",
        "t_peak",
        "t_end",
    )


def test_a_beats_marks_are_whole_samples_by_name():
    beat = waves_of_two_beats().beat(0)
    assert beat == dict(zip(MARKS, range(100, 190, 10), strict=True))
    assert all(type(sample) is int for sample in beat.values())


def test_a_mark_that_is_absent_is_none_and_not_a_number():
    beat = waves_of_two_beats().beat(1)
    assert [mark for mark, sample in beat.items() if sample is None] == ["p_onset", "p_peak", "p_end"]
    assert beat["r_peak"] == 400
