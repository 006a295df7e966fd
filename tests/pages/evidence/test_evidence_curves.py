import pytest
from streamlit.testing.v1 import AppTest

PATIENCE_S = 30


def _screen(fill):
    """Made-up evidence as if all of it were of one k."""
    from dataclasses import replace

    from pages.parts.evidence.evidence_choice import EvidenceChoice
    from pages.parts.evidence.evidence_curves import draw_curves
    from tests.made_evidence import made_evidence

    evidence = made_evidence()
    own = replace(evidence, curves=evidence.curves[evidence.curves.fill == "0"].assign(fill=fill))
    draw_curves(EvidenceChoice("made up", own, fill, "all", ("mask",)))


def help_on_curves(fill):
    screen = AppTest.from_function(_screen, default_timeout=PATIENCE_S, args=(fill,)).run()
    assert not screen.exception
    return screen.markdown[0].proto.help


def test_the_help_on_curves_warns_that_the_score_may_rise_with_the_class_mean_beat():
    assert "the score may rise" in help_on_curves("class mean")
    assert "the score may rise" not in help_on_curves("0")


def _differences(is_of_before):
    """The differences from the controls of made-up evidence, perhaps of before they were measured."""
    from dataclasses import replace

    import streamlit as st

    from pages.parts.evidence.evidence_choice import EvidenceChoice
    from pages.parts.evidence.evidence_curves import draw_differences
    from tests.made_evidence import made_evidence

    evidence = made_evidence()
    if is_of_before:
        columns = [name for name in evidence.measures if name.startswith("over_")]
        evidence = replace(evidence, measures=evidence.measures.drop(columns=columns))
    st.text(", ".join(draw_differences(EvidenceChoice("made up", evidence, "0", "all", ("mask",)))))


@pytest.mark.parametrize(("is_of_before", "drawn"), [(False, "differences from controls"), (True, "")])
def test_differences_from_controls_are_drawn_where_they_were_measured(is_of_before, drawn):
    screen = AppTest.from_function(_differences, default_timeout=PATIENCE_S, args=(is_of_before,)).run()
    assert not screen.exception
    assert screen.text[0].value == drawn
    assert len(screen.markdown) == (0 if is_of_before else 1)
