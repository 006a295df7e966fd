"""Classify the beats, alarms or stay of a record."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from backend.models.bundle import Bundle
from backend.models.scores import Scores, score_windows
from backend.records.alarms import Alarm, find_alarms
from backend.records.record import Record, RecordRefused
from backend.windows.alarms.alarm_windows import AlarmWindow, cut_alarms
from backend.windows.base import Windows
from backend.windows.beats.beat_windows import BeatWindow, cut_beats
from backend.windows.beats.detection import Beats, find_beats
from backend.windows.stay_windows import StayWindow, cut_stay

__all__ = [
    "Classified",
    "ClassifiedBeats",
    "beat_window",
    "classify_alarms",
    "classify_beats",
    "classify_detected",
    "classify_stay",
]


@dataclass(frozen=True, eq=False)
class Classified:
    """The windows of one record with the model's scores.

    Attributes
    ----------
    windows : Windows
        One for each beat, alarm or stay.
    scores : Scores
    """

    windows: Windows
    scores: Scores

    @property
    def disagreement(self) -> np.ndarray:
        """Whether the prediction disagrees with the reference, bool, shape = (n,); False without a reference."""
        reference = self.windows.reference or ("",) * len(self.windows.anchor)
        return np.array(
            [bool(own) and own != label for own, label in zip(reference, self.scores.labels, strict=True)], dtype=bool
        )

    def window_of(self, number: int) -> np.ndarray:
        """Return window ``number`` (from 0), shape = (T, D).

        Raises
        ------
        RecordRefused
            If the record has no such window.
        """
        count = len(self.windows.anchor)
        if not 0 <= number < count:
            raise RecordRefused(f"This record has no {self._noun} {number}. {self._choice(count)}.")
        return self.windows.values[number]

    _noun: ClassVar[str] = "window"

    def _choice(self, count: int) -> str:
        return f"Choose one from 0 to {count - 1}" if count > 1 else "Choose 0"


@dataclass(frozen=True, eq=False)
class ClassifiedBeats(Classified):
    """The beats of one record with the model's scores; beat N of a record is window N.

    Attributes
    ----------
    beats : Beats
        All detected beats; those whose window lies within the record are classified.
    """

    beats: Beats

    _noun: ClassVar[str] = "beat"

    @property
    def cut_by_edges(self) -> int:
        """Number of detected beats without a window, because the record begins or ends within it."""
        return len(self.beats.r_peaks) - len(self.windows.anchor)

    def _choice(self, count: int) -> str:
        return super()._choice(count) if count else "No beat was detected on this lead: choose another lead"


def classify_beats(
    bundle: Bundle, record: Record, lead: str | None = None, detector: str | None = None
) -> ClassifiedBeats:
    """Detect the beats of a record on one lead and classify them in one pass.

    Parameters
    ----------
    lead : str, optional
        By default MLII or II, else the first ECG lead.
    detector : str, optional
        By default the one that the model was trained with.

    Raises
    ------
    RecordRefused
        If the record has no such lead, the detector does not exist, or the model does not read beats.
    """
    return classify_detected(bundle, record, find_beats(record, lead, detector or beat_window(bundle).detector))


def classify_detected(
    bundle: Bundle, record: Record, beats: Beats, known: ClassifiedBeats | None = None
) -> ClassifiedBeats:
    """Classify beats that are detected already, and perhaps corrected manually.

    Parameters
    ----------
    known : ClassifiedBeats, optional
        Beats of the same record that this model has classified: equal windows are not classified again. One correction
        changes some 20 windows, because their RR intervals change.
    """
    windows = cut_beats(record, beats, beat_window(bundle))
    return ClassifiedBeats(
        beats=beats,
        windows=windows,
        scores=score_windows(bundle, windows) if known is None else _score_new_windows(bundle, windows, known),
    )


def classify_alarms(bundle: Bundle, record: Record, alarms: Sequence[Alarm] | None = None) -> Classified:
    """Classify alarms of a record by the seconds before each alarm time.

    Parameters
    ----------
    alarms : sequence of Alarm, optional
        By default all annotated alarms.

    Raises
    ------
    RecordRefused
        If the record has no alarm, or lacks the sensors or the seconds before one, or the model does not read alarms.
    """
    if not isinstance(bundle.window, AlarmWindow):
        raise _other_kind(bundle, "alarms")
    chosen = find_alarms(record) if alarms is None else tuple(alarms)
    if not chosen:
        raise RecordRefused(
            f"{record.name} has no annotated alarm. Give the kind of alarm, and the alarm time unless it is the end of "
            "the record."
        )
    return _classified(bundle, cut_alarms(record, chosen, bundle.window))


def classify_stay(bundle: Bundle, record: Record) -> Classified:
    """Classify a stay by its first 48 hours.

    Raises
    ------
    RecordRefused
        If the record is not a stay, or the model does not read stays.
    """
    if not isinstance(bundle.window, StayWindow):
        raise _other_kind(bundle, "stays")
    return _classified(bundle, cut_stay(record, bundle.window))


def _classified(bundle: Bundle, windows: Windows) -> Classified:
    return Classified(windows, score_windows(bundle, windows))


def beat_window(bundle: Bundle) -> BeatWindow:
    """Return how a model wants its beats cut.

    Raises
    ------
    RecordRefused
        If the model does not read beats.
    """
    if not isinstance(bundle.window, BeatWindow):
        raise _other_kind(bundle, "beats")
    return bundle.window


def _other_kind(bundle: Bundle, wanted: str) -> RecordRefused:
    return RecordRefused(f"{bundle.name} reads {bundle.kind}s, not {wanted}. Choose a model of {wanted}.")


def _score_new_windows(bundle: Bundle, windows: Windows, known: ClassifiedBeats) -> Scores:
    place = {int(anchor): index for index, anchor in enumerate(known.windows.anchor)}
    kept = np.array([place.get(int(anchor), -1) for anchor in windows.anchor], dtype=np.int64)
    there = np.flatnonzero(kept >= 0)
    same = (windows.values[there] == known.windows.values[kept[there]]).all(axis=(1, 2))
    is_new = np.ones(len(kept), dtype=bool)
    is_new[there[same]] = False
    new = score_windows(bundle, windows.where(is_new))

    def merged(name: str) -> np.ndarray:
        fresh, old = getattr(new, name), getattr(known.scores, name)
        both = np.empty((len(kept), *fresh.shape[1:]), dtype=fresh.dtype)
        both[is_new], both[~is_new] = fresh, old[kept[~is_new]]
        return both

    per_window = ("scores", "probabilities", "predicted", "is_uncertain", "is_ood")
    return Scores(bundle.classes, *(merged(name) for name in per_window))
