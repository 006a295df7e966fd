from backend.charts.axes.time_axis import TimeAxis
from backend.charts.ecg.wave_marks import WaveMark, draw_uncertain_legend, draw_wave_marks
from backend.charts.style.theme import LIGHT

WAVES = (WaveMark("QRS", 1.0, 1.04, 1.1), WaveMark("T", None, 1.3, 1.4, frozenset({"end"})))


def test_lines_at_onsets_and_ends_span_the_given_height():
    layers = [layer.to_dict() for layer in draw_wave_marks(WAVES, 200, (10, 350), TimeAxis(0.8, 1.6, 0.0, 400), LIGHT)]
    spans = [layer["encoding"] for layer in layers if layer["mark"].get("opacity") == 0.6]
    assert [(span["y"]["value"], span["y2"]["value"]) for span in spans] == [(10, 350), (10, 350)]


def test_the_legend_of_dashes_appears_only_with_dashes():
    assert not len(draw_uncertain_legend(WAVES[:1], 200, 0, LIGHT).data)
    assert list(draw_uncertain_legend(WAVES, 200, 0, LIGHT).data["text"]) == ["dashed or ?: uncertain"]


def test_the_tooltip_of_a_name_gives_the_probability_of_the_wave():
    waves = (WaveMark("P", 0.8, 0.84, 0.9, probability=0.934), WaveMark("QRS", 1.0, 1.04, 1.1))
    names = draw_wave_marks(waves, 200, (10, 350), TimeAxis(0.5, 1.6, 0.0, 400), LIGHT)[-1]
    assert names.data.meaning.tolist() == ["P, probability 93%", "QRS"]
    assert [tip["field"] for tip in names.to_dict()["encoding"]["tooltip"]] == ["meaning"]
