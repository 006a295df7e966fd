import json

import numpy as np
import pytest

from backend.models.bundle import load_bundle
from backend.models.network.lstm import scored
from backend.models.training.stays.labelled_stays import FOLDS, deal_stays
from backend.models.training.stays.stay_publishing import NAME, publish_stays, stay_test_figures
from backend.models.training.stays.stay_training import MEMBERS, stay_values
from tests.models.made_stays import made_stays


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    folder = tmp_path_factory.mktemp("published")
    stays = made_stays(150)
    return stays, publish_stays(stays, folder / "runs", folder / "bundles"), folder


def test_what_is_trained_is_a_bundle_that_can_be_loaded_with_its_card(published):
    stays, bundle, folder = published
    again = load_bundle(NAME, folder / "bundles")
    assert again.digest == bundle.digest
    assert again.classes == ("death", "survival")
    assert again.kind == "stay"
    assert again.card["data_digest"] == stays.digest
    json.loads(json.dumps(again.card, allow_nan=False))


def test_what_kills_in_the_made_up_stays_is_found_in_the_test_stays(published):
    _, bundle, _ = published
    assert bundle.card["test"]["auroc"]["value"] > 0.8
    assert bundle.card["strict"]["auroc"]["value"] > 0.8


def test_the_cards_test_figures_are_those_of_the_loaded_bundle(published):
    stays, bundle, _ = published
    assert stay_test_figures(bundle, deal_stays(stays)) == bundle.card["test"]


def test_a_label_is_death_exactly_from_the_threshold_on(published):
    _, bundle, _ = published
    threshold, weights = bundle.card["death_called_from"], bundle.card["weights"]
    assert weights["death"] * threshold == pytest.approx(weights["survival"] * (1 - threshold), rel=1e-3)


def test_a_run_that_was_cut_goes_on_to_the_same_network(published):
    stays, bundle, folder = published
    again = publish_stays(stays, folder / "runs", folder / "again")
    values = stay_values(stays, bundle.window)[:5]
    np.testing.assert_array_equal(scored(again.network, values)[0], scored(bundle.network, values)[0])
    assert len(list((folder / "runs" / NAME / "published").glob("*.pt"))) == FOLDS * MEMBERS
