"""Which channels of a record are ECG leads, and which lead to use by default."""

from collections.abc import Iterable

import numpy as np

from backend.records.channels.lead_names import bare_lead, is_lead_name
from backend.records.record import Record, RecordRefused
from backend.records.stays import is_stay

__all__ = ["bare_lead", "choose_lead", "ecg_leads", "is_lead_name"]

# II first, as in the training of the models; then leads with a similar axis.
_FIRST_CHOICE = ("MLII", "II", "DII", "D2", "I", "MLI", "V5", "ML5", "CM5", "CC5", "V4", "V6", "ECG", "EKG", "ECG1")


def ecg_leads(record: Record) -> tuple[str, ...]:
    """Return the names of the ECG leads of a record, in its order."""
    return tuple(channel.name for channel in record.channels if channel.is_lead)


def choose_lead(record: Record, wanted: str | None = None) -> str:
    """Return the requested ECG lead, by default MLII or II, else the most similar one.

    Parameters
    ----------
    wanted : str, optional
        Name of a lead in any case; ``II`` also matches ``Lead II`` and ``ECG II``.

    Returns
    -------
    str
        The lead's name as the record writes it.

    Raises
    ------
    RecordRefused
        If the record has no such ECG lead; the message lists its leads.
    """
    if is_stay(record):
        raise RecordRefused(
            f"{record.name} is an ICU stay (charted values) and has no ECG. "
            "Choose a record with an ECG, or the model icu-mortality."
        )
    leads = ecg_leads(record)
    if wanted is not None:
        return _find_lead(record, leads, wanted)
    if not leads:
        raise RecordRefused(f"{record.name} has no ECG lead. Choose a record with an ECG.")
    with_signal = [lead for lead in leads if _has_signal(record, lead)]
    return _preferred(with_signal or leads, _FIRST_CHOICE)


def _find_lead(record: Record, leads: Iterable[str], wanted: str) -> str:
    exact = [lead for lead in leads if lead.casefold() == wanted.strip().casefold()]
    similar = [lead for lead in leads if bare_lead(lead) == bare_lead(wanted)]
    if not exact + similar:
        raise RecordRefused(f"{record.name} has no ECG lead {wanted!r}. Choose one of {', '.join(leads)}.")
    return (exact + similar)[0]


def _preferred(leads: Iterable[str], order: tuple[str, ...]) -> str:
    """Return the lead that comes first in ``order``, else the first lead of the record."""
    ranks = {bare_lead(name): rank for rank, name in reversed(list(enumerate(order)))}
    return min(leads, key=lambda lead: ranks.get(bare_lead(lead), len(order)))


def _has_signal(record: Record, lead: str) -> bool:
    signal = record.signals[:, record.channel_index(lead)]
    return bool(np.fmax.reduce(signal) > np.fmin.reduce(signal))
