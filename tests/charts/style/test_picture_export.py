import struct
import zlib

import pytest

from backend.charts.ecg.rhythm_strip import plot_rhythm_strip
from backend.charts.style.picture_export import render_png
from backend.charts.style.theme import DARK, LIGHT
from tests.charts.drawings import made_up_beats, made_up_trace, size_px


def first_pixel(png):
    """Red, green and blue of the top left pixel of an 8-bit PNG."""
    start = png.index(b"IDAT")
    (length,) = struct.unpack(">I", png[start - 4 : start])
    return tuple(zlib.decompressobj().decompress(png[start + 4 : start + 4 + length])[1:4])


@pytest.mark.parametrize(("theme", "background"), [(LIGHT, (255, 255, 255)), (DARK, (14, 17, 23))])
def test_a_picture_is_a_png_of_twice_the_size_on_the_background_of_its_theme(theme, background):
    chart = plot_rhythm_strip([made_up_trace(3)], made_up_beats(3), theme=theme)
    png = render_png(chart, theme)
    assert png.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", png[16:24])
    assert (width / 2, height / 2) == pytest.approx(size_px(chart), abs=1)
    assert first_pixel(png) == background
