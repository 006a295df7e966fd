import numpy as np
import pytest

from backend.charts.ecg.salience_by_wave import plot_salience_by_wave
from backend.charts.style.theme import DARK, LIGHT
from tests.charts.drawings import layers_with, rows, size_px

PARTS = ("P", "PR", "QRS", "ST", "T", "rest")
OF_SALIENCE = np.array([0.05, 0.02, 0.6, 0.1, 0.2, 0.03])
OF_TIME = np.array([0.15, 0.05, 0.15, 0.1, 0.25, 0.3])


def test_each_wave_has_its_share_of_salience_beside_its_share_of_time():
    spec = plot_salience_by_wave(PARTS, OF_SALIENCE, OF_TIME).to_dict()
    (bars,) = layers_with(spec, "bar")
    drawn = {(row["wave"], row["kind"]): row["share"] for row in rows(spec, bars)}
    for part, salience, time in zip(PARTS, OF_SALIENCE, OF_TIME, strict=True):
        assert drawn[part, "salience share"] == salience
        assert drawn[part, "time share"] == time
    assert bars["encoding"]["y"]["sort"] == list(PARTS)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("width_px", [260, 460])
def test_the_shares_fit_their_width(theme, width_px):
    assert size_px(plot_salience_by_wave(PARTS, OF_SALIENCE, OF_TIME, width_px, theme))[0] <= width_px
