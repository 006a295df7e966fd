import pytest

from backend.charts.style.technique_styles import CONTROLS, technique_style
from backend.charts.style.theme import DARK, LIGHT
from backend.explain.api import TECHNIQUES

ALL = (*(name for name in TECHNIQUES if name not in CONTROLS), *CONTROLS)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_no_two_techniques_look_the_same(theme):
    assert len({technique_style(name).colour(theme) for name in ALL}) == len(ALL)
    assert len({technique_style(name).label for name in ALL}) == len(ALL)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("name", ALL)
def test_every_line_has_contrast_with_its_background(theme, name):
    light, dark = sorted((_luminance(technique_style(name).colour(theme)), _luminance(theme.background)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 3


def test_controls_differ_from_techniques_without_colour():
    dashes = {technique_style(name).dash for name in CONTROLS}
    assert dashes.isdisjoint({technique_style(name).dash for name in TECHNIQUES if name not in CONTROLS})


def test_an_unknown_technique_keeps_the_name_of_its_table():
    assert technique_style("of old").label == "of old"


def _luminance(colour):
    """WCAG 2.2, relative luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
