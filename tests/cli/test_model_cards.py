"""The commands that make the figures of a model also make its card for people."""

import shutil

import pytest

from backend.models.bundle import BUNDLES, bundle_names
from tests.made_evidence import made_evidence

WRITE = "backend.cohort.model_cards.model_card.write_model_card"


@pytest.fixture
def written(monkeypatch) -> list[str]:
    """The names of the models whose card was written."""
    names: list[str] = []

    def write(name, folder=BUNDLES):
        names.append(name)
        return folder / name / "README.md"

    monkeypatch.setattr(WRITE, write)
    return names


def test_models_can_rewrite_one_card_or_all(said, written):
    assert said("models", "icu-alarm", "--write-readme")[0] == 0
    assert written == ["icu-alarm"]
    assert said("models", "--write-readme")[0] == 0
    assert written[1:] == list(bundle_names())


def test_the_card_of_a_model_that_does_not_exist_is_refused(said, written):
    status, _, err = said("models", "nope", "--write-readme")
    assert status == 2
    assert "nope" in err
    assert written == []


def test_training_writes_the_card_beside_the_weights(said, monkeypatch, tmp_path):
    def train(name, data, runs, into):
        shutil.copytree(BUNDLES / name, into / name, ignore=shutil.ignore_patterns("README.md"))

    monkeypatch.setattr("backend.models.training.registry.train", train)
    status, out, _ = said("train", "icu-alarm", "--data", str(tmp_path), "--into", str(tmp_path))
    path = tmp_path / "icu-alarm" / "README.md"
    assert (status, out.strip()) == (0, str(path))
    assert path.read_bytes() == (BUNDLES / "icu-alarm" / "README.md").read_bytes()


@pytest.mark.parametrize(("into", "names"), [((), ["ecg-beat"]), (("--into", "elsewhere"), [])])
def test_evaluation_writes_the_card_unless_its_evidence_goes_elsewhere(said, written, monkeypatch, into, names):
    evidence = made_evidence()
    evidence.about["techniques"] = ["occlusion"]
    monkeypatch.setattr("backend.cohort.evaluation.evaluate", lambda *arguments, **options: evidence)
    assert said("evaluate", "ecg-beat", "--data", "nowhere", *into)[0] == 0
    assert written == names
