"""Made-up traces and beats for the charts, and ways to ask a finished chart what it draws."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import vl_convert

from backend.charts.axes.ecg_paper import Trace
from backend.charts.ecg.beat_marks import BeatMarks

CLASSES = ("normal", "LBBB", "RBBB", "atrial premature", "PVC", "paced")


def made_up_trace(duration_s: float, name: str = "MLII", sampling_rate: float = 360.0, start_s: float = 0.0) -> Trace:
    """Spikes of 1.2 mV every 0.8 s on a slow wave."""
    times_s = start_s + np.arange(round(duration_s * sampling_rate)) / sampling_rate
    since_beat_s = (times_s + 0.4) % 0.8 - 0.4
    signal = 0.2 * np.sin(times_s) + 1.2 * np.exp(-((since_beat_s / 0.012) ** 2))
    return Trace(name, signal.astype(np.float32), sampling_rate, start_s)


def made_up_beats(duration_s: float) -> BeatMarks:
    """A beat every 0.8 s; every fourth is a PVC to the model, every eighth one to the reference."""
    times_s = np.arange(0.8, duration_s, 0.8)
    numbers = np.arange(len(times_s))
    labels = tuple("PVC" if number % 4 == 3 else "normal" for number in numbers)
    references = tuple("PVC" if number % 8 == 3 else "normal" for number in numbers)
    return BeatMarks(numbers, times_s, labels, references)


def rows(spec: dict[str, Any], layer: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows that a layer draws."""
    return spec["datasets"][layer.get("data", spec.get("data"))["name"]]


def layers_with(spec: dict[str, Any], mark: str, *channels: str) -> Iterator[dict[str, Any]]:
    """The layers of this mark that use all these channels."""
    for layer in spec["layer"]:
        if layer["mark"]["type"] == mark and set(channels) <= set(layer["encoding"]):
            yield layer


def size_px(chart: Any) -> tuple[float, float]:
    """Width and height of the whole picture, axes and legends included."""
    svg = vl_convert.vegalite_to_svg(chart.to_dict())
    width, height = re.search(r'<svg[^>]* width="([\d.]+)" height="([\d.]+)"', svg).groups()
    return float(width), float(height)


def px_per_unit(encoding: dict[str, Any], span_px: float | None = None) -> float:
    """Pixels for one unit of a linear scale whose domain is stated."""
    low, high = encoding["scale"]["domain"]
    first, last = encoding["scale"].get("range", (0, span_px))
    return abs(last - first) / (high - low)
