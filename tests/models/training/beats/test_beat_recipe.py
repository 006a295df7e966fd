import pytest

from backend.models.training.beats.ecg_beat import ECG_BEAT
from backend.models.training.beats.ecg_beat_2018 import ECG_BEAT_2018
from backend.windows.signal.filtering import BAND_HZ

either_recipe = pytest.mark.parametrize("recipe", [ECG_BEAT, ECG_BEAT_2018], ids=lambda recipe: recipe.name)


@either_recipe
def test_the_parts_of_a_recipe_agree(recipe):
    assert recipe.architecture.variables == len(recipe.window.variables)
    assert recipe.architecture.classes == len(recipe.classes)
    assert recipe.window.steps % recipe.architecture.steps_per_read == 0
    assert recipe.databases[0] == "mitdb"
    assert recipe.plan.augmentation is None or recipe.window.several_leads


@either_recipe
def test_a_recipe_states_what_its_model_must_not_be_used_for(recipe):
    assert "not a medical device" in " ".join(recipe.text.not_for)
    assert all(line.endswith(".") for line in recipe.text.not_for)


def test_the_recipe_of_2018_has_the_published_settings():
    recipe = ECG_BEAT_2018
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


def test_the_default_recipe_has_six_classes_from_three_databases():
    recipe = ECG_BEAT
    assert recipe.classes == ("normal", "LBBB", "RBBB", "atrial premature", "PVC", "paced")
    assert recipe.databases == ("mitdb", "ptbxl", "cpsc2018")
