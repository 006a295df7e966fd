from dataclasses import replace

import numpy as np

from backend.models.metrics.multiclass import classification_figures
from backend.models.scores import compute_scores
from backend.models.training.beats.beat_evaluation import evaluate_test_set
from backend.models.training.beats.beat_inputs import compose_inputs
from backend.models.training.beats.ecg_beat_2018 import ECG_BEAT_2018
from tests.models.made_databases import simulated_beats
from tests.toys import toy_bundle


def test_the_test_figures_are_those_of_the_scores_of_every_beat():
    bundle = replace(toy_bundle(classes=4), name="ecg-beat-2018", classes=ECG_BEAT_2018.classes)
    beats = simulated_beats("sim_ventricular_premature", "sim_paced")
    beats = beats.select(np.isin(beats.labels, bundle.classes))
    found = evaluate_test_set(bundle, beats, ECG_BEAT_2018.databases)
    predicted = np.array(bundle.classes)[compute_scores(bundle, compose_inputs(beats, bundle.window)).argmax(axis=1)]
    assert found["mitdb"] == classification_figures(beats.labels, predicted, beats.patients, bundle.classes)
    assert set(found) == {"mitdb", "calibration"}
    assert 0 <= found["calibration"]["expected_calibration_error"] <= 1
