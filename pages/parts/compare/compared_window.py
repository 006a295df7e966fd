"""The compared window: a beat, an alarm or a stay, as the charts and choices of the Compare screen need it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from backend import workbench
from backend.charts.axes.time_axis import TimeAxis
from backend.charts.compare.window_lanes import WindowLane
from backend.charts.ecg.wave_marks import WaveMark
from backend.kinds.kind import kind_of
from backend.models.bundle import Bundle
from backend.workbench import Reading
from pages.parts.compare.compare_text import prediction_line

__all__ = ["ComparedWindow"]


@dataclass(frozen=True, eq=False)
class ComparedWindow:
    """One window of a reading.

    Attributes
    ----------
    reading : Reading
    number : int
        Of the window.
    names : mapping of str to str
        The name on the screen of each source of the record; keys are the model's names.
    together : tuple of str
        The sources of which a row shows the maximum if none is chosen.
    word : str
        The noun for these sources, in the plural.
    axis : TimeAxis
    lanes : callable
        Returns the lanes above the rows, of the chosen source, or of all together for None.
    waves : tuple of WaveMark
    """

    reading: Reading
    number: int
    names: Mapping[str, str]
    together: tuple[str, ...]
    word: str
    axis: TimeAxis
    lanes: Callable[[str | None], tuple[WindowLane, ...]]
    waves: tuple[WaveMark, ...] = ()

    @property
    def bundle(self) -> Bundle:
        """The model."""
        return workbench.model(self.reading.model)

    @property
    def predicted(self) -> str:
        """The predicted class."""
        return workbench.classified(self.reading).scores.labels[self.number]

    @property
    def summary(self) -> str:
        """The prediction for the window, and the reference."""
        classified, number = workbench.classified(self.reading), self.number
        scores, references = classified.scores, classified.windows.reference
        probability = scores.probabilities[number, self.bundle.class_index(self.predicted)]
        reference = references[number] if references else ""
        title = kind_of(self.bundle).reference
        is_ood, is_uncertain = bool(scores.is_ood[number]), bool(scores.is_uncertain[number])
        return prediction_line(self.predicted, float(probability), title, reference, is_ood, is_uncertain)
