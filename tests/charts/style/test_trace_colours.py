import pytest

from backend.charts.style.theme import DARK, LIGHT
from backend.charts.style.trace_colours import DEFAULT_COLOURS, TRACE_COLOURS, trace_colour
from backend.records.channels.sensors import SENSORS
from tests.charts.style.test_theme import contrast


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_every_colour_of_a_trace_can_be_read_on_its_ground(theme):
    for colour in TRACE_COLOURS:
        for ground in (theme.paper, theme.background):
            assert contrast(trace_colour(colour.name, theme), ground) > 4.5, colour.name


def test_every_sensor_has_a_default_colour_and_an_unknown_colour_is_refused():
    assert set(DEFAULT_COLOURS) == set(SENSORS)
    assert {trace_colour(name, LIGHT) for name in DEFAULT_COLOURS.values()} <= {c.on_light for c in TRACE_COLOURS}
    with pytest.raises(ValueError, match=r"'mauve' is not a trace colour\. Choose one of green, red"):
        trace_colour("mauve", LIGHT)
