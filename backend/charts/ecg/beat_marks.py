"""What is drawn onto a trace: beats with their classes, and stretches that could not be used."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import altair as alt
import numpy as np
import pandas as pd

from backend.charts.axes.time_axis import TimeAxis
from backend.charts.style.theme import OTHER, UNCLASSIFIED, Theme, class_style
from backend.kinds.beat_kind import BEAT

__all__ = ["BEAT_STYLES", "FALSE", "MANUAL", "MISSED", "BeatMarks", "beats_table", "class_key"]

BEAT_STYLES = (*BEAT.classes, OTHER, UNCLASSIFIED)
"""The styles of beats, in the order of the legend."""

MISSED = "–"
"""Stands where the reference has a beat that was not found."""

FALSE = "×"
"""Stands with a found beat that the reference does not have."""

MANUAL = "□"
"""Stands with a beat that a person added or moved."""


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
    false_s : array, shape = (n_false,)
        Seconds at which a beat was found that the reference does not have, ascending.
    manual_s : array, shape = (n_by_hand,), or None
        Seconds at which a person added a beat or moved one to, ascending; None where nobody corrects beats, so that no
        room is kept for them.
    """

    number: np.ndarray
    time_s: np.ndarray
    labels: Sequence[str]
    references: Sequence[str] = ()
    missed_s: np.ndarray = field(default_factory=lambda: np.zeros(0))
    false_s: np.ndarray = field(default_factory=lambda: np.zeros(0))
    manual_s: np.ndarray | None = None

    def between(self, start_s: float, end_s: float) -> "BeatMarks":
        """What lies in ``[start_s, end_s)``."""

        def kept(times_s: np.ndarray) -> np.ndarray:
            return (times_s >= start_s) & (times_s < end_s)

        inside = np.flatnonzero(kept(self.time_s)).tolist()
        references = tuple(self.references[index] for index in inside) if self.references else ()
        labels = tuple(self.labels[index] for index in inside)
        missed_s, false_s = self.missed_s[kept(self.missed_s)], self.false_s[kept(self.false_s)]
        manual_s = None if self.manual_s is None else self.manual_s[kept(self.manual_s)]
        return BeatMarks(self.number[inside], self.time_s[inside], labels, references, missed_s, false_s, manual_s)


def beats_table(beats: BeatMarks, theme: Theme) -> pd.DataFrame:
    """One row a beat: ``beat``, ``time_s``, ``label``, ``letter``, ``colour``, ``reference``, ``disagrees``."""
    references = list(beats.references) or [""] * len(beats.labels)
    kinds = [class_style(label) for label in beats.labels]
    return pd.DataFrame(
        {
            "beat": np.asarray(beats.number, dtype=int),
            "time_s": np.asarray(beats.time_s, dtype=float),
            "label": [label if label else kind.name for label, kind in zip(beats.labels, kinds, strict=True)],
            "letter": [kind.letter for kind in kinds],
            "colour": [theme.colour_of(label) for label in beats.labels],
            "reference": [reference or "none" for reference in references],
            "reference_letter": [class_style(reference).letter for reference in references],
            "disagrees": np.array(
                [bool(ref) and ref != label for label, ref in zip(beats.labels, references, strict=True)], dtype=bool
            ),
        }
    )


def class_key(beats: BeatMarks, disagreement: str, theme: Theme) -> alt.TitleParams:
    """What the letters mean, in one line above a chart: the classes that there are, and how disagreement is shown."""
    references = [reference for reference in beats.references if reference]
    present = {class_style(label) for label in (*beats.labels, *references)}
    words = [f"{kind.letter} {kind.name}" for kind in BEAT_STYLES if kind in present]
    words += [disagreement] if references else []
    words += [f"{MISSED} missed"] if len(beats.missed_s) else []
    words += [f"{FALSE} false"] if len(beats.false_s) else []
    words += [f"{MANUAL} by hand"] if beats.manual_s is not None else []
    return alt.TitleParams(
        "  ·  ".join(words),
        anchor="start",
        frame="group",
        fontSize=12,
        fontWeight="normal",
        color=theme.muted,
        offset=6,
    )


def letters_lane(letters: pd.DataFrame, axis: TimeAxis, middle_px: float, size_px: int) -> alt.Chart:
    """A coloured letter at each time; columns ``time_s``, ``letter``, ``colour``."""
    return (
        alt.Chart(letters)
        .mark_text(fontSize=size_px, fontWeight="bold", baseline="middle")
        .encode(
            x=axis.x(),
            y=alt.value(middle_px),
            text=alt.Text(field="letter", type="nominal"),
            color=alt.Color(field="colour", type="nominal", scale=None),
        )
    )
