from itertools import permutations

import numpy as np
import pytest

from backend.explain.questions.tracing_share import TracingShare, compute_tracing_share
from backend.models.scores import compute_scores, softmax
from tests.toys import summing_bundle, toy_beat, toy_bundle

SOURCES = ("II", "RR before", "V1", "RR after", "II")
WHOLE = ("RR before", "RR after")


def by_definition(bundle, window, target, explained):
    """The mean over both orders in which the players may join of what each adds when it joins."""

    def value(players):
        known = window.copy()
        for column, source in enumerate(bundle.window.sources):
            if ("measurements" if source in WHOLE else "tracing") not in players:
                known[:, column] = bundle.window.absent[column]
        scores = compute_scores(bundle, known[np.newaxis])
        outputs = softmax(scores, bundle.temperature) if explained == "probability" else scores
        return float(outputs[0, bundle.class_index(target)])

    added = {"tracing": [], "measurements": []}
    for order in permutations(added):
        for place, player in enumerate(order):
            added[player].append(value(order[: place + 1]) - value(order[:place]))
    return {player: np.mean(gains) for player, gains in added.items()}


@pytest.mark.parametrize("explained", ["score", "probability"])
@pytest.mark.parametrize("target", ["normal", "LBBB", "RBBB", "APC"])
def test_the_values_are_those_of_the_definition(target, explained):
    bundle = toy_bundle(5, sources=SOURCES, whole_sources=WHOLE, pooling="mean", temperature=1.5)
    window = toy_beat(24, 5)
    found = compute_tracing_share(bundle, window, target, explained)
    expected = by_definition(bundle, window, target, explained)
    assert found.tracing == pytest.approx(expected["tracing"], abs=1e-5)
    assert found.measurements == pytest.approx(expected["measurements"], abs=1e-5)


def test_the_values_of_a_sum_are_its_parts():
    # Not known, each column reads -1: ten steps of lead and measurement add (3 + 1) and 2 * (0.5 + 1).
    bundle = summing_bundle((1.0, 2.0), ("lead", "RR before"), ("RR before",))
    found = compute_tracing_share(bundle, np.tile(np.float32([3.0, 0.5]), (10, 1)), "normal")
    assert (found.tracing, found.measurements) == pytest.approx((40.0, 30.0), abs=1e-2)
    assert found.share == pytest.approx(4 / 7, abs=1e-3)


def test_the_values_sum_to_the_score_less_that_of_nothing_known():
    bundle = toy_bundle(5, sources=SOURCES, whole_sources=WHOLE)
    window = toy_beat(24, 5)
    whole, nothing = compute_scores(bundle, np.stack([window, np.full_like(window, -1.0)]))[:, 2]
    found = compute_tracing_share(bundle, window, "RBBB")
    assert found.tracing + found.measurements == pytest.approx(whole - nothing, abs=1e-5)


@pytest.mark.parametrize(
    ("tracing", "measurements", "share"),
    [(3.0, 1.0, 0.75), (2.0, 0.0, 1.0), (0.0, 2.0, 0.0), (3.0, -1.0, None), (-3.0, 5.0, None), (0.0, 0.0, None)],
)
def test_there_is_a_share_only_where_neither_opposes_the_class(tracing, measurements, share):
    assert TracingShare(tracing, measurements).share == share


def test_a_model_of_leads_alone_has_nothing_to_share():
    assert compute_tracing_share(toy_bundle(2), toy_beat(24, 2), "RBBB") is None
