"""Reading takes time in proportion to the size of a file: a file four times as large at most some six times as long."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from backend.records.opening import open_record
from backend.records.understanding import Stated
from tests.records.durations import shortest_s
from tests.records.edf_files import Edf, Own, time_list
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


def quoted_stay(size: int) -> str:
    return "\n".join('"' + line.replace(",", '","') + '"' for line in long_stay(size).splitlines())


def stay_of_distinct_values(size: int) -> str:
    rows = (f"{minute // 60 % 48:02d}:{minute % 60:02d},K,{3 + minute / 1e6:.6f}" for minute in range(10_000 * size))
    return "Time,Parameter,Value\n" + "\n".join(rows)


def stay_of_unknown_parameters(size: int) -> str:
    rows = (f"{row // 60 % 48:02d}:{row % 60:02d},item {row},5" for row in range(5000 * size))
    return "Time,Parameter,Value\n00:00,HR,70\n" + "\n".join(rows)


def wide_stay(size: int) -> str:
    rows = (f"{row / 500 / size:.5f},{60 + row % 40},{90 + row % 9},{row % 7 + 12}" for row in range(5000 * size))
    return "Hours,HR,SpO2,Resp\n" + "\n".join(rows)


@pytest.mark.parametrize(
    "write",
    [
        *(table, lone_column, comment_of_blanks, name_of_blanks, digits_in_a_stay, long_stay, quoted_stay),
        *(stay_of_distinct_values, stay_of_unknown_parameters, wide_stay),
    ],
    ids=lambda w: w.__name__,
)
def test_a_file_four_times_as_large_is_not_much_more_than_four_times_as_slow(tmp_path, write: Callable[[int], str]):
    def seconds(size: int) -> float:
        path = tmp_path / f"{size}.csv"
        path.write_text(write(size))
        return shortest_s(lambda: open_record(path, STATED))

    small = seconds(1)
    assert seconds(4) < MOST_TIMES * max(small, 0.01)


def one_lead(size: int, path: Path) -> Path:
    return Edf([Own("ECG", np.tile(synthetic_ecg()[:, 0], 100 * size))], 1000 * size).write(path)


def an_interrupted_recording(size: int, path: Path) -> Path:
    """Data records a quarter of a second apart, each with a note."""
    n_frames = 250 * size
    ecg = np.tile(synthetic_ecg()[:, 0], 25 * size)
    texts = [time_list(1.25 * number, "turns") for number in range(n_frames)]
    return Edf([Own("ECG", ecg), Own("EDF Annotations", texts=texts)], n_frames, {"reserved": b"EDF+D"}).write(path)


def many_notes(size: int, path: Path) -> Path:
    texts = [time_list(number, *["moves"] * 50 * size) for number in range(10)]
    notes = Own("EDF Annotations", texts=texts, text_bytes=2000 * size)
    return Edf([Own("ECG", synthetic_ecg()[:, 0]), notes], 10, {"reserved": b"EDF+C"}).write(path)


@pytest.mark.parametrize("write", [one_lead, an_interrupted_recording, many_notes], ids=lambda w: w.__name__)
def test_an_edf_four_times_as_large_is_not_much_more_than_four_times_as_slow(tmp_path, write):
    small, large = (write(size, tmp_path / f"{size}.edf") for size in (1, 4))
    assert shortest_s(lambda: open_record(large)) < MOST_TIMES * max(shortest_s(lambda: open_record(small)), 0.01)
