"""Where the beats are."""

from dataclasses import dataclass

import numpy as np

from backend.records.leads import choose_lead
from backend.records.quality import Artifacts, find_artifacts
from backend.records.record import Record
from backend.windows.filtering import WORKING_RATE, working_signal

__all__ = ["Beats", "find_beats", "found_at"]

_ALIGNMENT_S = 0.05
"""The R peak is the highest point this far on either side of the detector's find (BioSPPy's default)."""

_LEAST_SWING_MV = 1e-6
"""A signal that moves less is constant but for rounding, whatever the filter made of it."""

_LEAST_STEPS = round(0.1 * WORKING_RATE)
"""A signal shorter than a QRS complex holds no beat, and the detector's own filters cannot run over it."""


@dataclass(frozen=True, eq=False)
class Beats:
    """The beats that a detector found on one lead.

    Attributes
    ----------
    lead : str
    r_peaks : int64 array, shape = (n,)
        Samples of the record, ascending.
    artifacts : Artifacts
        Gaps, flat and clipped stretches of the lead; nothing is detected there.
    """

    lead: str
    r_peaks: np.ndarray
    artifacts: Artifacts


def find_beats(record: Record, lead: str | None = None) -> Beats:
    """Find the R peaks of one lead as the papers do: band-pass, then Hamilton's detector from BioSPPy.

    Parameters
    ----------
    record : Record
    lead : str, optional
        Its name in any case; MLII or II, else the first ECG lead, when not given.

    Raises
    ------
    RecordRefused
        If the record has no such lead.

    References
    ----------
    P. S. Hamilton, "Open source ECG analysis", Computing in Cardiology 29:101-104, 2002.
    J. van der Westhuizen, J. Lasenby, "Techniques for visualizing LSTMs applied to electrocardiograms", 2018.
    """
    lead = choose_lead(record, lead)
    samples = record.signals[:, record.channel_index(lead)]
    artifacts = find_artifacts(samples, record.sampling_rate)
    steps = found_at(working_signal(samples, record.sampling_rate))
    r_peaks = np.unique(np.round(steps * (record.sampling_rate / WORKING_RATE)).astype(np.int64))
    r_peaks = r_peaks[r_peaks < len(samples)]
    return Beats(lead, r_peaks[artifacts.usable()[r_peaks]], artifacts)


def found_at(passed: np.ndarray) -> np.ndarray:
    """Steps of the R peaks in a band-passed signal at ``WORKING_RATE``, int64, ascending.

    BioSPPy's own alignment drops a find within 0.05 s of either end and everything after it; here the window of
    the alignment is shortened at the ends instead.
    """
    from biosppy.signals.ecg import hamilton_segmenter

    if len(passed) < _LEAST_STEPS or np.ptp(passed) < _LEAST_SWING_MV:
        return np.zeros(0, dtype=np.int64)
    finds = hamilton_segmenter(signal=passed, sampling_rate=WORKING_RATE)["rpeaks"]
    reach = int(_ALIGNMENT_S * WORKING_RATE)
    starts = [max(0, int(find) - reach) for find in finds]
    peaks = [
        start + int(np.argmax(passed[start : int(find) + reach])) for start, find in zip(starts, finds, strict=True)
    ]
    return np.unique(np.asarray(peaks, dtype=np.int64))
