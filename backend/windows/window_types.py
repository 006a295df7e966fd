"""Which class cuts the windows of a kind, by the name that a model's card gives."""

from backend.windows.alarms.alarm_windows import AlarmWindow
from backend.windows.base import WindowKind
from backend.windows.beats.beat_windows import BeatWindow
from backend.windows.stay_windows import StayWindow

__all__ = ["register_window", "window_type"]

_TYPES: dict[str, type[WindowKind]] = {window.kind: window for window in (BeatWindow, AlarmWindow, StayWindow)}


def register_window(window: type[WindowKind]) -> None:
    """Let cards name this class of windows by its ``kind``."""
    _TYPES[window.kind] = window


def window_type(kind: str) -> type[WindowKind]:
    """Return the class of windows of a kind.

    Raises
    ------
    ValueError
        If no class has this kind.
    """
    if kind not in _TYPES:
        raise ValueError(f"no windows of kind {kind!r}; the kinds are {', '.join(_TYPES)}")
    return _TYPES[kind]
