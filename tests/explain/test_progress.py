import pytest

from backend.explain.progress import Cancelled, report_progress


def test_a_listener_hears_how_far_the_work_is():
    heard = []
    report_progress(lambda step, steps: heard.append((step, steps)), 3, 10)
    assert heard == [(3, 10)]


def test_a_listener_that_returns_false_stops_the_work():
    with pytest.raises(Cancelled, match="3 of 10"):
        report_progress(lambda step, steps: False, 3, 10)


def test_nobody_has_to_listen():
    assert report_progress(None, 1, 1) is None
