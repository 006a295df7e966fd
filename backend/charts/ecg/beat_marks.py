"""Beats on a trace: their classes, detection errors and manual corrections."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import altair as alt
import numpy as np
import pandas as pd

from backend.charts.axes.time_axis import TimeAxis
from backend.charts.style.theme import OTHER, UNCLASSIFIED, Theme, class_style
from backend.kinds.beat_kind import BEAT

__all__ = ["BEAT_STYLES", "FALSE", "MANUAL", "MISSED", "BeatMarks", "class_legend", "tabulate_beats"]

BEAT_STYLES = (*BEAT.classes, OTHER, UNCLASSIFIED)
"""The styles of beats, in the order of the legend."""

MISSED = "–"
"""Marks a reference beat that was not detected."""

FALSE = "×"
"""Marks a detected beat that the reference does not have."""

MANUAL = "□"
"""Marks a manually placed beat."""


@dataclass(frozen=True, eq=False)
class BeatMarks:
    """Beats of a record, as a chart draws them.

    Attributes
    ----------
    number : int array, shape = (n,)
        Beat numbers; a click on a beat selects its number.
    time_s : array, shape = (n,)
        R peaks in seconds of the record, ascending.
    labels : sequence of str, length n
        Predicted classes; empty where there is none.
    references : sequence of str, length n
        Reference classes; empty where there is none, and an empty sequence without a reference.
    missed_s : array, shape = (n_missed,)
        Times of reference beats that were not detected, ascending.
    false_s : array, shape = (n_false,)
        Times of detected beats that the reference does not have, ascending.
    manual_s : array, shape = (n_by_hand,), or None
        Times of manually placed beats, ascending; None outside correction, when no row is kept for them.
    """

    number: np.ndarray
    time_s: np.ndarray
    labels: Sequence[str]
    references: Sequence[str] = ()
    missed_s: np.ndarray = field(default_factory=lambda: np.zeros(0))
    false_s: np.ndarray = field(default_factory=lambda: np.zeros(0))
    manual_s: np.ndarray | None = None

    def between(self, start_s: float, end_s: float) -> "BeatMarks":
        """Return the beats within ``[start_s, end_s)``."""

        def kept(times_s: np.ndarray) -> np.ndarray:
            return (times_s >= start_s) & (times_s < end_s)

        inside = np.flatnonzero(kept(self.time_s)).tolist()
        references = tuple(self.references[index] for index in inside) if self.references else ()
        labels = tuple(self.labels[index] for index in inside)
        missed_s, false_s = self.missed_s[kept(self.missed_s)], self.false_s[kept(self.false_s)]
        manual_s = None if self.manual_s is None else self.manual_s[kept(self.manual_s)]
        return BeatMarks(self.number[inside], self.time_s[inside], labels, references, missed_s, false_s, manual_s)


def tabulate_beats(beats: BeatMarks, theme: Theme) -> pd.DataFrame:
    """Return one row per beat: number, time, label, letter, colour, reference and whether they disagree."""
    references = list(beats.references) or [""] * len(beats.labels)
    styles = [class_style(label) for label in beats.labels]
    return pd.DataFrame(
        {
            "beat": np.asarray(beats.number, dtype=int),
            "time_s": np.asarray(beats.time_s, dtype=float),
            "label": [label or style.name for label, style in zip(beats.labels, styles, strict=True)],
            "letter": [style.letter for style in styles],
            "colour": [theme.colour_of(label) for label in beats.labels],
            "reference": [reference or "none" for reference in references],
            "reference_letter": [class_style(reference).letter for reference in references],
            "disagrees": np.array(
                [bool(ref) and ref != label for label, ref in zip(beats.labels, references, strict=True)], dtype=bool
            ),
        }
    )


def class_legend(beats: BeatMarks, disagreement: str, theme: Theme) -> alt.TitleParams:
    """Return the legend above a chart in one line: the classes that occur and the signs of errors."""
    references = [reference for reference in beats.references if reference]
    present = {class_style(label) for label in (*beats.labels, *references)}
    entries = [f"{style.letter} {style.name}" for style in BEAT_STYLES if style in present]
    entries += [disagreement] if references else []
    entries += [f"{MISSED} missed"] if len(beats.missed_s) else []
    entries += [f"{FALSE} false positive"] if len(beats.false_s) else []
    entries += [f"{MANUAL} manually placed"] if beats.manual_s is not None else []
    return alt.TitleParams(
        "  ·  ".join(entries),
        anchor="start",
        frame="group",
        fontSize=12,
        fontWeight="normal",
        color=theme.muted,
        offset=6,
    )


def draw_letters(letters: pd.DataFrame, axis: TimeAxis, middle_px: float, size_px: int) -> alt.Chart:
    """Return a coloured letter at each time; columns ``time_s``, ``letter``, ``colour``."""
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
