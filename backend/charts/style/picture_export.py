"""Charts as pictures to keep."""

from typing import Any

import vl_convert

from backend.charts.style.theme import Theme

__all__ = ["picture"]


def picture(chart: Any, theme: Theme) -> bytes:
    """A chart as a PNG on its theme's background, twice the size of the screen's pixels; needs no network."""
    spec = chart.properties(background=theme.background).to_dict()
    return vl_convert.vegalite_to_png(spec, scale=2)
