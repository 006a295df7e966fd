"""The default model on the bundled simulated records, whose answer is known."""

import numpy as np

from backend.models.bundle import load_bundle
from backend.models.classification import classify_beats
from backend.records.samples import available_samples, open_sample
from backend.windows.reference import reference_beats


def test_the_default_model_gets_95_of_100_simulated_beats_right_without_calling_them_unlike_its_training_data():
    bundle = load_bundle()
    right = beats = 0
    for sample in available_samples("ecg"):
        if sample.is_simulated:
            record = open_sample(sample.name)
            classified = classify_beats(bundle, record)
            agrees = np.array(classified.windows.reference) == np.array(classified.scores.labels)
            right += int((agrees & ~classified.scores.unlike).sum())
            # Beats that were not found, or that the edges cut, count as wrong.
            beats += len(reference_beats(record).samples)
    assert beats > 2000
    assert right >= 0.95 * beats
