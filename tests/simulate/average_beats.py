"""The average beat of each kind in the databases, as figures, and how they were measured.

`MEASURED` holds, for each class and feature, the 5th percentile, the median and the 95th percentile over patients of
the MIT-BIH Arrhythmia Database 1.0.0 (records with MLII and V1; Moody & Mark 2001) and of PTB-XL 1.0.3 (leads II and
V1, records whose diagnosis is that of each beat; Wagner et al. 2020). mV and ms.

Figures are of each patient's median beat: less its level between 350 and 90 ms before the R peak, after a high-pass at
0.4 Hz. QRS is the time between the first and the last moment, 120 ms around the R peak, at which either lead's slope
exceeds 12 % of its steepest.
"""

import numpy as np
from scipy import signal

BEFORE_S, AFTER_S = 0.40, 0.55
FEATURES = ("II P", "II R", "II S", "II T", "V1 R", "V1 S", "V1 T", "QRS")

MEASURED = {
    "N": {  # 302 patients
        "II P": (-0.02, 0.10, 0.18),
        "II R": (0.34, 0.80, 1.69),
        "II S": (-0.48, -0.14, -0.04),
        "II T": (0.06, 0.21, 0.46),
        "V1 R": (0.04, 0.14, 0.36),
        "V1 S": (-1.37, -0.79, -0.28),
        "V1 T": (-0.20, 0.03, 0.23),
        "QRS": (56, 75, 156),
    },
    "L": {  # 27 patients
        "II P": (-0.05, 0.08, 0.14),
        "II R": (0.07, 0.55, 1.30),
        "II S": (-0.80, -0.25, -0.06),
        "II T": (-0.35, 0.10, 0.33),
        "V1 R": (0.16, 0.23, 0.55),
        "V1 S": (-2.76, -1.69, -0.86),
        "V1 T": (0.27, 0.46, 1.00),
        "QRS": (112, 156, 203),
    },
    "R": {  # 22 patients
        "II P": (-0.03, 0.09, 0.22),
        "II R": (0.03, 0.31, 1.44),
        "II S": (-1.35, -0.27, -0.07),
        "II T": (-0.11, 0.18, 0.49),
        "V1 R": (0.08, 0.87, 1.38),
        "V1 S": (-0.66, -0.22, -0.03),
        "V1 T": (-0.47, -0.25, 0.09),
        "QRS": (119, 147, 236),
    },
    "A": {  # 10 patients
        "II P": (-0.16, 0.08, 0.38),
        "II R": (0.19, 1.27, 2.30),
        "II S": (-1.33, -0.45, -0.10),
        "II T": (-0.27, 0.16, 0.43),
        "V1 R": (-0.10, 0.08, 0.81),
        "V1 S": (-1.74, -0.71, -0.32),
        "V1 T": (-0.30, -0.07, 0.12),
        "QRS": (59, 76, 129),
    },
    "V": {  # 22 patients
        "II P": (-0.18, 0.11, 0.32),
        "II R": (0.06, 1.25, 2.87),
        "II S": (-1.80, -0.62, -0.32),
        "II T": (-1.42, -0.20, 1.09),
        "V1 R": (0.04, 0.40, 1.26),
        "V1 S": (-1.98, -0.51, -0.09),
        "V1 T": (-0.69, -0.10, 0.87),
        "QRS": (125, 157, 181),
    },
    "/": {  # 21 patients
        "II P": (-0.09, 0.03, 1.47),
        "II R": (0.13, 2.08, 3.68),
        "II S": (-1.60, -0.59, -0.11),
        "II T": (-0.14, 0.19, 1.08),
        "V1 R": (-0.03, 0.16, 0.98),
        "V1 S": (-1.75, -0.78, -0.23),
        "V1 T": (-0.44, 0.06, 0.49),
        "QRS": (72, 131, 167),
    },
}


def median_beat(signals: np.ndarray, sampling_rate: float, r_peaks: np.ndarray) -> np.ndarray:
    """The median over beats of leads II and V1 (mV) around the R peak, shape = (n, 2), at 360 Hz."""
    high_pass = signal.butter(2, 0.4, "highpass", fs=sampling_rate, output="sos")
    level = signal.sosfiltfilt(high_pass, np.nan_to_num(signals), axis=0)
    times_s = np.arange(-BEFORE_S, AFTER_S, 1 / 360)
    whole = r_peaks[(r_peaks > sampling_rate) & (r_peaks < len(signals) - sampling_rate)]
    grid = np.arange(len(level))
    moments = whole[:, np.newaxis] + times_s * sampling_rate
    beats = np.stack([np.interp(moments, grid, level[:, lead]) for lead in (0, 1)], axis=2)
    beat = np.median(beats, axis=0)
    return beat - np.median(beat[_span(-0.35, -0.09)], axis=0)


def features(beat: np.ndarray) -> dict[str, float]:
    """Heights (mV) and the length of QRS (ms) of a median beat."""
    lead_ii, v1 = beat.T
    return {
        "II P": _extreme(lead_ii[_span(-0.26, -0.09)]),
        "II R": float(lead_ii[_span(-0.08, 0.06)].max()),
        "II S": float(lead_ii[_span(-0.08, 0.13)].min()),
        "II T": _extreme(lead_ii[_span(0.18, 0.42)]),
        "V1 R": float(v1[_span(-0.08, 0.13)].max()),
        "V1 S": float(v1[_span(-0.08, 0.13)].min()),
        "V1 T": _extreme(v1[_span(0.18, 0.42)]),
        "QRS": _qrs_ms(beat),
    }


def _span(start_s: float, end_s: float) -> slice:
    return slice(round((start_s + BEFORE_S) * 360), round((end_s + BEFORE_S) * 360))


def _extreme(values: np.ndarray) -> float:
    return float(values[np.argmax(np.abs(values))])


def _qrs_ms(beat: np.ndarray) -> float:
    slopes = np.abs(np.gradient(signal.savgol_filter(beat, 7, 2, axis=0), axis=0))[_span(-0.12, 0.12)]
    steep = np.flatnonzero((slopes > 0.12 * slopes.max(axis=0)).any(axis=1))
    return float((steep[-1] - steep[0]) / 0.36)
