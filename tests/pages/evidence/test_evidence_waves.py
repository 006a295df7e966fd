from streamlit.testing.v1 import AppTest

PATIENCE_S = 30


def _screen(class_name):
    """The shares of made-up evidence, in which QRS alone of all expected parts was measured."""
    from pages.parts.evidence.evidence_choice import EvidenceChoice
    from pages.parts.evidence.evidence_waves import draw_waves
    from tests.made_evidence import made_evidence

    draw_waves(EvidenceChoice("made up", made_evidence(), "0", class_name, ("mask",)))


def waves(class_name):
    screen = AppTest.from_function(_screen, default_timeout=PATIENCE_S, args=(class_name,)).run()
    assert not screen.exception
    return screen


def test_expected_waves_with_more_salience_than_time_are_counted():
    table = waves("all").table[0].value.set_index("technique")
    assert dict(table["normal"]) == {
        "Occlusion": "1 of 1",
        "Learned mask": "0 of 1",
        "Input derivative": "0 of 1, less on QRS",
        "Around the R peak": "1 of 1",
    }


def test_waves_that_were_not_measured_are_not_counted():
    assert set(waves("all").table[0].value["PVC"]) == {"–"}


def test_the_expected_waves_of_the_chosen_class_are_listed_with_their_limits():
    texts = waves("PVC").markdown
    assert any("**PVC**: the ratio of R to S" in one.value for one in texts)
    assert not any("**normal**" in one.value for one in texts)
    assert any("not that they are compared" in one.proto.help for one in texts)


def test_a_class_without_correctly_classified_beats_has_a_sentence():
    screen = waves("LBBB")
    assert "are classified correctly" in screen.caption[0].value
    assert not screen.table
