"""On a network that adds up its input, what deleting does to the score is known."""

import json

import numpy as np
import pytest

from backend.explain.quality.comparison import (
    ComparedTechnique,
    average_correlations,
    correlate_saliences,
    describe_comparison,
    measure_random_drops,
    tabulate_comparison,
)
from backend.explain.quality.faithfulness import SHARES, measure_faithfulness
from backend.explain.quality.stability import Stability
from backend.explain.salience import Salience
from tests.toys import summing_bundle

STEPS = 100
WINDOW = np.linspace(1.0, 2.0, STEPS, dtype=np.float32)[:, np.newaxis]


def salience(values: np.ndarray, technique: str = "occlusion") -> Salience:
    shown = np.asarray(values, dtype=np.float32)
    return Salience(shown, shown, technique, {"fill": 0.0}, "normal", 0.25)


def compared(bundle, *saliences: Salience) -> list[ComparedTechnique]:
    return [
        ComparedTechnique(
            own, measure_faithfulness(bundle, WINDOW[np.newaxis], own.values[np.newaxis], [own.target], 0.0)[0]
        )
        for own in saliences
    ]


def test_agreement_depends_on_the_order_of_steps_and_not_on_values():
    rising = np.linspace(0, 1, STEPS)[:, np.newaxis]
    found = correlate_saliences(summing_bundle(), [salience(rising), salience(rising**5), salience(1 - rising)])
    assert found == pytest.approx(np.array([[1, 1, -1], [1, 1, -1], [-1, -1, 1]]))


def test_columns_of_one_source_are_one_entry_each_step():
    bundle = summing_bundle((1.0, 1.0), sources=("sensor", "sensor"))
    one, other = np.random.default_rng(0).random((2, STEPS, 1))
    first, second = np.hstack([one, np.zeros_like(one)]), np.hstack([np.zeros_like(one), one])
    assert correlate_saliences(bundle, [salience(first), salience(second)])[0, 1] == pytest.approx(1.0)
    assert correlate_saliences(bundle, [salience(first), salience(np.hstack([other, other]))])[0, 1] < 0.9


def test_a_constant_salience_agrees_with_none():
    rising = np.linspace(0, 1, STEPS)[:, np.newaxis]
    found = correlate_saliences(summing_bundle(), [salience(rising), salience(np.zeros((STEPS, 1)))])
    assert np.isnan(found[0, 1])


def test_agreement_with_the_control_does_not_count():
    correlations = np.array([[1.0, 0.6, np.nan, -0.9], [0.6, 1.0, np.nan, 0.5], [np.nan] * 4, [-0.9, 0.5, np.nan, 1.0]])
    found = average_correlations(("occlusion", "mask", "derivative", "random"), correlations)
    assert found == pytest.approx([0.6, 0.6, np.nan, -0.2], nan_ok=True)


def test_deleting_at_random_takes_the_deleted_share_of_a_sum():
    drops = measure_random_drops(summing_bundle(), WINDOW, "normal", 0.0)
    assert (np.diff(drops) >= 0).all()
    assert drops.mean() == pytest.approx(np.mean(SHARES) * WINDOW.sum(), rel=0.02)
    assert drops.std() > 0


def test_the_table_has_a_row_for_each_technique_with_its_figures_beside_chance():
    bundle = summing_bundle()
    rows = compared(bundle, salience(WINDOW - 1), salience(2 - WINDOW, "random"))
    table = tabulate_comparison(bundle, rows, 0.0, np.array([1.0, 3.0]))
    assert list(table["technique"]) == ["occlusion", "random"]
    assert list(table["comprehensiveness by chance"]) == [2.0, 2.0]
    most_first = np.sort(WINDOW.ravel())[::-1]
    counts = [round(share * STEPS) for share in SHARES]
    assert table["comprehensiveness"][0] == pytest.approx(np.mean([most_first[:n].sum() for n in counts]), rel=1e-3)
    assert table["correlation with random"][0] == pytest.approx(-1.0)


def test_the_document_holds_the_stability_of_checked_techniques():
    bundle = summing_bundle()
    found = Stability({"shift": (0.9, 0.7)}, 1.0, np.array([0.1, 0.2]), "moderately stable", "Moderately stable: …")
    rows = compared(bundle, salience(WINDOW - 1), salience(2 - WINDOW, "random"))
    document = describe_comparison(bundle, rows, 0.0, np.array([1.0, 3.0]), {"occlusion": found})
    read = json.loads(json.dumps(document, allow_nan=False))["techniques"]
    assert read[0]["stability"]["verdict"] == "moderately stable"
    assert read[0]["stability"]["correlations"] == {"shift": [0.9, 0.7]}
    assert read[1]["stability"] is None


def test_the_document_is_plain_json_with_null_for_unknown_correlations():
    bundle = summing_bundle()
    rows = compared(bundle, salience(WINDOW - 1), salience(np.zeros((STEPS, 1)), "mask"))
    read = json.loads(json.dumps(describe_comparison(bundle, rows, 0.0, np.array([1.0, 3.0])), allow_nan=False))
    assert read["rank_correlations"][0] == [pytest.approx(1.0), None]
    assert [row["technique"] for row in read["techniques"]] == ["occlusion", "mask"]
    assert len(read["techniques"][0]["faithfulness"]["drops"]) == 20
    assert np.shape(read["techniques"][0]["salience"]) == (STEPS, 1)
