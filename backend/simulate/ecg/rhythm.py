"""When the heart beats, and from where: sinus rhythm with its extra beats, fibrillation, a pacemaker, tachycardia."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from backend.simulate.ecg.variability import Modulation

__all__ = ["PlannedBeat", "Stretch", "beats_of"]

_FOCUS = {"V": "right ventricular", "W": "left ventricular", "U": "basal ventricular", "I": "right ventricular"}
_SYMBOLS = {"normal": "N", "left block": "L", "right block": "R"}


@dataclass(frozen=True)
class Stretch:
    """A part of a record with one rhythm.

    Attributes
    ----------
    duration_s : float
    rhythm : str
        ``sinus``; ``fibrillation`` of the atria; ``paced``, with atria that beat on their own; ``paced on
        demand``, where the pacemaker fills the long pauses of atrial fibrillation; ``ventricular tachycardia``, from
        one place; ``standstill``, without any beat.
    rate_per_min : float
        Mean rate, without the extra beats.
    conduction : str
        ``normal``, ``left block`` or ``right block``: how conducted beats reach the ventricles.
    irregularity : float
        Standard deviation of the RR intervals as a share of their mean.
    extra : mapping of float to str
        What happens at or soon after each time (s from the start of the stretch), a letter a beat: ``A`` atrial
        premature beat, ``V`` premature ventricular beat, ``W`` and ``U`` ones from other places, ``I`` one
        between two sinus beats that come on time, ``-`` the beat that is due. ``V-V-V-`` is bigeminy, ``VVVV`` a run.
    """

    duration_s: float
    rhythm: str = "sinus"
    rate_per_min: float = 70.0
    conduction: str = "normal"
    irregularity: float = 0.04
    extra: Mapping[float, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PlannedBeat:
    """A beat before it has a shape.

    Attributes
    ----------
    time_s : float
        Of the R peak, from the start of the record.
    symbol : str
        WFDB's: ``N``, ``L``, ``R``, ``A``, ``V``, ``/``.
    ventricular, atrial : str
        Names of the shapes; atrial is empty where no P wave leads to the beat.
    pq_factor : float
        How long the P wave comes before the R peak, as a share of the person's usual time.
    note : str
        What WFDB would say of the rhythm here: ``(N``, ``(AFIB``, ``(P``, ``(B``, ``(VT``, ``(SVTA``.
    """

    time_s: float
    symbol: str
    ventricular: str
    atrial: str
    pq_factor: float
    note: str


def beats_of(
    stretches: tuple[Stretch, ...], swing: Modulation, paced_shape: str, rng: np.random.Generator
) -> list[PlannedBeat]:
    """Every beat of the record, in order of time; none lies in the first or the last half second.

    Raises
    ------
    ValueError
        If a stretch names a rhythm or a beat that there is not.
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
        f"There is no rhythm {stretch.rhythm!r}; choose sinus, fibrillation, paced, paced on demand, "
        f"ventricular tachycardia or standstill."
    )


_NOTES = {"V-V-": "(B", "V--V--": "(T", "VVV": "(VT", "AAA": "(SVTA"}


class _Extra:
    """Hands out the letters of a stretch's extra beats when their time has come."""

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
            raise ValueError(f"There is no extra beat {letter!r}; choose A, V, W, U, I or -.")
        return letter

    def note(self, otherwise: str) -> str:
        """The rhythm that the phrase makes."""
        kinds = self.phrase.translate(str.maketrans("WU", "VV"))
        return next((note for start, note in _NOTES.items() if kinds.startswith(start)), otherwise)


class _Sinus:
    """The sinus node, with premature beats that reset it (atrial) or do not (ventricular)."""

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
                # A sinus beat that meets ventricles not yet recovered is lost: the pause is compensatory.
                recovery_s = rr_s * (0.35 if before == "I" else 0.6)
                node_s += rr_s
                while node_s < last_s + recovery_s:
                    node_s += rr_s
                last_s = node_s
                yield self._sinus_beat(last_s, pq_factor=1.25 if before == "I" else 1.0)
            elif letter == "A":
                share = self._rng.uniform(0.60, 0.66) if before == "A" else self._rng.uniform(0.62, 0.76)
                last_s += rr_s * share
                # The early beat resets the node, which then needs a little longer than usual.
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
    """Atrial fibrillation: each RR interval is drawn anew, and a pacemaker may end those that grow too long."""

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
        """An RR interval over its mean: skewed to the long side, and no shorter than the AV node lets through."""
        return float(np.clip(np.exp(self._rng.normal(0, self._stretch.irregularity)), 0.68, 1.9))


class _Paced:
    """A pacemaker that waits the same time after each beat, its own or the heart's."""

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
    """One place in the ventricles beats fast and almost evenly; it begins early, as a premature beat does."""

    def __init__(self, stretch: Stretch, rng: np.random.Generator) -> None:
        self._stretch = stretch
        self._rng = rng

    def beats_after(self, now_s: float) -> Iterator[PlannedBeat]:
        rr_s = 60 / self._stretch.rate_per_min
        while True:
            now_s += rr_s * float(np.clip(self._rng.normal(1, self._stretch.irregularity), 0.8, 1.2))
            yield PlannedBeat(now_s, "V", _FOCUS["V"], "", 1.0, "(VT")


class _Standstill:
    """Nothing beats."""

    def beats_after(self, now_s: float) -> Iterator[PlannedBeat]:
        return iter(())
