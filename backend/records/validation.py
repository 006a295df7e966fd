"""Checks that every record passes, whatever its file format."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from backend.records.channels.lead_names import is_lead_by_name, is_other_name
from backend.records.channels.sensors import is_arterial_pressure, is_pulse_wave
from backend.records.channels.units import millivolts_per, mmhg_per
from backend.records.record import Annotations, Channel, LeadsInDoubt, Record, RecordRefused, compute_digest
from backend.records.understanding import Candidate, Stated, Understanding

__all__ = [
    "HIGHEST_RATE_HZ",
    "LOWEST_RATE_HZ",
    "SHORTEST_RECORD_S",
    "check_sampling_rate",
    "check_size",
    "decide_leads",
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
_PREVIEW_S = 10
_MOST_LISTED = 20
_LONGEST_LISTED_NAME = 40


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
    named, leads_from = decide_leads(name, signals, sampling_rate, _with_unique_names(channels), stated or Stated())
    leads = [index for index, channel in enumerate(named) if channel.is_lead]
    duration_s = len(signals) / sampling_rate
    if duration_s < SHORTEST_RECORD_S:
        raise RecordRefused(
            f"{name} lasts {duration_s:.2g} s; at least {SHORTEST_RECORD_S} s are needed. Choose a longer record."
        )
    ranges = [_finite_range(signals[:, index]) for index in leads]
    for index, (lowest, highest) in zip(leads, ranges, strict=True):
        _check_amplitude(name, named[index], lowest, highest)
    pulses = [_finite_range(signals[:, index]) for index, channel in enumerate(named) if is_pulse_wave(channel)]
    if not any(highest > lowest for lowest, highest in ranges + pulses):
        raise RecordRefused(f"{name} has only gaps and flat lines in its ECG leads. Choose another record.")
    signals, named = _with_mmhg(signals, named)
    return Record(
        name=name,
        signals=signals,
        sampling_rate=float(sampling_rate),
        channels=named,
        annotations=dict(annotations),
        digest=compute_digest(signals, sampling_rate, named, annotations),
        source=source,
        understanding=replace(understanding or Understanding(), leads_from=leads_from),
    )


def decide_leads(
    name: str, signals: np.ndarray, sampling_rate: float, channels: Sequence[Channel], stated: Stated
) -> tuple[tuple[Channel, ...], str]:
    """Return the channels with their leads, and from what these are known.

    Stated leads take precedence over those of the reader.

    Raises
    ------
    LeadsInDoubt
        If no channel is a lead, but the names of some do not say what they are.
    RecordRefused
        If a stated lead does not exist, or every channel is another signal.
    """
    if stated.leads is not None:
        return _as_stated(name, channels, stated.leads), "stated"
    if any(channel.is_lead for channel in channels):
        return tuple(channels), "names"
    unclear = [index for index, channel in enumerate(channels) if _may_be_lead(channel)]
    unclear = [index for index in unclear if np.ptp(_finite_range(signals[:, index])) > 0]
    if not unclear:
        raise RecordRefused(
            f"{name} has no ECG lead, only {_listed(channels)}. "
            "Choose a record with an ECG, or name its lead (II, V1, ECG) in the file."
        )
    n_preview = round(_PREVIEW_S * sampling_rate)
    raise LeadsInDoubt(
        name,
        tuple(
            Candidate(channels[index].name, channels[index].unit, sampling_rate, np.array(signals[:n_preview, index]))
            for index in unclear
        ),
    )


def _as_stated(name: str, channels: Sequence[Channel], leads: Sequence[str]) -> tuple[Channel, ...]:
    known = {channel.name.casefold() for channel in channels}
    unknown = next((lead for lead in leads if lead.casefold() not in known), None)
    if unknown is not None or not leads:
        raise RecordRefused(f"{name} has no channel {unknown!r}. Choose among {_listed(channels)}.")
    wanted = {lead.casefold() for lead in leads}
    return tuple(replace(channel, is_lead=channel.name.casefold() in wanted) for channel in channels)


def _may_be_lead(channel: Channel) -> bool:
    """Return whether neither name nor unit exclude an ECG."""
    return not is_other_name(channel.name) and is_lead_by_name("II", channel.unit)


def _listed(channels: Sequence[Channel]) -> str:
    names = [channel.name[:_LONGEST_LISTED_NAME] for channel in channels]
    more = f" and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
    return ", ".join(names[:_MOST_LISTED]) + more


def _with_mmhg(signals: np.ndarray, channels: tuple[Channel, ...]) -> tuple[np.ndarray, tuple[Channel, ...]]:
    """Return signals and channels with arterial pressures in mmHg; other units are unchanged."""
    factors = [(mmhg_per(channel.unit) or 1.0) if is_arterial_pressure(channel) else 1.0 for channel in channels]
    if all(factor == 1.0 for factor in factors):
        return signals, channels
    units = [channel.unit if factor == 1.0 else "mmHg" for channel, factor in zip(channels, factors, strict=True)]
    converted = tuple(replace(channel, unit=unit) for channel, unit in zip(channels, units, strict=True))
    return signals * np.array(factors, dtype=np.float32), converted


def _with_unique_names(channels: Sequence[Channel]) -> tuple[Channel, ...]:
    """Return the channels with unique names, numbered where they share one, as leads are chosen by name."""
    taken: set[str] = set()
    counts: dict[str, int] = {}
    named = []
    for channel in channels:
        name, folded = channel.name, channel.name.casefold()
        while name.casefold() in taken:
            # The count goes on from the last channel of this name, so that thousands of one name take linear time.
            counts[folded] = counts.get(folded, 1) + 1
            name = f"{channel.name} ({counts[folded]})"
        taken.add(name.casefold())
        named.append(replace(channel, name=name))
    return tuple(named)


def _finite_range(signal: np.ndarray) -> tuple[float, float]:
    """Return the minimum and maximum without NaN; NaN twice if there is nothing else."""
    return float(np.fmin.reduce(signal)), float(np.fmax.reduce(signal))


def _check_amplitude(name: str, channel: Channel, lowest: float, highest: float) -> None:
    extreme = max(abs(lowest), abs(highest))
    if math.isinf(extreme) or (millivolts_per(channel.unit) and extreme > _HIGHEST_MV):
        raise RecordRefused(
            f"Lead {channel.name} of {name} reaches {extreme:.3g} {channel.unit}, which no electrode gives. "
            f"Correct its gain or unit."
        )
