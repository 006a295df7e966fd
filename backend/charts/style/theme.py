"""The colours, fonts and class letters of every chart, for a light and for a dark screen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import altair as alt

from backend.kinds.kind import ClassStyle, kinds

__all__ = [
    "DARK",
    "LIGHT",
    "OTHER",
    "UNCLASSIFIED",
    "Theme",
    "class_style",
]

FONT = '"Source Sans", "Source Sans 3", "Liberation Sans", "DejaVu Sans", sans-serif'


OTHER = ClassStyle("other", "O", "#7A7A7A", "#A3A3A3")
UNCLASSIFIED = ClassStyle("unclassified", "?", "#7A7A7A", "#A3A3A3")


def class_style(label: str) -> ClassStyle:
    """Return the style of a label; an empty label is unclassified, an unknown one is ``other``."""
    if not label:
        return UNCLASSIFIED
    known = (style for kind in kinds() for style in kind.classes)
    return next((style for style in known if style.name.casefold() == label.casefold()), OTHER)


@dataclass(frozen=True)
class Theme:
    """The colours of all charts on one background.

    Attributes
    ----------
    salience_strong
        The colour of high salience where a single colour is needed.
    salience_scheme, salience_extent
        A perceptually uniform colour map of Vega and the part of it that is used: salience 0 nearly vanishes into the
        paper, salience 1 still leaves the trace readable on top.
    """

    name: str
    background: str
    text: str
    muted: str
    hairline: str
    paper: str
    grid_minor: str
    grid_major: str
    trace: str
    accent: str
    artifact: str
    salience_strong: str
    salience_scheme: Literal["magma", "viridis", "cividis"]
    salience_extent: tuple[float, float]

    def colour_of(self, label: str) -> str:
        """Return the colour of a label on this background."""
        style = class_style(label)
        return style.on_light if self.name == "light" else style.on_dark

    @property
    def salience_scale(self) -> alt.Scale:
        """The colour scale of salience, from 0 to 1."""
        low, high = self.salience_extent
        scheme = alt.SchemeParams(name=self.salience_scheme, extent=[low, high])
        return alt.Scale(domain=[0, 1], clamp=True, scheme=scheme)

    def layered(
        self, layers: Sequence[alt.Chart], width_px: float, height_px: float, title: Any = alt.Undefined
    ) -> alt.LayerChart:
        """Return a chart of these layers with this theme's fonts and colours and without a frame.

        Each layer keeps its own vertical scale, so that one view holds panels below each other and a brush spans all
        of them.
        """
        axis_text: dict[str, Any] = {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal"}
        axis_text |= {"labelColor": self.text, "titleColor": self.text}
        lines: dict[str, Any] = {"domainColor": self.hairline, "tickColor": self.hairline, "gridColor": self.hairline}
        # Set at once: each later change would copy the whole chart.
        return alt.LayerChart(
            layer=list(layers),
            width=width_px,
            height=height_px,
            title=title,
            autosize=alt.AutoSizeParams(type="pad", contains="content"),
            padding={"left": 2, "right": 2, "top": 4, "bottom": 4},
            resolve=alt.Resolve(scale=alt.ScaleResolveMap(y="independent")),
            config=alt.Config(
                font=FONT,
                background="transparent",
                view=alt.ViewConfig(stroke=None),
                axis=alt.AxisConfig(**axis_text, **lines),
                legend=alt.LegendConfig(**axis_text, labelLimit=0, titleLimit=0),
            ),
        )


LIGHT = Theme(
    name="light",
    background="#FFFFFF",
    text="#27313F",
    muted="#5F6B7A",
    hairline="#C9CFD8",
    paper="#FFFBFA",
    grid_minor="#F9DDD9",
    grid_major="#EDB1AA",
    trace="#10151C",
    accent="#1D4ED8",
    artifact="#8A94A3",
    salience_strong="#C83E73",
    salience_scheme="magma",
    salience_extent=(1.0, 0.45),
)

DARK = Theme(
    name="dark",
    background="#0E1117",
    text="#E8EDF4",
    muted="#9BA7B6",
    hairline="#3B4351",
    paper="#140D0E",
    grid_minor="#382023",
    grid_major="#6B383B",
    trace="#F4F7FB",
    accent="#8AB4FF",
    artifact="#8A94A3",
    salience_strong="#F8765C",
    salience_scheme="magma",
    salience_extent=(0.15, 0.75),
)
