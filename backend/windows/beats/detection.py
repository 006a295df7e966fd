"""Where the beats are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from backend.records.channels.artifacts import Artifacts, find_artifacts
from backend.records.channels.leads import choose_lead
from backend.records.record import Record, RecordRefused
from backend.windows.beats.biosppy_detector import always_up, biosppy_r_peaks
from backend.windows.beats.hamilton import hamilton_r_peaks, points_up

__all__ = ["DEFAULT_DETECTOR", "DETECTORS", "Beats", "Detector", "detector_named", "find_beats"]


@dataclass(frozen=True)
class Detector:
    """A way to find R peaks.

    Attributes
    ----------
    name : str
        As the command line and a link name it.
    title : str
        As the screens name it.
    r_peaks : callable
        From the samples of one lead (mV, NaN in gaps) and their rate (Hz) to the samples of its R peaks.
    points_up : callable
        Whether it takes the highest point around a beat for the R peak, not the lowest: from how far the band-passed
        lead rises and falls there, and a number that is positive where the beats around point up.
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
    """The beats that a detector found on one lead.

    Attributes
    ----------
    lead : str
    r_peaks : int64 array, shape = (n,)
        Samples of the record, ascending.
    artifacts : Artifacts
        Gaps, flat and clipped stretches of the lead; nothing is detected there.
    detector : str
        One of DETECTORS.
    """

    lead: str
    r_peaks: np.ndarray
    artifacts: Artifacts
    detector: str = DEFAULT_DETECTOR


def detector_named(name: str) -> Detector:
    """A detector by its name, whatever its case.

    Raises
    ------
    RecordRefused
        If there is none of that name; the message names those there are.
    """
    try:
        return DETECTORS[name.casefold()]
    except KeyError:
        raise RecordRefused(f"There is no detector {name!r}; choose one of {', '.join(DETECTORS)}.") from None


def find_beats(record: Record, lead: str | None = None, detector: str = DEFAULT_DETECTOR) -> Beats:
    """Find the R peaks of one lead.

    Parameters
    ----------
    record : Record
    lead : str, optional
        Its name in any case; MLII or II, else the first ECG lead, when not given.
    detector : str
        One of DETECTORS.

    Raises
    ------
    RecordRefused
        If the record has no such lead, or there is no such detector.
    """
    chosen = detector_named(detector)
    lead = choose_lead(record, lead)
    samples = record.signals[:, record.channel_index(lead)]
    artifacts = find_artifacts(samples, record.sampling_rate)
    r_peaks = chosen.r_peaks(samples, record.sampling_rate)
    return Beats(lead, r_peaks[artifacts.usable()[r_peaks]], artifacts, chosen.name)
