from itertools import pairwise

import numpy as np
import pytest

from backend.windows.beats.rhythm import KNOWN_AFTER, RHYTHM_SOURCES, RHYTHM_VARIABLES, measure_rhythm

RATE = 250.0
COLUMN = {name: column for column, name in enumerate(RHYTHM_VARIABLES)}


def made_peaks(n: int = 400, seed: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    intervals = np.where(rng.random(n) < 0.3, 0.45, 0.8) + rng.normal(0, 0.02, n)
    return np.cumsum(np.round(intervals * RATE)).astype(np.int64)


def plain_rhythm(r_peaks: np.ndarray, beat: int) -> list[float]:
    """The measurements of one beat from the intervals before it, one after the other."""
    s = r_peaks / RATE
    before = [s[i] - s[i - 1] for i in range(1, beat + 1)]
    after = s[beat + 1] - s[beat]

    def quantile(intervals: list[float], count: int, share: float) -> float:
        recent = ([intervals[0]] * count + intervals)[-count:]
        return sorted(recent)[int(share * count)]

    def log(one: float, other: float) -> float:
        return float(np.clip(2.5 * np.log2(one / other), -5, 5))

    def median(values: list[float], count: int) -> float:
        return sorted(([values[0]] * count + values)[-count:])[count // 2]

    changes = [abs(np.log2(later / earlier)) for earlier, later in pairwise(before)]
    unexpected = np.log2(before[-1] / median(before[:-1], 20)) / (median(changes[:-1] or changes, 40) + 0.02)
    typical = quantile(before, 60, 0.65)
    return [
        log(before[-1], 0.8),
        log(before[-1], typical),
        log(before[-1], quantile(before, 40, 0.8)),
        log(before[-1], quantile(before, 300, 0.75)),
        float(np.clip(unexpected / 4, -5, 5)),
        log(before[-2], typical),
        log(before[-3], typical),
        min(5.0, 12.5 * float(np.std(before[-20:])) / typical),
        min(5.0, 12.5 * float(np.std(before[-6:])) / typical),
        min(5.0, 12.5 * median(changes, 40)),
        log(after, typical),
        log(after, before[-1]),
        1.0,
    ]


@pytest.mark.parametrize("beat", [3, 10, 59, 60, 61, 150, 320, 398])
def test_each_beat_is_measured_as_one_would_by_hand(beat):
    r_peaks = made_peaks()
    np.testing.assert_allclose(measure_rhythm(r_peaks, RATE)[beat], plain_rhythm(r_peaks, beat), rtol=0, atol=2e-6)


def test_later_beats_change_nothing_but_the_interval_to_the_next_beat():
    r_peaks = made_peaks()
    shorter = measure_rhythm(r_peaks[:200], RATE)
    moved = np.concatenate([r_peaks[:200], r_peaks[200:] + 77])
    for other in (measure_rhythm(r_peaks, RATE), measure_rhythm(moved, RATE)):
        np.testing.assert_array_equal(other[:199], shorter[:199])
        np.testing.assert_array_equal(other[199, ~KNOWN_AFTER], shorter[199, ~KNOWN_AFTER])


def test_an_interval_that_does_not_exist_is_marked_as_not_known():
    measured = measure_rhythm(made_peaks(5), RATE)
    assert measured[-1, KNOWN_AFTER].tolist() == [0.0, 0.0, 0.0]
    assert measured[0].tolist() == [0.0] * len(RHYTHM_VARIABLES)
    assert (measured[1:-1, COLUMN["RR after known"]] == 1.0).all()


def test_a_premature_beat_stays_premature_when_most_beats_are():
    # Two of three beats come 0.45 s after the last one, as in record 232 of MIT-BIH.
    intervals = np.tile([0.45, 0.45, 1.1], 60)
    measured = measure_rhythm(np.cumsum(np.round(intervals * RATE)).astype(np.int64), RATE)
    assert (measured[100:102, COLUMN["RR before / longest"]] < -2.5).any()
    assert measured[100:103, COLUMN["RR before / typical"]].max() < 0.03 + 2.5 * np.log2(1.1 / 0.45)


def test_one_premature_beat_raises_the_spread_and_not_the_change_and_stands_out_only_in_a_regular_rhythm():
    rng = np.random.default_rng(1)
    unexpected = {}
    for name, spread in (("sinus", 0.01), ("fibrillation", 0.2)):
        intervals = 0.8 * np.exp(spread * rng.standard_normal(60))
        intervals[50] = 0.5
        measured = measure_rhythm(np.cumsum(np.round(intervals * RATE)).astype(np.int64), RATE)
        unexpected[name] = measured[50, COLUMN["RR before / recent, by RR change"]]
        if name == "sinus":
            assert measured[50, COLUMN["RR change, 40 beats"]] < 0.4
            assert measured[50, COLUMN["RR spread, 20 beats"]] > 0.8
        else:
            assert measured[49, COLUMN["RR change, 40 beats"]] > 2.0
    assert unexpected["sinus"] < 3 * unexpected["fibrillation"] < 0


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_few_beats_are_measured_without_error(n):
    assert measure_rhythm(np.arange(n) * 200, RATE).shape == (n, len(RHYTHM_SOURCES))
