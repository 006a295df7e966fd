"""The protocols of ANSI/AAMI EC57 and of whole databases that are kept out of training."""

from typing import Any

import numpy as np

from backend.models.metrics.beat_metrics import MISSED, Outcomes, outcome_figures
from backend.models.training.beats.labelled_records import CONDUCTED
from backend.models.training.beats.protocols.beat_protocol import BeatProtocol
from backend.windows.beats.reference import NO_BEAT

__all__ = ["AAMI_CLASSES", "AAMI_PROTOCOLS", "DS2", "PACED_RECORDS", "aami_figures", "map_to_aami"]

DS2 = frozenset(
    map(
        str,
        (
            *(100, 103, 105, 111, 113, 117, 121, 123, 200, 202, 210),
            *(212, 213, 214, 219, 221, 222, 228, 231, 232, 233, 234),
        ),
    )
)
"""The test records of MIT-BIH (de Chazal et al. 2004, table I); DS1 are the others without the PACED_RECORDS."""

PACED_RECORDS = frozenset({"102", "104", "107", "217"})
"""Records that EC57 excludes."""

AAMI_CLASSES = {
    **dict.fromkeys(("normal", "LBBB", "RBBB", CONDUCTED, "escape"), "N"),
    "atrial premature": "S",
    **dict.fromkeys(("PVC", "ventricular escape"), "V"),
    "fusion": "F",
    **dict.fromkeys(("paced", "paced fusion", "unclassifiable"), "Q"),
    NO_BEAT: NO_BEAT,
    MISSED: MISSED,
}
"""The class of ANSI/AAMI EC57 of each reference label and each prediction."""

_ROWS = ("N", "S", "V", "F", "Q", NO_BEAT)
_COLUMNS = ("N", "S", "V", "Q", MISSED)
_CLASSES = ("N", "S", "V", "F")
_MOSTLY_PREMATURE = "232"
"""The record that holds three quarters of the S beats of DS2."""


def map_to_aami(outcomes: Outcomes) -> Outcomes:
    """Return the outcomes with the classes of ANSI/AAMI EC57 as reference and prediction."""
    reference, predicted = (
        np.array([AAMI_CLASSES[label] for label in labels.tolist()], dtype=str)
        for labels in (outcomes.reference, outcomes.predicted)
    )
    return Outcomes(reference, predicted, outcomes.patients, outcomes.records)


def aami_figures(outcomes: Outcomes) -> dict[str, Any]:
    """Return the figures of the classes N, S, V and F.

    Stricter than EC57: an F or Q beat that is predicted as V or S counts against the positive predictive value of
    that class, and so does a false detection. A missed beat is an error of its class. The models have no
    class F, so that every F beat is an error.

    Parameters
    ----------
    outcomes : Outcomes
        With the labels and classes of the model.
    """
    return outcome_figures(map_to_aami(outcomes), _ROWS, _COLUMNS, _CLASSES, NO_BEAT)


def _figures_with_and_without_232(outcomes: Outcomes) -> dict[str, Any]:
    without = aami_figures(outcomes.where(outcomes.records != _MOSTLY_PREMATURE))
    del without["confusion"]
    return {**aami_figures(outcomes), "without_232": without}


AAMI_PROTOCOLS = (
    # Records 201 and 202 are one man: 202 is in DS2, so 201 is not trained on. Paced records train the class paced.
    BeatProtocol("aami_ds2", "mitdb", DS2, frozenset({"201"}), _figures_with_and_without_232),
    BeatProtocol("svdb_left_out", "svdb", None, frozenset(), aami_figures),
    BeatProtocol("mitdb_left_out", "mitdb", None, PACED_RECORDS, aami_figures),
)
"""DS1 to DS2, and each database annotated beat by beat kept out of training."""
