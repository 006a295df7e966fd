"""The command that evaluates: what it refuses, before anything is computed."""

import pytest

from backend.cohort.plan import format_baseline, list_baselines
from backend.explain.api import TECHNIQUES
from backend.models.bundle import load_bundle


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nope"], "The model 'nope' does not exist"),
        (["ecg-beat-2018"], "has no folder mitdb"),
        (["ecg-beat-2018", "--techniques", "lime"], "The technique 'lime' does not exist"),
        (["ecg-beat-2018", "--fills", "0,not measured"], "cannot be evaluated with the baseline 'not measured'"),
        (["icu-alarm"], "icu-alarm reads alarms"),
    ],
)
def test_what_cannot_be_evaluated_is_said_in_a_sentence_with_status_2(said, tmp_path, arguments, sentence):
    status, out, err = said("evaluate", *arguments, "--data", str(tmp_path), "--runs", str(tmp_path / "runs"))
    assert status == 2
    assert out == ""
    assert sentence in err
    assert err.strip().endswith(".")
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--beats", "none"],
        ["--beats", "0"],
        ["--subset", "0"],
        ["--workers", "0"],
        ["--seed", "-1"],
        ["--workers", "2", "--scheduler", "tcp://localhost:1"],
    ],
)
def test_numbers_that_make_no_sense_are_answered_with_the_usage(said, tmp_path, arguments):
    status, _, err = said("evaluate", "ecg-beat-2018", "--data", str(tmp_path), *arguments)
    assert status == 2
    assert "usage:" in err


def test_models_of_beats_are_evaluated_by_every_fill_that_suits_them():
    assert {format_baseline(fill) for fill in list_baselines(load_bundle("ecg-beat"))} == {
        "0",
        "0.5",
        "mean",
        "class mean",
        "local mean",
    }
    assert {"random", "mask"} < set(TECHNIQUES)
