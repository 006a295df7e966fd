import itertools

import numpy as np
import pytest

from backend.charts.ecg.beat_marks import BEAT_STYLES
from backend.charts.style.theme import (
    DARK,
    LIGHT,
    OTHER,
    UNCLASSIFIED,
    class_style,
)
from backend.kinds.alarm_kind import ALARM
from backend.kinds.beat_kind import BEAT
from backend.kinds.stay_kind import STAY
from backend.windows.beats.reference import BEAT_CLASSES as TRAINED_CLASSES

# Full dichromacy, linear RGB (Machado, Oliveira & Fernandes 2009, IEEE TVCG 15(6):1291, severity 1.0).
DEUTERANOPIA = np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]])
PROTANOPIA = np.array([[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]])
EYES = {"trichromat": np.eye(3), "deuteranope": DEUTERANOPIA, "protanope": PROTANOPIA}


def linear_rgb(colour):
    srgb = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ np.clip(rgb, 0, 1) / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(one, other):
    bright, dim = sorted((np.dot([0.2126, 0.7152, 0.0722], linear_rgb(c)) for c in (one, other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("eye", EYES)
def test_no_two_trained_classes_have_similar_colours_to_any_eye(theme, eye):
    colours = {name: lab(EYES[eye] @ linear_rgb(theme.colour_of(name))) for name in TRAINED_CLASSES.values()}
    for one, other in itertools.combinations(colours, 2):
        assert np.linalg.norm(colours[one] - colours[other]) > 20, (one, other)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_letters_and_traces_have_contrast_with_the_background_and_the_paper(theme):
    for ground in (theme.background, theme.paper):
        assert contrast(theme.trace, ground) > 12
        assert contrast(theme.text, ground) > 7
        assert contrast(theme.muted, ground) > 4.5
        for kind in (*BEAT_STYLES, *ALARM.classes, *STAY.classes):
            assert contrast(theme.colour_of(kind.name), ground) > 3.9, kind.name


@pytest.mark.parametrize("classes", [BEAT_STYLES, ALARM.classes, STAY.classes])
def test_every_class_has_its_own_letter(classes):
    letters = [kind.letter for kind in classes]
    assert len(set(letters)) == len(letters)


def test_the_letters_of_beats_are_the_conventional_ones():
    assert set("NLRAVP") <= {kind.letter for kind in BEAT.classes}


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("classes", [ALARM.classes, STAY.classes])
@pytest.mark.parametrize("eye", EYES)
def test_the_two_classes_of_alarms_and_of_stays_differ_in_colour_to_any_eye(theme, classes, eye):
    one, other = (lab(EYES[eye] @ linear_rgb(theme.colour_of(kind.name))) for kind in classes)
    assert np.linalg.norm(one - other) > 20


def test_every_trained_class_has_a_style_of_its_own():
    for name in TRAINED_CLASSES.values():
        assert class_style(name).name == name


def test_an_unknown_label_and_no_label_have_different_styles():
    assert class_style("fusion") is OTHER
    assert class_style("") is UNCLASSIFIED


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_salience_runs_from_0_to_1(theme):
    scale = theme.salience_scale.to_dict()
    assert scale["domain"] == [0, 1]
    assert scale["scheme"]["name"] == "magma"
