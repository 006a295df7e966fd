"""Detection of the beats of a lead, by one of several detectors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from backend.records.channels.artifacts import Artifacts, find_artifacts
from backend.records.channels.leads import choose_lead, ecg_leads
from backend.records.record import Record, RecordRefused
from backend.windows.beats.biosppy_detector import always_up, biosppy_r_peaks
from backend.windows.beats.hamilton import points_up
from backend.windows.beats.lead_takeover import take_over
from backend.windows.beats.noisy_beats import LeadBeats, find_lead_beats

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
    find : callable
        Function of the samples of one lead (mV, NaN in gaps) and their rate (Hz) that returns its `LeadBeats`.
    points_up : callable
        Function of the maximum and negated minimum of the band-passed lead around a beat and of the polarity of the
        beats around it (positive if upright) that returns whether the R peak is the maximum.
    """

    name: str
    title: str
    find: Callable[[np.ndarray, float], LeadBeats]
    points_up: Callable[[float, float, float], np.ndarray | bool]

    def r_peaks(self, samples: np.ndarray, sampling_rate: float) -> np.ndarray:
        """Return the samples of all R peaks of one lead, also where it is unreadable; int64, ascending."""
        return self.find(samples, sampling_rate).r_peaks


def _find_by_biosppy(samples: np.ndarray, sampling_rate: float) -> LeadBeats:
    """Return the beats of BioSPPy's detector, which does not judge whether a lead is readable."""
    return LeadBeats(biosppy_r_peaks(samples, sampling_rate), np.zeros((0, 2), dtype=np.int64))


DEFAULT_DETECTOR = "hamilton"

DETECTORS: Mapping[str, Detector] = {
    detector.name: detector
    for detector in (
        Detector("hamilton", "Beatlight (Hamilton 2002)", find_lead_beats, points_up),
        Detector("biosppy", "BioSPPy", _find_by_biosppy, always_up),
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
        Gaps, flat and clipped segments of the lead, and stretches unreadable in all leads: nothing is detected there.
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

    Where noise makes the lead unreadable, the beats are those of the first other ECG lead that is readable there,
    moved by the usual delay between the R peaks of both leads. What no lead shows is excluded.

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
    found = chosen.find(samples, record.sampling_rate)
    for other in ecg_leads(record):
        if len(found.unreadable) and other != lead:
            found = take_over(found, *_read_other(record, other, chosen), record.sampling_rate)
    artifacts = replace(artifacts, unreadable=found.unreadable)
    return Beats(lead, found.r_peaks[artifacts.usable()[found.r_peaks]], artifacts, chosen.name)


def _read_other(record: Record, lead: str, detector: Detector) -> tuple[LeadBeats, Artifacts]:
    samples = record.signals[:, record.channel_index(lead)]
    return detector.find(samples, record.sampling_rate), find_artifacts(samples, record.sampling_rate)
