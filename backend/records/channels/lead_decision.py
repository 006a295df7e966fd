"""The decision which channels of a file are ECG leads: as stated, by their names, by their heartbeats, or by asking."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from backend.records.channels.heartbeats import shows_heartbeats
from backend.records.channels.lead_names import is_lead_by_name, is_other_name
from backend.records.record import Channel, LeadsInDoubt, RecordRefused
from backend.records.understanding import Candidate, Stated

__all__ = ["BY_HEARTBEATS", "BY_NAMES", "decide_leads", "list_channels", "with_unique_names"]

BY_NAMES, BY_HEARTBEATS, _BY_PERSON = "by name", "by heartbeats", "stated"

_PREVIEW_S = 10
_MOST_CANDIDATES = 24
_MOST_LISTED = 20
_LONGEST_LISTED_NAME = 40


def decide_leads(
    name: str, channels: Sequence[Channel], stated: Stated, examine: Callable[[int], tuple[np.ndarray, float]]
) -> tuple[tuple[Channel, ...], str]:
    """Return the channels, uniquely named and with their leads, and from what the leads are known.

    Stated leads take precedence over those of the reader. If there are none, channels whose names do not say what they
    are, and whose units do not exclude an ECG, are leads if they show heartbeats.

    Parameters
    ----------
    name : str
        Of the record.
    channels : sequence of Channel
        With leads as the reader decided, usually by name.
    stated : Stated
    examine : callable
        Called with the index of a channel; returns up to a minute of its values and its sampling rate in Hz.

    Raises
    ------
    LeadsInDoubt
        If it cannot be decided; it has the candidates.
    RecordRefused
        If a stated lead does not exist, or every channel is another signal.
    """
    channels = with_unique_names(channels)
    if stated.leads is not None:
        return _as_stated(name, channels, stated.leads), _BY_PERSON
    if any(channel.is_lead for channel in channels):
        return channels, BY_NAMES
    unclear = [index for index, channel in enumerate(channels) if _may_be_lead(channel)][:_MOST_CANDIDATES]
    examined = {index: examine(index) for index in unclear}
    examined = {index: own for index, own in examined.items() if _has_range(own[0])}
    if not examined:
        raise RecordRefused(
            f"{name} has no ECG lead, only {list_channels(channels)}. "
            "Choose a record with an ECG, or name its lead (II, V1, ECG) in the file."
        )
    found = {index for index, (signal, rate) in examined.items() if shows_heartbeats(signal, rate)}
    if found:
        return tuple(replace(own, is_lead=index in found) for index, own in enumerate(channels)), BY_HEARTBEATS
    raise LeadsInDoubt(name, tuple(_candidate(channels[index], *own) for index, own in examined.items()))


def with_unique_names(channels: Sequence[Channel]) -> tuple[Channel, ...]:
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


def list_channels(channels: Sequence[Channel]) -> str:
    """Return the names of channels for a sentence, the first 20 of many."""
    names = [channel.name[:_LONGEST_LISTED_NAME] for channel in channels]
    more = f" and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
    return ", ".join(names[:_MOST_LISTED]) + more


def _as_stated(name: str, channels: Sequence[Channel], leads: Sequence[str]) -> tuple[Channel, ...]:
    wanted = {lead.strip().casefold() for lead in leads}
    unknown = sorted(wanted - {channel.name.casefold() for channel in channels})
    if unknown or not wanted:
        raise RecordRefused(
            f"{name} has no channel {', '.join(unknown)[:60]!r}. Choose among {list_channels(channels)}."
        )
    return tuple(replace(channel, is_lead=channel.name.casefold() in wanted) for channel in channels)


def _may_be_lead(channel: Channel) -> bool:
    """Return whether neither name nor unit exclude an ECG."""
    return not is_other_name(channel.name) and is_lead_by_name("II", channel.unit)


def _has_range(signal: np.ndarray) -> bool:
    return bool(np.fmax.reduce(signal, initial=-np.inf) > np.fmin.reduce(signal, initial=np.inf))


def _candidate(channel: Channel, signal: np.ndarray, sampling_rate: float) -> Candidate:
    preview = np.array(signal[: round(_PREVIEW_S * sampling_rate)], dtype=np.float32)
    return Candidate(channel.name, channel.unit, sampling_rate, preview)
