import pytest

from backend.models.training.beats.beat_recipes import RECIPES
from backend.windows.signal.filtering import BAND_HZ


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_fits_together(name):
    recipe = RECIPES[name]
    assert recipe.name == name
    assert recipe.architecture.variables == len(recipe.window.variables)
    assert recipe.architecture.classes == len(recipe.classes)
    assert recipe.window.steps % recipe.architecture.steps_per_read == 0
    assert recipe.databases[0] == "mitdb"
    assert recipe.plan.augmentation is None or recipe.window.several_leads


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_says_what_its_model_must_not_be_used_for(name):
    assert "no medical device" in " ".join(RECIPES[name].not_for)
    assert all(line.endswith(".") for line in RECIPES[name].not_for)


def test_the_published_recipe_is_kept_to_the_letter():
    recipe = RECIPES["ecg-beat-2018"]
    plan, network, window = recipe.plan, recipe.architecture, recipe.window
    assert recipe.classes == ("normal", "RBBB", "PVC", "paced")
    assert recipe.databases == ("mitdb",)
    assert (network.hidden, network.layers, network.pooling, network.dropout) == (128, 1, "last", 0.1)
    assert network.steps_per_read == 1
    assert (plan.batch, plan.learning_rate, plan.weight_decay, plan.epochs) == (200, 0.001, 0.001, 100)
    assert (plan.augmentation, plan.averaging, plan.label_smoothing, plan.beats_per_patient_and_class) == (
        None,
        0.0,
        0.0,
        None,
    )
    assert not plan.balanced_validation
    assert (window.steps, window.band_hz, window.standardised, window.measurements) == (216, BAND_HZ, False, False)
    assert not window.several_leads


def test_the_default_recipe_names_all_six_classes_from_three_databases():
    recipe = RECIPES["ecg-beat"]
    assert recipe.classes == ("normal", "LBBB", "RBBB", "atrial premature", "PVC", "paced")
    assert recipe.databases == ("mitdb", "ptbxl", "cpsc2018")
