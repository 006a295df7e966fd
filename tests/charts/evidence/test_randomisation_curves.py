import pytest

from backend.charts.evidence.randomisation_curves import plot_randomisation_curves
from backend.charts.style.theme import DARK, LIGHT
from tests.charts.drawings import layers_with, rows, size_px
from tests.made_evidence import TECHNIQUES, made_evidence


def test_every_line_runs_from_the_trained_to_the_fully_randomised_network():
    spec = plot_randomisation_curves(made_evidence().sanity, TECHNIQUES, 0.5).to_dict()
    (lines,) = layers_with(spec, "line")
    drawn = {(row["technique"], row["stage"]): row["correlation"] for row in rows(spec, lines)}
    assert all(drawn[name, 0] == 1.0 for name in TECHNIQUES)
    assert [drawn[name, 3] for name in TECHNIQUES] == [0.7, 0.02, 0.1]


def test_stages_are_in_the_order_of_randomisation():
    (lines,) = layers_with(spec := plot_randomisation_curves(made_evidence().sanity, TECHNIQUES, 0.5).to_dict(), "line")
    steps = [step.replace("|", " ") for step in lines["encoding"]["x"]["sort"]]
    assert steps == ["as trained", "read-out", "and recurrent weights", "and input weights and biases"]
    assert {row["step"] for row in rows(spec, lines)} == set(lines["encoding"]["x"]["sort"])


def test_a_line_is_drawn_at_the_limit_above_which_a_technique_fails():
    spec = plot_randomisation_curves(made_evidence().sanity, TECHNIQUES, 0.5).to_dict()
    (limit,) = layers_with(spec, "rule")
    assert rows(spec, limit) == [{"limit": 0.5}]


def test_negative_correlations_fit_the_scale():
    table = made_evidence().sanity
    spec = plot_randomisation_curves(
        table.assign(correlation=-table.correlation, low=-table.high, high=-table.low), ("mask",), 0.5
    )
    (lines,) = layers_with(spec.to_dict(), "line")
    assert lines["encoding"]["y"]["scale"]["domain"][0] <= -0.95


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_chart_fits_its_width(theme):
    assert size_px(plot_randomisation_curves(made_evidence().sanity, TECHNIQUES, 0.5, 955, theme))[0] <= 955
