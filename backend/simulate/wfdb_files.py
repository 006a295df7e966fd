"""Simulated records as WFDB files: header, signals, beat labels and true waves."""

from pathlib import Path

import numpy as np
import wfdb

from backend.simulate.alarms.alarm_simulation import ALARM_RATE_HZ, CHANNELS, AlarmPlan, SimulatedAlarm
from backend.simulate.ecg.heart import SimulatedRecord
from backend.simulate.ecg.truth import TrueWaves

__all__ = ["ALARM_LABEL", "BEATS_ANNOTATOR", "LABEL", "WAVES_ANNOTATOR", "write_alarm", "write_record"]

BEATS_ANNOTATOR = "atr"
WAVES_ANNOTATOR = "tru"
LABEL = "Simulated by Beatlight from a stated model (after McSharry et al. 2003); not a patient."
ALARM_LABEL = "Simulated by Beatlight from stated models (McSharry et al. 2003, Westerhof et al. 2009); not a patient."
GAIN_PER_MV = 200.0
_ALARM_GAINS = {"mV": 2000.0, "mmHg": 50.0, "NU": 4000.0}

# The number of the wave as in the QT Database (0 = P, 1 = QRS, 2 = T), and the symbol of its peak.
_WAVES = (
    (0, "p", ("p_onset", "p_peak", "p_end")),
    (1, "N", ("qrs_onset", "r_peak", "qrs_end")),
    (2, "t", ("t_onset", "t_peak", "t_end")),
)


def write_record(record: SimulatedRecord, name: str, comments: tuple[str, ...], folder: Path) -> None:
    """Write ``name.hea``, ``name.dat``, ``name.atr`` (beats and rhythms) and ``name.tru`` (true waves).

    The signal is in format 212 with 200 steps per mV, as in the MIT-BIH Arrhythmia Database. The true waves are in the
    form of the QT Database: ``(`` onset, ``p``, ``N`` or ``t`` peak, ``)`` end, num 0 for P, 1 for QRS, 2 for T. Waves
    may overlap: the P wave of an early atrial beat lies within the preceding T wave.

    Parameters
    ----------
    record : SimulatedRecord
    name : str
    comments : tuple of str
        Lines of the header after the one that states that the record is simulated.
    folder : Path
        Must exist.
    """
    wfdb.wrsamp(
        name,
        fs=record.sampling_rate,
        units=["mV"] * len(record.leads),
        sig_name=list(record.leads),
        p_signal=record.signals.astype(np.float64),
        fmt=["212"] * len(record.leads),
        adc_gain=[GAIN_PER_MV] * len(record.leads),
        baseline=[0] * len(record.leads),
        comments=[LABEL, *comments],
        write_dir=str(folder),
    )
    _write_beats(record, name, folder)
    _write_waves(record, name, folder)


def write_alarm(plan: AlarmPlan, alarm: SimulatedAlarm, folder: Path) -> None:
    """Write ``name.hea`` and ``name.dat`` of the minute before an alarm.

    The comments of the header state that it is simulated, describe it, and give the alarm and its truth as in the
    PhysioNet challenge 2015.

    Parameters
    ----------
    plan : AlarmPlan
    alarm : SimulatedAlarm
    folder : Path
        Must exist.
    """
    truth = "True alarm" if plan.is_true else "False alarm"
    wfdb.wrsamp(
        plan.name,
        fs=ALARM_RATE_HZ,
        units=[unit for _, unit in CHANNELS],
        sig_name=[name for name, _ in CHANNELS],
        p_signal=alarm.signals.astype(np.float64),
        fmt=["16"] * len(CHANNELS),
        adc_gain=[_ALARM_GAINS[unit] for _, unit in CHANNELS],
        baseline=[0] * len(CHANNELS),
        comments=[ALARM_LABEL, plan.description, plan.called_out, truth],
        write_dir=str(folder),
    )


def _write_beats(record: SimulatedRecord, name: str, folder: Path) -> None:
    beats = [(int(r), symbol, "") for r, symbol in zip(record.r_peaks, record.labels, strict=True)]
    rhythms = [(int(s), "+", note) for s, note in zip(record.rhythm_samples, record.rhythm_notes, strict=True)]
    samples, symbols, notes = zip(*sorted(beats + rhythms), strict=True)
    wfdb.wrann(
        name,
        BEATS_ANNOTATOR,
        np.array(samples),
        symbol=list(symbols),
        aux_note=list(notes),
        fs=record.sampling_rate,
        write_dir=str(folder),
    )


def _write_waves(record: SimulatedRecord, name: str, folder: Path) -> None:
    marks = sorted(_wave_marks(record.waves) + _lone_p_marks(record.lone_p))
    samples, numbers, symbols = zip(*marks, strict=True)
    wfdb.wrann(
        name,
        WAVES_ANNOTATOR,
        np.array(samples),
        symbol=list(symbols),
        num=np.array(numbers),
        fs=record.sampling_rate,
        write_dir=str(folder),
    )


def _wave_marks(waves: TrueWaves) -> list[tuple[int, int, str]]:
    """Return sample, number and symbol of every mark of every beat."""
    marks: list[tuple[int, int, str]] = []
    for number, peak_symbol, names in _WAVES:
        for symbol, mark in zip(("(", peak_symbol, ")"), names, strict=True):
            samples = getattr(waves, mark)
            marks.extend((int(sample), number, symbol) for sample in samples[np.isfinite(samples)])
    return marks


def _lone_p_marks(lone_p: np.ndarray) -> list[tuple[int, int, str]]:
    return [(int(sample), 0, symbol) for row in lone_p for sample, symbol in zip(row, ("(", "p", ")"), strict=True)]
