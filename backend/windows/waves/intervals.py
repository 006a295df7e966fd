"""The intervals of each beat (RR, PR, QRS, QT, QTc) and their normal ranges."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from backend.windows.beats.detection import Beats
from backend.windows.waves.marks import Waves

__all__ = [
    "INTERVALS",
    "NORMAL_RANGES",
    "PHYSIOLOGICAL_RR_S",
    "Intervals",
    "NormalRange",
    "Spread",
    "compare_with_normal",
    "explain_absence",
    "measure_intervals",
    "summarise_intervals",
]

INTERVALS = ("rr_ms", "pr_ms", "qrs_ms", "qt_ms", "qtc_fridericia_ms", "qtc_bazett_ms")

PHYSIOLOGICAL_RR_S = (0.2, 3.0)
"""QT is not corrected for an RR interval outside this range, which implies a missed or a false beat."""

_ENDS = {"pr_ms": ("p_onset", "qrs_onset"), "qrs_ms": ("qrs_onset", "qrs_end"), "qt_ms": ("qrs_onset", "t_end")}
_CORRECTED = {"qtc_fridericia_ms": 1 / 3, "qtc_bazett_ms": 1 / 2}
_MARKS_OF = _ENDS | dict.fromkeys(_CORRECTED, _ENDS["qt_ms"])
_WAVE_OF = {"p": "P", "qrs": "QRS", "t": "T"}


@dataclass(frozen=True, eq=False)
class Intervals:
    """The intervals of each beat in ms, measured on one lead; NaN where absent.

    Every interval is a float64 array, shape = (n_beats,).

    Attributes
    ----------
    rr_ms
        From the R peak of the previous beat to that of the beat.
    pr_ms
        From the onset of P to the onset of QRS.
    qrs_ms
        From the onset of QRS to its end.
    qt_ms
        From the onset of QRS to the end of T.
    qtc_fridericia_ms, qtc_bazett_ms
        QT corrected for the RR interval before the beat.
    uncertain
        By interval, bool arrays of shape = (n_beats,): whether the interval is present and one of its marks uncertain
        (`Waves.is_uncertain`). R peaks are not judged, so RR is not a key.
    """

    rr_ms: np.ndarray
    pr_ms: np.ndarray
    qrs_ms: np.ndarray
    qt_ms: np.ndarray
    qtc_fridericia_ms: np.ndarray
    qtc_bazett_ms: np.ndarray
    uncertain: Mapping[str, np.ndarray] = field(default_factory=dict)

    def beat(self, index: int) -> dict[str, float | None]:
        """Return the intervals of one beat by name; None where absent."""
        lengths_ms = {name: float(getattr(self, name)[index]) for name in INTERVALS}
        return {name: None if np.isnan(length_ms) else length_ms for name, length_ms in lengths_ms.items()}

    def uncertain_intervals(self, index: int) -> tuple[str, ...]:
        """Return the names of the intervals of one beat with an uncertain mark, in the order of `INTERVALS`."""
        return tuple(name for name in INTERVALS if name in self.uncertain and self.uncertain[name][index])


@dataclass(frozen=True)
class NormalRange:
    """The normal range of an interval in adults at rest, limits included.

    Attributes
    ----------
    lower_ms, upper_ms : float or None
        None without a limit.
    upper_men_ms : float or None
        The upper limit for men where it differs from that for women, which is ``upper_ms``.
    source : str
    """

    lower_ms: float | None
    upper_ms: float | None
    source: str
    upper_men_ms: float | None = None


_QTC = NormalRange(
    lower_ms=360.0,
    upper_ms=460.0,
    upper_men_ms=450.0,
    source="Upper: Rautaharju et al. 2009 (AHA/ACCF/HRS, part IV). Lower: 2nd percentile of Mason et al. 2007.",
)

NORMAL_RANGES: Mapping[str, NormalRange] = MappingProxyType(
    {
        "rr_ms": NormalRange(600.0, 1000.0, "Convention: 60 to 100 beats a minute."),
        "pr_ms": NormalRange(
            120.0, 200.0, "Lower: Surawicz et al. 2009 (AHA/ACCF/HRS, part III). Upper: Kusumoto et al. 2019."
        ),
        "qrs_ms": NormalRange(
            None,
            110.0,
            "Surawicz et al. 2009 (AHA/ACCF/HRS, part III); from 120 ms, bundle branch block is called complete.",
        ),
        "qtc_fridericia_ms": _QTC,
        "qtc_bazett_ms": _QTC,
    }
)
"""Normal ranges for adults, by interval; QT has none, as it depends on the heart rate.

References
----------
B. Surawicz et al., "AHA/ACCF/HRS recommendations for the standardization and interpretation of the electrocardiogram,
part III: intraventricular conduction disturbances", Circulation 119:e235-e240, 2009.
P. M. Rautaharju et al., "AHA/ACCF/HRS recommendations ..., part IV: the ST segment, T and U waves, and the QT
interval", Circulation 119:e241-e250, 2009.
J. W. Mason et al., "Electrocardiographic reference ranges derived from 79,743 ambulatory subjects", J. Electrocardiol.
40:228-234, 2007 (2nd to 98th percentile of those without heart disease: PR 113-212, QRS 69-109, QTc by Bazett 361-457,
by Fridericia 359-445 ms).
F. M. Kusumoto et al., "2018 ACC/AHA/HRS guideline on the evaluation and management of patients with bradycardia and
cardiac conduction delay", Circulation 140:e382-e482, 2019.
"""


@dataclass(frozen=True)
class Spread:
    """The distribution of an interval over all beats of a record.

    Attributes
    ----------
    n_beats : int
        Beats in which it is measured.
    median_ms, low_ms, high_ms : float or None
        Median, 5th and 95th percentile; None without such beats.
    """

    n_beats: int
    median_ms: float | None
    low_ms: float | None
    high_ms: float | None


def measure_intervals(beats: Beats, waves: Waves, sampling_rate: float) -> Intervals:
    """Return the intervals of each beat, measured between its marks.

    QTc is QT divided by a power of the preceding RR interval in seconds: the cube root (Fridericia) or the square root
    (Bazett). QTc is absent if the RR interval is absent or outside `PHYSIOLOGICAL_RR_S`. RR is absent if a gap, a flat
    or a clipped segment lies between the two beats, as it may contain another beat.

    Parameters
    ----------
    beats : Beats
    waves : Waves
        The marks of the beats.
    sampling_rate : float
        Hz, of the record.

    Returns
    -------
    Intervals

    References
    ----------
    L. S. Fridericia, "Die Systolendauer im Elektrokardiogramm bei normalen Menschen und bei Herzkranken", Acta Med.
    Scand. 53:469-486, 1920.
    H. C. Bazett, "An analysis of the time-relations of electrocardiograms", Heart 7:353-370, 1920.
    """
    to_ms = 1000.0 / sampling_rate
    between = {name: to_ms * (getattr(waves, end) - getattr(waves, start)) for name, (start, end) in _ENDS.items()}
    rr_ms = to_ms * _rr_samples(beats)
    rr_s = rr_ms / 1000
    rr_s = np.where((rr_s >= PHYSIOLOGICAL_RR_S[0]) & (rr_s <= PHYSIOLOGICAL_RR_S[1]), rr_s, np.nan)
    corrected = {name: between["qt_ms"] / rr_s**power for name, power in _CORRECTED.items()}
    lengths_ms = between | corrected
    uncertain = {
        name: np.logical_or(*(waves.is_uncertain(mark) for mark in _MARKS_OF[name])) & ~np.isnan(length_ms)
        for name, length_ms in lengths_ms.items()
    }
    return Intervals(rr_ms=rr_ms, **lengths_ms, uncertain=uncertain)


def _rr_samples(beats: Beats) -> np.ndarray:
    """Return the samples from the previous R peak to each one; NaN for the first and across an unusable segment."""
    rr = np.diff(beats.r_peaks, prepend=np.nan) if len(beats.r_peaks) else np.zeros(0)
    stretches = beats.artifacts.stretches
    next_beat = np.searchsorted(beats.r_peaks, stretches[:, 1])
    is_between = (np.searchsorted(beats.r_peaks, stretches[:, 0]) == next_beat) & (next_beat < len(rr))
    rr[next_beat[is_between]] = np.nan
    return rr


def compare_with_normal(name: str, length_ms: float | None) -> str:
    """Return whether an interval is ``below``, ``within`` or ``above`` its normal range, or ``absent``.

    As records do not give the sex, an interval that is too long only for a man is ``within``.

    Parameters
    ----------
    name : str
        One of `NORMAL_RANGES`.
    length_ms : float or None
        None or NaN where the interval is absent.
    """
    normal = NORMAL_RANGES[name]
    if length_ms is None or np.isnan(length_ms):
        return "absent"
    if normal.lower_ms is not None and length_ms < normal.lower_ms:
        return "below"
    return "above" if normal.upper_ms is not None and length_ms > normal.upper_ms else "within"


def summarise_intervals(intervals: Intervals) -> dict[str, Spread]:
    """Return the distribution of each interval over all beats of the record, by name."""
    return {name: _spread(getattr(intervals, name)) for name in INTERVALS}


def _spread(lengths_ms: np.ndarray) -> Spread:
    present = lengths_ms[~np.isnan(lengths_ms)]
    if not len(present):
        return Spread(0, None, None, None)
    low_ms, median_ms, high_ms = (float(length_ms) for length_ms in np.percentile(present, (5, 50, 95)))
    return Spread(len(present), median_ms, low_ms, high_ms)


def explain_absence(name: str, intervals: Intervals, waves: Waves, index: int) -> str:
    """Return a few words on why a beat lacks an interval; empty where it is present."""
    if not np.isnan(getattr(intervals, name)[index]):
        return ""
    if name == "rr_ms":
        return "unusable signal before the beat" if index else "no previous beat"
    if name in _CORRECTED:
        reasons = (explain_absence(measured, intervals, waves, index) for measured in ("qt_ms", "rr_ms"))
        lowest_s, highest_s = PHYSIOLOGICAL_RR_S
        outside = f"RR of {intervals.rr_ms[index] / 1000:.2f} s is outside {lowest_s:g} to {highest_s:g} s"
        return next(filter(None, reasons), outside)
    missing = next(mark for mark in _ENDS[name] if np.isnan(getattr(waves, mark)[index]))
    wave, edge = missing.split("_")
    has_wave = wave == "qrs" or not np.isnan(getattr(waves, f"{wave}_peak")[index])
    return f"{edge} of {_WAVE_OF[wave]} not marked" if has_wave else f"no {_WAVE_OF[wave]} wave marked"
