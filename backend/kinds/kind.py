"""The differences between kinds of windows, and the registry of the kinds."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from backend.kinds.reading import Reading
from backend.models.bundle import Bundle
from backend.models.card_sections.sections import CardSections
from backend.models.test_set import TestSet
from backend.windows.base import WindowKind
from backend.windows.window_types import register_window

__all__ = ["ClassStyle", "Kind", "TimeScale", "kind_named", "kind_of", "kinds", "register"]


@dataclass(frozen=True)
class ClassStyle:
    """The letter of a class and its colour on each background, on every chart."""

    name: str
    letter: str
    on_light: str
    on_dark: str


@dataclass(frozen=True)
class TimeScale:
    """How the time of a step is written in tables and sentences.

    Attributes
    ----------
    column : str
        The name of the column of times; they count from the window's anchor.
    unit : str
    unit_s : float
        Seconds of one unit.
    decimals : int
    ends_with_anchor : bool
        Whether the anchor lies at the end of its step rather than at its start.
    """

    column: str
    unit: str = "s"
    unit_s: float = 1.0
    decimals: int = 3
    ends_with_anchor: bool = False


@dataclass(frozen=True, eq=False)
class Kind:
    """A kind of window with what the code that explains, evaluates, compares and draws must know of it.

    Attributes
    ----------
    name : str
        In cards, links and documents, and in sentences: "this beat".
    window : type
        The class of its windows; a model's card holds the fields.
    reading : type of Reading
        How a record is read for windows of this kind: what can be chosen of it, and how it is classified.
    samples : str
        The kind of sample records that hold such windows.
    classes : tuple of ClassStyle
        The styles of the classes of the bundled models.
    time : TimeScale
    half_faded : str
        Why a partly faded window resembles no record, as a clause of a sentence.
    reference : str
        The title of the reference label.
    windows_key, anchor_key : str
        The names of the list of windows and of each window's anchor in the command line's answers.
    number_option : str
        The option of the command line that chooses a window.
    is_number_required : bool
        Whether a window must be chosen; else the first one is taken.
    not_measured : str
        The effect of deleting a value as not measured, as a sentence; may be empty.
    test_set : callable or None
        ``test_set(bundle, data)`` returns the windows of a model's test patients; None where none can be evaluated.
    card_sections : CardSections or None
        The sections of a model's card for people that give its data and its figures; None leaves them in ``card.json``.
    """

    name: str
    window: type[WindowKind]
    reading: type[Reading]
    samples: str
    classes: tuple[ClassStyle, ...]
    time: TimeScale
    half_faded: str
    reference: str = "Reference"
    windows_key: str = "windows"
    anchor_key: str = "anchor_sample"
    number_option: str = "window"
    is_number_required: bool = False
    not_measured: str = ""
    test_set: Callable[[Bundle, Path], TestSet] | None = None
    card_sections: CardSections | None = None

    @property
    def plural(self) -> str:
        """The name of several windows of this kind."""
        return f"{self.name}s"


_KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Make a kind known to everything that asks for one, and return it."""
    register_window(kind.window)
    _KINDS[kind.name] = kind
    return kind


def kinds() -> tuple[Kind, ...]:
    """Return all kinds in the order of their registration."""
    return tuple(_KINDS.values())


def kind_named(name: str) -> Kind:
    """Return a kind by its name.

    Raises
    ------
    KeyError
        If no kind has this name.
    """
    return _KINDS[name]


def kind_of(bundle: Bundle) -> Kind:
    """Return the kind of the windows that a model reads."""
    return kind_named(bundle.kind)
