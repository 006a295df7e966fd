"""What every record must be before anything else of Beatlight sees it, whatever file it came from."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from backend.records.channels.leads import is_ecg_lead
from backend.records.channels.sensors import is_arterial_pressure, is_pulse_wave
from backend.records.channels.units import millivolts_per, mmhg_per
from backend.records.record import Annotations, Channel, Record, RecordRefused, digest_of

__all__ = [
    "HIGHEST_RATE_HZ",
    "LOWEST_RATE_HZ",
    "SHORTEST_RECORD_S",
    "admitted",
    "check_sampling_rate",
    "check_size",
]

LOWEST_RATE_HZ = 50
HIGHEST_RATE_HZ = 5000
SHORTEST_RECORD_S = 3

_MOST_VALUES = 2**28  # 1 GiB as float32: a day of twelve leads at 250 Hz
_GROWTH = 4
_SLACK_BYTES = 100 * 2**20
_MOST_CHANNELS = 256
# Electrode offsets reach some 300 mV; ten volts is a wrong gain or unit, and a risk of overflow further on.
_HIGHEST_MV = 10_000


def check_sampling_rate(name: str, sampling_rate: float) -> None:
    """Refuse a sampling rate at which no ECG can be read.

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
    """Refuse a record whose signals would not fit, before any memory is taken for them.

    Parameters
    ----------
    n_samples, n_channels : int
        The shape that the signals would have.
    input_bytes : int
        Real size of the files that are said to hold them.

    Raises
    ------
    RecordRefused
        If there are no samples, more channels than any ECG has, more than a day of twelve leads, or more than the
        files can hold (4 bytes in memory for each byte on disk, and 100 MiB for gaps and compression).
    """
    if n_samples < 1 or n_channels < 1:
        raise RecordRefused(f"{name} holds no samples; check that the right file was chosen.")
    if n_channels > _MOST_CHANNELS:
        raise RecordRefused(f"{name} claims {n_channels} channels, more than any ECG has; the file is damaged.")
    n_values = n_samples * n_channels
    if n_values > _MOST_VALUES:
        raise RecordRefused(
            f"{name} claims {n_samples:,} samples of {n_channels} channels, too many to hold; cut it into pieces."
        )
    if n_values * 4 > _GROWTH * input_bytes + _SLACK_BYTES:
        raise RecordRefused(
            f"{name} claims {n_samples:,} samples of {n_channels} channels, but its files hold only "
            f"{input_bytes:,} bytes; get the files again, or cut the record into pieces."
        )


def admitted(
    name: str,
    signals: np.ndarray,
    sampling_rate: float,
    channels: Sequence[Channel],
    annotations: Mapping[str, Annotations],
    source: str = "file",
) -> Record:
    """Make a `Record` of what a reader has read, if it is an ECG that Beatlight can work with.

    An arterial pressure in kPa or another unit of pressure becomes one in mmHg.

    Parameters
    ----------
    signals : float32 array, shape = (n_samples, n_channels)
        ECG leads in mV.

    Raises
    ------
    RecordRefused
        For a sampling rate outside 50 to 5000 Hz, no ECG lead, less than 3 s, infinite or impossibly large values,
        or nothing but gaps and flat lines in its ECG leads, arterial pressure and pulse. A record whose ECG leads
        are all flat while the pulse lives is one that an alarm may be judged from.
    """
    check_sampling_rate(name, sampling_rate)
    named = _told_apart(channels)
    leads = [index for index, channel in enumerate(named) if is_ecg_lead(channel)]
    if not leads:
        held = ", ".join(channel.name for channel in named)
        raise RecordRefused(
            f"{name} has no ECG lead, only {held}; choose a record with an ECG, "
            f"or name its lead (II, V1, ECG) in the file."
        )
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
        raise RecordRefused(
            f"{name} holds nothing but gaps and flat lines in its ECG leads; check the recording and choose another."
        )
    signals, named = _with_mmhg(signals, named)
    return Record(
        name=name,
        signals=signals,
        sampling_rate=float(sampling_rate),
        channels=named,
        annotations=dict(annotations),
        digest=digest_of(signals, sampling_rate, named, annotations),
        source=source,
    )


def _with_mmhg(signals: np.ndarray, channels: tuple[Channel, ...]) -> tuple[np.ndarray, tuple[Channel, ...]]:
    """The same with arterial pressures in mmHg; units that are no pressure stay as they are."""
    factors = [(mmhg_per(channel.unit) or 1.0) if is_arterial_pressure(channel) else 1.0 for channel in channels]
    if all(factor == 1.0 for factor in factors):
        return signals, channels
    units = [channel.unit if factor == 1.0 else "mmHg" for channel, factor in zip(channels, factors, strict=True)]
    converted = tuple(Channel(channel.name, unit) for channel, unit in zip(channels, units, strict=True))
    return signals * np.array(factors, dtype=np.float32), converted


def _told_apart(channels: Sequence[Channel]) -> tuple[Channel, ...]:
    """Number the later ones of channels that share a name, because leads are chosen by name."""
    taken: set[str] = set()
    named = []
    for channel in channels:
        name, count = channel.name, 1
        while name.casefold() in taken:
            count += 1
            name = f"{channel.name} ({count})"
        taken.add(name.casefold())
        named.append(Channel(name, channel.unit))
    return tuple(named)


def _finite_range(signal: np.ndarray) -> tuple[float, float]:
    """Lowest and highest value, NaN left out; NaN twice when there is nothing else."""
    return float(np.fmin.reduce(signal)), float(np.fmax.reduce(signal))


def _check_amplitude(name: str, channel: Channel, lowest: float, highest: float) -> None:
    extreme = max(abs(lowest), abs(highest))
    if math.isinf(extreme) or (millivolts_per(channel.unit) and extreme > _HIGHEST_MV):
        raise RecordRefused(
            f"Lead {channel.name} of {name} reaches {extreme:.3g} {channel.unit}, which no electrode gives; "
            f"correct its gain or unit."
        )
