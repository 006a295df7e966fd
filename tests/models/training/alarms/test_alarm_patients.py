import os
import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from scipy import fft

from backend.models.training.alarms.alarm_patients import ONE_PATIENT, keep_patients_together
from backend.records.opening import open_record
from backend.records.record import Record, RecordRefused
from backend.windows.beats.hamilton import hamilton_r_peaks

DATABASES = os.environ.get("BEATLIGHT_DATA")
needs_databases = pytest.mark.skipif(not DATABASES, reason="BEATLIGHT_DATA names no folder of databases")

MOST_APART = 5
BEFORE, AFTER = 50, 90


def test_no_record_belongs_to_two_patients():
    records = [record for patient in ONE_PATIENT for record in patient]
    assert len(set(records)) == len(records)
    assert all(len(patient) > 1 for patient in ONE_PATIENT)


def test_a_patient_moves_to_the_fold_of_its_fixed_record_or_else_of_its_first():
    records = np.array(["a167l", "x", "a172s", "v181l", "v182s"])
    folds, leading = np.array([3, 1, 0, 2, 4]), np.array([False, False, True, False, False])
    assert keep_patients_together(records, folds, leading).tolist() == [0, 1, 0, 2, 2]


def number_of(name: str) -> int:
    return int(re.findall(r"\d+", name)[0])


@pytest.fixture(scope="module")
def records() -> dict[str, Record]:
    opened = {}
    for header in sorted((Path(DATABASES or "") / "challenge2015").glob("*.hea")):
        try:
            opened[header.stem] = open_record(header.with_suffix(""))
        except RecordRefused:
            continue
    return opened


def neighbours(names) -> list[tuple[str, str]]:
    return [pair for pair in combinations(names, 2) if 0 < abs(number_of(pair[0]) - number_of(pair[1])) <= MOST_APART]


def usual_beat(record: Record) -> np.ndarray | None:
    """The median beat of both leads, before the last 16 s, one after the other and of length 1; None of few beats."""
    leads = np.nan_to_num(record.signals[:11_000, :2])
    r_peaks = hamilton_r_peaks(np.ascontiguousarray(leads[:, 0]), record.sampling_rate)
    r_peaks = r_peaks[(r_peaks > BEFORE) & (r_peaks < len(leads) - AFTER)]
    if len(r_peaks) < 15:
        return None
    beat = np.median([leads[r_peak - BEFORE : r_peak + AFTER] for r_peak in r_peaks], axis=0)
    beat = (beat - beat.mean(axis=0)).T.ravel()
    return beat / np.linalg.norm(beat) if beat.any() else None


def patient_of() -> dict[str, int]:
    return {record: number for number, patient in enumerate(ONE_PATIENT) for record in patient}


@needs_databases
def test_neighbours_with_the_same_usual_beat_in_both_leads_are_one_patient(records):
    beats = {name: beat for name, record in records.items() if (beat := usual_beat(record)) is not None}
    leads = {name: tuple(channel.name for channel in records[name].channels[:2]) for name in beats}
    patients = patient_of()
    similar = [
        (one, other)
        for one, other in neighbours(beats)
        if leads[one] == leads[other] and beats[one] @ beats[other] > 0.97
    ]
    assert len(similar) > 50
    assert all(one in patients and patients[one] == patients.get(other) for one, other in similar)


@needs_databases
def test_neighbours_that_share_seconds_of_signal_are_one_patient(records):
    steps = {name: np.diff(np.nan_to_num(record.signals[::2, 0])) for name, record in records.items()}
    spectra = {name: fft.rfft(step / (np.linalg.norm(step) + 1e-9), 2**14) for name, step in steps.items()}
    patients, sharing = patient_of(), []
    for one, other in neighbours(spectra):
        similarity = fft.irfft(spectra[one] * np.conj(spectra[other]))
        lag = int(similarity.argmax())
        lag -= len(similarity) if lag > len(similarity) // 2 else 0
        first, second = (steps[one][lag:], steps[other]) if lag >= 0 else (steps[one], steps[other][-lag:])
        length = min(len(first), len(second))
        is_flat = not (first[:length].any() and second[:length].any())
        if not is_flat and length > 1000 and np.corrcoef(first[:length], second[:length])[0, 1] > 0.97:
            sharing.append((one, other))
    assert ("a167l", "a172s") in sharing
    assert all(one in patients and patients[one] == patients.get(other) for one, other in sharing)
