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


def test_of_the_parts_that_a_cardiologist_looks_at_those_with_more_salience_than_time_are_counted():
    table = waves("all").table[0].value.set_index("technique")
    assert dict(table["normal"]) == {
        "Occlusion": "1 of 1",
        "Learned mask": "0 of 1",
        "Input derivative": "0 of 1, less on QRS",
        "Around the R peak": "1 of 1",
    }


def test_parts_that_were_not_measured_count_neither_for_nor_against():
    assert set(waves("all").table[0].value["PVC"]) == {"–"}


def test_what_was_expected_is_told_of_the_chosen_class_with_what_shares_cannot_tell():
    said = [one.value for one in waves("PVC").markdown]
    assert any("**PVC**: the ratio of R to S" in text for text in said)
    assert not any("**normal**" in text for text in said)
    assert any("not that they are compared" in one.value for one in waves("PVC").caption)


def test_a_class_of_which_the_model_names_no_beat_right_has_a_sentence():
    screen = waves("LBBB")
    assert "names none of these right" in screen.caption[0].value
    assert not screen.table
