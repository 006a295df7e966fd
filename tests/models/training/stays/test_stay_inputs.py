import numpy as np

from backend.models.training.stays.icu_mortality import ICU_MORTALITY
from backend.models.training.stays.stay_inputs import StayAugmentation, augment, compose_inputs, stay_examples
from backend.windows.base import columns_of
from tests.models.made_stays import made_stays

STAYS = made_stays(60)
WINDOW = ICU_MORTALITY.fit_window(STAYS)
VALUES = compose_inputs(STAYS, WINDOW)


def test_without_dropout_the_stays_are_read_as_they_are():
    examples = stay_examples(VALUES, STAYS.targets, WINDOW, StayAugmentation(0.0, 0.0))
    values, allowed = examples.make_batch(np.array([5, 7]), np.random.default_rng(1))
    np.testing.assert_array_equal(values, VALUES[[5, 7]])
    np.testing.assert_array_equal(allowed.argmax(axis=1), STAYS.targets[[5, 7]])
    assert (allowed.sum(axis=1) == 1).all()
    assert examples.draw(np.random.default_rng(1)).tolist() == list(range(60))


def test_a_removed_parameter_reads_as_if_it_had_never_been_measured():
    values = augment(VALUES, WINDOW, StayAugmentation(0.3, 0.0), np.random.default_rng(1))
    hidden = np.stack([(values != VALUES)[:, :, columns].any(axis=(1, 2)) for columns in columns_of(WINDOW.sources)])
    assert hidden.mean() > 0.02
    everywhere = np.broadcast_to(hidden.T[:, None, :], (60, 48, len(hidden)))
    np.testing.assert_allclose(WINDOW.without(VALUES, everywhere), values, atol=1e-6)


def test_a_removed_hour_takes_what_was_charted_in_it_and_leaves_what_is_known_on_admission():
    values = augment(VALUES, WINDOW, StayAugmentation(0.0, 0.3), np.random.default_rng(1))
    measured = WINDOW.variables.index("HR measured")
    lost = VALUES[:, :, measured] > values[:, :, measured]
    assert 0.1 < lost.sum() / VALUES[:, :, measured].sum() < 0.5
    assert not (VALUES[:, :, measured] < values[:, :, measured]).any()
    age = WINDOW.variables.index("Age")
    np.testing.assert_array_equal(values[:, :, age], VALUES[:, :, age])
