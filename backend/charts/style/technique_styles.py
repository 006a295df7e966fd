"""The label, colour and dash of each technique wherever several are drawn together."""

from dataclasses import dataclass

from backend.charts.style.theme import Theme
from backend.explain.api import TECHNIQUES

__all__ = ["CONTROLS", "TechniqueStyle", "technique_style"]

_SOLID, _DASHED, _DOTTED = (1, 0), (7, 3), (2, 3)


@dataclass(frozen=True)
class TechniqueStyle:
    """The label and the line style of one technique on both backgrounds.

    Attributes
    ----------
    label : str
        For the screen.
    on_light, on_dark : str
        The colour on a light and on a dark background.
    dash : tuple of int
        The line's dashes, so that colour alone never distinguishes two groups: techniques that perturb the input are
        solid, those that follow gradients or relevance are dashed, controls are dotted.
    """

    label: str
    on_light: str
    on_dark: str
    dash: tuple[int, int]

    def colour(self, theme: Theme) -> str:
        """Return the colour on the theme's background."""
        return self.on_light if theme.name == "light" else self.on_dark


CONTROLS = {
    "random": TechniqueStyle("Random", "#6B7280", "#9BA7B6", _DOTTED),
    "around R": TechniqueStyle("Around the R peak", "#3F4753", "#C3CBD6", _DOTTED),
}
"""What every technique must outperform: deleting as much at random, and deleting as much around the R peak."""

# After Okabe & Ito 2008: distinguishable to colour-blind readers; darker on white, lighter on black.
_STYLES = {
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
    """Return the style of a technique or a control; an unknown one keeps its own name, in grey."""
    if name in CONTROLS:
        return CONTROLS[name]
    label = TECHNIQUES[name].label if name in TECHNIQUES else name
    return TechniqueStyle(label, *_STYLES.get(name, _UNKNOWN))
