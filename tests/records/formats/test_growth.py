"""Reading takes time in proportion to the size of a file: a file four times as large at most some six times as long."""

from collections.abc import Callable

import pytest

from backend.records.opening import open_record
from backend.records.understanding import Stated
from tests.records.durations import shortest_s
from tests.records.well_formed import RATE, csv_text, synthetic_ecg

STATED = Stated(sampling_rate=RATE, unit="mV")
MOST_TIMES = 8.0
"""For a file four times as large; quadratic reading takes sixteen times as long."""


def table(size: int) -> str:
    ecg = synthetic_ecg()[:, 0]
    return "time,MLII (mV)\n" + "\n".join(f"{row / RATE:.3f},{ecg[row % len(ecg)]:.3f}" for row in range(10_000 * size))


def lone_column(size: int) -> str:
    ecg = synthetic_ecg()[:, 0]
    return "ecg_mv\n" + "\n".join(f"{ecg[row % len(ecg)]:.3f}" for row in range(20_000 * size))


def comment_of_blanks(size: int) -> str:
    return "# a" + " " * 10_000 * size + "b\n" + csv_text()


def name_of_blanks(size: int) -> str:
    head, _, rest = csv_text().partition("\n")
    return head.replace("MLII", "ECG" + " " * 10_000 * size + "II") + "\n" + rest


def digits_in_a_stay(size: int) -> str:
    return "Time,Parameter,Value\n00:00,Age,60\n00:10,HR," + "9" * 50_000 * size + "x\n00:20,HR,80\n"


def long_stay(size: int) -> str:
    rows = (f"{minute // 60 % 48:02d}:{minute % 60:02d},HR,{60 + minute % 40}" for minute in range(20_000 * size))
    return "Time,Parameter,Value\n00:00,Age,60\n" + "\n".join(rows)


@pytest.mark.parametrize(
    "write",
    [table, lone_column, comment_of_blanks, name_of_blanks, digits_in_a_stay, long_stay],
    ids=lambda w: w.__name__,
)
def test_a_file_four_times_as_large_is_not_much_more_than_four_times_as_slow(tmp_path, write: Callable[[int], str]):
    def seconds(size: int) -> float:
        path = tmp_path / f"{size}.csv"
        path.write_text(write(size))
        return shortest_s(lambda: open_record(path, STATED))

    small = seconds(1)
    assert seconds(4) < MOST_TIMES * max(small, 0.01)
