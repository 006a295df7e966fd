"""Excluded segments, where the signal is unusable, on ECG paper."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import pandas as pd

from backend.charts.axes.ecg_paper import Panel
from backend.charts.axes.time_axis import TimeAxis
from backend.charts.style.theme import Theme

__all__ = ["Artifact", "draw_artifacts"]

_LABEL_PX_PER_LETTER = 6.5


@dataclass(frozen=True)
class Artifact:
    """An excluded segment: ``kind`` is its label, ``lead`` is empty where it affects all leads."""

    start_s: float
    end_s: float
    kind: str
    lead: str = ""


def draw_artifacts(artifacts: Sequence[Artifact], panel: Panel, axis: TimeAxis, theme: Theme) -> list[alt.Chart]:
    """Shade the excluded segments and label them where there is room."""
    shown = [a for a in artifacts if a.end_s > axis.start_s and a.start_s < axis.end_s]
    if not shown:
        return []
    table = pd.DataFrame(
        {
            "time_s": [max(a.start_s, axis.start_s) for a in shown],
            "end_s": [min(a.end_s, axis.end_s) for a in shown],
            "kind": [a.kind for a in shown],
            "mv": panel.low_mv,
            "high_mv": panel.high_mv,
        }
    )
    table["middle_s"] = (table.time_s + table.end_s) / 2
    room_px = (table.end_s - table.time_s) * axis.px_per_s
    roomy = table[room_px >= table.kind.str.len() * _LABEL_PX_PER_LETTER]
    shade = (
        alt.Chart(table)
        .mark_rect(fill=theme.artifact, fillOpacity=0.28, stroke=theme.artifact, strokeDash=[3, 3])
        .encode(x=axis.x(), x2=alt.X2(field="end_s"), y=panel.y(), y2=alt.Y2(field="high_mv"))
    )
    labels = (
        alt.Chart(roomy)
        .mark_text(color=theme.text, fontSize=11, baseline="bottom", dy=-3)
        .encode(x=axis.x("middle_s"), y=panel.y(), text=alt.Text(field="kind", type="nominal"))
    )
    return [shade, labels]
