from backend.records.stays import PARAMETERS
from pages.parts.stay.parameter_names import LABELS, SYSTEMS

LONGEST_ON_A_ROW = 24


def test_every_parameter_belongs_to_one_organ_system():
    listed = [name for names in SYSTEMS.values() for name in names]
    assert sorted(listed) == sorted(PARAMETERS)


def test_every_name_fits_a_row_and_no_two_are_the_same():
    assert max(map(len, LABELS.values())) <= LONGEST_ON_A_ROW
    assert len(set(LABELS.values())) == len(PARAMETERS)
