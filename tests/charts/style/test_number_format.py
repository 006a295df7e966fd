import math
import re

import numpy as np
import pytest

from backend.charts.style.number_format import (
    format_decimal,
    format_hours_minutes,
    format_minutes_seconds,
    format_percent,
    format_range,
    format_signed,
)


@pytest.mark.parametrize(
    ("share", "n_decimals", "text"),
    [
        (0.884, 0, "88%"),
        (0.0, 0, "0%"),
        (1.0, 0, "100%"),
        (0.9412, 1, "94.1%"),
        (0.9987, 2, "99.87%"),
        (None, 1, "–"),
        (math.nan, 0, "–"),
        (np.float32(0.25), 0, "25%"),
    ],
)
def test_a_share_is_a_percentage_without_a_space(share, n_decimals, text):
    assert format_percent(share, n_decimals) == text


@pytest.mark.parametrize(
    ("share", "n_decimals", "text"),
    [
        (0.996, 0, ">99%"),
        (0.994, 0, "99%"),
        (0.004, 0, "<1%"),
        (0.006, 0, "1%"),
        (0.9996, 1, ">99.9%"),
        (0.99999, 2, ">99.99%"),
        (0.0004, 1, "<0.1%"),
        (1 - 1e-9, 0, ">99%"),
        (1e-12, 0, "<1%"),
    ],
)
def test_a_percentage_never_claims_certainty_by_rounding(share, n_decimals, text):
    assert format_percent(share, n_decimals) == text


@pytest.mark.parametrize(
    ("seconds", "n_decimals", "text"),
    [
        (0.0, 0, "0:00"),
        (59.4, 0, "0:59"),
        (59.6, 0, "1:00"),
        (299.96, 1, "5:00.0"),
        (299.94, 1, "4:59.9"),
        (59.996, 2, "1:00.00"),
        (59.994, 2, "0:59.99"),
        (61.05, 2, "1:01.05"),
        (3599.99, 1, "60:00.0"),
        (1805.0, 0, "30:05"),
    ],
)
def test_seconds_are_rounded_before_they_are_split(seconds, n_decimals, text):
    assert format_minutes_seconds(seconds, n_decimals) == text


@pytest.mark.parametrize("n_decimals", [0, 1, 2])
def test_no_time_reads_60_seconds(n_decimals):
    edges = [60 * minute + offset for minute in range(1, 40) for offset in (-0.5, -0.051, -0.05, -0.005, -1e-9, 0.0)]
    texts = [format_minutes_seconds(second, n_decimals) for second in edges]
    assert all(re.fullmatch(r"\d+:[0-5]\d(\.\d+)?", text) for text in texts)


@pytest.mark.parametrize(("minute", "text"), [(0, "0:00"), (65, "1:05"), (2880, "48:00"), (599.6, "9:59")])
def test_minutes_since_admission_are_hours_and_minutes(minute, text):
    assert format_hours_minutes(minute) == text


def test_minus_is_a_minus_sign_and_there_is_no_minus_zero():
    texts = [format_decimal(value) for value in (-0.314, -0.001, -0.16, 1.0, np.nan)]
    assert texts == ["−0.31", "0.00", "−0.16", "1.00", "–"]


@pytest.mark.parametrize(("value", "text"), [(0.123, "+0.12"), (-0.314, "−0.31"), (0.001, "0.00"), (-0.001, "0.00")])
def test_a_change_has_its_sign_unless_it_rounds_to_zero(value, text):
    assert format_signed(value) == text


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [(0.81, 0.88, "0.81–0.88"), (-0.2, 0.1, "−0.20 to 0.10"), (-0.5, -0.2, "−0.50 to −0.20"), (-0.001, 1, "0.00–1.00")],
)
def test_a_range_has_an_en_dash_unless_a_minus_sign_would_meet_it(low, high, text):
    assert format_range(low, high) == text
