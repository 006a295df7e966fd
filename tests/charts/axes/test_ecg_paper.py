import numpy as np
import pytest

from backend.charts.axes.ecg_paper import (
    MOST_RANGE_MV,
    Trace,
    draw_calibration_pulse,
    draw_paper,
    fit_panel,
    fit_time_axis,
    px_per_mv,
)
from backend.charts.style.theme import LIGHT
from tests.charts.drawings import made_up_trace


@pytest.mark.parametrize("duration_s", [0.5, 2, 6, 12])
@pytest.mark.parametrize("width_px", [640, 940])
def test_the_big_box_is_square_on_the_screen(duration_s, width_px):
    axis = fit_time_axis(100, 100 + duration_s, width_px)
    assert 0.2 * axis.px_per_s == pytest.approx(0.5 * px_per_mv(axis))


def test_a_short_segment_does_not_fill_the_width():
    assert fit_time_axis(0, 0.5, 940).width_px < 400
    assert fit_time_axis(0, 10, 940).width_px > 800


def test_charts_of_the_same_seconds_line_up():
    assert fit_time_axis(3, 5, 640) == fit_time_axis(3, 5, 640)


def test_lines_are_drawn_every_small_and_every_big_box():
    trace = made_up_trace(2, start_s=7.13)
    axis = fit_time_axis(trace.start_s, trace.end_s, 640)
    panel = fit_panel(trace, 0, px_per_mv(axis))
    lines = draw_paper(panel, axis, LIGHT)[1].data
    for colour, box_s, box_mv in ((LIGHT.grid_minor, 0.04, 0.1), (LIGHT.grid_major, 0.2, 0.5)):
        own = lines[lines.colour == colour]
        verticals, horizontals = own[own.time_s == own.end_s], own[own.mv == own.high_mv]
        assert np.allclose(np.diff(verticals.time_s), box_s)
        assert np.allclose(np.diff(horizontals.mv), box_mv)
        assert np.allclose(verticals.time_s / box_s, np.round(verticals.time_s / box_s))


def test_the_calibration_pulse_is_1_mv_high_and_a_fifth_of_a_second_wide_and_before_the_trace():
    axis = fit_time_axis(7, 9, 640)
    pulse = draw_calibration_pulse(fit_panel(made_up_trace(2, start_s=7), 0, px_per_mv(axis)), axis, LIGHT).data
    top = pulse[pulse.mv == pulse.mv.max()]
    assert np.ptp(pulse.mv) == pytest.approx(1.0)
    assert np.ptp(top.time_s) == pytest.approx(0.2)
    assert pulse.time_s.max() < 7


@pytest.mark.parametrize("offset_mv", [-4.0, 0.0, 3.0])
def test_paper_holds_the_whole_trace_and_the_calibration_pulse(offset_mv):
    trace = Trace("II", offset_mv + np.linspace(0, 0.3, 500), 250.0)
    panel = fit_panel(trace, 0, 100)
    pulse = draw_calibration_pulse(panel, fit_time_axis(0, 2, 640), LIGHT).data
    assert panel.low_mv <= min(trace.signal_mv.min(), pulse.mv.min())
    assert max(trace.signal_mv.max(), pulse.mv.max()) <= panel.high_mv


def test_an_absurd_amplitude_does_not_make_an_endless_panel():
    signal = made_up_trace(2).signal_mv.copy()
    signal[100], signal[200] = 900, -900
    panel = fit_panel(Trace("II", signal, 360.0), 0, 100)
    assert panel.high_mv - panel.low_mv <= MOST_RANGE_MV + 0.2
    assert panel.low_mv < 0 < 1.2 < panel.high_mv


def test_a_trace_without_signal_has_paper():
    panel = fit_panel(Trace("II", np.full(500, np.nan), 250.0), 0, 100)
    assert panel.high_mv - panel.low_mv == pytest.approx(1.5)
