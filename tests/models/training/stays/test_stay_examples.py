import numpy as np

from backend.models.training.stays.stay_examples import StayAugmentation, StayExamples
from backend.models.training.stays.stay_training import stay_values, targets_of, training_window
from backend.windows.base import columns_of
from tests.models.made_stays import made_stays


def examples(parameters, hours):
    stays = made_stays(60)
    window = training_window(stays)
    values = stay_values(stays, window)
    return StayExamples(values, targets_of(stays.died), window, StayAugmentation(parameters, hours))


def test_without_dropout_the_stays_are_read_as_they_are():
    own = examples(0.0, 0.0)
    values, targets = own.batch(np.array([5, 7]), np.random.default_rng(1))
    np.testing.assert_array_equal(values, own.values[[5, 7]])
    np.testing.assert_array_equal(targets, own.targets[[5, 7]])
    assert own.drawn(np.random.default_rng(1)).tolist() == list(range(60))


def test_a_dropped_parameter_reads_as_if_it_had_never_been_measured():
    own = examples(0.3, 0.0)
    values, _ = own.batch(np.arange(60), np.random.default_rng(1))
    hidden = np.stack(
        [(values != own.values)[:, :, columns].any(axis=(1, 2)) for columns in columns_of(own.window.sources)]
    )
    assert hidden.mean() > 0.02
    everywhere = np.broadcast_to(hidden.T[:, None, :], (60, 48, len(hidden)))
    np.testing.assert_allclose(own.window.without(own.values, everywhere), values, atol=1e-6)


def test_a_dropped_hour_takes_away_what_was_charted_in_it_and_leaves_what_is_known_on_admission():
    own = examples(0.0, 0.3)
    values, _ = own.batch(np.arange(60), np.random.default_rng(1))
    measured = own.window.variables.index("HR measured")
    lost = own.values[:, :, measured] > values[:, :, measured]
    assert 0.1 < lost.sum() / own.values[:, :, measured].sum() < 0.5
    assert not (own.values[:, :, measured] < values[:, :, measured]).any()
    age = own.window.variables.index("Age")
    np.testing.assert_array_equal(values[:, :, age], own.values[:, :, age])
