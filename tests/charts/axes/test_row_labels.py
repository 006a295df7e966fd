import altair as alt
import pandas as pd
import pytest

from backend.charts.axes.row_labels import label_axis
from backend.charts.style.theme import LIGHT
from tests.charts.drawings import size_px


@pytest.mark.parametrize("name", ["T", "Around the R peak"])
def test_rows_begin_at_the_same_pixel_whatever_their_names(name):
    rows = alt.Chart(pd.DataFrame({"name": [name], "x": [1]})).mark_tick()
    chart = LIGHT.layered([rows.encode(y=alt.Y("name:N", axis=label_axis(150)))], 100, 20)
    assert size_px(chart)[0] == pytest.approx(100 + 150 + 4, abs=1)
