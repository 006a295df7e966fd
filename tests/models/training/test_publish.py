from pathlib import Path

from backend.models.bundle import Bundle, load_bundle
from backend.models.training.publish import publish
from backend.models.training.recipe import CardText, Trained
from tests.toys import toy_bundle

TEXT = CardText("A toy", "Classifies nothing.", ("No step.",), ("Anything.",), ("No database.",))


class ToyRecipe:
    """A recipe whose steps record that they were run."""

    name = "toy"

    def __init__(self):
        self.steps = []

    def load(self, data: Path) -> str:
        self.steps.append("load")
        return data.name

    def split(self, data: str, /) -> str:
        self.steps.append("split")
        return f"split of {data}"

    def fit(self, split: str, runs: Path) -> Trained:
        self.steps.append(f"fit in {runs.name}")
        toy = toy_bundle()
        return Trained(toy.network, toy.window, None, None)

    def describe(self, split: str, trained: Trained) -> dict:
        self.steps.append("describe")
        toy = toy_bundle()
        return {**TEXT.opening(toy.classes, toy.window.variables), "temperature": 1.5, "certain_from": 0.8}

    def test(self, bundle: Bundle, split: str) -> dict:
        self.steps.append("test")
        return {"temperature_of_the_file": bundle.temperature, "split": split}


def test_a_bundle_is_written_in_five_steps_and_tested_from_its_files(tmp_path):
    recipe = ToyRecipe()
    bundle, folder = publish(recipe, tmp_path / "data", tmp_path / "runs", tmp_path / "bundles")
    assert recipe.steps == ["load", "split", "fit in toy", "describe", "test"]
    assert folder == tmp_path / "bundles" / "toy"
    assert bundle.card["test"] == {"temperature_of_the_file": 1.5, "split": "split of data"}
    assert bundle.card["title"] == "A toy"
    assert load_bundle("toy", tmp_path / "bundles").digest == bundle.digest
