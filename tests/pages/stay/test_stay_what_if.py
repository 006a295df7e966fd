import pytest
from streamlit.testing.v1 import AppTest

PATIENCE_S = 30


def _screen(folder):
    """What can be changed of the heart rate of one stay, and a button that goes on to another stay."""
    import streamlit as st

    from backend.records.formats.stays.stay_reader import read_stay
    from backend.workbench import StayReading
    from pages.parts.stay.stay_measurement import take_up
    from pages.parts.stay.stay_what_if import show_what_if
    from tests.charts.made_courses import course

    number = st.session_state.setdefault("number", 0)
    record, rate = read_stay(folder / f"{number}.txt"), (80.0, 120.0)[number]
    show_what_if(StayReading(record, "icu-mortality"), "HR", course("HR", (10, 70), (rate, rate)))
    st.button("Take up", on_click=take_up, args=(record, "HR", 70))
    st.button("Next stay", on_click=lambda: st.session_state.update(number=1))


@pytest.fixture
def first_stay(tmp_path):
    for number, rate in enumerate((80, 120)):
        (tmp_path / f"{number}.txt").write_text(f"Time,Parameter,Value\n00:10,HR,{rate}\n01:10,HR,{rate}\n")
    return AppTest.from_function(_screen, default_timeout=PATIENCE_S, args=(tmp_path,)).run()


def press(screen, label):
    next(button for button in screen.button if button.label == label).click()
    return screen.run()


def test_the_new_value_begins_from_the_stay_that_is_open_and_not_from_the_one_before(first_stay):
    (value,) = first_stay.number_input
    assert value.value == 80
    value.set_value(95.0).run()
    assert press(first_stay, "Next stay").number_input[0].value == 120


def test_a_measurement_that_was_taken_up_is_of_its_own_stay(first_stay):
    assert press(first_stay, "Take up").selectbox[0].value == 70
    assert press(first_stay, "Next stay").selectbox[0].value == "all"
