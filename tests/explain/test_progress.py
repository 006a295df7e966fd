import pytest

from backend.explain.progress import Cancelled, report


def test_a_listener_hears_how_far_the_work_is():
    heard = []
    report(lambda step, steps: heard.append((step, steps)), 3, 10)
    assert heard == [(3, 10)]


def test_a_listener_that_returns_false_stops_the_work():
    with pytest.raises(Cancelled, match="3 of 10"):
        report(lambda step, steps: False, 3, 10)


def test_nobody_has_to_listen():
    assert report(None, 1, 1) is None
