"""Times and origins of beats: sinus rhythm with ectopic beats, atrial fibrillation, pacemaker, tachycardia."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from backend.simulate.ecg.variability import Modulation

__all__ = ["PlannedBeat", "Stretch", "plan_beats"]

_FOCUS = {"V": "right ventricular", "W": "left ventricular", "U": "basal ventricular", "I": "right ventricular"}
_SYMBOLS = {"normal": "N", "left block": "L", "right block": "R"}


@dataclass(frozen=True)
class Stretch:
    """A part of a record with one rhythm.

    Attributes
    ----------
    duration_s : float
    rhythm : str
        ``sinus``; ``fibrillation`` of the atria; ``paced``, with dissociated atria; ``paced on demand``, where the
        pacemaker ends long pauses of atrial fibrillation; ``ventricular tachycardia``, from one focus; ``standstill``,
        without beats.
    rate_per_min : float
        Mean rate, without ectopic beats.
    conduction : str
        Conduction to the ventricles: ``normal``, ``left block`` or ``right block``.
    irregularity : float
        Coefficient of variation of the RR intervals.
    extra : mapping of float to str
        Ectopic beats at or soon after each time (s from the start of the stretch), one letter per beat: ``A`` atrial
        premature beat, ``V`` PVC, ``W`` and ``U`` PVCs from other foci, ``I`` interpolated PVC, ``-`` the regular beat.
        ``V-V-V-`` is bigeminy, ``VVVV`` a run.
    """

    duration_s: float
    rhythm: str = "sinus"
    rate_per_min: float = 70.0
    conduction: str = "normal"
    irregularity: float = 0.04
    extra: Mapping[float, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PlannedBeat:
    """The time, origin and rhythm of a beat.

    Attributes
    ----------
    time_s : float
        Time of the R peak from the start of the record.
    symbol : str
        WFDB symbol: ``N``, ``L``, ``R``, ``A``, ``V``, ``/``.
    ventricular, atrial : str
        Names of the shapes; atrial is empty for a beat without a P wave.
    pq_factor : float
        P to R time, relative to that of the person.
    note : str
        The rhythm in WFDB notation: ``(N``, ``(AFIB``, ``(P``, ``(B``, ``(VT``, ``(SVTA``.
    """

    time_s: float
    symbol: str
    ventricular: str
    atrial: str
    pq_factor: float
    note: str


def plan_beats(
    stretches: tuple[Stretch, ...], swing: Modulation, paced_shape: str, rng: np.random.Generator
) -> list[PlannedBeat]:
    """Return the beats of the record in order of time, none in the first or last half second.

    Raises
    ------
    ValueError
        If the rhythm or an ectopic beat of a stretch is unknown.
    """
    beats: list[PlannedBeat] = []
    start_s = 0.0
    for stretch in stretches:
        heart = _heart(stretch, start_s, swing, paced_shape, rng)
        end_s = start_s + stretch.duration_s
        last_s = beats[-1].time_s if beats else start_s
        beats.extend(_until(end_s, heart.beats_after(max(last_s, start_s))))
        start_s = end_s
    return [beat for beat in beats if 0.5 <= beat.time_s <= start_s - 0.5]


def _until(end_s: float, beats: Iterator[PlannedBeat]) -> Iterator[PlannedBeat]:
    for beat in beats:
        if beat.time_s >= end_s:
            return
        yield beat


def _heart(
    stretch: Stretch, start_s: float, swing: Modulation, paced_shape: str, rng: np.random.Generator
) -> "_Sinus | _Fibrillation | _Paced | _VentricularTachycardia | _Standstill":
    if stretch.rhythm == "sinus":
        return _Sinus(stretch, start_s, swing, rng)
    if stretch.rhythm == "fibrillation":
        return _Fibrillation(stretch, start_s, np.inf, paced_shape, rng)
    if stretch.rhythm == "paced on demand":
        return _Fibrillation(stretch, start_s, 60 / stretch.rate_per_min * 1.12, paced_shape, rng)
    if stretch.rhythm == "paced":
        return _Paced(stretch, start_s, paced_shape, rng)
    if stretch.rhythm == "ventricular tachycardia":
        return _VentricularTachycardia(stretch, rng)
    if stretch.rhythm == "standstill":
        return _Standstill()
    raise ValueError(
        f"Unknown rhythm {stretch.rhythm!r}. Choose sinus, fibrillation, paced, paced on demand, "
        f"ventricular tachycardia or standstill."
    )


_NOTES = {"V-V-": "(B", "V--V--": "(T", "VVV": "(VT", "AAA": "(SVTA"}


class _Extra:
    """Yields the letters of the ectopic beats of a stretch at their times."""

    def __init__(self, stretch: Stretch, start_s: float) -> None:
        self._waiting = sorted((start_s + at_s, letters) for at_s, letters in stretch.extra.items())
        self._due = ""
        self.phrase = ""

    def next_letter(self, now_s: float) -> str:
        if not self._due and self._waiting and self._waiting[0][0] <= now_s:
            self._due = self.phrase = self._waiting.pop(0)[1]
        if not self._due:
            self.phrase = ""
            return "-"
        letter, self._due = self._due[0], self._due[1:]
        if letter not in "AVWUI-":
            raise ValueError(f"Unknown ectopic beat {letter!r}. Choose A, V, W, U, I or -.")
        return letter

    def note(self, otherwise: str) -> str:
        """Return the rhythm of the current ectopic beats."""
        kinds = self.phrase.translate(str.maketrans("WU", "VV"))
        return next((note for start, note in _NOTES.items() if kinds.startswith(start)), otherwise)


class _Sinus:
    """Sinus rhythm; atrial premature beats reset the sinus node, ventricular ones do not."""

    def __init__(self, stretch: Stretch, start_s: float, swing: Modulation, rng: np.random.Generator) -> None:
        self._stretch = stretch
        self._extra = _Extra(stretch, start_s)
        self._swing = swing
        self._rng = rng
        self._focus = "high" if rng.random() < 0.5 else "low"
        self._coupling = rng.uniform(0.58, 0.66)

    def _rr_s(self, now_s: float) -> float:
        sway = self._stretch.irregularity * self._swing.rate_at(now_s)
        return 60 / self._stretch.rate_per_min * (1 + float(np.clip(sway, -0.15, 0.15)))

    def beats_after(self, now_s: float) -> Iterator[PlannedBeat]:
        node_s = last_s = now_s
        before = "-"
        while True:
            rr_s = self._rr_s(last_s)
            letter = self._extra.next_letter(last_s)
            if letter == "-":
                # A sinus beat during ventricular refractoriness is lost: the pause is compensatory.
                recovery_s = rr_s * (0.35 if before == "I" else 0.6)
                node_s += rr_s
                while node_s < last_s + recovery_s:
                    node_s += rr_s
                last_s = node_s
                yield self._sinus_beat(last_s, pq_factor=1.25 if before == "I" else 1.0)
            elif letter == "A":
                share = self._rng.uniform(0.60, 0.66) if before == "A" else self._rng.uniform(0.62, 0.76)
                last_s += rr_s * share
                # The early beat resets the sinus node, with a slightly longer interval.
                node_s = last_s + rr_s * self._rng.uniform(0.05, 0.18)
                yield self._atrial_beat(last_s)
            else:
                last_s += self._ventricular_gap_s(letter, before, rr_s)
                yield self._ventricular_beat(last_s, letter)
            before = letter

    def _ventricular_gap_s(self, letter: str, before: str, rr_s: float) -> float:
        if before in "VWU":
            return self._rng.uniform(0.36, 0.44)
        share = 0.5 if letter == "I" else self._coupling + (0.05 if letter == "W" else 0.0)
        return rr_s * share + self._rng.normal(0, 0.008)

    def _sinus_beat(self, time_s: float, pq_factor: float) -> PlannedBeat:
        conduction = self._stretch.conduction
        note = self._extra.note("(N")
        return PlannedBeat(time_s, _SYMBOLS[conduction], conduction, "sinus", pq_factor, note)

    def _atrial_beat(self, time_s: float) -> PlannedBeat:
        note = self._extra.note("(N")
        return PlannedBeat(time_s, "A", self._stretch.conduction, self._focus, 0.92, note)

    def _ventricular_beat(self, time_s: float, letter: str) -> PlannedBeat:
        return PlannedBeat(time_s, "V", _FOCUS[letter], "", 1.0, self._extra.note("(N"))


class _Fibrillation:
    """Atrial fibrillation: independent RR intervals, of which a pacemaker may end the longest."""

    def __init__(
        self, stretch: Stretch, start_s: float, escape_s: float, paced_shape: str, rng: np.random.Generator
    ) -> None:
        self._stretch = stretch
        self._extra = _Extra(stretch, start_s)
        self._escape_s = escape_s
        self._paced_shape = paced_shape
        self._rng = rng

    def beats_after(self, now_s: float) -> Iterator[PlannedBeat]:
        mean_s = 60 / self._stretch.rate_per_min
        conduction = self._stretch.conduction
        before = "-"
        while True:
            letter = self._extra.next_letter(now_s)
            if letter != "-":
                now_s += self._rng.uniform(0.38, 0.46) if before in "VWU" else self._rng.uniform(0.44, 0.52)
                note = self._extra.note("(AFIB")
                yield PlannedBeat(now_s, "V", _FOCUS[letter], "", 1.0, note)
                before = letter
                continue
            before = letter
            rr_s = mean_s * self._interval()
            now_s += min(rr_s, self._escape_s)
            if rr_s > self._escape_s:
                yield PlannedBeat(now_s, "/", self._paced_shape, "", 1.0, "(AFIB")
            else:
                yield PlannedBeat(now_s, _SYMBOLS[conduction], conduction, "", 1.0, self._extra.note("(AFIB"))

    def _interval(self) -> float:
        """Return an RR interval relative to the mean: right-skewed, limited by the refractoriness of the AV node."""
        return float(np.clip(np.exp(self._rng.normal(0, self._stretch.irregularity)), 0.68, 1.9))


class _Paced:
    """A pacemaker with a constant escape interval after each beat, paced or not."""

    def __init__(self, stretch: Stretch, start_s: float, paced_shape: str, rng: np.random.Generator) -> None:
        self._stretch = stretch
        self._extra = _Extra(stretch, start_s)
        self._paced_shape = paced_shape
        self._rng = rng

    def beats_after(self, now_s: float) -> Iterator[PlannedBeat]:
        escape_s = 60 / self._stretch.rate_per_min
        while True:
            letter = self._extra.next_letter(now_s)
            if letter == "-":
                now_s += escape_s + self._rng.normal(0, 0.002)
                yield PlannedBeat(now_s, "/", self._paced_shape, "", 1.0, "(P")
            else:
                now_s += escape_s * self._rng.uniform(0.6, 0.7)
                yield PlannedBeat(now_s, "V", _FOCUS[letter], "", 1.0, self._extra.note("(P"))


class _VentricularTachycardia:
    """Ventricular tachycardia: one focus, fast and almost regular, beginning with a premature beat."""

    def __init__(self, stretch: Stretch, rng: np.random.Generator) -> None:
        self._stretch = stretch
        self._rng = rng

    def beats_after(self, now_s: float) -> Iterator[PlannedBeat]:
        rr_s = 60 / self._stretch.rate_per_min
        while True:
            now_s += rr_s * float(np.clip(self._rng.normal(1, self._stretch.irregularity), 0.8, 1.2))
            yield PlannedBeat(now_s, "V", _FOCUS["V"], "", 1.0, "(VT")


class _Standstill:
    """Asystole."""

    def beats_after(self, now_s: float) -> Iterator[PlannedBeat]:
        return iter(())
