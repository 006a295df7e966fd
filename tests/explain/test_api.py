from dataclasses import replace

import numpy as np
import pytest

from backend.explain.api import (
    DEFAULT_TECHNIQUE,
    TECHNIQUES,
    default_baseline,
    explain,
    explain_many,
    get_technique,
    list_parameters,
    read_parameters,
)
from backend.explain.progress import Cancelled
from backend.explain.techniques.mask import MaskParameters
from backend.explain.techniques.occlusion import OcclusionParameters, occlusion
from backend.kinds.alarm_kind import ALARM
from backend.kinds.beat_kind import BEAT
from backend.kinds.stay_kind import STAY
from backend.models.scores import compute_scores
from backend.records.record import RecordRefused
from tests.toys import toy_beat, toy_bundle


def test_the_published_techniques_come_first_and_the_control_last():
    assert list(TECHNIQUES)[:3] == ["occlusion", "mask", "derivative"]
    assert list(TECHNIQUES)[-1] == "random"
    assert DEFAULT_TECHNIQUE in TECHNIQUES


def test_every_technique_is_named_as_its_results_are():
    assert all(name == technique.name for name, technique in TECHNIQUES.items())
    assert len({technique.label for technique in TECHNIQUES.values()}) == len(TECHNIQUES)


@pytest.mark.parametrize("name", TECHNIQUES)
def test_every_technique_is_described_in_one_sentence_for_each_kind(name):
    technique = get_technique(name)
    assert technique.label
    sentence = technique.sentence_for(STAY)
    assert sentence.endswith(".")
    assert sentence.count(".") == 1
    assert " stay " in sentence
    assert "{" not in sentence


def test_the_sentence_of_a_mask_names_the_limits_of_a_partly_faded_window():
    mask = get_technique("mask")
    assert "flat segments" in mask.sentence_for(BEAT)
    assert "no sensor" in mask.sentence_for(ALARM)
    assert "without carrying values forward" in mask.sentence_for(STAY)


@pytest.mark.parametrize("name", TECHNIQUES)
def test_every_technique_explains_the_predicted_class_with_its_defaults(name):
    bundle, window = toy_bundle(), toy_beat(24)
    salience = explain(bundle, window, name)
    assert salience.technique == name
    assert salience.target == bundle.classes[compute_scores(bundle, window[np.newaxis])[0].argmax()]
    assert salience.parameters == get_technique(name).parameters().values()
    assert salience.values.shape == window.shape


def test_any_class_can_be_explained_in_upper_or_lower_case():
    bundle, window = toy_bundle(), toy_beat(24)
    direct = occlusion(bundle, window, "LBBB", OcclusionParameters(5))
    through = explain(bundle, window, "Occlusion", "lbbb", OcclusionParameters(5))
    assert through.target == "LBBB"
    assert np.array_equal(through.raw, direct.raw)


def test_parameters_are_read_by_the_techniques_name():
    assert read_parameters("mask", toy_bundle(), {"steps": "20"}) == MaskParameters(steps=20)


def test_a_given_value_overrides_the_default_of_the_card():
    usual = {"width_steps": 3, "fill": "not measured", "variables": "each"}
    bundle = replace(toy_bundle(2), explanation=usual)
    assert read_parameters("occlusion", bundle, {}) == OcclusionParameters(3, "not measured", "each")
    assert read_parameters("occlusion", bundle, {"fill": "0"}) == OcclusionParameters(3, 0.0, "each")
    assert read_parameters("mask", bundle, {}) == MaskParameters(fill="not measured", variables="each")
    assert explain(bundle, toy_beat(24, 2)).parameters == OcclusionParameters(3, "not measured", "each").values()
    assert default_baseline(bundle) == "not measured"


def test_not_measured_is_a_choice_only_where_the_card_has_it():
    def fills(bundle):
        return next(own.choices for own in list_parameters("occlusion", bundle) if own.name == "fill")

    assert fills(toy_bundle()) == (0.0, 0.5, "mean", "local mean")
    charted = replace(toy_bundle(), explanation={"fill": "not measured"})
    assert fills(charted) == (0.0, 0.5, "mean", "local mean", "not measured")


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: get_technique("lime"), "technique 'lime' does not exist. Choose one of occlusion, mask, derivative"),
        (lambda: read_parameters("mask", toy_bundle(), {"width_steps": "3"}), "parameter 'width_steps' does not exist"),
        (lambda: explain(toy_bundle(), toy_beat(24), target="VT"), "no class 'VT'"),
        (lambda: explain(toy_bundle(), toy_beat(24, 2)), "windows of 1 variables"),
        (lambda: explain(toy_bundle(), np.full((24, 1), np.nan, np.float32)), "gaps"),
    ],
)
def test_what_cannot_be_explained_is_refused_with_a_reason(call, sentence):
    with pytest.raises(RecordRefused, match=sentence):
        call()


@pytest.mark.parametrize("name", TECHNIQUES)
def test_several_windows_are_explained_as_each_alone(name):
    bundle, windows = toy_bundle(2), np.stack([toy_beat(24, 2, seed) for seed in range(3)])
    targets, heard = ("normal", "RBBB", "normal"), []
    many = explain_many(bundle, windows, name, targets, on_step=lambda done, of: heard.append((done, of)))
    for salience, window, target in zip(many, windows, targets, strict=True):
        assert (salience.technique, salience.target) == (name, target)
        assert salience.raw == pytest.approx(explain(bundle, window, name, target).raw, abs=1e-4)
    assert heard[-1][0] == heard[-1][1]


@pytest.mark.parametrize("name", TECHNIQUES)
def test_every_technique_can_be_cancelled(name):
    with pytest.raises(Cancelled):
        explain(toy_bundle(), toy_beat(24), name, on_step=lambda step, steps: False)
