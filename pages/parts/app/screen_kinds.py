"""What the screens must know of a kind of window, and its registry; ``parts/kinds`` holds the kinds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from backend.kinds.kind import Kind
from backend.records.record import Record
from pages.parts.compare.compared_window import ComparedWindow

__all__ = ["ScreenKind", "register_screens", "screen_kind", "screen_kinds"]


def _accept(record: Record) -> None:
    """Refuse nothing."""


def _keep(record: Record) -> Record:
    return record


def _ignore(value: Any) -> None:
    """Do nothing."""


@dataclass(frozen=True, eq=False)
class ScreenKind:
    """A kind of window on the screens.

    Attributes
    ----------
    kind : Kind
    title : str
        The label of the switch between kinds.
    screen, page : str
        Title and file of the screen on which one window is looked at alone.
    link_names : tuple of str
        The choices that an address may hold on the screens of this kind.
    open_compared : callable
        Draws the side bar of the Compare screen and the way from window to window, and returns the open window; ends
        the run, with a hint, where no window can be opened.
    show_figures : callable
        Called with a model's card; draws its figures.
    upload_hint : str
        Which files make up a record, as sentences.
    real_sample : str
        The name of one real sample record.
    reads_tables : bool
        Whether a record may come as a table whose sampling rate and unit a person states.
    check_upload : callable
        Called with an uploaded record; raises RecordRefused where the record belongs on another screen.
    forget_changes : callable
        Called with a record that is removed; drops what the person changed of it.
    as_chosen : callable
        Called with an uploaded record; returns it as the person chose to read it.
    open_source : callable
        Called with a source of the model's variables; chooses it on the screen of this kind.
    """

    kind: Kind
    title: str
    screen: str
    page: str
    link_names: tuple[str, ...]
    open_compared: Callable[[], ComparedWindow]
    show_figures: Callable[[Mapping[str, Any]], None]
    upload_hint: str
    real_sample: str
    reads_tables: bool = False
    check_upload: Callable[[Record], None] = _accept
    forget_changes: Callable[[Record], None] = _ignore
    as_chosen: Callable[[Record], Record] = _keep
    open_source: Callable[[str], None] = _ignore


_SCREENS: dict[str, ScreenKind] = {}


def register_screens(screens: ScreenKind) -> ScreenKind:
    """Make the screens of a kind known to everything that asks for them, and return them."""
    _SCREENS[screens.kind.name] = screens
    return screens


def screen_kinds() -> Mapping[str, ScreenKind]:
    """Return the screens of all kinds by the kind's name, in the order of their registration."""
    # The adapters import the parts that ask for them, so they are imported at the first question.
    import_module("pages.parts.kinds")
    return _SCREENS


def screen_kind(name: str) -> ScreenKind:
    """Return the screens of a kind.

    Raises
    ------
    KeyError
        If no screens are registered for it.
    """
    return screen_kinds()[name]
