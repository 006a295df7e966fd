"""The windows that a network reads of labelled alarms, with or without random augmentation."""

from dataclasses import dataclass

import numpy as np

from backend.models.training.alarms.labelled_alarms import ALARM_CLASSES, MARGIN_STEPS, LabelledAlarms
from backend.models.training.examples import Examples
from backend.records.alarms import ALARM_KINDS
from backend.records.channels.sensors import ECG_SENSORS, SENSORS
from backend.windows.alarms.alarm_windows import BASE_SENSORS, complete_columns

__all__ = ["AlarmAugmentation", "alarm_examples", "augment", "compose_inputs"]

_RESPIRATION = SENSORS.index("RESP")
_FIRST_LEAD, _SECOND_LEAD = (SENSORS.index(sensor) for sensor in ECG_SENSORS)


@dataclass(frozen=True)
class AlarmAugmentation:
    """Parameters of the random augmentation of training alarms; part of the card.

    Attributes
    ----------
    shift_steps : int
        The window begins up to this many steps earlier.
    noise : float
        Standard deviation of the noise on each feature at each step, in standard deviations of the feature.
    offset : float
        The same for noise that is constant over a window, as another gain or another patient would give.
    sensor_dropout : float
        Probability that a sensor is missing; one that shows the heart is always kept.
    swap : float
        Probability that the two ECG leads are exchanged.
    together_dropout, type_dropout : float
        Probability that the features that combine sensors, and the alarm's type, are missing.
    """

    shift_steps: int = 4
    noise: float = 0.1
    offset: float = 0.15
    sensor_dropout: float = 0.1
    swap: float = 0.2
    together_dropout: float = 0.05
    type_dropout: float = 0.03


def compose_inputs(alarms: LabelledAlarms) -> np.ndarray:
    """Return the windows without augmentation, float32, shape = (n, T, D); the same as those of ``cut_alarms``."""
    n, steps = len(alarms), alarms.base.shape[1] - MARGIN_STEPS
    return _complete(
        alarms.base[:, -steps:], alarms.is_there[:, -steps:], _one_hot(alarms.kinds), np.zeros(n, dtype=bool)
    )


def augment(alarms: LabelledAlarms, augmentation: AlarmAugmentation, rng: np.random.Generator) -> np.ndarray:
    """Return randomly augmented windows, float32, shape = (n, T, D)."""
    n, steps = len(alarms), alarms.base.shape[1] - MARGIN_STEPS
    first = MARGIN_STEPS - rng.integers(0, augmentation.shift_steps + 1, n)
    rows = first[:, np.newaxis] + np.arange(steps)
    base = np.take_along_axis(alarms.base, rows[:, :, np.newaxis], axis=1)
    is_there = np.take_along_axis(alarms.is_there, rows[:, :, np.newaxis], axis=1)
    base, is_there = _swap_leads(base, is_there, rng.random(n) < augmentation.swap)
    is_dropped = _draw_dropped_sensors(np.logical_or.reduce(is_there, axis=1), augmentation.sensor_dropout, rng)
    base = base + augmentation.noise * rng.standard_normal(base.shape, dtype=np.float32)
    base += augmentation.offset * rng.standard_normal((n, 1, base.shape[2]), dtype=np.float32)
    kinds = _one_hot(alarms.kinds) * (rng.random(n) >= augmentation.type_dropout)[:, np.newaxis]
    is_apart = rng.random(n) < augmentation.together_dropout
    return _complete(base, is_there & ~is_dropped[:, np.newaxis], kinds, is_apart)


def alarm_examples(alarms: LabelledAlarms, augmentation: AlarmAugmentation) -> Examples:
    """Return the alarms, augmented, as the training loop takes them."""
    return Examples.of_targets(
        alarms.targets, len(ALARM_CLASSES), lambda indices, rng: augment(alarms.select(indices), augmentation, rng)
    )


def _one_hot(kinds: np.ndarray) -> np.ndarray:
    return np.eye(len(ALARM_KINDS), dtype=np.float32)[kinds]


def _complete(base: np.ndarray, is_there: np.ndarray, kinds: np.ndarray, is_apart: np.ndarray) -> np.ndarray:
    """Add the columns that follow from the features; those that combine sensors are missing where ``is_apart``."""
    steps = base.shape[1]
    return complete_columns(
        base,
        is_there,
        np.repeat(kinds[:, np.newaxis], steps, axis=1),
        np.repeat(is_apart[:, np.newaxis], steps, axis=1),
    )


def _swap_leads(base: np.ndarray, is_there: np.ndarray, is_swapped: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    order = np.arange(base.shape[2])
    first, second = (np.flatnonzero(np.equal(BASE_SENSORS, lead)) for lead in (_FIRST_LEAD, _SECOND_LEAD))
    order[first], order[second] = second, first
    sensor_order = np.arange(len(SENSORS))
    sensor_order[[_FIRST_LEAD, _SECOND_LEAD]] = _SECOND_LEAD, _FIRST_LEAD
    swapped = is_swapped[:, np.newaxis, np.newaxis]
    return np.where(swapped, base[:, :, order], base), np.where(swapped, is_there[:, :, sensor_order], is_there)


def _draw_dropped_sensors(has_sensor: np.ndarray, chance: float, rng: np.random.Generator) -> np.ndarray:
    """Return which sensors (n, n_sensors) are dropped; none where no sensor of the heart would be left."""
    is_dropped = rng.random(has_sensor.shape) < chance
    is_left = has_sensor & ~is_dropped
    is_left[:, _RESPIRATION] = False
    return is_dropped & np.logical_or.reduce(is_left, axis=1, keepdims=True)
