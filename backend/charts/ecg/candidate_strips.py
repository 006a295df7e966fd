"""Short strips of the channels of a file of which one may be an ECG, for a person to choose from."""

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from backend.charts.axes.time_axis import TimeAxis
from backend.charts.compare.window_lanes import WindowLane, draw_lanes, find_bottom_px
from backend.charts.style.chart_width import FULL_PX
from backend.charts.style.theme import LIGHT, Theme
from backend.records.understanding import Candidate

__all__ = ["plot_candidates"]

_LABELS_PX = 150


def plot_candidates(candidates: Sequence[Candidate], theme: Theme = LIGHT, width_px: float = FULL_PX) -> alt.LayerChart:
    """Return a chart with one strip a channel, each on its own scale.

    Parameters
    ----------
    candidates : sequence of Candidate
        From the top.
    theme : Theme
    width_px : float
        Width, with the names of the channels.

    Returns
    -------
    altair.LayerChart
    """
    end_s = max(len(candidate.preview) / candidate.sampling_rate for candidate in candidates)
    axis = TimeAxis(0.0, end_s, 0.0, width_px - _LABELS_PX - 8, "time (s)")
    lanes = [_strip(candidate) for candidate in candidates]
    height_px = find_bottom_px(lanes)
    ends = pd.DataFrame({"time_s": [axis.start_s, axis.end_s]})
    scale = alt.Chart(ends).mark_point(opacity=0).encode(x=axis.labelled_x(), y=alt.value(height_px))
    return theme.layered([scale, *draw_lanes(lanes, _LABELS_PX, axis, theme)], axis.width_px, height_px)


def _strip(candidate: Candidate) -> WindowLane:
    times_s = np.arange(len(candidate.preview)) / candidate.sampling_rate
    return WindowLane(candidate.name, candidate.unit, times_s, candidate.preview.astype(np.float64))
