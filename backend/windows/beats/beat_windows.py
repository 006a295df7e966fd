"""The windows of beats that a model reads: leads around the R peak, RR intervals, QRS duration and P wave."""

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
    "cut_lead",
    "cut_lead_columns",
    "first_steps",
    "lead_place",
    "leads_by_place",
    "measure_beats",
    "measure_qrs",
    "measure_rr",
    "scale_duration",
    "standardise",
]

LEAD_PLACES = ("limb", "right precordial", "left precordial")
"""Position of a lead; a model of several leads has one variable per position."""

_LIMB = ("mlii", "ii", "i")
_RIGHT_PRECORDIAL = ("v1", "modv1", "mcl1", "v2", "v3", "v3r", "v4r")
_LEFT_PRECORDIAL = ("v5", "v4", "v6", "ml5", "cm5", "cc5", "mcl6")

RR_VARIABLES = ("RR before", "RR after", "RR irregularity")
MARK_VARIABLES = ("QRS duration", "P wave")
MEASUREMENTS = RR_VARIABLES + MARK_VARIABLES
"""Measurements of a whole beat, constant over the steps of its window."""

_NEIGHBOURING_INTERVALS = 17
"""RR intervals are relative to the median of this many around them."""

_QRS_CENTRE_MS, _QRS_SCALE_MS = 100.0, 40.0

_MIN_DEVIATION_MV = 0.02
"""A window with a smaller standard deviation is noise and is not scaled up to unit deviation."""


@dataclass(frozen=True)
class BeatWindow:
    """How the windows of a model are cut from beats; part of its card.

    Attributes
    ----------
    before_s, after_s : float
        Length of the window before and after the R peak.
    sampling_rate : float
        Hz; always WORKING_RATE for beats.
    band_hz : (float, float)
        Pass band.
    several_leads : bool
        Whether there is a variable for each of LEAD_PLACES, zero without such a lead, or a single variable for the
        selected lead.
    measurements : bool
        Whether MEASUREMENTS are variables, constant over the steps.
    standardised : bool
        Whether each lead of a window is scaled to zero mean and unit deviation; otherwise in mV.
    detector : str
        The detector of the beats that the model was trained on, one of DETECTORS.
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
        """Steps from the first of the window to the R peak."""
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
        """Number of leads among the variables; they come first."""
        return len(LEAD_PLACES) if self.several_leads else 1

    @property
    def sources(self) -> tuple[str, ...]:
        """The source of each variable: the lead or measurement itself."""
        return self.variables

    @property
    def whole_sources(self) -> tuple[str, ...]:
        """The measurements, each of which holds for the whole beat."""
        return MEASUREMENTS if self.measurements else ()

    @property
    def absent(self) -> np.ndarray:
        """The value of a missing lead or measurement: zero, float32, shape = (D,)."""
        return np.zeros(len(self.variables), dtype=np.float32)

    def without(self, values: np.ndarray, hidden: np.ndarray) -> np.ndarray:
        """Return the windows (n, T, D) with zero where a lead or measurement is hidden (n, T, D)."""
        return replace_hidden(values, hidden, self.sources, self.absent)


def lead_place(lead: str) -> str:
    """Return which of LEAD_PLACES a lead has by its name; a lead of unknown name counts as a limb lead."""
    name = bare_lead(lead)
    if name in _RIGHT_PRECORDIAL:
        return LEAD_PLACES[1]
    return LEAD_PLACES[2] if name in _LEFT_PRECORDIAL else LEAD_PLACES[0]


def leads_by_place(record: Record, chosen: str) -> tuple[str | None, ...]:
    """Return the lead for each of LEAD_PLACES: the selected one, else the most similar to II, V1 and V5, or None."""
    order = {name: rank for rank, name in enumerate((*_LIMB, *_RIGHT_PRECORDIAL, *_LEFT_PRECORDIAL))}
    ranked = sorted(ecg_leads(record), key=lambda lead: (lead != chosen, order.get(bare_lead(lead), len(order))))
    return tuple(next((lead for lead in ranked if lead_place(lead) == place), None) for place in LEAD_PLACES)


def cut_beats(record: Record, beats: Beats, window: BeatWindow) -> Windows:
    """Return the windows of the beats, without those that extend beyond the record.

    The number of beats without a window is ``len(beats.r_peaks) - len(anchor)``.

    Returns
    -------
    Windows
        ``values`` float32, shape = (n, window.steps, D).
    """
    first, has_window = first_steps(record, beats, window.steps_before, window.steps)
    values = np.zeros((len(first), window.steps, len(window.variables)), dtype=np.float32)
    values[:, :, : window.n_leads] = cut_lead_columns(record, beats.lead, first, window)
    if window.measurements:
        values[:, :, window.n_leads :] = measure_beats(record, beats)[has_window][:, np.newaxis, :]
    anchor = beats.r_peaks[has_window]
    return Windows(
        values=values,
        variables=_variable_names(_select_leads(record, beats.lead, window), window),
        sampling_rate=window.sampling_rate,
        anchor=anchor,
        anchor_step=window.steps_before,
        reference=beat_reference(record, anchor),
    )


def cut_lead_columns(record: Record, lead: str, first: np.ndarray, window: BeatWindow) -> np.ndarray:
    """Return the lead columns of windows at given steps, float32, shape = (n, window.steps, window.n_leads).

    Parameters
    ----------
    lead : str
        The selected lead.
    first : int64 array, shape = (n,)
        The first step, at WORKING_RATE, of each window; all windows lie within the record.
    """
    values = np.zeros((len(first), window.steps, window.n_leads), dtype=np.float32)
    for position, source in enumerate(_select_leads(record, lead, window)):
        if source is not None:
            values[:, :, position] = cut_lead(record, source, first, window.steps, window.band_hz)
    return standardise(values) if window.standardised else values


def _select_leads(record: Record, chosen: str, window: BeatWindow) -> tuple[str | None, ...]:
    return leads_by_place(record, chosen) if window.several_leads else (chosen,)


def first_steps(record: Record, beats: Beats, steps_before: int, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the first step, at WORKING_RATE, of each window that lies within the record, and which beats have one.

    Returns
    -------
    first : int64 array, shape = (n_windows,)
    has_window : bool array, shape = (n_beats,)
    """
    centres = np.round(beats.r_peaks * (WORKING_RATE / record.sampling_rate)).astype(np.int64)
    length = round(len(record.signals) * WORKING_RATE / record.sampling_rate)
    first = centres - steps_before
    has_window = (first >= 0) & (first + steps <= length)
    return first[has_window], has_window


def _variable_names(leads: tuple[str | None, ...], window: BeatWindow) -> tuple[str, ...]:
    names = tuple(
        missing_lead_variable(place) if lead is None else lead_variable(lead)
        for lead, place in zip(leads, LEAD_PLACES, strict=False)
    )
    return names + (MEASUREMENTS if window.measurements else ())


def cut_lead(
    record: Record, lead: str, first: np.ndarray, steps: int, band_hz: tuple[float, float] = BAND_HZ
) -> np.ndarray:
    """Return segments of one band-passed lead at WORKING_RATE, in mV.

    Parameters
    ----------
    first : int64 array, shape = (n,)
        The first step of each segment; all segments lie within the record.

    Returns
    -------
    float32 array, shape = (n, steps)
    """
    filtered = resample_lead(record.signals[:, record.channel_index(lead)], record.sampling_rate, band_hz)
    return filtered.astype(np.float32)[first[:, np.newaxis] + np.arange(steps)]


def standardise(values: np.ndarray) -> np.ndarray:
    """Return each lead of each window (n, T, leads) with zero mean and unit deviation."""
    mean = values.mean(axis=1, keepdims=True)
    deviation = values.std(axis=1, keepdims=True)
    return (values - mean) / np.maximum(deviation, _MIN_DEVIATION_MV)


def measure_beats(record: Record, beats: Beats) -> np.ndarray:
    """Return MEASUREMENTS of each beat, float32, shape = (n, 5).

    The duration of QRS is that in the lead in which it is longest, as in electrocardiographs: right bundle branch block
    may be narrow in II and wide in V1.
    """
    waves = find_waves(record, beats)
    others = [lead for lead in leads_by_place(record, beats.lead) if lead not in (None, beats.lead)]
    edges = [(waves.qrs_onset, waves.qrs_end), *(find_qrs(record, replace(beats, lead=lead)) for lead in others)]
    durations = [measure_qrs(onset, end, record.sampling_rate) for onset, end in edges]
    return np.column_stack(
        [
            measure_rr(beats.r_peaks),
            scale_duration(np.fmax.reduce(durations)),
            np.where(np.isnan(waves.p_peak), -1.0, 1.0),
        ]
    ).astype(np.float32)


def measure_qrs(onset: np.ndarray, end: np.ndarray, sampling_rate: float) -> np.ndarray:
    """Return the duration of each QRS in ms, given its edges in samples; NaN where one is absent, shape = (n,)."""
    return (end - onset) * (1000.0 / sampling_rate)


def scale_duration(duration_ms: np.ndarray) -> np.ndarray:
    """Return QRS durations as a model reads them: (duration - 100 ms) / 40 ms within -2..2, 0 where unknown."""
    return np.nan_to_num(np.clip((duration_ms - _QRS_CENTRE_MS) / _QRS_SCALE_MS, -2.0, 2.0)).astype(np.float32)


def measure_rr(r_peaks: np.ndarray) -> np.ndarray:
    """Return RR_VARIABLES of each beat: the preceding and following interval, and the irregularity around it.

    The intervals are log2 of their ratio to the median interval around the beat (0 is the median, -1 half and 1 twice
    of it), limited to -2..2, and 0 without a neighbour. The irregularity is five times the median change between
    consecutive intervals relative to the median interval, limited to 2: about 0.1 in sinus rhythm and 1 in atrial
    fibrillation, where early beats are common. The median of an even number is the upper of the two middle values.

    Parameters
    ----------
    r_peaks : int64 array, shape = (n,)

    Returns
    -------
    float32 array, shape = (n, 3)
    """
    variables = np.zeros((len(r_peaks), len(RR_VARIABLES)), dtype=np.float32)
    if len(r_peaks) < 3:
        return variables
    intervals = np.diff(r_peaks).astype(np.float64)
    around = min(_NEIGHBOURING_INTERVALS, len(intervals))
    median = ndimage.median_filter(intervals, size=around, mode="nearest")
    relative = np.clip(np.log2(intervals / median), -2.0, 2.0)
    variables[1:, 0] = relative
    variables[:-1, 1] = relative
    changes = np.abs(np.diff(intervals)) / median[1:]
    irregularity = ndimage.median_filter(changes, size=min(around, len(changes)), mode="nearest")
    variables[1:-1, 2] = np.minimum(5 * irregularity, 2.0)
    variables[[0, -1], 2] = variables[[1, -2], 2]
    return variables


def beat_reference(record: Record, anchor: np.ndarray) -> tuple[str, ...] | None:
    """Return the reference label of each beat, or None for a record without beat annotations."""
    reference = reference_beats(record)
    if reference is None:
        return None
    return reference_labels(reference, match_beats(anchor, reference.samples, record.sampling_rate))
