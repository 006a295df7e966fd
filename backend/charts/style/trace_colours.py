"""The colours of a bedside monitor's traces."""

from dataclasses import dataclass

from backend.charts.style.theme import Theme

__all__ = ["DEFAULT_COLOURS", "TRACE_COLOURS", "TraceColour", "trace_colour"]


@dataclass(frozen=True)
class TraceColour:
    """A named trace colour for each background."""

    name: str
    on_light: str
    on_dark: str


TRACE_COLOURS = (
    TraceColour("green", "#0B7334", "#4BE37C"),
    TraceColour("red", "#B3180F", "#FF6B5E"),
    TraceColour("cyan", "#05658C", "#56D0FF"),
    TraceColour("yellow", "#756000", "#F7E463"),
    TraceColour("white", "#10151C", "#F4F7FB"),
    TraceColour("orange", "#9A4A00", "#FFB454"),
    TraceColour("magenta", "#9B05A0", "#F08BF0"),
    TraceColour("blue", "#1D4ED8", "#8AB4FF"),
)
"""On a light screen each is dark enough to read; white becomes black."""

DEFAULT_COLOURS = {"ECG 1": "green", "ECG 2": "green", "ABP": "red", "PLETH": "cyan", "RESP": "yellow"}
"""What many monitors show; no standard prescribes it."""


def trace_colour(name: str, theme: Theme) -> str:
    """Return the colour of this name on the theme's background.

    Raises
    ------
    ValueError
        If the name is unknown.
    """
    for colour in TRACE_COLOURS:
        if colour.name == name:
            return colour.on_light if theme.name == "light" else colour.on_dark
    raise ValueError(f"{name!r} is not a trace colour. Choose one of {', '.join(c.name for c in TRACE_COLOURS)}.")
