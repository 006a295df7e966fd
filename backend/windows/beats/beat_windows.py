"""Beats cut into the windows that a model reads."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from scipy import ndimage

from backend.records.channels.leads import bare_lead, ecg_leads
from backend.records.record import Record
from backend.windows.base import Windows, replace_hidden
from backend.windows.beats.detection import DEFAULT_DETECTOR, Beats
from backend.windows.beats.lead_variables import lead_variable, missing_lead_variable
from backend.windows.beats.reference import match_beats, reference_beats, reference_labels
from backend.windows.signal.filtering import BAND_HZ, WORKING_RATE, resample_lead
from backend.windows.waves.delineation import find_qrs, find_waves

__all__ = [
    "LEAD_PLACES",
    "MARK_VARIABLES",
    "MEASUREMENTS",
    "RR_VARIABLES",
    "BeatWindow",
    "beat_reference",
    "cut_beats",
    "duration_variable",
    "first_steps",
    "lead_columns_at",
    "lead_place",
    "lead_windows",
    "leads_by_place",
    "measured",
    "qrs_durations",
    "rr_variables",
    "standardised",
]

LEAD_PLACES = ("limb", "right precordial", "left precordial")
"""Where a lead looks from; a model that reads several leads has a variable for each of these."""

_LIMB = ("mlii", "ii", "i")
_RIGHT_PRECORDIAL = ("v1", "modv1", "mcl1", "v2", "v3", "v3r", "v4r")
_LEFT_PRECORDIAL = ("v5", "v4", "v6", "ml5", "cm5", "cc5", "mcl6")

RR_VARIABLES = ("RR before", "RR after", "RR irregularity")
MARK_VARIABLES = ("QRS duration", "P wave")
MEASUREMENTS = RR_VARIABLES + MARK_VARIABLES
"""What is measured of a beat as a whole, and told to a model at every step of its window."""

_NEIGHBOURING_INTERVALS = 17
"""RR intervals are told relative to the median of this many around them."""

_USUAL_QRS_MS, _QRS_UNIT_MS = 100.0, 40.0

_LEAST_DEVIATION_MV = 0.02
"""A window flatter than this is not blown up to unit deviation: it holds noise alone."""


@dataclass(frozen=True)
class BeatWindow:
    """How a model wants its beats cut; part of its card.

    Attributes
    ----------
    before_s, after_s : float
        The window's reach before and after the R peak.
    sampling_rate : float
        Hz; always WORKING_RATE for beats.
    band_hz : (float, float)
        Pass band.
    several_leads : bool
        Whether there is a variable for each of LEAD_PLACES, zero where the record has no such lead, or one variable
        alone for the chosen lead.
    measurements : bool
        Whether MEASUREMENTS are variables, the same at every step.
    standardised : bool
        Whether each lead of a window is brought to zero mean and unit deviation; else it stays in mV.
    detector : str
        The one of DETECTORS that found the beats that the model was trained on.
    """

    kind: ClassVar[str] = "beat"

    before_s: float = 0.2
    after_s: float = 0.4
    sampling_rate: float = WORKING_RATE
    band_hz: tuple[float, float] = BAND_HZ
    several_leads: bool = False
    measurements: bool = False
    standardised: bool = False
    detector: str = DEFAULT_DETECTOR

    @property
    def steps_before(self) -> int:
        """Steps from the window's first to the R peak."""
        return round(self.before_s * self.sampling_rate)

    @property
    def steps(self) -> int:
        """Length T of a window."""
        return self.steps_before + round(self.after_s * self.sampling_rate)

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of the D variables in their order."""
        leads = tuple(f"{place} lead" for place in LEAD_PLACES) if self.several_leads else ("lead",)
        return leads + (MEASUREMENTS if self.measurements else ())

    @property
    def n_leads(self) -> int:
        """How many of the variables, the first ones, are leads."""
        return len(LEAD_PLACES) if self.several_leads else 1

    @property
    def sources(self) -> tuple[str, ...]:
        """Each lead and each measurement tells of itself."""
        return self.variables

    @property
    def absent(self) -> np.ndarray:
        """A lead that is not there and an unknown measurement are zero, float32, shape = (D,)."""
        return np.zeros(len(self.variables), dtype=np.float32)

    def without(self, values: np.ndarray, hidden: np.ndarray) -> np.ndarray:
        """The windows (n, T, D) with zero where a lead or measurement is hidden (n, T, D)."""
        return replace_hidden(values, hidden, self.sources, self.absent)


def lead_place(lead: str) -> str:
    """Which of LEAD_PLACES a lead belongs to by its name; one of no known name counts as a limb lead."""
    name = bare_lead(lead)
    if name in _RIGHT_PRECORDIAL:
        return LEAD_PLACES[1]
    return LEAD_PLACES[2] if name in _LEFT_PRECORDIAL else LEAD_PLACES[0]


def leads_by_place(record: Record, chosen: str) -> tuple[str | None, ...]:
    """The lead of a record for each of LEAD_PLACES: the chosen one, else the likest to II, V1 and V5; None for none."""
    order = {name: rank for rank, name in enumerate((*_LIMB, *_RIGHT_PRECORDIAL, *_LEFT_PRECORDIAL))}
    ranked = sorted(ecg_leads(record), key=lambda lead: (lead != chosen, order.get(bare_lead(lead), len(order))))
    return tuple(next((lead for lead in ranked if lead_place(lead) == place), None) for place in LEAD_PLACES)


def cut_beats(record: Record, beats: Beats, window: BeatWindow) -> Windows:
    """Cut the windows of the beats that lie whole within the record.

    Beats that the record's edges cut have no window: their number is ``len(beats.r_peaks) - len(anchor)``.

    Returns
    -------
    Windows
        ``values`` float32, shape = (n, window.steps, D).
    """
    first, whole = first_steps(record, beats, window.steps_before, window.steps)
    values = np.zeros((len(first), window.steps, len(window.variables)), dtype=np.float32)
    values[:, :, : window.n_leads] = lead_columns_at(record, beats.lead, first, window)
    if window.measurements:
        values[:, :, window.n_leads :] = measured(record, beats)[whole][:, np.newaxis, :]
    anchor = beats.r_peaks[whole]
    return Windows(
        values=values,
        variables=_shown_names(_leads_read(record, beats.lead, window), window),
        sampling_rate=window.sampling_rate,
        anchor=anchor,
        anchor_step=window.steps_before,
        reference=beat_reference(record, anchor),
    )


def lead_columns_at(record: Record, lead: str, first: np.ndarray, window: BeatWindow) -> np.ndarray:
    """What a model reads of the leads from given steps on, float32, shape = (n, window.steps, window.n_leads).

    Parameters
    ----------
    lead : str
        The chosen one.
    first : int64 array, shape = (n,)
        The first step, at WORKING_RATE, of each window; all windows lie within the record.
    """
    values = np.zeros((len(first), window.steps, window.n_leads), dtype=np.float32)
    for position, own in enumerate(_leads_read(record, lead, window)):
        if own is not None:
            values[:, :, position] = lead_windows(record, own, first, window.steps, window.band_hz)
    return standardised(values) if window.standardised else values


def _leads_read(record: Record, chosen: str, window: BeatWindow) -> tuple[str | None, ...]:
    return leads_by_place(record, chosen) if window.several_leads else (chosen,)


def first_steps(record: Record, beats: Beats, steps_before: int, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """The first step, at WORKING_RATE, of each window that lies whole within the record, and which beats have one.

    Returns
    -------
    first : int64 array, shape = (n_whole,)
    whole : bool array, shape = (n_beats,)
    """
    centres = np.round(beats.r_peaks * (WORKING_RATE / record.sampling_rate)).astype(np.int64)
    length = round(len(record.signals) * WORKING_RATE / record.sampling_rate)
    first = centres - steps_before
    whole = (first >= 0) & (first + steps <= length)
    return first[whole], whole


def _shown_names(leads: tuple[str | None, ...], window: BeatWindow) -> tuple[str, ...]:
    names = tuple(
        missing_lead_variable(place) if lead is None else lead_variable(lead)
        for lead, place in zip(leads, LEAD_PLACES, strict=False)
    )
    return names + (MEASUREMENTS if window.measurements else ())


def lead_windows(
    record: Record, lead: str, first: np.ndarray, steps: int, band_hz: tuple[float, float] = BAND_HZ
) -> np.ndarray:
    """Stretches of one band-passed lead at WORKING_RATE, in mV.

    Parameters
    ----------
    first : int64 array, shape = (n,)
        The first step of each stretch; all stretches lie within the record.

    Returns
    -------
    float32 array, shape = (n, steps)
    """
    passed = resample_lead(record.signals[:, record.channel_index(lead)], record.sampling_rate, band_hz)
    return passed.astype(np.float32)[first[:, np.newaxis] + np.arange(steps)]


def standardised(values: np.ndarray) -> np.ndarray:
    """Each window and lead with zero mean and unit deviation, shape = (n, T, leads) as given."""
    mean = values.mean(axis=1, keepdims=True)
    deviation = values.std(axis=1, keepdims=True)
    return (values - mean) / np.maximum(deviation, _LEAST_DEVIATION_MV)


def measured(record: Record, beats: Beats) -> np.ndarray:
    """MEASUREMENTS of each beat, float32, shape = (n, 5).

    QRS lasts as long as in the lead in which it lasts longest, as an electrocardiograph measures it: right bundle
    branch block may look narrow in II and is broad in V1 (medians of 24 patients of PTB-XL: 117 ms and 146 ms).
    """
    own = find_waves(record, beats)
    others = [lead for lead in leads_by_place(record, beats.lead) if lead not in (None, beats.lead)]
    edges = [(own.qrs_onset, own.qrs_end), *(find_qrs(record, replace(beats, lead=lead)) for lead in others)]
    durations = [qrs_durations(onset, end, record.sampling_rate) for onset, end in edges]
    return np.column_stack(
        [
            rr_variables(beats.r_peaks),
            duration_variable(np.fmax.reduce(durations)),
            np.where(np.isnan(own.p_peak), -1.0, 1.0),
        ]
    ).astype(np.float32)


def qrs_durations(onset: np.ndarray, end: np.ndarray, sampling_rate: float) -> np.ndarray:
    """How long QRS lasts in each beat, in ms, from its edges in samples; NaN where one is absent, shape = (n,)."""
    return (end - onset) * (1000.0 / sampling_rate)


def duration_variable(duration_ms: np.ndarray) -> np.ndarray:
    """A QRS duration as a model reads it: its difference from 100 ms over 40 ms within -2..2, 0 where unknown."""
    return np.nan_to_num(np.clip((duration_ms - _USUAL_QRS_MS) / _QRS_UNIT_MS, -2.0, 2.0)).astype(np.float32)


def rr_variables(r_peaks: np.ndarray) -> np.ndarray:
    """What the intervals say of each beat: the one before, the one after, and how irregular those around it are.

    The intervals are log2 of their ratio to the median interval around the beat: 0 is the usual interval, -1 half of
    it, 1 twice; limited to -2..2, and 0 where there is no neighbour. The irregularity is five times the median
    change from one interval to the next over the median interval, limited to 2: about 0.1 in sinus rhythm, 1 in
    atrial fibrillation, where an early beat is nothing special. A median of an even number is the upper middle one.

    Parameters
    ----------
    r_peaks : int64 array, shape = (n,)

    Returns
    -------
    float32 array, shape = (n, 3)
    """
    told = np.zeros((len(r_peaks), len(RR_VARIABLES)), dtype=np.float32)
    if len(r_peaks) < 3:
        return told
    intervals = np.diff(r_peaks).astype(np.float64)
    around = min(_NEIGHBOURING_INTERVALS, len(intervals))
    usual = ndimage.median_filter(intervals, size=around, mode="nearest")
    relative = np.clip(np.log2(intervals / usual), -2.0, 2.0)
    told[1:, 0] = relative
    told[:-1, 1] = relative
    changes = np.abs(np.diff(intervals)) / usual[1:]
    irregular = ndimage.median_filter(changes, size=min(around, len(changes)), mode="nearest")
    told[1:-1, 2] = np.minimum(5 * irregular, 2.0)
    told[[0, -1], 2] = told[[1, -2], 2]
    return told


def beat_reference(record: Record, anchor: np.ndarray) -> tuple[str, ...] | None:
    """The reference label of each beat, or None where the record has no beat annotations."""
    reference = reference_beats(record)
    if reference is None:
        return None
    return reference_labels(reference, match_beats(anchor, reference.samples, record.sampling_rate))
