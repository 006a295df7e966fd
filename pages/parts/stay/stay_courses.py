"""From a stay and an explanation of it to what the charts draw."""

from collections.abc import Mapping, Sequence

import numpy as np

from backend.charts.stay.course import Course
from backend.explain.questions.feature_ranking import RankedFeature
from backend.explain.salience import Salience, max_by_source
from backend.models.bundle import Bundle
from backend.records.record import Record
from backend.records.stays import PARAMETERS
from backend.windows.base import distinct
from backend.windows.stay_windows import carry_forward, list_measurements, resample_hourly
from pages.parts.stay.parameter_names import LABELS

__all__ = ["by_weight", "courses_of"]


def courses_of(record: Record, bundle: Bundle, salience: Salience) -> dict[str, Course]:
    """Every parameter that was charted, by its name; its salience is NaN where the model does not read it."""
    read = distinct(bundle.window.sources)
    of_read = max_by_source(salience.values, bundle.window)
    values = carry_forward(resample_hourly(record))
    courses = {}
    for place, parameter in enumerate(PARAMETERS.values()):
        charted = list_measurements(record, parameter.name)
        if charted:
            courses[parameter.name] = Course(
                variable=parameter.name,
                label=LABELS[parameter.name],
                unit=parameter.unit,
                minutes=np.array([measurement.minute for measurement in charted]),
                measured=np.array([measurement.value for measurement in charted]),
                hourly=values[:, place],
                salience=_column(of_read, read, parameter.name),
                meanings=parameter.choices,
            )
    return courses


def _column(of_read: np.ndarray, read: Sequence[str], parameter: str) -> np.ndarray:
    return of_read[:, read.index(parameter)] if parameter in read else np.full(len(of_read), np.nan)


def by_weight(ranked: Sequence[RankedFeature], courses: Mapping[str, Course]) -> list[str]:
    """The charted parameters, those of most weight for or against the class first, those that are not read last."""
    order = [feature.variable for feature in sorted(ranked, key=lambda feature: -abs(feature.drop))]
    return [name for name in order if name in courses] + [name for name in courses if name not in order]
