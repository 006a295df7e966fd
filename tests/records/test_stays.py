import pytest

from backend.records.channels.leads import choose_lead
from backend.records.record import RecordRefused
from backend.records.stays import PARAMETERS, STATICS, Edit, apply_edits
from tests.records.stay_texts import ADMISSION, CHARTED, HEADER, value_of
from tests.records.well_formed import csv_text


def test_a_stay_has_no_lead_to_choose(open_text):
    record = open_text(HEADER + ADMISSION + CHARTED)
    for lead in (None, "II", "HR"):
        with pytest.raises(RecordRefused, match=r"is an ICU stay .* has no ECG"):
            choose_lead(record, lead)


def test_an_edited_stay_equals_the_stay_of_the_edited_file(open_text):
    record = open_text(HEADER + ADMISSION + CHARTED)
    changes = [Edit("HR", 600, 120.0), Edit("pH", 7, None), Edit("Lactate", 120, 4.5)]
    by_hand = HEADER + ADMISSION + "00:07,HR,73\n02:00,Lactate,4.5\n10:00,HR,120\n48:00,Urine,60\n"
    assert apply_edits(record, changes).digest == open_text(by_hand).digest
    assert apply_edits(record, ()) is record
    assert value_of(record, "HR", 600) == 90


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (Edit("HR", 600, 900.0), "Heart rate cannot be 900 /min. Enter a value from 10 to 300 /min"),
        (Edit("HR", 600, float("nan")), "cannot be nan"),
        (Edit("ICUType", 0, 7), "Enter 1 .coronary care. or 2"),
        (Edit("HR", 2881, 80), "lies outside the stay"),
        (Edit("HR", -1, 80), "lies outside the stay"),
        (Edit("Zodiac", 0, 1), "'Zodiac'"),
    ],
)
def test_an_implausible_edit_is_refused(open_text, edit, message):
    with pytest.raises(RecordRefused, match=message):
        apply_edits(open_text(HEADER + ADMISSION + CHARTED), [edit])


def test_a_recording_of_signals_cannot_be_edited(open_text):
    with pytest.raises(RecordRefused, match="is not an ICU stay"):
        apply_edits(open_text(csv_text(), "table.csv"), [Edit("HR", 0, 80)])


def test_reference_ranges_lie_within_the_plausible_limits():
    for parameter in PARAMETERS.values():
        for bound in (parameter.normal_low, parameter.normal_high):
            assert bound is None or parameter.is_possible(bound)
        assert parameter.least < parameter.greatest
    assert set(STATICS) < set(PARAMETERS)
