"""The models on the bundled simulated records, whose answer is known."""

import numpy as np

from backend.models.bundle import load_bundle
from backend.models.classification import Classified, classify_alarms, classify_beats, classify_stay
from backend.models.scores import score_over_time
from backend.records.alarms import find_alarms
from backend.records.samples.library import available_samples, open_sample
from backend.windows.beats.reference import reference_beats


def test_the_default_model_classifies_95_of_100_simulated_beats_correctly_and_in_distribution():
    bundle = load_bundle()
    right = beats = 0
    for sample in available_samples("ecg"):
        if sample.is_simulated:
            record = open_sample(sample.name)
            classified = classify_beats(bundle, record)
            agrees = np.array(classified.windows.reference) == np.array(classified.scores.labels)
            right += int((agrees & ~classified.scores.is_ood).sum())
            # Beats that were not found, or that the edges cut, count as wrong.
            beats += len(reference_beats(record).samples)
    assert beats > 2000
    assert right >= 0.95 * beats


NAMED_WRONG = "sim_alarm_lead_off"
"""A false alarm that the card says the model may call true."""


def classified_alarms() -> dict[str, Classified]:
    bundle = load_bundle("icu-alarm")
    records = [open_sample(sample.name) for sample in available_samples("alarm") if sample.is_simulated]
    return {record.name: classify_alarms(bundle, record, find_alarms(record)) for record in records}


def test_the_alarm_model_classifies_the_simulated_alarms_but_for_the_detached_lead():
    found = classified_alarms()
    assert len(found) == 5
    wrong = {name for name, classified in found.items() if classified.scores.labels != classified.windows.reference}
    assert wrong == {NAMED_WRONG}


def test_the_misclassified_alarm_is_uncertain_out_of_distribution_and_on_the_card():
    scores = classified_alarms()[NAMED_WRONG].scores
    risk = scores.probabilities[0, scores.classes.index("true alarm")]
    assert scores.is_uncertain[0]
    assert scores.is_ood[0]
    assert f"{100 * risk:.0f}% on the simulated one" in load_bundle("icu-alarm").card["summary"]


def risks_by_hour(name: str) -> np.ndarray:
    """Risk of death after each hour of a simulated stay, shape = (48,)."""
    bundle = load_bundle("icu-mortality")
    classified = classify_stay(bundle, open_sample(name))
    assert not classified.scores.is_ood.any()
    return score_over_time(bundle, classified.window_of(0)).probabilities[:, bundle.classes.index("death")]


def test_septic_shock_alone_of_the_simulated_stays_has_a_high_and_rising_risk():
    risks = {sample.name: risks_by_hour(sample.name) for sample in available_samples("stay") if sample.is_simulated}
    worse = risks.pop("sim_stay_septic_shock")
    assert worse[-1] > worse[5]
    assert len(risks) >= 3
    assert max(risk[-1] for risk in risks.values()) < 0.1 < 0.5 < worse[-1]


def test_the_risk_falls_in_a_simulated_recovery():
    for name in ("sim_stay_recovery", "sim_stay_kidney_injury"):
        risk = risks_by_hour(name)
        assert risk[-1] < 0.5 * risk[5]
