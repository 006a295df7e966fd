"""What the detector of outliers detects: figures for a card."""

from typing import Any

import numpy as np

from backend.models.bundle import Bundle
from backend.models.network.lstm import ScoringLSTM, score_with_features
from backend.models.out_of_distribution import Detector
from backend.models.training.beats.outliers.outlier_windows import Outliers, OutlierWindows

__all__ = ["detection_rates", "evaluate_outliers"]


def evaluate_outliers(bundle: Bundle, outliers: Outliers, patients: np.ndarray) -> dict[str, Any]:
    """Return the card's shares of windows out of distribution: of test patients, and of a database not trained on.

    Parameters
    ----------
    bundle : Bundle
        With a detector.
    outliers : Outliers
    patients : array of str
        The test patients.

    Raises
    ------
    ValueError
        If the bundle has no detector.
    """
    if bundle.ood_detector is None:
        raise ValueError(f"{bundle.name} has no detector of outliers. Fit one before it is tested.")
    parts = {"test": outliers.for_tests(patients), "qtdb": outliers.unseen}
    return {
        name: detection_rates(bundle.network, bundle.ood_detector, windows)
        for name, windows in parts.items()
        if len(windows)
    }


def detection_rates(network: ScoringLSTM, detector: Detector, windows: OutlierWindows) -> dict[str, dict[str, Any]]:
    """Return for each kind of window the number and the share that is out of distribution, sorted by name."""
    is_ood = detector.detect(windows.values, score_with_features(network, windows.values)[1])
    return {
        str(kind): {
            "windows": int((windows.kinds == kind).sum()),
            "unlike_share": round(float(is_ood[windows.kinds == kind].mean()), 4),
        }
        for kind in sorted(set(windows.kinds))
    }
