"""The lanes of a bedside monitor from a record, and the rows of features from a window."""

import re

import numpy as np

from backend.charts.alarm.feature_rows import FeatureRow
from backend.charts.alarm.monitor_lanes import MonitorLane
from backend.records.channels.sensors import find_sensors
from backend.windows.alarms.rhythm_features import FASTEST_PER_MIN, LONGEST_S, SLOWEST_PER_MIN
from pages.parts.alarm.alarm_result import AlarmResult
from pages.parts.alarm.alarm_what_if import Deletion
from pages.parts.alarm.monitor_colours import colour_of

__all__ = ["column_rows", "lanes", "minute_before_s"]

_CONTEXT_S = 60.0
_SO_FAR = re.compile(r"(maximum|minimum|mean) so far: ")
_MISSING = {"ECG 1": "ECG", "ECG 2": "second ECG lead"}
"""What a record lacks, where the name of the sensor would not say it."""

_RECENT_S = 2.0
_WITHOUT_UNIT = ("1", "0 or 1", "")


def minute_before_s(result: AlarmResult) -> float:
    """How much of the minute before the alarm the record holds, in seconds."""
    return min(_CONTEXT_S, result.alarm.sample / result.reading.record.sampling_rate)


def lanes(result: AlarmResult, deletion: Deletion | None) -> dict[str, MonitorLane]:
    """The lane of each sensor, from the top; those that the record lacks say so."""
    channels = find_sensors(result.reading.record)
    return {
        sensor: MonitorLane(_MISSING.get(sensor, sensor), colour_of(sensor))
        if channel is None
        else _lane(result, sensor, channel, deletion)
        for sensor, channel in channels.items()
    }


def _lane(result: AlarmResult, sensor: str, channel: int, deletion: Deletion | None) -> MonitorLane:
    record, last = result.reading.record, result.alarm.sample
    first = max(0, last - round(_CONTEXT_S * record.sampling_rate))
    return MonitorLane(
        name=result.names.get(sensor, sensor),
        colour=colour_of(sensor),
        signal=record.signals[first : last + 1, channel],
        unit=record.channels[channel].unit,
        sampling_rate=record.sampling_rate,
        start_s=(first - last) / record.sampling_rate,
        **_reading(result, sensor),
        deleted_s=None if deletion is None or sensor not in deletion.sources else deletion.seconds(result),
    )


def _reading(result: AlarmResult, sensor: str) -> dict[str, str]:
    """Return the figure beside a lane at the alarm: a pressure or a rate, as the model reads it."""
    systolic, pulse = (_last(result, f"{what} pressure of {sensor}") for what in ("systolic", "pulse"))
    rate = _last(result, f"rate over 4 intervals from {sensor}")
    if np.isfinite(systolic):
        since_s = _last(result, f"seconds since a beat in {sensor}")
        return {"reading": f"{systolic:.0f}/{systolic - pulse:.0f} mmHg", "note": f"last pulse{_ago(since_s)}"}
    return {"reading": f"{_bounded(rate)} bpm", "note": "last 4 intervals"} if np.isfinite(rate) else {}


def _bounded(rate: float) -> str:
    """Return a rate, at the ends of its range as a bound."""
    if rate < 1.01 * SLOWEST_PER_MIN:
        return f"below {SLOWEST_PER_MIN:.0f}"
    return f"above {FASTEST_PER_MIN:.0f}" if rate > 0.99 * FASTEST_PER_MIN else f"{rate:.0f}"


def _ago(since_s: float) -> str:
    """Return how long ago the last pulse was, if it was not just now."""
    if since_s < _RECENT_S:
        return ""
    return f", over {LONGEST_S:.0f} s ago" if since_s > 0.99 * LONGEST_S else f", {since_s:.0f} s ago"


def _last(result: AlarmResult, variable: str) -> float:
    """Return the last value of a feature, in its unit; NaN without one."""
    names = result.bundle.window.variables
    if variable not in names:
        return np.nan
    return float(result.window.in_units(result.classified.window_of(0))[-1, names.index(variable)])


def column_rows(result: AlarmResult, source: str) -> list[FeatureRow]:
    """Return the features of one source in physical units; a feature's summaries share its row."""
    window = result.window
    values = window.in_units(result.classified.window_of(0))
    of_source = [index for index, name in enumerate(window.sources) if name == source]
    rows: dict[str, list[int]] = {}
    for index in of_source:
        rows.setdefault(_SO_FAR.sub("", window.variables[index]), []).append(index)
    return [
        FeatureRow(
            _feature_title(name, source, window.units[indices[0]]),
            colour_of(source),
            values[:, indices[0]],
            [values[:, index] for index in indices[1:]],
        )
        for name, indices in rows.items()
    ]


def _feature_title(name: str, source: str, unit: str) -> str:
    """Return a feature's name with its unit and without its sensor, which is above the rows."""
    short = re.sub(rf" (in|of|from) {re.escape(source)}$", "", name).removeprefix(f"{source} ")
    return short if unit in _WITHOUT_UNIT else f"{short} ({unit})"
