import numpy as np

from backend.explain.techniques.random_control import RandomParameters, random_control
from backend.windows.base import columns_of
from tests.toys import alarm_bundle, toy_beat, toy_bundle


def noise(window, seed=0, bundle=None, target="normal"):
    return random_control(bundle or toy_bundle(), window, target, RandomParameters(seed))


def test_random_salience_is_uniform_over_the_window():
    shares, _ = np.histogram(noise(toy_beat(10_000)).raw, bins=10, range=(0.0, 1.0))
    assert shares.min() > 900
    assert shares.max() < 1100


def test_random_salience_ignores_model_and_target():
    window = toy_beat(24)
    assert np.array_equal(noise(window).raw, noise(window, bundle=toy_bundle(seed=1), target="RBBB").raw)


def test_a_window_keeps_its_noise_and_another_window_or_seed_has_another():
    window = toy_beat(24)
    assert np.array_equal(noise(window).raw, noise(window.copy()).raw)
    assert not np.array_equal(noise(window).raw, noise(window, seed=1).raw)
    assert not np.array_equal(noise(window).raw, noise(window + np.float32(0.1)).raw)


def test_the_columns_of_a_source_share_their_noise_as_they_are_deleted_together():
    bundle = alarm_bundle()
    window = np.zeros((bundle.window.steps, len(bundle.window.variables)), dtype=np.float32)
    raw = noise(window, bundle=bundle, target="true alarm").raw
    of_sources = [raw[:, own] for own in columns_of(bundle.window.sources)]
    assert all((own == own[:, :1]).all() for own in of_sources)
    assert len({own[0, 0] for own in of_sources}) == len(of_sources)
