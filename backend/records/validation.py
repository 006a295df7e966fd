"""Checks that every record passes, whatever its file format."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from backend.records.channels.heartbeats import EXAMINED_S
from backend.records.channels.lead_decision import BY_HEARTBEATS, BY_NAMES, decide_leads, list_channels
from backend.records.channels.sensors import is_arterial_pressure, is_pulse_wave
from backend.records.channels.units import millivolts_per, mmhg_per
from backend.records.record import Annotations, Channel, Record, RecordRefused, compute_digest
from backend.records.understanding import Stated, Understanding

__all__ = [
    "HIGHEST_RATE_HZ",
    "LOWEST_RATE_HZ",
    "SHORTEST_RECORD_S",
    "check_sampling_rate",
    "check_size",
    "validate_record",
]

LOWEST_RATE_HZ = 50
HIGHEST_RATE_HZ = 5000
SHORTEST_RECORD_S = 3

_MOST_VALUES = 2**28  # 1 GiB as float32: a day of twelve leads at 250 Hz
_GROWTH = 4
_SLACK_BYTES = 100 * 2**20
_MOST_CHANNELS = 256
# Electrode offsets reach about 300 mV; ten volts imply a wrong gain or unit, and risk overflow later.
_HIGHEST_MV = 10_000
_HIGHEST_VALUE = 1e12


def check_sampling_rate(name: str, sampling_rate: float) -> None:
    """Refuse a sampling rate outside the supported range.

    Raises
    ------
    RecordRefused
        Unless 50 Hz <= ``sampling_rate`` <= 5000 Hz.
    """
    if not (math.isfinite(sampling_rate) and LOWEST_RATE_HZ <= sampling_rate <= HIGHEST_RATE_HZ):
        raise RecordRefused(
            f"{name} has a sampling rate of {sampling_rate:g} Hz; Beatlight reads {LOWEST_RATE_HZ} to "
            f"{HIGHEST_RATE_HZ} Hz. Correct the rate, or resample the record."
        )


def check_size(name: str, n_samples: int, n_channels: int, input_bytes: int) -> None:
    """Refuse a record whose signals would be too large, before memory is allocated for them.

    Parameters
    ----------
    n_samples, n_channels : int
        Shape of the signals.
    input_bytes : int
        Actual size of their files.

    Raises
    ------
    RecordRefused
        If the record has no samples, too many channels, more than a day of twelve leads, or more samples than the files
        can hold (4 bytes in memory per byte on disk, and 100 MiB for gaps and compression).
    """
    if n_samples < 1 or n_channels < 1:
        raise RecordRefused(f"{name} has no samples. Choose another file.")
    if n_channels > _MOST_CHANNELS:
        raise RecordRefused(f"{name} claims {n_channels} channels, so it is damaged. Get the file again.")
    n_values = n_samples * n_channels
    if n_values > _MOST_VALUES:
        raise RecordRefused(
            f"{name} claims {n_samples:,} samples of {n_channels} channels, too many to hold. Split the record."
        )
    if n_values * 4 > _GROWTH * input_bytes + _SLACK_BYTES:
        raise RecordRefused(
            f"{name} claims {n_samples:,} samples of {n_channels} channels, but its files hold only "
            f"{input_bytes:,} bytes. Get the files again, or cut the record into pieces."
        )


def validate_record(
    name: str,
    signals: np.ndarray,
    sampling_rate: float,
    channels: Sequence[Channel],
    annotations: Mapping[str, Annotations],
    source: str = "file",
    *,
    stated: Stated | None = None,
    understanding: Understanding | None = None,
) -> Record:
    """Return the `Record` of some signals if it is usable; arterial pressures are converted to mmHg.

    Parameters
    ----------
    signals : float32 array, shape = (n_samples, n_channels)
        ECG leads in mV.
    channels : sequence of Channel
        Leads as the reader decided; see `decide_leads` for what is stated and what is in doubt.
    stated : Stated, optional
    understanding : Understanding, optional

    Raises
    ------
    RecordRefused
        If the sampling rate is outside 50 to 5000 Hz, the record has no ECG lead or is shorter than 3 s, values are
        infinite or implausible, or ECG leads, arterial pressure and pulse are only gaps and flat lines. Flat ECG leads
        with a pulse are accepted, as an alarm can be judged from them.
    """
    check_sampling_rate(name, sampling_rate)
    stated, understanding = stated or Stated(), understanding or Understanding()
    n_examined = round(EXAMINED_S * sampling_rate)
    named, leads_from = decide_leads(name, channels, stated, lambda index: (signals[:n_examined, index], sampling_rate))
    if leads_from == BY_NAMES:
        leads_from = understanding.leads_from
    leads = [index for index, channel in enumerate(named) if channel.is_lead]
    duration_s = len(signals) / sampling_rate
    if duration_s < SHORTEST_RECORD_S:
        raise RecordRefused(
            f"{name} lasts {duration_s:.2g} s; at least {SHORTEST_RECORD_S} s are needed. Choose a longer record."
        )
    ranges = [_finite_range(signals[:, index]) for index in leads]
    for index, (lowest, highest) in zip(leads, ranges, strict=True):
        _check_amplitude(name, named[index], lowest, highest)
    for index, channel in enumerate(named):
        if not channel.is_lead:
            _check_finite(name, channel, signals[:, index])
    pulses = [_finite_range(signals[:, index]) for index, channel in enumerate(named) if is_pulse_wave(channel)]
    if not any(highest > lowest for lowest, highest in ranges + pulses):
        raise RecordRefused(f"{name} has only gaps and flat lines in its ECG leads. Choose another record.")
    signals, named = _with_stated_unit(signals, named, stated.unit)
    signals, named = _with_mmhg(signals, named)
    understanding = replace(understanding, leads_from=leads_from)
    return Record(
        name=name,
        signals=signals,
        sampling_rate=float(sampling_rate),
        channels=named,
        annotations=dict(annotations),
        digest=compute_digest(signals, sampling_rate, named, annotations),
        source=source,
        understanding=replace(understanding, notices=(*understanding.notices, *_lead_notices(named, leads_from))),
    )


def _with_stated_unit(
    signals: np.ndarray, channels: tuple[Channel, ...], unit: str | None
) -> tuple[np.ndarray, tuple[Channel, ...]]:
    """Return signals and channels with the leads without a unit in mV, if a person stated it."""
    factor = millivolts_per(unit or "")
    if factor is None:
        return signals, channels
    is_without = [channel.is_lead and millivolts_per(channel.unit) is None for channel in channels]
    factors = np.where(is_without, factor, 1.0).astype(np.float32)
    named = tuple(
        replace(channel, unit="mV") if own else channel for channel, own in zip(channels, is_without, strict=True)
    )
    return (signals * factors if any(is_without) else signals), named


def _lead_notices(channels: Sequence[Channel], leads_from: str) -> list[str]:
    """Return what a reader should know of the leads."""
    leads = [channel for channel in channels if channel.is_lead]
    notices = []
    if leads_from == BY_HEARTBEATS:
        notices.append(f"No channel is named as an ECG; {list_channels(leads)} shows heartbeats and is read as one.")
    without_unit = [lead for lead in leads if millivolts_per(lead.unit) is None]
    if without_unit:
        notices.append(f"The unit of {list_channels(without_unit)} is not stated; its amplitudes may be wrong.")
    return notices


def _with_mmhg(signals: np.ndarray, channels: tuple[Channel, ...]) -> tuple[np.ndarray, tuple[Channel, ...]]:
    """Return signals and channels with arterial pressures in mmHg; other units are unchanged."""
    factors = [(mmhg_per(channel.unit) or 1.0) if is_arterial_pressure(channel) else 1.0 for channel in channels]
    if all(factor == 1.0 for factor in factors):
        return signals, channels
    units = [channel.unit if factor == 1.0 else "mmHg" for channel, factor in zip(channels, factors, strict=True)]
    converted = tuple(replace(channel, unit=unit) for channel, unit in zip(channels, units, strict=True))
    return signals * np.array(factors, dtype=np.float32), converted


def _finite_range(signal: np.ndarray) -> tuple[float, float]:
    """Return the minimum and maximum without NaN; NaN twice if there is nothing else."""
    return float(np.fmin.reduce(signal)), float(np.fmax.reduce(signal))


def _check_finite(name: str, channel: Channel, signal: np.ndarray) -> None:
    """Refuse a signal beside the ECG whose values only a wrong gain explains."""
    extreme = float(np.fmax.reduce(np.abs(signal)))
    if extreme > _HIGHEST_VALUE:
        raise RecordRefused(
            f"Channel {channel.name} of {name} reaches {extreme:.3g} {channel.unit}, which no sensor gives. "
            "Correct its gain or unit."
        )


def _check_amplitude(name: str, channel: Channel, lowest: float, highest: float) -> None:
    extreme = max(abs(lowest), abs(highest))
    if math.isinf(extreme) or (millivolts_per(channel.unit) and extreme > _HIGHEST_MV):
        raise RecordRefused(
            f"Lead {channel.name} of {name} reaches {extreme:.3g} {channel.unit}, which no electrode gives. "
            f"Correct its gain or unit."
        )
