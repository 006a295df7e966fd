import numpy as np
import pytest

from backend.charts.compare.rank_correlations import plot_rank_correlations
from backend.charts.style.theme import DARK, LIGHT
from tests.charts.drawings import layers_with, rows, size_px

LABELS = ("Occlusion", "Learned mask", "Integrated gradients")
CORRELATIONS = np.array([[1.0, 0.5, -0.25], [0.5, 1.0, np.nan], [-0.25, np.nan, 1.0]])


def cells_of(theme=LIGHT):
    spec = plot_rank_correlations(LABELS, CORRELATIONS, theme).to_dict()
    (cells,) = layers_with(spec, "rect")
    return rows(spec, cells)


def test_each_pair_has_one_cell_with_its_number():
    assert {cell["pair"]: cell["text"] for cell in cells_of()} == {
        "Occlusion and Learned mask": "0.50",
        "Occlusion and Integrated gradients": "−0.25",
        "Learned mask and Integrated gradients": "–",
    }


def test_a_name_is_right_of_its_row_and_on_top_of_its_column():
    spec = plot_rank_correlations(LABELS, CORRELATIONS).to_dict()
    names = {row["label"]: row for layer in layers_with(spec, "text") for row in rows(spec, layer) if "label" in row}
    (cell,) = (cell for cell in cells_of() if cell["pair"] == "Learned mask and Integrated gradients")
    assert names["Integrated gradients"]["middle"] == cell["middle"]
    assert cell["left"] <= names["Learned mask"]["left"] <= cell["right"]
    assert names["Learned mask"]["middle"] < cell["top"]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_positive_and_negative_correlations_differ_in_colour_and_missing_ones_have_none(theme):
    colours = [(cell["colour"], cell["opacity"]) for cell in cells_of(theme)]
    assert [colour for colour, _ in colours[:2]] == [theme.accent, theme.salience_strong]
    assert colours[0][1] == pytest.approx(2 * colours[1][1])
    assert colours[2][1] == 0


@pytest.mark.parametrize("count", [0, 1, 3])
def test_names_are_whole_for_any_number_of_techniques(count):
    width, _ = size_px(plot_rank_correlations(LABELS[:count], CORRELATIONS[:count, :count]))
    assert width >= 48 * max(count - 1, 0)
