import numpy as np
import pytest

from backend.explain.progress import Cancelled
from backend.explain.techniques.occlusion import OcclusionParameters, occlusion
from backend.models.scores import compute_scores, softmax
from tests.toys import (
    default_size_bundle,
    published_size_bundle,
    remembering_bundle,
    simulated_beat,
    summing_bundle,
    toy_beat,
    toy_bundle,
    varying,
)


def by_definition(bundle, window, target, parameters):
    """v_t for each variable, from every run read whole, in plain loops."""
    T, D = window.shape
    w = parameters.width_steps
    k = {"mean": window.mean(axis=0)}.get(parameters.fill, np.full(D, parameters.fill))
    varied = np.flatnonzero(varying(bundle))
    columns_at_once = [varied] if parameters.variables == "together" else [[d] for d in varied]
    runs = [(columns, first) for columns in columns_at_once for first in range(-w + 1, T)]
    windows = np.stack([window] * len(runs))
    spared = np.ones((len(runs), T, D), dtype=bool)
    for run, (columns, first) in enumerate(runs):
        for t in range(max(first, 0), min(first + w, T)):
            for d in columns:
                windows[run, t, d] = k[d]
                spared[run, t, d] = False
    scores = compute_scores(bundle, windows)
    if parameters.explained == "probability":
        scores = softmax(scores, bundle.temperature)
    v = np.zeros((T, D))
    for run in range(len(runs)):
        v += scores[run, bundle.class_index(target)] * spared[run]
    hidden_in = (~spared).sum(axis=0)
    return v * varying(bundle), hidden_in


SOURCES = ("pressure", "pulse", "pressure", "breath")


@pytest.mark.parametrize("fill", [0.0, "mean", "not measured"])
@pytest.mark.parametrize("variables", ["each", "together"])
def test_all_columns_of_a_source_are_hidden_at_once(fill, variables):
    bundle, window = toy_bundle(4, steps_per_read=2, pooling="mean", sources=SOURCES), toy_beat(16, 4)
    salience = occlusion(bundle, window, "normal", OcclusionParameters(3, fill, variables))
    of_source = [[0, 2], [1], [3]] if variables == "each" else [[0, 1, 2, 3]]
    v = np.zeros((16, 4))
    for columns in of_source:
        for first in range(-2, 16):
            hidden = slice(max(first, 0), first + 3)
            changed = window.copy()
            changed[hidden, columns] = {"mean": window.mean(axis=0)[columns], "not measured": -1.0}.get(fill, fill)
            spared = np.ones((16, 4))
            spared[hidden, columns] = 0.0
            v += compute_scores(bundle, changed[np.newaxis])[0, 0] * spared
    assert salience.raw == pytest.approx(v, abs=1e-4)


def scaled(v):
    return (v - v.min()) / (v.max() - v.min())


def scaled_above_neutral(v, bundle, window, target, parameters):
    """What lowers the score when hidden, against the most; 0 where hiding changes nothing or raises it."""
    w = parameters.width_steps
    untouched = compute_scores(bundle, window[np.newaxis])[0, bundle.class_index(target)]
    # v + what the runs that hide it score is the same everywhere; those of a variable that counts for nothing score as
    # the untouched window does.
    by_all_runs = (v + hiding_scores(bundle, window, target, parameters))[0, 0]
    above = np.maximum(v - (by_all_runs - w * untouched), 0.0)
    return above / max(above.max(), 1e-9)


def hiding_scores(bundle, window, target, parameters):
    """For each step of each variable the sum of the scores of the runs that hide it."""
    (T, D), w = window.shape, parameters.width_steps
    k = {"mean": window.mean(axis=0)}.get(parameters.fill, np.full(D, parameters.fill))
    sums = np.zeros((T, D))
    for d in range(D):
        for first in range(-w + 1, T):
            hidden = slice(max(first, 0), first + w)
            changed = window.copy()
            changed[hidden, d] = k[d]
            sums[hidden, d] += compute_scores(bundle, changed[np.newaxis])[0, bundle.class_index(target)]
    return sums


def test_the_salience_equals_that_computed_by_hand():
    # Six runs over five steps hide {0}, {0, 1}, {1, 2}, {2, 3}, {3, 4}, {4} and score 3, 3, 0, 0, 3, 3.
    window = np.array([[0.0], [0.0], [3.0], [0.0], [0.0]], dtype=np.float32)
    salience = occlusion(summing_bundle(), window, "normal", OcclusionParameters(width_steps=2))
    assert salience.raw.ravel() == pytest.approx([6.0, 9.0, 12.0, 9.0, 6.0], abs=1e-4)
    assert salience.values.ravel() == pytest.approx([0.0, 0.5, 1.0, 0.5, 0.0], abs=1e-4)


def test_several_stretches_are_hidden_as_one_pattern_that_slides_over_both_ends():
    # Two stretches of one step, two steps apart: seven runs hide {0}, {1}, {2, 0}, {3, 1}, {4, 2}, {3}, {4}.
    window = np.array([[1.0], [0.0], [3.0], [0.0], [0.0]], dtype=np.float32)
    pattern = OcclusionParameters(width_steps=1, stretches=2, spacing_steps=2)
    salience = occlusion(summing_bundle(), window, "normal", pattern)
    of_run = np.array([3.0, 4.0, 0.0, 4.0, 1.0, 4.0, 4.0])
    hiding = np.array([of_run[[0, 2]], of_run[[1, 3]], of_run[[2, 4]], of_run[[3, 5]], of_run[[4, 6]]]).sum(axis=1)
    assert salience.raw.ravel() == pytest.approx(of_run.sum() - hiding, abs=1e-4)


@pytest.mark.parametrize(("width_steps", "stretches", "spacing_steps"), [(3, 2, 5), (4, 3, 2), (5, 3, 5), (2, 4, 40)])
def test_every_step_is_hidden_equally_often_whatever_the_pattern(width_steps, stretches, spacing_steps):
    pattern = OcclusionParameters(width_steps, stretches=stretches, spacing_steps=spacing_steps)
    begins = range(0, stretches * spacing_steps, spacing_steps)
    hidden_in = len({begin + step for begin in begins for step in range(width_steps)})
    runs = 12 + begins[-1] + width_steps - 1
    for step in range(12):
        # The score is 1 in every run that spares this step, and 0 in the others.
        window = np.eye(12, dtype=np.float32)[:, [step]]
        raw = occlusion(summing_bundle(), window, "normal", pattern).raw
        assert raw[step, 0] == pytest.approx(runs - hidden_in, abs=1e-3)


def test_one_variable_at_a_time_tells_which_variable_decides():
    window = np.zeros((12, 2), dtype=np.float32)
    window[:, 0] = 1.0
    window[7, 1] = 1.0
    each = OcclusionParameters(width_steps=1, variables="each")
    salience = occlusion(remembering_bundle(), window, "normal", each)
    expected = np.zeros((12, 2))
    expected[7] = 1.0
    assert salience.values == pytest.approx(expected, abs=1e-4)
    alone = occlusion(summing_bundle((1.0, 0.0)), window, "normal", each)
    # Hiding any of the twelve ones costs 1 of 12 in one of twelve runs; the second variable counts for nothing.
    assert alone.raw[:, 0] == pytest.approx(12 * 11 + 12 * 12 - 11, abs=1e-3)
    assert alone.raw[:, 1] == pytest.approx(12 * 11 + 12 * 12 - 12, abs=1e-3)
    assert alone.values == pytest.approx(np.tile([1.0, 0.0], (12, 1)), abs=1e-4)


@pytest.mark.parametrize("variables", ["together", "each"])
@pytest.mark.parametrize("fill", [0.0, 0.5, "mean"])
@pytest.mark.parametrize(
    ("steps_per_read", "pooling", "layers"), [(1, "last", 1), (1, "mean", 1), (3, "mean", 1), (3, "last", 2)]
)
def test_small_networks_give_what_the_definition_gives(steps_per_read, pooling, layers, fill, variables):
    bundle = toy_bundle(2, steps_per_read=steps_per_read, pooling=pooling, layers=layers)
    window = toy_beat(24, 2)
    parameters = OcclusionParameters(7, fill, variables)
    salience = occlusion(bundle, window, "RBBB", parameters)
    expected, _ = by_definition(bundle, window, "RBBB", parameters)
    assert salience.raw == pytest.approx(expected, abs=1e-4)
    values = (
        scaled(expected)
        if variables == "together"
        else scaled_above_neutral(expected, bundle, window, "RBBB", parameters)
    )
    assert salience.values == pytest.approx(values, abs=1e-3)


def test_one_variable_at_a_time_no_effect_or_opposition_is_0():
    window = np.ones((12, 3), dtype=np.float32)
    each = OcclusionParameters(width_steps=2, variables="each")
    salience = occlusion(summing_bundle((1.0, 0.0, -1.0)), window, "normal", each)
    # A stretch is shortened at both ends, so that the first and the last step are hidden with one other only once.
    assert salience.values[:, 0] == pytest.approx([0.75, *[1.0] * 10, 0.75], abs=1e-4)
    assert not salience.values[:, 1:].any()
    for_, nothing, against = salience.raw.mean(axis=0)
    assert for_ > nothing > against


@pytest.mark.parametrize("bundle", [published_size_bundle(), default_size_bundle()])
@pytest.mark.parametrize("explained", ["score", "probability"])
def test_a_whole_beat_gives_what_the_definition_gives(bundle, explained):
    window = simulated_beat(bundle)
    parameters = OcclusionParameters(explained=explained)
    salience = occlusion(bundle, window, "normal", parameters)
    expected, _ = by_definition(bundle, window, "normal", parameters)
    assert salience.values[:, varying(bundle)] == pytest.approx(scaled(expected[:, varying(bundle)]), abs=1e-4)
    assert salience.raw == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("width", [1, 2, 23, 24, 25, 60])
def test_a_hidden_stretch_of_any_width_gives_what_the_definition_gives(width):
    bundle, window = toy_bundle(), toy_beat(24)
    parameters = OcclusionParameters(width)
    expected, hidden_in = by_definition(bundle, window, "normal", parameters)
    salience = occlusion(bundle, window, "normal", parameters)
    assert salience.values == pytest.approx(scaled(expected), abs=1e-4)
    assert (hidden_in == width).all()


def test_occlusion_covers_every_step_equally_often():
    # Whatever is hidden, the second class scores its bias: each step then sums it over the T - 1 runs that spare it.
    bundle = summing_bundle()
    bundle.network.readout.bias[1] = 1.0
    salience = occlusion(bundle, toy_beat(216), "LBBB", OcclusionParameters())
    assert (salience.raw == 215.0).all()
    assert not salience.values.any()


def test_together_gives_every_varying_variable_the_same_salience():
    bundle = default_size_bundle()
    window = simulated_beat(bundle)
    salience = occlusion(bundle, window, "PVC", OcclusionParameters())
    assert salience.values.shape == salience.raw.shape == window.shape
    assert salience.values.dtype == salience.raw.dtype == np.float32
    assert (salience.values[:, varying(bundle)] == salience.values[:, :1]).all()
    assert salience.values.min() == 0.0
    assert salience.values.max() == 1.0


def test_the_result_is_reproducible():
    bundle, window = default_size_bundle(), simulated_beat(default_size_bundle())
    once, again = (occlusion(bundle, window, "PVC", OcclusionParameters()) for _ in range(2))
    assert np.array_equal(once.raw, again.raw)


def test_the_window_is_left_as_it_was():
    window = toy_beat(24)
    before = window.copy()
    occlusion(toy_bundle(), window, "normal", OcclusionParameters(5, 0.5))
    assert np.array_equal(window, before)


def test_the_result_records_its_parameters():
    salience = occlusion(toy_bundle(), toy_beat(24), "normal", OcclusionParameters(5, "mean"))
    assert salience.technique == "occlusion"
    assert salience.target == "normal"
    assert salience.parameters == {
        "width_steps": 5,
        "fill": "mean",
        "variables": "together",
        "explained": "score",
        "stretches": 1,
        "spacing_steps": 50,
    }
    assert salience.seconds > 0


def test_the_technique_can_be_cancelled():
    with pytest.raises(Cancelled):
        occlusion(toy_bundle(), toy_beat(24), "normal", OcclusionParameters(), lambda step, steps: False)
