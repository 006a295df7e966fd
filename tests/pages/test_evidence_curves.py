from streamlit.testing.v1 import AppTest

PATIENCE_S = 30


def _screen(fill):
    """Made-up evidence as if all of it were of one k."""
    from dataclasses import replace

    from pages.parts.evidence_choice import EvidenceChoice
    from pages.parts.evidence_curves import draw_curves
    from tests.made_evidence import made_evidence

    evidence = made_evidence()
    own = replace(evidence, curves=evidence.curves[evidence.curves.fill == "0"].assign(fill=fill))
    draw_curves(EvidenceChoice("made up", own, fill, "all", ("mask",)))


def said(fill):
    screen = AppTest.from_function(_screen, default_timeout=PATIENCE_S, args=(fill,)).run()
    assert not screen.exception
    return screen.caption[0].value


def test_of_the_class_s_mean_beat_it_is_told_that_the_score_may_rise():
    assert "the score may rise" in said("class mean")
    assert "the score may rise" not in said("0")
