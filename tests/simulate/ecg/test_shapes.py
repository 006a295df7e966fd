"""The shapes are those of the databases' average beats, in each lead, for several simulated people."""

import os
from collections import defaultdict
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import wfdb

from backend.simulate.ecg.heart import SimulatedRecord, simulate
from backend.simulate.ecg.noise import Noise
from backend.simulate.ecg.rhythm import Stretch
from backend.simulate.ecg.shapes import VENTRICULAR, adapt_to_rate
from backend.simulate.ecg.truth import wave_peak_ms
from tests.simulate.average_beats import FEATURES, MEASURED, features, median_beat

QUIET = Noise(breathing_mv=0, wander_mv=0, muscle_mv=0, mains_mv=0)
PEOPLE = range(6)
PLANS = {
    "N": Stretch(40),
    "L": Stretch(40, conduction="left block"),
    "R": Stretch(40, conduction="right block"),
    "A": Stretch(40, extra={float(at): "A" for at in range(2, 38, 4)}),
    "/": Stretch(40, "paced"),
}


@cache
def people_with(label: str) -> list[SimulatedRecord]:
    return [simulate((PLANS[label],), seed, noise=QUIET) for seed in PEOPLE]


def measured_features(record: SimulatedRecord, label: str) -> dict[str, float]:
    of_class = record.r_peaks[np.array(record.labels) == label]
    return features(median_beat(record.clean, record.sampling_rate, of_class))


@cache
def ectopic(letter: str, seed: int) -> SimulatedRecord:
    return simulate((Stretch(40, extra={float(at): letter for at in range(2, 38, 4)}),), seed, noise=QUIET)


@pytest.mark.parametrize("label", PLANS)
def test_simulated_people_lie_within_the_range_of_the_databases(label):
    """The median person lies between the 5th and the 95th percentile of the patients in every feature."""
    people = [measured_features(record, label) for record in people_with(label)]
    for feature in FEATURES:
        low, _, high = MEASURED[label][feature]
        assert low <= np.median([person[feature] for person in people]) <= high, feature


@pytest.mark.parametrize("letter", ["V", "W", "U"])
def test_simulated_pvcs_lie_within_the_range_of_the_databases(letter):
    people = [measured_features(ectopic(letter, seed), "V") for seed in PEOPLE]
    for feature in FEATURES:
        low, _, high = MEASURED["V"][feature]
        assert low <= np.median([person[feature] for person in people]) <= high, feature


def test_people_differ_from_each_other():
    heights = [measured_features(record, "N")["II R"] for record in people_with("N")]
    assert np.ptp(heights) > 0.2


def test_a_normal_qrs_is_narrow_and_every_other_is_wide():
    for label in "NA":
        assert all(qrs_ms(record, label).max() < 110 for record in people_with(label)[:3])
    for label in "LR/":
        assert all(qrs_ms(record, label).min() >= 118 for record in people_with(label)[:3])
    for letter in "VWU":
        assert qrs_ms(ectopic(letter, 0), "V").min() >= 138


def qrs_ms(record: SimulatedRecord, label: str) -> np.ndarray:
    of_class = np.array(record.labels) == label
    return (record.waves.qrs_end - record.waves.qrs_onset)[of_class] / record.sampling_rate * 1000


@pytest.mark.parametrize(
    ("label", "lead", "qrs_sign", "t_sign"), [("L", 0, 1, -1), ("L", 1, -1, 1), ("R", 1, 1, -1), ("/", 1, -1, 1)]
)
def test_t_is_discordant_with_a_wide_qrs(label, lead, qrs_sign, t_sign):
    for record in people_with(label)[:3]:
        beat = median_beat(record.clean, 360, record.r_peaks)[:, lead]
        qrs = beat[100:200]
        assert np.sign(qrs[np.argmax(np.abs(qrs))]) == qrs_sign
        assert np.sign(measured_features(record, label)[("II T", "V1 T")[lead]]) == t_sign


@pytest.mark.parametrize("letter", ["V", "W", "U"])
def test_t_is_discordant_with_an_ectopic_qrs_in_ii(letter):
    found = measured_features(ectopic(letter, 0), "V")
    qrs = found["II R"] if found["II R"] > -found["II S"] else found["II S"]
    assert found["II T"] * qrs < 0


def test_a_right_block_has_a_second_r_in_v1_and_a_late_s_in_ii():
    record = people_with("R")[0]
    beat = median_beat(record.clean, 360, record.r_peaks)
    v1 = beat[110:190, 1]
    peaks = [k for k in range(1, len(v1) - 1) if v1[k] > v1[k - 1] and v1[k] >= v1[k + 1] and v1[k] > 0.05]
    assert len(peaks) == 2
    assert v1[peaks[1]] > 2 * v1[peaks[0]]
    assert beat[144 + 14 : 144 + 25, 0].max() < -0.1


def test_t_rises_more_slowly_than_it_falls():
    record = people_with("N")[0]
    waves = record.waves
    assert np.median(waves.t_peak - waves.t_onset) > 1.2 * np.median(waves.t_end - waves.t_peak)


def test_t_comes_earlier_at_a_higher_rate_by_the_cube_root():
    slow, fast = (wave_peak_ms(adapt_to_rate(VENTRICULAR["normal"], rr), "T") for rr in (1.0, 0.5))
    assert fast / slow == pytest.approx(0.5 ** (1 / 3), abs=0.01)


@pytest.mark.skipif("BEATLIGHT_DATA" not in os.environ, reason="BEATLIGHT_DATA names no folder with the databases")
def test_the_table_of_average_beats_equals_that_of_the_mit_bih_database():
    """Atrial and ventricular premature beats come from the MIT-BIH records alone; the medians are recomputed."""
    found = defaultdict(list)
    folder = Path(os.environ["BEATLIGHT_DATA"]) / "mitdb"
    for header in sorted(folder.glob("*.hea")):
        leads = wfdb.rdheader(str(header.with_suffix(""))).sig_name
        if not {"MLII", "V1"} <= set(leads) or header.stem == "202":
            continue
        beats = wfdb.rdann(str(header.with_suffix("")), "atr")
        for label in "AV":
            r_peaks = beats.sample[np.array(beats.symbol) == label][:300]
            if len(r_peaks) >= 20:
                signals = wfdb.rdrecord(str(header.with_suffix("")), channel_names=["MLII", "V1"]).p_signal
                found[label].append(features(median_beat(signals, 360, r_peaks)))
    for label in "AV":
        for feature in FEATURES:
            median = np.median([patient[feature] for patient in found[label]])
            assert median == pytest.approx(MEASURED[label][feature][1], abs=0.02 if feature != "QRS" else 3), feature
