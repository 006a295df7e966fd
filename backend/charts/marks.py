"""What is drawn onto a trace: beats with their classes, and stretches that could not be used."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import altair as alt
import numpy as np
import pandas as pd

from backend.charts.theme import BEAT_CLASSES, Theme, beat_class

__all__ = ["MISSED", "Artifact", "BeatMarks", "beats_table", "class_key"]

MISSED = "–"
"""Stands where the reference has a beat that was not found."""


@dataclass(frozen=True, eq=False)
class BeatMarks:
    """Beats of a record as a chart draws them.

    Attributes
    ----------
    number : int array, shape = (n,)
        What a click on the beat reports.
    time_s : array, shape = (n,)
        R peaks, in seconds of the record, ascending.
    labels : sequence of str, length n
        What the model says; empty where it says nothing.
    references : sequence of str, length n
        What the reference says; empty where it says nothing, and empty altogether without a reference.
    missed_s : array, shape = (n_missed,)
        Seconds at which the reference has a beat that was not found, ascending.
    """

    number: np.ndarray
    time_s: np.ndarray
    labels: Sequence[str]
    references: Sequence[str] = ()
    missed_s: np.ndarray = field(default_factory=lambda: np.zeros(0))

    def between(self, start_s: float, end_s: float) -> "BeatMarks":
        """The beats whose R peak lies in ``[start_s, end_s)``."""
        inside = np.flatnonzero((self.time_s >= start_s) & (self.time_s < end_s)).tolist()
        references = tuple(self.references[index] for index in inside) if self.references else ()
        labels = tuple(self.labels[index] for index in inside)
        missed_s = self.missed_s[(self.missed_s >= start_s) & (self.missed_s < end_s)]
        return BeatMarks(self.number[inside], self.time_s[inside], labels, references, missed_s)


@dataclass(frozen=True)
class Artifact:
    """A stretch without a usable signal: ``kind`` is what is written on it, ``lead`` empty if it is all leads."""

    start_s: float
    end_s: float
    kind: str
    lead: str = ""


def beats_table(beats: BeatMarks, theme: Theme) -> pd.DataFrame:
    """One row a beat: ``beat``, ``time_s``, ``label``, ``letter``, ``colour``, ``reference``, ``disagrees``."""
    references = list(beats.references) or [""] * len(beats.labels)
    kinds = [beat_class(label) for label in beats.labels]
    return pd.DataFrame(
        {
            "beat": np.asarray(beats.number, dtype=int),
            "time_s": np.asarray(beats.time_s, dtype=float),
            "label": [label if label else kind.name for label, kind in zip(beats.labels, kinds, strict=True)],
            "letter": [kind.letter for kind in kinds],
            "colour": [theme.colour_of(label) for label in beats.labels],
            "reference": [reference or "none" for reference in references],
            "reference_letter": [beat_class(reference).letter for reference in references],
            "disagrees": np.array(
                [bool(ref) and ref != label for label, ref in zip(beats.labels, references, strict=True)], dtype=bool
            ),
        }
    )


def class_key(beats: BeatMarks, disagreement: str, theme: Theme) -> alt.TitleParams:
    """What the letters mean, in one line above a chart: the classes that there are, and how disagreement is shown."""
    references = [reference for reference in beats.references if reference]
    present = {beat_class(label) for label in (*beats.labels, *references)}
    words = [f"{kind.letter} {kind.name}" for kind in BEAT_CLASSES if kind in present]
    words += [disagreement] if references else []
    words += [f"{MISSED} not found"] if len(beats.missed_s) else []
    return alt.TitleParams(
        "  ·  ".join(words),
        anchor="start",
        frame="group",
        fontSize=12,
        fontWeight="normal",
        color=theme.muted,
        offset=6,
    )
