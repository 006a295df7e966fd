"""From a record to classified beats."""

from dataclasses import dataclass

import numpy as np

from backend.models.bundle import Bundle
from backend.models.scores import Scores, score_windows
from backend.records.record import Record, RecordRefused
from backend.windows.beats import cut_beats
from backend.windows.detection import Beats, find_beats
from backend.windows.windows import Windows

__all__ = ["ClassifiedBeats", "classify_beats", "classify_found"]


@dataclass(frozen=True, eq=False)
class ClassifiedBeats:
    """The beats of one record with what the model says of each.

    Attributes
    ----------
    beats : Beats
        All that were found.
    windows : Windows
        One for each beat that lies whole within the record; beat N of a record is window N.
    scores : Scores
    """

    beats: Beats
    windows: Windows
    scores: Scores

    @property
    def cut_by_edges(self) -> int:
        """Beats that were found but have no window, since the record begins or ends within it."""
        return len(self.beats.r_peaks) - len(self.windows.anchor)

    @property
    def disagreement(self) -> np.ndarray:
        """Whether the reference names another class than the model, bool, shape = (n,); never without a reference."""
        reference = self.windows.reference or ("",) * len(self.windows.anchor)
        return np.array(
            [bool(own) and own != label for own, label in zip(reference, self.scores.labels, strict=True)], dtype=bool
        )

    def window_of(self, number: int) -> np.ndarray:
        """Window of beat ``number`` (from 0), shape = (T, D).

        Raises
        ------
        RecordRefused
            If there is no such beat; the message says how many there are.
        """
        count = len(self.windows.anchor)
        if not 0 <= number < count:
            raise RecordRefused(
                f"There is no beat {number}; "
                + (f"choose one from 0 to {count - 1}." if count else "no beat was found on this lead.")
            )
        return self.windows.values[number]


def classify_beats(
    bundle: Bundle, record: Record, lead: str | None = None, detector: str | None = None
) -> ClassifiedBeats:
    """Find the beats of a record on one lead, cut them as the model wants them, and classify them in one pass.

    Parameters
    ----------
    lead : str, optional
        MLII or II, else the first ECG lead, when not given.
    detector : str, optional
        The one that the model was trained with when not given.

    Raises
    ------
    RecordRefused
        If the record has no such lead, or there is no such detector.
    """
    return classify_found(bundle, record, find_beats(record, lead, detector or bundle.window.detector))


def classify_found(
    bundle: Bundle, record: Record, beats: Beats, known: ClassifiedBeats | None = None
) -> ClassifiedBeats:
    """Classify beats that are found already, and perhaps corrected by hand.

    Parameters
    ----------
    known : ClassifiedBeats, optional
        Other beats of the same record that this model has classified: windows that are the same are not read again.
        One correction changes the windows of some 20 beats: the intervals around each are measured anew.
    """
    windows = cut_beats(record, beats, bundle.window)
    return ClassifiedBeats(
        beats=beats,
        windows=windows,
        scores=score_windows(bundle, windows) if known is None else _scored_where_new(bundle, windows, known),
    )


def _scored_where_new(bundle: Bundle, windows: Windows, known: ClassifiedBeats) -> Scores:
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

    return Scores(bundle.classes, *(merged(name) for name in ("scores", "probabilities", "uncertain", "unlike")))
