"""The shipped model cards for people are those that the code makes."""

import json
import re
import shutil
from dataclasses import replace

import pytest

from backend.cohort.model_cards.model_card import model_card, models_table, write_model_card
from backend.kinds.kind import kind_named
from backend.models.bundle import BUNDLES, bundle_names
from backend.records.record import RecordRefused

ORDER = (
    "Model details",
    "Intended use",
    "Out of scope",
    "Training data",
    "Evaluation",
    "Limitations",
    "Evidence about the explanations",
)


@pytest.fixture
def bundle_folder(tmp_path):
    shutil.copytree(BUNDLES / "icu-alarm", tmp_path / "icu-alarm")
    return tmp_path


def headings(text: str) -> list[str]:
    return re.findall(r"^## (.+)$", text, re.MULTILINE)


@pytest.mark.parametrize("name", bundle_names())
def test_the_shipped_card_is_what_the_code_makes(name):
    shipped = (BUNDLES / name / "README.md").read_text(encoding="utf-8")
    assert shipped == model_card(name), f"Run: python -m backend models {name} --write-readme"


@pytest.mark.parametrize("name", bundle_names())
def test_the_sections_are_in_the_order_of_model_cards(name):
    found = headings(model_card(name))
    assert found == [heading for heading in ORDER if heading in found]
    assert set(ORDER[:-1]) <= set(found)


@pytest.mark.parametrize("name", bundle_names())
def test_evidence_is_given_where_there_is_some(name):
    assert (ORDER[-1] in headings(model_card(name))) == (BUNDLES / name / "evidence").is_dir()


@pytest.mark.parametrize("name", bundle_names())
def test_every_sentence_of_the_card_and_of_the_notes_is_there(name):
    text, card = model_card(name), json.loads((BUNDLES / name / "card.json").read_text(encoding="utf-8"))
    for sentence in (card["title"], card["summary"], *card["preprocessing"], *card["not_for"], *card["data"]):
        assert sentence in text


def test_a_card_without_notes_leaves_out_their_sections(bundle_folder):
    (bundle_folder / "icu-alarm" / "notes.toml").unlink()
    found = headings(model_card("icu-alarm", bundle_folder))
    assert found == ["Model details", "Out of scope", "Training data", "Evaluation"]


def test_a_kind_without_sections_of_its_own_leaves_the_figures_in_the_json(monkeypatch):
    kind = replace(kind_named("alarm"), card_sections=None)
    monkeypatch.setattr("backend.cohort.model_cards.model_card.kind_named", lambda name: kind)
    assert "`card.json` under `test`" in model_card("icu-alarm")


def test_the_threshold_of_each_class_is_given(bundle_folder):
    path = bundle_folder / "icu-alarm" / "card.json"
    card = json.loads(path.read_text(encoding="utf-8"))
    card["certain_from"] = {"true alarm": 0.75, "false alarm": None}
    path.write_text(json.dumps(card), encoding="utf-8")
    assert "a weighted probability of true alarm 0.75; predictions of false alarm always" in model_card(
        "icu-alarm", bundle_folder
    )


def test_a_card_is_written_beside_the_weights(bundle_folder):
    path = write_model_card("icu-alarm", bundle_folder)
    assert path == bundle_folder / "icu-alarm" / "README.md"
    assert path.read_text(encoding="utf-8") == model_card("icu-alarm", bundle_folder)


def test_a_bundle_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(RecordRefused, match="cannot be read"):
        write_model_card("nothing", tmp_path)


def test_the_table_of_models_links_to_each_card():
    table = models_table()
    for name in bundle_names():
        assert f"[`{name}`](backend/models/bundles/{name}/README.md)" in table
