import numpy as np
import pytest

from backend.explain.quality.wave_agreement import EXPECTED, PARTS, QRS_PARTS, compute_part_shares, locate_qrs_parts
from backend.explain.quality.wave_shares import SEGMENTS, compute_wave_shares
from backend.models.bundle import load_bundle

MARKS = {
    "p_onset": 0,
    "p_end": 2,
    "qrs_onset": 3,
    "q_peak": 4,
    "r_wave": 6,
    "s_peak": 7,
    "qrs_end": 9,
    "t_onset": None,
    "t_end": None,
}
NAMES = ("lead II", "RR before")


def shares(salience, marks=MARKS, names=NAMES):
    of_salience, of_time = compute_part_shares(salience[np.newaxis], ("limb lead", "RR before"), [names], [marks])
    return dict(zip(PARTS, of_salience[0], strict=True)), dict(zip(PARTS, of_time[0], strict=True))


def test_parts_of_the_qrs_between_its_deflections_are_shares_of_the_window():
    salience = np.zeros((12, 2), np.float32)
    salience[:, 0] = [0, 1, 0, 2, 0, 3, 4, 5, 1, 0, 4, 0]  # 20 in all: Q at 4, R at 6, S at 7
    salience[:, 1] = 100.0  # a measurement has no waves
    of_salience, of_time = shares(salience)
    assert of_salience["onset to Q"] == pytest.approx(2 / 20)
    assert of_salience["Q to R"] == pytest.approx(3 / 20)
    assert of_salience["R to S"] == pytest.approx(4 / 20)
    assert of_salience["S to end"] == pytest.approx(6 / 20)
    assert of_salience["QRS"] == pytest.approx(15 / 20) == sum(of_salience[part] for part in QRS_PARTS)
    assert [of_time[part] * 12 for part in QRS_PARTS] == pytest.approx([1, 2, 1, 2])


def test_segments_equal_those_of_one_beat_and_absent_ones_are_nan():
    salience = np.random.default_rng(0).random((12, 2)).astype(np.float32)
    of_salience, of_time = shares(salience)
    one = compute_wave_shares(salience[:, :1], MARKS)
    for segment in SEGMENTS:
        for told, expected in ((of_salience, one.of_salience), (of_time, one.of_time)):
            if expected[segment] is None:
                assert np.isnan(told[segment])
            else:
                assert told[segment] == pytest.approx(expected[segment])
    assert np.isnan(of_salience["T"])


def test_without_q_and_s_r_rises_from_the_onset_and_falls_until_the_end():
    found = locate_qrs_parts({**MARKS, "q_peak": None, "s_peak": None}, 12)
    assert found == {"Q to R": slice(3, 6), "R to S": slice(6, 9)}


def test_a_qrs_without_r_has_no_parts():
    assert locate_qrs_parts({**MARKS, "r_wave": None}, 12) == {}


def test_steps_outside_the_window_do_not_count():
    found = locate_qrs_parts({**MARKS, "qrs_onset": -3, "q_peak": -1, "qrs_end": 20}, 12)
    assert found["onset to Q"] == slice(0, 0)
    assert found["S to end"] == slice(7, 12)


def test_a_window_without_salience_has_no_salience_shares():
    of_salience, of_time = shares(np.zeros((12, 2), np.float32))
    assert np.isnan(list(of_salience.values())).all()
    assert of_time["QRS"] == pytest.approx(6 / 12)


def test_every_expected_part_has_a_share():
    published = load_bundle("ecg-beat-2018")
    assert set(EXPECTED) == set(published.classes)
    for expectation in EXPECTED.values():
        assert set(expectation.parts) <= set(PARTS)
        assert expectation.limit.endswith(".")
