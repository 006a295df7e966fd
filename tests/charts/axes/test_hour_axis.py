from backend.charts.axes.hour_axis import HourAxis


def test_the_axis_runs_from_admission_to_the_last_hour_with_a_tick_every_six():
    encoding = HourAxis(48, 960).labelled_x().to_dict()
    assert encoding["scale"]["domain"] == [0, 48]
    assert encoding["axis"]["values"] == [0, 6, 12, 18, 24, 30, 36, 42, 48]
    assert encoding["axis"]["title"].startswith("hours since ICU admission")


def test_all_hours_are_equally_wide():
    assert HourAxis(48, 960).px_per_hour == 20
