import pytest

from backend.models.bundle import bundle_names
from backend.models.training.registry import RECIPES, train
from backend.records.record import RecordRefused


def test_every_bundled_model_has_a_recipe():
    assert set(RECIPES) == set(bundle_names())


def test_an_unknown_recipe_is_refused_with_the_list_of_known_ones(tmp_path):
    with pytest.raises(RecordRefused, match=r"'nope' is not a recipe\. Choose one of ecg-beat, .*icu-mortality"):
        train("nope", tmp_path, tmp_path)


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_without_the_databases_nothing_is_trained_and_nothing_written(tmp_path, name):
    with pytest.raises(RecordRefused, match=r"\.$"):
        train(name, tmp_path / "none", tmp_path / "runs", tmp_path / "bundles")
    assert list(tmp_path.iterdir()) == []
