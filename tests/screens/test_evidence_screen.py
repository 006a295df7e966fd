import pytest

from backend.records.record import RecordRefused
from tests.made_evidence import made_evidence
from tests.screens.driving import address, charts, choose, has_chart_of, names, open_screen, prose, switch

MODEL = "ecg-beat-2018"


@pytest.fixture
def known_evidence(monkeypatch):
    """Evidence whose findings can be worked out by hand, whatever is shipped."""
    monkeypatch.setattr("backend.workbench.evidence", lambda model: made_evidence())


@pytest.mark.usefixtures("known_evidence")
def test_findings_are_stated_above_their_charts():
    screen = open_screen("evidence", model=MODEL)
    assert "Occlusion (0.70)" in prose(screen)
    for words in ("share deleted", "QRS", "layers randomised"):
        assert has_chart_of(screen, words)
    assert "Table (CSV): Curves over the threshold" in names(screen, "download_button")
    assert "python -m backend evaluate made-up" in screen.code[0].value


@pytest.mark.usefixtures("known_evidence")
def test_baseline_class_and_techniques_are_kept_in_the_address():
    screen = open_screen("evidence", model=MODEL)
    choose(screen, "Class", "PVC")
    choose(screen, "Baseline value (k)", "mean")
    switch(screen, "Techniques", ["mask"])
    assert address(screen) == {"model": MODEL, "fill": "mean", "class": "PVC", "techniques": "mask"}
    assert not has_chart_of(screen, "Input derivative")


@pytest.mark.usefixtures("known_evidence")
def test_a_link_to_what_was_not_measured_opens_with_a_sentence_for_each():
    screen = open_screen("evidence", model=MODEL, fill="2", techniques="mask,guess", **{"class": "flutter"})
    assert len(screen.warning) >= 3
    assert charts(screen)


def test_the_shipped_evidence_opens_for_every_class():
    screen = open_screen("evidence", model="ecg-beat")
    for name in screen.selectbox[-1].options[:2]:
        assert name
    choose(screen, "Class", "PVC")
    assert address(screen)["class"] == "PVC"
    assert len(charts(screen)) >= 6


@pytest.mark.parametrize(("model", "metric"), [("icu-alarm", "AUC"), ("icu-mortality", "AUROC")])
def test_a_model_without_evidence_shows_its_own_figures(model, metric):
    screen = open_screen("evidence", model=model)
    assert "not been measured" in screen.info[0].value
    assert metric in names(screen, "metric")


def test_evidence_that_cannot_be_read_has_a_sentence(monkeypatch):
    def refuse(model):
        raise RecordRefused("The evidence cannot be read. Evaluate the model again.")

    monkeypatch.setattr("backend.workbench.evidence", refuse)
    screen = open_screen("evidence", model=MODEL)
    assert screen.error[0].value == "The evidence cannot be read. Evaluate the model again."
