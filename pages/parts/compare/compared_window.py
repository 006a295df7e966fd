"""What is compared: a beat, an alarm or a stay, as the charts and the choices of the Compare screen need it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from backend import workbench
from backend.charts.axes.time_axis import TimeAxis
from backend.charts.compare.window_lanes import WindowLane
from backend.charts.ecg.wave_marks import WaveMark
from backend.charts.style.number_format import format_percent
from backend.kinds.kind import kind_of
from backend.models.bundle import Bundle
from backend.workbench import Reading

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
        What a reader calls each source that the record has; sources are named as the model names them.
    together : tuple of str
        Those of them that a row sums up where none is chosen.
    word : str
        What these are, in the plural.
    axis : TimeAxis
    lanes : callable
        What stands above the rows: of the chosen source, or of None for all together.
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
        """The class that the model names."""
        return workbench.classified(self.reading).scores.labels[self.number]

    @property
    def told(self) -> str:
        """What the model says of the window, and the reference."""
        found, number = workbench.classified(self.reading), self.number
        probability = found.scores.probabilities[number, self.bundle.class_index(self.predicted)]
        reference = found.windows.reference[number] if found.windows.reference else ""
        title = kind_of(self.bundle).reference
        words = f"Model: **{self.predicted}** ({format_percent(probability)}) · {title}: **{reference or 'not known'}**"
        if found.scores.is_ood[number]:
            return f"{words} · :orange[**unlike the training data**: rely neither on the model nor on any reason]"
        return f"{words} · the model is **uncertain**" if found.scores.is_uncertain[number] else words
