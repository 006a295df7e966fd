import numpy as np
import pytest

from backend.charts.evidence.verdict_bars import plot_verdict_bars
from backend.charts.style.theme import DARK, LIGHT
from tests.charts.drawings import layers_with, rows, size_px
from tests.made_evidence import TECHNIQUES, made_evidence

KINDS = ("stable", "moderately stable", "do not rely on it")


def parts(spec):
    (bars,) = layers_with(spec, "bar")
    return rows(spec, bars)


def test_each_technique_is_one_bar_of_all_beats_from_the_best_verdict_to_the_worst():
    drawn = parts(plot_verdict_bars(made_evidence().verdicts, KINDS, TECHNIQUES).to_dict())
    mask = [row for row in drawn if row["technique"] == "mask"]
    assert [row["verdict"] for row in mask] == list(KINDS)
    assert [(row["start"], row["end"]) for row in mask] == [
        pytest.approx(part) for part in ((0, 0.3), (0.3, 0.7), (0.7, 1))
    ]


def test_a_share_is_printed_where_it_fits():
    words = {
        (row["technique"], row["verdict"]): row["percent"]
        for row in parts(plot_verdict_bars(made_evidence().verdicts, KINDS, TECHNIQUES).to_dict())
    }
    assert words["occlusion", "stable"] == "80%"
    assert words["occlusion", "do not rely on it"] == ""


def test_a_verdict_without_beats_takes_no_room():
    verdicts = made_evidence().verdicts[lambda table: table.share > 0]
    drawn = parts(plot_verdict_bars(verdicts, KINDS, TECHNIQUES).to_dict())
    (never,) = [row for row in drawn if (row["technique"], row["verdict"]) == ("derivative", "stable")]
    assert never["start"] == never["end"] == 0


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_chart_fits_its_width(theme):
    assert size_px(plot_verdict_bars(made_evidence().verdicts, KINDS, TECHNIQUES, 955, theme))[0] <= 955


def test_an_empty_table_of_verdicts_is_still_a_chart():
    assert np.isfinite(size_px(plot_verdict_bars(made_evidence().verdicts.head(0), KINDS, TECHNIQUES))).all()
