import pytest

from backend.explain.progress import Cancelled, report_progress


def test_progress_is_reported_in_steps():
    heard = []
    report_progress(lambda step, steps: heard.append((step, steps)), 3, 10)
    assert heard == [(3, 10)]


def test_returning_false_cancels_the_work():
    with pytest.raises(Cancelled, match="3 of 10"):
        report_progress(lambda step, steps: False, 3, 10)


def test_progress_needs_no_listener():
    assert report_progress(None, 1, 1) is None
