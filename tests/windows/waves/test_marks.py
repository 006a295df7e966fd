from dataclasses import replace

import numpy as np
import pytest

from backend.windows.waves.marks import MARKS, Waves


def waves_of_two_beats() -> Waves:
    whole, without_p = np.arange(100.0, 220.0, 10.0), np.arange(400.0, 520.0, 10.0)
    without_p[1:4] = np.nan
    return Waves(*np.stack([whole, without_p], axis=1))


def test_the_marks_are_those_that_the_command_line_and_the_screens_name():
    assert MARKS == (
        "r_peak",
        "p_onset",
        "p_peak",
        "p_end",
        "qrs_onset",
        "q_peak",
        "r_wave",
        "s_peak",
        "qrs_end",
        "t_onset",
        "t_peak",
        "t_end",
    )


def test_a_beats_marks_are_whole_samples_by_name():
    beat = waves_of_two_beats().beat(0)
    assert beat == dict(zip(MARKS, range(100, 220, 10), strict=True))
    assert all(type(sample) is int for sample in beat.values())


def test_an_absent_mark_is_none():
    beat = waves_of_two_beats().beat(1)
    assert [mark for mark, sample in beat.items() if sample is None] == ["p_onset", "p_peak", "p_end"]
    assert beat["r_peak"] == 400


@pytest.mark.parametrize(
    ("q", "r", "s", "letters"),
    [
        (95, 100, 105, {"Q": 95, "R": 100, "S": 105}),
        (np.nan, 100, 105, {"R": 100, "S": 105}),
        (95, 100, np.nan, {"Q": 95, "R": 100}),
        (100, np.nan, np.nan, {"QS": 100}),
        (np.nan, np.nan, np.nan, {}),
    ],
)
def test_a_qrs_without_r_is_written_qs(q, r, s, letters):
    marks = {mark: np.array([np.nan]) for mark in MARKS}
    marks |= {"r_peak": np.array([100.0]), "q_peak": np.array([q]), "r_wave": np.array([r]), "s_peak": np.array([s])}
    assert Waves(**marks).deflections(0) == letters


def test_only_a_present_mark_can_be_uncertain():
    certain = waves_of_two_beats()
    waves = replace(certain, uncertain={"p_peak": np.array([True, True]), "t_end": np.array([False, True])})
    assert waves.is_uncertain("p_peak").tolist() == [True, False]
    assert waves.is_uncertain("t_end").tolist() == [False, True]
    assert waves.uncertain_marks(0) == ("p_peak",)
    assert waves.uncertain_marks(1) == ("t_end",)
    assert not any(certain.is_uncertain(mark).any() for mark in MARKS)
