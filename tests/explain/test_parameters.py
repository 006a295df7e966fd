import dataclasses

import pytest

from backend.explain.techniques.derivative import DerivativeParameters
from backend.explain.techniques.mask import MaskParameters
from backend.explain.techniques.occlusion import OcclusionParameters
from backend.records.record import RecordRefused


def test_parameters_are_read_from_the_text_of_a_link():
    given = {"width_steps": "13", "fill": "0.5", "variables": "each"}
    assert OcclusionParameters.read(given) == OcclusionParameters(13, 0.5, "each")


@pytest.mark.parametrize(("text", "fill"), [("0", 0.0), ("0.0", 0.0), ("0.5", 0.5), ("mean", "mean"), (" 0.5 ", 0.5)])
def test_a_baseline_is_read_from_number_or_text(text, fill):
    assert OcclusionParameters.read({"fill": text}).fill == fill


def test_missing_parameters_keep_the_published_default():
    read = OcclusionParameters.read({})
    assert (read.width_steps, read.fill, read.variables) == (25, 0.0, "together")
    mask = MaskParameters.read({})
    assert (mask.l2, mask.learning_rate, mask.steps, mask.fill) == (0.001, 0.001, 500, 0.0)


@pytest.mark.parametrize(
    ("parameters", "given", "sentence"),
    [
        (OcclusionParameters, {"width": "25"}, "parameter 'width' does not exist. Choose from width_steps, fill"),
        (
            OcclusionParameters,
            {"width_steps": "0"},
            "width_steps cannot be 0. Give a whole number from 1 to 1000 steps",
        ),
        (OcclusionParameters, {"width_steps": "2.5"}, "Give a whole number"),
        (OcclusionParameters, {"width_steps": "nan"}, "Give a whole number"),
        (OcclusionParameters, {"width_steps": "wide"}, "Give a whole number"),
        (OcclusionParameters, {"fill": "0.7"}, "fill cannot be 0.7. Choose one of 0, 0.5, mean"),
        (OcclusionParameters, {"variables": "some"}, "Choose one of together, each"),
        (MaskParameters, {"l1": "-1"}, "l1 cannot be -1. Give a number from 0 to 10"),
        (MaskParameters, {"steps": "1e9"}, "steps cannot be 1e9"),
        (MaskParameters, {"learning_rate": "inf"}, "learning_rate cannot be inf"),
        (DerivativeParameters, {"explained": "logit"}, "Choose one of score, probability"),
    ],
)
def test_a_refusal_gives_the_allowed_values(parameters, given, sentence):
    with pytest.raises(RecordRefused) as refused:
        parameters.read(given)
    assert sentence in str(refused.value)


def test_parameters_are_frozen_and_within_bounds():
    with pytest.raises(RecordRefused):
        OcclusionParameters(width_steps=0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        OcclusionParameters().width_steps = 3


@pytest.mark.parametrize("parameters", [OcclusionParameters, MaskParameters, DerivativeParameters])
def test_every_parameter_has_choices_or_bounds(parameters):
    described = parameters.describe()
    assert [own.name for own in described] == list(parameters().values())
    for own in described:
        assert own.label
        assert own.choices or own.minimum < own.maximum
        assert own.read(own.default) == own.default
