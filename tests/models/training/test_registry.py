import pytest

from backend.models.bundle import bundle_names
from backend.models.training.registry import TRAININGS, train
from backend.records.record import RecordRefused


def test_every_bundled_model_can_be_trained_anew():
    assert set(TRAININGS) == set(bundle_names())


def test_an_unknown_model_is_refused_with_those_that_there_are(tmp_path):
    with pytest.raises(RecordRefused, match=r"no recipe 'nope'; choose one of ecg-beat, .*icu-alarm, icu-mortality"):
        train("nope", tmp_path, tmp_path)


@pytest.mark.parametrize("name", sorted(TRAININGS))
def test_without_the_databases_nothing_is_trained_and_nothing_written(tmp_path, name):
    with pytest.raises(RecordRefused, match=r"\.$"):
        train(name, tmp_path / "none", tmp_path / "runs", tmp_path / "bundles")
    assert list(tmp_path.iterdir()) == []
