import json

import numpy as np
import pytest

from backend.models.bundle import load_bundle
from backend.models.network.lstm import score_with_features
from backend.models.training.publish import publish
from backend.models.training.stays.icu_mortality import ICU_MORTALITY
from backend.models.training.stays.labelled_stays import FOLDS, LabelledStays
from backend.models.training.stays.stay_inputs import compose_inputs
from backend.models.training.stays.stay_recipe import StayRecipe
from tests.models.made_stays import made_stays


class MadeStays(StayRecipe):
    """The recipe on stays that need no database."""

    def load(self, data) -> LabelledStays:
        return made_stays(150)


RECIPE = MadeStays(**vars(ICU_MORTALITY))


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    folder = tmp_path_factory.mktemp("published")
    return made_stays(150), publish(RECIPE, folder, folder / "runs", folder / "bundles").bundle, folder


def test_a_trained_bundle_can_be_loaded_with_its_card(published):
    stays, bundle, folder = published
    again = load_bundle(RECIPE.name, folder / "bundles")
    assert again.digest == bundle.digest
    assert again.classes == ("death", "survival")
    assert again.kind == "stay"
    assert again.card["data_digest"] == stays.digest
    json.loads(json.dumps(again.card, allow_nan=False))


def test_the_model_predicts_death_in_the_simulated_test_stays(published):
    _, bundle, _ = published
    assert bundle.card["test"]["auroc"]["value"] > 0.8
    assert bundle.card["strict"]["auroc"]["value"] > 0.8


def test_the_cards_test_figures_are_those_of_the_loaded_bundle(published):
    stays, bundle, _ = published
    assert RECIPE.test(bundle, RECIPE.split(stays)) == bundle.card["test"]


def test_the_predicted_class_is_death_exactly_from_the_threshold(published):
    _, bundle, _ = published
    threshold, weights = bundle.card["death_called_from"], bundle.card["weights"]
    assert weights["death"] * threshold == pytest.approx(weights["survival"] * (1 - threshold), rel=1e-3)


def test_a_second_run_resumes_to_the_same_network(published):
    stays, bundle, folder = published
    again = publish(RECIPE, folder, folder / "runs", folder / "again").bundle
    values = compose_inputs(stays, bundle.window)[:5]
    np.testing.assert_array_equal(
        score_with_features(again.network, values)[0], score_with_features(bundle.network, values)[0]
    )
    assert len(list((folder / "runs" / RECIPE.name / "published").glob("*.pt"))) == FOLDS * RECIPE.seeds_per_fold
