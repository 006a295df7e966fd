import ast
import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import backend
from backend.cohort.evidence import read_evidence
from backend.models.bundle import (
    BUNDLES,
    DEFAULT_BUNDLE,
    SETTINGS,
    bundle_names,
    load_bundle,
    model_digest,
    save_bundle,
)
from backend.models.calibration.prefixes import PrefixCalibration
from backend.models.out_of_distribution import OODDetector
from backend.models.scores import compute_scores
from backend.records.record import RecordRefused
from tests.toys import IN_CONTEXT, default_size_bundle, toy_beat

CARD = {"title": "Toy", "classes": ["N", "V", "é", "A", "B", "C"], "temperature": 1.25, "certain_from": 0.7}


def some_detector() -> OODDetector:
    rng = np.random.default_rng(0)
    sizes = {"means": (6, 128), "whitening": (128, 128), "shapes": (3, 20, IN_CONTEXT.steps)}
    arrays = {name: rng.normal(size=size).astype(np.float32) for name, size in sizes.items()}
    return OODDetector(**arrays, max_distance=12.5, max_residual=0.25)


def saved(folder, name="toy", ood_detector=None, class_means=None, **changed):
    toy = default_size_bundle()
    save_bundle(name, toy.network, ood_detector, toy.window, {**CARD, **changed}, folder, class_means)
    return toy


@pytest.mark.parametrize("ood_detector", [None, some_detector()])
def test_a_bundle_comes_back_from_disk_bit_for_bit(tmp_path, ood_detector):
    toy = saved(tmp_path, ood_detector=ood_detector)
    loaded = load_bundle("toy", tmp_path)
    for key, weights in toy.network.state_dict().items():
        assert torch.equal(loaded.network.state_dict()[key], weights)
    beat = toy_beat(IN_CONTEXT.steps, len(IN_CONTEXT.variables))[np.newaxis]
    assert np.array_equal(compute_scores(loaded, beat), compute_scores(toy, beat))
    assert loaded.network.architecture == toy.network.architecture
    assert loaded.window == toy.window
    assert loaded.temperature == 1.25
    assert loaded.certain_from.tolist() == [0.7] * 6
    assert loaded.classes == tuple(CARD["classes"])
    if ood_detector is None:
        assert loaded.ood_detector is None
    else:
        for field in fields(OODDetector):
            assert np.array_equal(getattr(loaded.ood_detector, field.name), getattr(ood_detector, field.name))


@pytest.mark.parametrize("ood_detector", [None, some_detector()])
def test_mean_windows_of_classes_ride_along(tmp_path, ood_detector):
    means = np.random.default_rng(0).normal(size=(6, IN_CONTEXT.steps, len(IN_CONTEXT.variables))).astype(np.float32)
    saved(tmp_path, ood_detector=ood_detector, class_means=means)
    assert np.array_equal(load_bundle("toy", tmp_path).class_means, means)
    saved(tmp_path, ood_detector=ood_detector)
    assert load_bundle("toy", tmp_path).class_means is None


def test_a_card_may_state_the_threshold_of_each_class_and_that_a_class_is_never_certain(tmp_path):
    thresholds = dict(zip(CARD["classes"], (0.7, 0.8, 0.9, 0.5, None, 0.6), strict=True))
    saved(tmp_path, certain_from=thresholds)
    assert load_bundle("toy", tmp_path).certain_from.tolist() == [0.7, 0.8, 0.9, 0.5, np.inf, 0.6]


def test_the_calibration_of_prefixes_comes_back_from_the_card(tmp_path):
    shares = (0.5, 0.25, 0.0, 0.0, 0.25, 0.0)
    fitted = PrefixCalibration((0.5, 1.0), (shares, (0.0,) * 6), shares)
    saved(tmp_path, prefixes=asdict(fitted))
    assert asdict(load_bundle("toy", tmp_path).prefixes) == asdict(fitted)


def test_the_card_carries_the_bundles_name_and_all_that_it_was_given(tmp_path):
    saved(tmp_path, ood_detector=some_detector())
    card = load_bundle("toy", tmp_path).card
    assert card["name"] == "toy"
    assert {key: card[key] for key in CARD} == CARD
    assert card["familiarity"] == {"most_distance": 12.5, "most_residual": 0.25}


def test_what_is_loaded_is_ready_to_classify_and_cannot_be_trained_by_accident(tmp_path):
    saved(tmp_path)
    network = load_bundle("toy", tmp_path).network
    assert not network.training
    assert not any(part.requires_grad for part in network.parameters())


def test_the_digest_is_the_same_for_the_same_files_and_changes_with_settings_or_weights(tmp_path):
    toy = saved(tmp_path)
    first = load_bundle("toy", tmp_path).digest
    assert load_bundle("toy", tmp_path).digest == first
    saved(tmp_path, temperature=1.26)
    other_card = load_bundle("toy", tmp_path).digest
    save_bundle("toy", default_size_bundle(seed=1).network, None, toy.window, CARD, tmp_path)
    other_weights = load_bundle("toy", tmp_path).digest
    assert len({first, other_card, other_weights}) == 3


DESCRIPTION = (
    *("name", "title", "summary", "variables", "preprocessing", "not_for", "plan", "data", "data_digest"),
    *("training", "validation", "test_set", "cross_validation", "protocols", "learning_curve", "strict", "test"),
)
"""The fields of a card that describe a model to a reader. The evaluated windows have a digest of their own."""

FULL_CARD = {
    "classes": ["N", "V"],
    "temperature": 1.25,
    "certain_from": 0.7,
    "weights": {"N": 1.0, "V": 2.5},
    "death_called_from": 0.3,
    "prefixes": {"slopes": [1.0, 1.5], "offsets": [[0.5, 0.0], [-0.5, 0.0]], "prior": [-1.5, 0.0]},
    "familiarity": {"most_distance": 12.5, "most_residual": 0.25, "telling": [3], "most_told": 0.9},
    "explanation": {"width_steps": 3, "fill": "not measured"},
    "architecture": {"variables": 8, "classes": 2, "hidden": 4, "layers": 1, "steps_per_read": 3, "pooling": "mean"},
    "window": {"kind": "beat", "before_s": 0.2, "after_s": 0.4, "band_hz": [0.5, 45.0], "measurements": True},
}
TENSORS = ("lstm.weight_ih_l0", "readout.bias", "familiarity.means", "familiarity.whitening", "class_means")


def some_tensors() -> dict[str, torch.Tensor]:
    return {name: torch.arange(6.0).reshape(2, 3) + number for number, name in enumerate(TENSORS)}


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of every number, word and switch in a card."""
    if isinstance(value, dict | list):
        for key, own in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(own, (*path, key))
    else:
        yield path


def with_other_leaf(card: dict[str, Any], path: tuple[Any, ...]) -> dict[str, Any]:
    changed = deepcopy(card)
    *above, last = path
    place: Any = changed
    for key in above:
        place = place[key]
    own = place[last]
    place[last] = not own if isinstance(own, bool) else own + "x" if isinstance(own, str) else own + 1e-9
    return changed


@pytest.mark.parametrize("path", list(leaves(FULL_CARD)), ids=lambda path: ".".join(map(str, path)))
def test_the_digest_changes_with_every_setting(path):
    assert model_digest(some_tensors(), with_other_leaf(FULL_CARD, path)) != model_digest(some_tensors(), FULL_CARD)


@pytest.mark.parametrize("name", SETTINGS)
def test_the_digest_changes_where_a_setting_is_missing(name):
    fewer = {own: value for own, value in FULL_CARD.items() if own != name}
    assert len(fewer) == len(FULL_CARD) - 1
    assert model_digest(some_tensors(), fewer) != model_digest(some_tensors(), FULL_CARD)


@pytest.mark.parametrize("name", TENSORS)
def test_the_digest_changes_with_every_number_and_the_shape_of_every_tensor(name):
    plain = some_tensors()
    digests = {model_digest(plain, FULL_CARD)}
    for position in range(plain[name].numel()):
        other = some_tensors()
        other[name].view(-1)[position] += 1e-6
        digests.add(model_digest(other, FULL_CARD))
    digests.add(model_digest({**plain, name: plain[name].reshape(3, 2)}, FULL_CARD))
    digests.add(model_digest({**plain, name: plain[name].double()}, FULL_CARD))
    digests.add(model_digest({own: values for own, values in plain.items() if own != name}, FULL_CARD))
    digests.add(model_digest({f"{own}_" if own == name else own: values for own, values in plain.items()}, FULL_CARD))
    assert len(digests) == plain[name].numel() + 5


@pytest.mark.parametrize("name", DESCRIPTION)
def test_prose_figures_and_training_notes_do_not_change_the_digest(tmp_path, name):
    saved(tmp_path, ood_detector=some_detector())
    before = load_bundle("toy", tmp_path).digest
    path = tmp_path / "toy" / "card.json"
    card = json.loads(path.read_text())
    path.write_text(json.dumps({**card, name: "corrected, with a comma"}))
    assert load_bundle("toy", tmp_path).digest == before


def test_the_order_and_layout_of_a_card_do_not_change_the_digest(tmp_path):
    saved(tmp_path, ood_detector=some_detector())
    before = load_bundle("toy", tmp_path).digest
    path = tmp_path / "toy" / "card.json"
    path.write_text(json.dumps(dict(reversed(json.loads(path.read_text()).items())), indent=7))
    assert load_bundle("toy", tmp_path).digest == before


@pytest.mark.parametrize("name", bundle_names())
def test_every_field_of_a_card_is_either_a_setting_or_a_description(name):
    assert set(load_bundle(name).card) <= {*SETTINGS, *DESCRIPTION}


def test_computations_read_no_field_of_a_card_that_the_digest_leaves_out_but_which_patients_were_where():
    asked = {field for path in Path(backend.__file__).parent.rglob("*.py") for field in fields_of_cards_read_in(path)}
    assert asked <= {*SETTINGS, "training", "test_set"}
    assert "test_set" in asked


def fields_of_cards_read_in(path: Path) -> Iterator[str]:
    """The fields that a module reads of some bundle's ``card``, by brackets or by ``get``."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case (
                ast.Subscript(value=ast.Attribute(attr="card"), slice=ast.Constant(value=str(field)))
                | ast.Call(
                    func=ast.Attribute(value=ast.Attribute(attr="card"), attr="get"),
                    args=[ast.Constant(value=str(field)), *_],
                )
            ):
                yield field


@pytest.mark.parametrize("name", bundle_names("beat"))
def test_bundled_evidence_was_measured_on_the_bundled_model(name):
    assert read_evidence(name).about["model_digest"] == load_bundle(name).digest


@pytest.mark.parametrize("name", ["nope", "", "..", "../bundles", "toy/../toy", "/etc"])
def test_a_model_that_is_not_there_is_refused_with_those_that_are(tmp_path, name):
    saved(tmp_path)
    with pytest.raises(RecordRefused, match=r"does not exist\. Choose one of: toy"):
        load_bundle(name, tmp_path)


def _truncate_weights(folder):
    path = folder / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:1000])


def _remove_weights(folder):
    (folder / "weights.safetensors").unlink()


def _break_card(folder):
    (folder / "card.json").write_text("{")


def _empty_card(folder):
    (folder / "card.json").write_text("{}")


def _other_architecture(folder):
    card = json.loads((folder / "card.json").read_text())
    card["architecture"]["hidden"] = 64
    (folder / "card.json").write_text(json.dumps(card))


def _binary_card(folder):
    (folder / "card.json").write_bytes(b"\xff\xfe\x00")


@pytest.mark.parametrize(
    "damage",
    [_truncate_weights, _remove_weights, _break_card, _empty_card, _other_architecture, _binary_card],
)
def test_a_damaged_bundle_is_refused_with_a_sentence(tmp_path, damage):
    saved(tmp_path)
    damage(tmp_path / "toy")
    with pytest.raises(RecordRefused, match=r"model toy cannot be read .*Restore its folder"):
        load_bundle("toy", tmp_path)


def test_a_class_is_found_by_its_name_whatever_the_case():
    bundle = default_size_bundle()
    assert bundle.class_index("pvc") == bundle.classes.index("PVC")
    with pytest.raises(RecordRefused, match=r"no class 'VT'\. Choose one of normal"):
        bundle.class_index("VT")


def test_the_default_model_is_bundled_and_named_first():
    assert bundle_names()[0] == DEFAULT_BUNDLE == load_bundle().name


def test_bundles_hold_weights_cards_notes_and_evidence_and_nothing_that_could_run_code():
    files = {path.relative_to(BUNDLES) for path in BUNDLES.rglob("*") if path.is_file()}
    evidence = {path for path in files if path.parent.name == "evidence"}
    assert {path.name for path in files - evidence} == {"weights.safetensors", "card.json", "notes.toml", "README.md"}
    assert {path.suffix for path in evidence} == {".parquet", ".json"}


def test_bundles_are_compared_by_identity_so_that_they_can_be_kept():
    assert replace(default_size_bundle()) != default_size_bundle()
