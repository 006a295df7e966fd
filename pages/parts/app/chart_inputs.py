"""The inputs of the charts, from records and results."""

import numpy as np
import streamlit as st

from backend.charts.axes.ecg_paper import Trace
from backend.charts.ecg.artifact_marks import Artifact
from backend.charts.ecg.beat_chart import Deflection, WindowSalience
from backend.charts.ecg.beat_marks import BeatMarks
from backend.charts.ecg.wave_marks import WaveMark
from backend.charts.style.theme import DARK, LIGHT, Theme
from backend.explain.salience import Salience, max_of_sources
from backend.models.classification import ClassifiedBeats
from backend.models.metrics.reference_agreement import FALSE, MISSED, Agreement
from backend.records.channels.artifacts import Artifacts
from backend.records.record import Record
from backend.windows.beats.corrections import manual_beats
from backend.windows.beats.lead_variables import lead_of, lead_variable
from backend.windows.waves.marks import Waves
from backend.workbench import BeatReading
from pages.parts.record.corrections import is_correcting

__all__ = [
    "artifacts_of",
    "beat_marks",
    "deflections",
    "drawn_leads",
    "screen_theme",
    "trace",
    "wave_marks",
    "window_salience",
    "window_seconds",
]

_MOST_LEADS = 2


def screen_theme() -> Theme:
    """Return the theme of the charts that matches the screen's."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def drawn_leads(beats: ClassifiedBeats) -> tuple[str, ...]:
    """Return the detection lead, and the next lead that the model reads."""
    read = [lead for variable in beats.windows.variables if (lead := lead_of(variable)) is not None]
    return tuple(dict.fromkeys((beats.beats.lead, *read)))[:_MOST_LEADS]


def trace(record: Record, lead: str, start_s: float = 0.0, end_s: float | None = None) -> Trace:
    """Return a stretch of one lead about its median, in mV."""
    first = max(0, round(start_s * record.sampling_rate))
    last = len(record.signals) if end_s is None else min(len(record.signals), round(end_s * record.sampling_rate))
    signal = record.signals[first:last, record.channel_index(lead)]
    middle = np.nanmedian(signal) if np.isfinite(signal).any() else 0.0
    return Trace(lead, signal - middle, record.sampling_rate, first / record.sampling_rate)


def beat_marks(reading: BeatReading, beats: ClassifiedBeats, agreement: Agreement | None) -> BeatMarks:
    """Return all classified beats with predicted and reference classes, detection errors and manual beats."""
    rate = reading.record.sampling_rate
    none = np.zeros(0)
    return BeatMarks(
        number=np.arange(len(beats.windows.anchor)),
        time_s=beats.windows.anchor / rate,
        labels=beats.scores.labels,
        references=beats.windows.reference or (),
        missed_s=none if agreement is None else agreement.times_s(MISSED, rate),
        false_s=none if agreement is None else agreement.times_s(FALSE, rate),
        manual_s=manual_beats(reading.corrections) / rate if is_correcting(reading) else None,
    )


def artifacts_of(artifacts: Artifacts, lead: str, sampling_rate: float) -> tuple[Artifact, ...]:
    """Return the segments that are excluded from detection."""
    return tuple(
        Artifact(start / sampling_rate, end / sampling_rate, kind, lead)
        for kind, stretches in artifacts.by_kind
        for start, end in stretches
    )


def wave_marks(waves: Waves, number: int, sampling_rate: float) -> tuple[WaveMark, ...]:
    """Return P, QRS and T of one detected beat, in seconds; a wave without marks is omitted."""
    marks, uncertain = waves.beat(number), waves.uncertain_marks(number)

    def seconds(name: str) -> float | None:
        sample = marks[name]
        return None if sample is None else sample / sampling_rate

    def wave(name: str, onset: str, peak: str, end: str, probability: float | None = None) -> WaveMark:
        doubtful = {edge for edge, mark in (("onset", onset), ("peak", peak), ("end", end)) if mark in uncertain}
        return WaveMark(name, seconds(onset), seconds(peak), seconds(end), frozenset(doubtful), probability)

    known = (
        wave("P", "p_onset", "p_peak", "p_end", waves.probability_of_p(number)),
        wave("QRS", "qrs_onset", "r_peak", "qrs_end"),
        wave("T", "t_onset", "t_peak", "t_end"),
    )
    return tuple(mark for mark in known if any((mark.onset_s, mark.peak_s, mark.end_s)))


def deflections(waves: Waves, number: int, sampling_rate: float) -> tuple[Deflection, ...]:
    """Return the peaks of Q, R and S, or of QS, of one detected beat."""
    return tuple(Deflection(letter, sample / sampling_rate) for letter, sample in waves.deflections(number).items())


def window_seconds(record: Record, beats: ClassifiedBeats, number: int) -> tuple[float, float]:
    """Return the start and end of the model's window of a beat, in seconds of the record."""
    windows = beats.windows
    start_s = windows.anchor[number] / record.sampling_rate - windows.anchor_step / windows.sampling_rate
    return start_s, start_s + windows.values.shape[1] / windows.sampling_rate


def window_salience(
    salience: Salience,
    sources: tuple[str, ...],
    variables: tuple[str, ...],
    leads: tuple[str, ...],
    window_s: tuple[float, float],
) -> WindowSalience:
    """Return the salience of the drawn leads; NaN for a lead that the model does not read.

    Parameters
    ----------
    salience : Salience
    sources, variables : tuple of str, length D
        As in ``WindowKind.sources`` and ``Windows.variables``.
    leads : tuple of str
    window_s : (float, float)
        Start and end of the window in seconds of the record.
    """
    of_leads = np.full((len(salience.values), len(leads)), np.nan)
    places = [place for place, lead in enumerate(leads) if lead_variable(lead) in variables]
    columns = [variables.index(lead_variable(leads[place])) for place in places]
    of_leads[:, places] = max_of_sources(salience.values, sources, columns)
    return WindowSalience(of_leads, *window_s)
