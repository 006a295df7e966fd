"""Detection of the beats of a lead, by one of several detectors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from backend.records.channels.artifacts import Artifacts, find_artifacts
from backend.records.channels.leads import choose_lead
from backend.records.record import Record, RecordRefused
from backend.windows.beats.biosppy_detector import always_up, biosppy_r_peaks
from backend.windows.beats.hamilton import hamilton_r_peaks, points_up

__all__ = ["DEFAULT_DETECTOR", "DETECTORS", "Beats", "Detector", "find_beats", "get_detector"]


@dataclass(frozen=True)
class Detector:
    """A detector of R peaks.

    Attributes
    ----------
    name : str
        The name in links and on the command line.
    title : str
        The name on the screens.
    r_peaks : callable
        Function of the samples of one lead (mV, NaN in gaps) and their rate (Hz) that returns the samples of its R
        peaks.
    points_up : callable
        Function of the maximum and negated minimum of the band-passed lead around a beat and of the polarity of the
        beats around it (positive if upright) that returns whether the R peak is the maximum.
    """

    name: str
    title: str
    r_peaks: Callable[[np.ndarray, float], np.ndarray]
    points_up: Callable[[float, float, float], np.ndarray | bool]


DEFAULT_DETECTOR = "hamilton"

DETECTORS: Mapping[str, Detector] = {
    detector.name: detector
    for detector in (
        Detector("hamilton", "Beatlight (Hamilton 2002)", hamilton_r_peaks, points_up),
        Detector("biosppy", "BioSPPy", biosppy_r_peaks, always_up),
    )
}


@dataclass(frozen=True, eq=False)
class Beats:
    """The beats of one lead as detected.

    Attributes
    ----------
    lead : str
    r_peaks : int64 array, shape = (n,)
        Samples of the record, ascending.
    artifacts : Artifacts
        Gaps, flat and clipped segments of the lead, in which nothing is detected.
    detector : str
        One of DETECTORS.
    """

    lead: str
    r_peaks: np.ndarray
    artifacts: Artifacts
    detector: str = DEFAULT_DETECTOR


def get_detector(name: str) -> Detector:
    """Return a detector by its name in any case.

    Raises
    ------
    RecordRefused
        If no detector has that name; the message lists those available.
    """
    try:
        return DETECTORS[name.casefold()]
    except KeyError:
        raise RecordRefused(f"Unknown detector {name!r}. Choose one of {', '.join(DETECTORS)}.") from None


def find_beats(record: Record, lead: str | None = None, detector: str = DEFAULT_DETECTOR) -> Beats:
    """Return the R peaks of one lead.

    Parameters
    ----------
    record : Record
    lead : str, optional
        The name of a lead in any case; by default MLII or II, else the first ECG lead.
    detector : str
        One of DETECTORS.

    Raises
    ------
    RecordRefused
        If the record has no such lead, or the detector is unknown.
    """
    chosen = get_detector(detector)
    lead = choose_lead(record, lead)
    samples = record.signals[:, record.channel_index(lead)]
    artifacts = find_artifacts(samples, record.sampling_rate)
    r_peaks = chosen.r_peaks(samples, record.sampling_rate)
    return Beats(lead, r_peaks[artifacts.usable()[r_peaks]], artifacts, chosen.name)
