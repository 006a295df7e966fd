import numpy as np
import pytest

from backend.explain.quality.wave_shares import SEGMENTS, compute_wave_shares, salience_of_leads
from backend.windows.waves.marks import steps_of_marks

MARKS = {"p_onset": 10, "p_end": 20, "qrs_onset": 30, "qrs_end": 40, "t_onset": 60, "t_end": 80}


def salience_at(*steps):
    salience = np.zeros((100, 1), dtype=np.float32)
    salience[list(steps)] = 1.0
    return salience


@pytest.mark.parametrize(
    ("step", "segment"),
    [(9, "rest"), (10, "P"), (19, "P"), (20, "PR"), (30, "QRS"), (40, "ST"), (60, "T"), (79, "T"), (80, "rest")],
)
def test_a_step_belongs_to_the_segment_that_its_marks_enclose(step, segment):
    shares = compute_wave_shares(salience_at(step), MARKS).of_salience
    assert shares == {own: float(own == segment) for own in SEGMENTS}


def test_uniform_salience_has_the_shares_of_the_time():
    shares = compute_wave_shares(np.ones((100, 2), dtype=np.float32), MARKS)
    expected = {"P": 0.1, "PR": 0.1, "QRS": 0.1, "ST": 0.2, "T": 0.2, "rest": 0.3}
    assert shares.of_time == pytest.approx(expected)
    assert shares.of_salience == pytest.approx(expected)


@pytest.mark.parametrize("missing", [(), ("p_onset", "p_end"), ("t_end",), tuple(MARKS)])
def test_shares_add_up_to_1_whatever_is_absent(missing):
    marks = {mark: None if mark in missing else step for mark, step in MARKS.items()}
    shares = compute_wave_shares(np.random.default_rng(0).random((100, 2)), marks)
    for own in (shares.of_salience, shares.of_time):
        assert sum(share for share in own.values() if share is not None) == pytest.approx(1.0)


def test_an_absent_wave_has_no_share_and_its_time_goes_to_the_rest():
    shares = compute_wave_shares(salience_at(15, 35), {**MARKS, "p_onset": None, "p_end": None})
    assert shares.of_salience == {"P": None, "PR": None, "QRS": 0.5, "ST": 0.0, "T": 0.0, "rest": 0.5}
    assert shares.of_time["P"] is None
    assert shares.of_time["rest"] == pytest.approx(0.5)


def test_marks_outside_of_the_window_are_clipped():
    marks = {**MARKS, "p_onset": -30, "p_end": 5, "t_end": 130}
    shares = compute_wave_shares(np.ones((100, 1)), marks)
    assert shares.of_time["P"] == pytest.approx(0.05)
    assert shares.of_time["T"] == pytest.approx(0.4)
    assert shares.of_time["rest"] == pytest.approx(0.0)


def test_a_wave_before_the_window_takes_no_share():
    shares = compute_wave_shares(np.ones((100, 1)), {**MARKS, "p_onset": -40, "p_end": -10})
    assert shares.of_time["P"] == 0.0
    assert shares.of_time["PR"] == pytest.approx(0.3)


def test_where_marks_cross_the_qrs_has_the_steps():
    shares = compute_wave_shares(np.ones((100, 1)), {**MARKS, "p_end": 35})
    assert shares.of_time["P"] == pytest.approx(0.2)
    assert shares.of_time["QRS"] == pytest.approx(0.1)
    assert shares.of_time["PR"] == 0.0


def test_no_salience_has_no_shares():
    shares = compute_wave_shares(np.zeros((100, 1)), MARKS)
    assert set(shares.of_salience.values()) == {None}
    assert shares.of_time["QRS"] == pytest.approx(0.1)


def test_marks_are_brought_to_the_steps_of_the_window():
    marks = {"p_onset": 460, "qrs_onset": 490, "r_peak": 500, "t_end": None}
    steps = steps_of_marks(marks, anchor=500, anchor_step=72, record_rate=250.0, window_rate=360.0)
    assert steps == {"p_onset": 14, "qrs_onset": 58, "r_peak": 72, "t_end": None}


VARIABLES = ("lead II", "no right precordial lead", "difference II", "no right precordial lead", "RR before")
SOURCES = ("limb lead", "right precordial lead", "limb lead", "right precordial lead", "RR before")


def test_a_lead_has_the_greatest_salience_of_its_columns_and_only_leads_of_the_record_count():
    salience = np.array([[0.1, 0.9, 0.3, 0.9, 0.9], [0.5, 0.9, 0.2, 0.9, 0.9]])
    assert salience_of_leads(salience, SOURCES, VARIABLES).tolist() == [[0.3], [0.5]]
    assert salience_of_leads(salience, SOURCES, ("RR before",) * 5).shape == (2, 0)
