"""Charts as PNG files."""

from typing import Any

import vl_convert

from backend.charts.style.theme import Theme

__all__ = ["render_png"]


def render_png(chart: Any, theme: Theme) -> bytes:
    """Return a chart as a PNG on its theme's background, at two pixels per pixel of the screen; needs no network."""
    spec = chart.properties(background=theme.background).to_dict()
    return vl_convert.vegalite_to_png(spec, scale=2)
