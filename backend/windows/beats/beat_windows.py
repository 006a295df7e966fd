"""The windows of beats that a model reads: leads around the R peak, alone or with the usual beat and the rhythm."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from backend.records.channels.leads import bare_lead, ecg_leads
from backend.records.record import Record
from backend.windows.base import Windows, distinct, replace_hidden
from backend.windows.beats.compression import compress
from backend.windows.beats.detection import DEFAULT_DETECTOR, Beats
from backend.windows.beats.lead_variables import difference_variable, lead_variable, missing_lead_variable
from backend.windows.beats.reference import match_beats, reference_beats, reference_labels
from backend.windows.beats.rhythm import KNOWN_AFTER, RHYTHM_SOURCES, RHYTHM_VARIABLES, measure_rhythm
from backend.windows.beats.usual_beat import preceding_blocks, usual_amplitudes, usual_beats
from backend.windows.signal.filtering import BAND_HZ, WORKING_RATE, resample_lead

__all__ = [
    "LEAD_PLACES",
    "MAX_AMPLITUDE",
    "OUTCOME_STEPS",
    "BeatWindow",
    "Tracings",
    "beat_reference",
    "compose_windows",
    "cut_beats",
    "cut_segments",
    "cut_tracings",
    "filter_lead",
    "first_steps",
    "lead_place",
    "leads_by_place",
    "select_leads",
]

LEAD_PLACES = ("limb", "right precordial", "left precordial")
"""Position of a lead; a model of several leads has one variable per position."""

_LIMB = ("mlii", "ii", "i")
_RIGHT_PRECORDIAL = ("v1", "modv1", "mcl1", "v2", "v3", "v3r", "v4r")
_LEFT_PRECORDIAL = ("v5", "v4", "v6", "ml5", "cm5", "cc5", "mcl6")
_OTHER_LIMB = frozenset({"iii", "avr", "avl", "avf", "mliii", "ml3"})

_REACH_S = 0.1
"""The amplitude of a QRS complex is measured within this distance of the R peak."""

OUTCOME_STEPS = 3
"""Steps at the end of a window at which the interval to the next beat is known."""

MAX_AMPLITUDE = 8.0
"""Scaled values are limited to this: no QRS complex is so much larger than those before it, an artifact is."""


@dataclass(frozen=True)
class BeatWindow:
    """How the windows of a model are cut from beats; part of its card.

    Attributes
    ----------
    before_s, after_s : float
        Length of the window before and after the R peak.
    sampling_rate : float
        Hz; WORKING_RATE divided by a whole number.
    band_hz : (float, float)
        Pass band.
    in_context : bool
        Whether a beat is read in the context of those before it: one lead for each of LEAD_PLACES, zero without such a
        lead, in units of the QRS amplitude of the preceding beats; its difference from the patient's usual beat; both
        on the scale of `compress`; and the rhythm. Otherwise the selected lead alone, in mV.
    detector : str
        The detector of the beats that the model was trained on, one of DETECTORS.
    """

    kind: ClassVar[str] = "beat"

    before_s: float = 0.2
    after_s: float = 0.4
    sampling_rate: float = WORKING_RATE
    band_hz: tuple[float, float] = BAND_HZ
    in_context: bool = False
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
        if not self.in_context:
            return ("lead",)
        leads = tuple(f"{place} lead" for place in LEAD_PLACES)
        return (*leads, *(f"{lead}, difference" for lead in leads), *RHYTHM_VARIABLES)

    @property
    def n_leads(self) -> int:
        """Number of leads among the variables; they come first, then as many differences."""
        return len(LEAD_PLACES) if self.in_context else 1

    @property
    def sources(self) -> tuple[str, ...]:
        """The source of each variable: a lead has two columns, a measurement of the rhythm has two to four."""
        if not self.in_context:
            return self.variables
        leads = tuple(f"{place} lead" for place in LEAD_PLACES)
        return (*leads, *leads, *RHYTHM_SOURCES)

    @property
    def whole_sources(self) -> tuple[str, ...]:
        """The measurements of the rhythm, which hold for the whole beat."""
        return distinct(RHYTHM_SOURCES) if self.in_context else ()

    @property
    def stride(self) -> int:
        """Steps of WORKING_RATE from one step of the window to the next."""
        return round(WORKING_RATE / self.sampling_rate)

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
    """Return the lead for each of LEAD_PLACES: the selected one, else the most similar to II, V1 and V5, or None.

    A second lead whose name says nothing of its position (ECG2) takes the first place that is left.
    """
    order = {name: rank for rank, name in enumerate((*_LIMB, *_RIGHT_PRECORDIAL, *_LEFT_PRECORDIAL))}
    ranked = sorted(ecg_leads(record), key=lambda lead: (lead != chosen, order.get(bare_lead(lead), len(order))))
    placed = [next((lead for lead in ranked if lead_place(lead) == place), None) for place in LEAD_PLACES]
    unknown = [lead for lead in ranked if lead not in placed and bare_lead(lead) not in order.keys() | _OTHER_LIMB]
    for place, lead in enumerate(placed):
        if lead is None and unknown:
            placed[place] = unknown.pop(0)
    return tuple(placed)


def cut_beats(record: Record, beats: Beats, window: BeatWindow) -> Windows:
    """Return the windows of the beats, without those that extend beyond the record.

    The number of beats without a window is ``len(beats.r_peaks) - len(anchor)``.

    Returns
    -------
    Windows
        ``values`` float32, shape = (n, window.steps, D).
    """
    tracings = cut_tracings(record, beats, window)
    anchor = beats.r_peaks[tracings.has_window]
    rhythm = measure_rhythm(beats.r_peaks, record.sampling_rate)[tracings.has_window] if window.in_context else None
    return Windows(
        values=compose_windows(tracings.values, tracings.usual, rhythm),
        variables=_variable_names(select_leads(record, beats.lead, window), window),
        sampling_rate=window.sampling_rate,
        anchor=anchor,
        anchor_step=window.steps_before,
        reference=beat_reference(record, anchor),
    )


def compose_windows(tracings: np.ndarray, usual: np.ndarray, rhythm: np.ndarray | None) -> np.ndarray:
    """Return the windows as a model reads them, float32, shape = (n, T, D).

    In context, leads and their differences from the usual beat are compressed (see `compress`). The interval to the
    next beat is not known before the last OUTCOME_STEPS of the window.

    Parameters
    ----------
    tracings, usual : float32 arrays, shape = (n, T, L)
        See `Tracings`; an unknown usual beat is NaN.
    rhythm : float32 array, shape = (n, len(RHYTHM_VARIABLES)), or None
        None for a model that reads a lead only.
    """
    if rhythm is None:
        return tracings
    measured = np.repeat(rhythm[:, np.newaxis, :], tracings.shape[1], axis=1)
    measured[:, :-OUTCOME_STEPS, KNOWN_AFTER] = 0.0
    leads = compress(np.concatenate([tracings, np.nan_to_num(tracings - usual)], axis=2))
    return np.concatenate([leads, measured], axis=2).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Tracings:
    """The leads around each beat, as a model reads them, and the patient's usual beat.

    Attributes
    ----------
    values : float32 array, shape = (n, T, L)
        Leads in units of ``amplitudes``, or in mV; zero where the record lacks the lead.
    usual : float32 array, shape = (n, T, L)
        The usual beat of each beat, made of those that precede it, in the same units; NaN where it is not known.
    amplitudes : float64 array, shape = (n, L)
        The usual QRS amplitude before each beat in mV; 1 for a model that reads mV.
    has_window : bool array, shape = (number of detected beats,)
        Which beats have a window within the record; n of them.
    """

    values: np.ndarray
    usual: np.ndarray
    amplitudes: np.ndarray
    has_window: np.ndarray


def cut_tracings(record: Record, beats: Beats, window: BeatWindow, margin_steps: int = 0) -> Tracings:
    """Return the leads around each beat whose window, with a margin on either side, lies within the record.

    What a window holds depends on the band-passed signal up to each step alone: the usual amplitude and the usual beat
    are those of beats that are over before the window begins. The band-pass itself has no phase shift and therefore
    looks ahead.
    """
    first, has_plain_window = first_steps(record, beats, window)
    _, has_window = first_steps(record, beats, window, margin_steps)
    first = first - margin_steps * window.stride
    leads = select_leads(record, beats.lead, window)
    steps = window.steps + 2 * margin_steps
    values = np.zeros((len(first), steps, len(leads)), dtype=np.float32)
    usual = np.full(values.shape, np.nan, dtype=np.float32)
    amplitudes = np.ones((len(first), len(leads)))
    centre = first + (window.steps_before + margin_steps) * window.stride
    r_s = beats.r_peaks[has_plain_window] / record.sampling_rate
    blocks = preceding_blocks(r_s, window.before_s + _REACH_S) if window.in_context else []
    for place, lead in enumerate(leads):
        if lead is None:
            continue
        filtered = filter_lead(record, lead, window)
        values[:, :, place] = cut_segments(filtered, first, steps, window.stride)
        if window.in_context:
            amplitudes[:, place] = usual_amplitudes(_measure_amplitudes(filtered, centre), blocks)
            scaled = values[:, :, place] / amplitudes[:, place, np.newaxis]
            values[:, :, place] = np.clip(scaled, -MAX_AMPLITUDE, MAX_AMPLITUDE)
            usual[:, :, place] = usual_beats(values[:, :, place], blocks)
    # A beat without a margin is part of the usual beat of those after it, as without any margin.
    has_margin = has_window[has_plain_window]
    return Tracings(values[has_margin], usual[has_margin], amplitudes[has_margin], has_window)


def select_leads(record: Record, chosen: str, window: BeatWindow) -> tuple[str | None, ...]:
    """Return the leads that a window reads, None for a place from which the record has none."""
    return leads_by_place(record, chosen) if window.in_context else (chosen,)


def first_steps(
    record: Record, beats: Beats, window: BeatWindow, margin_steps: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Return the first step, at WORKING_RATE, of each window that lies within the record, and which beats have one.

    Parameters
    ----------
    margin_steps : int
        Steps of the window that must lie within the record on either side of it.

    Returns
    -------
    first : int64 array, shape = (n_windows,)
        Of the window with its margin.
    has_window : bool array, shape = (n_beats,)
    """
    centres = np.round(beats.r_peaks * (WORKING_RATE / record.sampling_rate)).astype(np.int64)
    length = round(len(record.signals) * WORKING_RATE / record.sampling_rate)
    first = centres - (window.steps_before + margin_steps) * window.stride
    has_window = (first >= 0) & (first + (window.steps + 2 * margin_steps) * window.stride <= length)
    return first[has_window], has_window


def _variable_names(leads: tuple[str | None, ...], window: BeatWindow) -> tuple[str, ...]:
    if not window.in_context:
        return tuple(lead_variable(lead) for lead in leads if lead is not None)
    placed = list(zip(leads, LEAD_PLACES, strict=True))
    return (
        *(missing_lead_variable(place) if lead is None else lead_variable(lead) for lead, place in placed),
        *(
            f"{missing_lead_variable(place)}, difference" if lead is None else difference_variable(lead)
            for lead, place in placed
        ),
        *RHYTHM_VARIABLES,
    )


def filter_lead(record: Record, lead: str, window: BeatWindow) -> np.ndarray:
    """Return a lead in the window's pass band at WORKING_RATE, in mV, float32, shape = (steps,)."""
    samples = record.signals[:, record.channel_index(lead)]
    return resample_lead(samples, record.sampling_rate, window.band_hz).astype(np.float32)


def cut_segments(filtered: np.ndarray, first: np.ndarray, steps: int, stride: int = 1) -> np.ndarray:
    """Return segments of a lead, shape = (n, steps), that begin at ``first`` (n,); beyond its ends it is constant."""
    return filtered.take(first[:, np.newaxis] + stride * np.arange(steps), mode="clip")


def _measure_amplitudes(filtered: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Return the peak-to-peak amplitude within _REACH_S of each R peak, in mV, shape = (n,)."""
    reach = round(_REACH_S * WORKING_RATE)
    around = cut_segments(filtered, centres - reach, 2 * reach + 1)
    return np.ptp(around, axis=1)


def beat_reference(record: Record, anchor: np.ndarray) -> tuple[str, ...] | None:
    """Return the reference label of each beat, or None for a record without beat annotations."""
    reference = reference_beats(record)
    if reference is None:
        return None
    return reference_labels(reference, match_beats(anchor, reference.samples, record.sampling_rate))
