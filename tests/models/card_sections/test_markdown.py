import pytest

from backend.models.card_sections.markdown import (
    bullets,
    count,
    figure_with_interval,
    interval,
    paragraphs,
    percent,
    percent_with_interval,
    table,
    with_interval,
)


def test_a_table_has_a_header_a_rule_and_one_line_for_each_row():
    assert table(("class", "beats"), [("PVC", 3), ("paced", 4)]) == (
        "| class | beats |\n| --- | --- |\n| PVC | 3 |\n| paced | 4 |"
    )


def test_a_percentage_has_no_space_and_a_missing_one_is_a_dash():
    assert percent(0.8831) == "88.3%"
    assert percent(0.8831, 0) == "88%"
    assert percent(None) == "–"


@pytest.mark.parametrize(
    ("low", "high", "pattern", "text"),
    [
        (0.812, 0.868, "{:.3f}", "0.812–0.868"),
        (-0.02, 0.21, "{:.2f}", "-0.02 to 0.21"),
        (0.53, 0.76, "{:+.2f}", "+0.53 to +0.76"),
    ],
)
def test_an_en_dash_never_meets_a_sign(low, high, pattern, text):
    assert interval(low, high, pattern) == text


def test_a_value_is_followed_by_its_interval():
    assert with_interval(0.841, (0.812, 0.868)) == "0.841 (0.812–0.868)"


def test_a_count_has_thousands_separators_and_agrees_with_its_noun():
    assert count(20714, "beat") == "20,714 beats"
    assert count(1, "patient") == "1 patient"
    assert count(0, "patient") == "0 patients"


def test_empty_parts_leave_no_gap():
    assert paragraphs(["a", "", bullets(["b", "c"])]) == "a\n\n- b\n- c"


def test_a_figure_without_an_interval_stands_alone_and_an_unknown_one_is_an_en_dash():
    assert percent_with_interval([0.883, 0.801, 0.93]) == "88.3% (80.1–93.0%)"
    assert percent_with_interval([0.883, None, None]) == "88.3%"
    assert percent_with_interval([None, None, None]) == "–"
    assert figure_with_interval([0.841, 0.812, 0.868]) == "0.841 (0.812–0.868)"
    assert figure_with_interval([0.841, None, None]) == "0.841"
    assert figure_with_interval([None, None, None]) == "–"
