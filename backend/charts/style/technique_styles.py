"""How techniques look wherever several are drawn together: a name, a colour and a dash each."""

from dataclasses import dataclass

from backend.charts.style.theme import Theme
from backend.explain.api import TECHNIQUES

__all__ = ["CONTROLS", "TechniqueStyle", "technique_style"]

_SOLID, _DASHED, _DOTTED = (1, 0), (7, 3), (2, 3)


@dataclass(frozen=True)
class TechniqueStyle:
    """How one technique looks on both backgrounds.

    Attributes
    ----------
    label : str
        For a reader.
    on_light, on_dark : str
        Its colour.
    dash : tuple of int
        Of its lines, so that no two are told apart by colour alone: techniques that hide something are solid, those
        that follow the network's slopes or its own sums are dashed, controls are dotted.
    """

    label: str
    on_light: str
    on_dark: str
    dash: tuple[int, int]

    def colour(self, theme: Theme) -> str:
        """Its colour on this background."""
        return self.on_light if theme.name == "light" else self.on_dark


CONTROLS = {
    "random": TechniqueStyle("At random", "#6B7280", "#9BA7B6", _DOTTED),
    "around R": TechniqueStyle("Around the R peak", "#3F4753", "#C3CBD6", _DOTTED),
}
"""What every technique has to be better than: as much deleted anywhere, and as much deleted around the R peak."""

# Colours after Okabe & Ito 2008, told apart by the colour-blind, darker on white and lighter on black.
_LOOKS = {
    "occlusion": ("#0072B2", "#5AB4F0", _SOLID),
    "mask": ("#C94F00", "#FF9350", _SOLID),
    "erasure": ("#6A3D9A", "#BFA3F5", _SOLID),
    "fade": ("#8F6400", "#F0CB5C", _SOLID),
    "derivative": ("#2F93C4", "#9ADBFF", _DASHED),
    "gradient_input": ("#00805E", "#2FD6A3", _DASHED),
    "integrated_gradients": ("#B0457F", "#F590C6", _DASHED),
    "gradient_shap": ("#8C4A35", "#D9A08C", _DASHED),
    "relevance": ("#10151C", "#F4F7FB", _DASHED),
}
_UNKNOWN = ("#5F6B7A", "#9BA7B6", _SOLID)


def technique_style(name: str) -> TechniqueStyle:
    """How a technique or a control looks; one that is not known goes by its own name, in grey."""
    if name in CONTROLS:
        return CONTROLS[name]
    label = TECHNIQUES[name].label if name in TECHNIQUES else name
    return TechniqueStyle(label, *_LOOKS.get(name, _UNKNOWN))
