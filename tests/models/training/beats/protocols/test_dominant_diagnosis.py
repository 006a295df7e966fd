import numpy as np

from backend.models.metrics.beat_metrics import Outcomes
from backend.models.training.beats.protocols.dominant_diagnosis import dominant_figures


def test_the_share_of_right_records_is_by_diagnosis_and_needs_five_patients_for_an_interval():
    patients = np.array(list("abcdefgg"))
    reference = np.array(["normal"] * 6 + ["LBBB"] * 2)
    predicted = np.array(["normal", "normal", "PVC", "normal", "normal", "missed", "LBBB", "RBBB"])
    found = dominant_figures(Outcomes(reference, predicted, patients, patients))
    assert found["LBBB"] == {"records": 2, "right": [0.5, None, None]}
    share, low, high = found["normal"]["right"]
    assert (found["normal"]["records"], share) == (6, 0.6667)
    assert low < share < high
