"""How long the parts of a heartbeat last, and whether that is usual."""

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
    "interval_spreads",
    "measure_intervals",
    "reason_absent",
    "verdict",
]

INTERVALS = ("rr_ms", "pr_ms", "qrs_ms", "qt_ms", "qtc_fridericia_ms", "qtc_bazett_ms")

PHYSIOLOGICAL_RR_S = (0.2, 3.0)
"""QT is not corrected for an RR interval outside: a beat before it was missed, or one is none."""

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
        From the R peak of the beat before to its own.
    pr_ms
        From the onset of P to the onset of QRS.
    qrs_ms
        From the onset of QRS to its end.
    qt_ms
        From the onset of QRS to the end of T.
    qtc_fridericia_ms, qtc_bazett_ms
        QT corrected for the RR interval before the beat.
    unsure
        By interval, bool arrays of shape = (n_beats,): whether it is there and hangs on a mark that is unsure
        (`Waves.is_unsure`). R peaks are not judged, so RR is not in it.
    """

    rr_ms: np.ndarray
    pr_ms: np.ndarray
    qrs_ms: np.ndarray
    qt_ms: np.ndarray
    qtc_fridericia_ms: np.ndarray
    qtc_bazett_ms: np.ndarray
    unsure: Mapping[str, np.ndarray] = field(default_factory=dict)

    def beat(self, index: int) -> dict[str, float | None]:
        """The intervals of one beat by name; None where absent."""
        lengths_ms = {name: float(getattr(self, name)[index]) for name in INTERVALS}
        return {name: None if np.isnan(length_ms) else length_ms for name, length_ms in lengths_ms.items()}

    def unsure_of(self, index: int) -> tuple[str, ...]:
        """The names of those intervals of one beat that hang on an unsure mark, in the order of `INTERVALS`."""
        return tuple(name for name in INTERVALS if name in self.unsure and self.unsure[name][index])


@dataclass(frozen=True)
class NormalRange:
    """What is usual in adults at rest; the limits themselves are.

    Attributes
    ----------
    lower_ms, upper_ms : float or None
        None where there is no limit.
    upper_men_ms : float or None
        The upper limit for men where it is lower than that for women, which is ``upper_ms``.
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
"""For adults, by interval; QT has none of its own, since it hangs on the rate.

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
    """An interval over all beats of a record.

    Attributes
    ----------
    count : int
        Beats that it could be measured in.
    median_ms, low_ms, high_ms : float or None
        Median, 5th and 95th percentile; None where no beat has it.
    """

    count: int
    median_ms: float | None
    low_ms: float | None
    high_ms: float | None


def measure_intervals(beats: Beats, waves: Waves, sampling_rate: float) -> Intervals:
    """Measure the intervals of each beat between its marks.

    QTc is QT over a power of the RR interval before the beat in seconds: the cube root by Fridericia, the square root
    by Bazett. There is no QTc where that interval is absent or outside `PHYSIOLOGICAL_RR_S`, and no RR interval where a
    gap, a flat or a clipped stretch lies between the two beats, since another beat may have been there.

    Parameters
    ----------
    beats : Beats
    waves : Waves
        Their marks.
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
    rr_s = np.where(_is_physiological(rr_ms / 1000), rr_ms / 1000, np.nan)
    corrected = {name: between["qt_ms"] / rr_s**power for name, power in _CORRECTED.items()}
    lengths_ms = between | corrected
    unsure = {name: _hangs_on_unsure(name, waves) & ~np.isnan(length_ms) for name, length_ms in lengths_ms.items()}
    return Intervals(rr_ms=rr_ms, **lengths_ms, unsure=unsure)


def _hangs_on_unsure(name: str, waves: Waves) -> np.ndarray:
    return np.logical_or(*(waves.is_unsure(mark) for mark in _MARKS_OF[name]))


def _rr_samples(beats: Beats) -> np.ndarray:
    """From each R peak back to the one before; NaN for the first and across an unusable stretch."""
    rr = np.diff(beats.r_peaks, prepend=np.nan) if len(beats.r_peaks) else np.zeros(0)
    stretches = beats.artifacts.stretches
    next_beat = np.searchsorted(beats.r_peaks, stretches[:, 1])
    is_between = (np.searchsorted(beats.r_peaks, stretches[:, 0]) == next_beat) & (next_beat < len(rr))
    rr[next_beat[is_between]] = np.nan
    return rr


def _is_physiological(rr_s: np.ndarray) -> np.ndarray:
    return (rr_s >= PHYSIOLOGICAL_RR_S[0]) & (rr_s <= PHYSIOLOGICAL_RR_S[1])


def verdict(name: str, length_ms: float | None) -> str:
    """Say whether an interval is usual: ``below``, ``within``, ``above`` the normal range, or ``absent``.

    A record does not say whether it is of a man or a woman: an interval that is too long in men alone is ``within``.

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


def interval_spreads(intervals: Intervals) -> dict[str, Spread]:
    """Each interval over all beats of the record, by name."""
    return {name: _spread(getattr(intervals, name)) for name in INTERVALS}


def _spread(lengths_ms: np.ndarray) -> Spread:
    present = lengths_ms[~np.isnan(lengths_ms)]
    if not len(present):
        return Spread(0, None, None, None)
    low_ms, median_ms, high_ms = (float(length_ms) for length_ms in np.percentile(present, (5, 50, 95)))
    return Spread(len(present), median_ms, low_ms, high_ms)


def reason_absent(name: str, intervals: Intervals, waves: Waves, index: int) -> str:
    """Say in a few words why a beat has not this interval; empty where it has."""
    if not np.isnan(getattr(intervals, name)[index]):
        return ""
    if name == "rr_ms":
        return "a stretch that could not be used lies before it" if index else "no beat before it"
    if name in _CORRECTED:
        return _reason_uncorrected(intervals, waves, index)
    missing = next(mark for mark in _ENDS[name] if np.isnan(getattr(waves, mark)[index]))
    wave, edge = missing.split("_")
    is_there = wave == "qrs" or not np.isnan(getattr(waves, f"{wave}_peak")[index])
    return f"{edge} of {_WAVE_OF[wave]} not marked" if is_there else f"no {_WAVE_OF[wave]} wave marked"


def _reason_uncorrected(intervals: Intervals, waves: Waves, index: int) -> str:
    for name in ("qt_ms", "rr_ms"):
        reason = reason_absent(name, intervals, waves, index)
        if reason:
            return reason
    least_s, most_s = PHYSIOLOGICAL_RR_S
    return f"RR of {intervals.rr_ms[index] / 1000:.2f} s is not within {least_s:g} to {most_s:g} s"
