"""What was understood of an uploaded file, and its correction."""

from collections.abc import Callable, Sequence

import streamlit as st

from backend.records.channels.leads import ecg_leads
from backend.records.record import Record
from backend.records.stays import is_stay
from backend.records.understanding import Stated
from pages.parts.app.plain_text import as_plain
from pages.parts.sidebar import sidebar_text

__all__ = ["ask_unit", "show_understanding"]

_UNITS = (sidebar_text.AS_STATED, "mV", "uV", "nV", "V")
_MOST_LISTED = 6


def show_understanding(record: Record, stated: Stated, correct: Callable[[Stated], None] | None) -> None:
    """Draw what was understood of a file, unfolded if there is something to notice.

    Parameters
    ----------
    correct : callable or None
        Called with what the person states instead; None where the files are not kept.
    """
    understood = record.understanding
    with st.expander(sidebar_text.UNDERSTOOD, expanded=bool(understood.notices), icon=":material/fact_check:"):
        st.caption("  \n".join(f"**{name}:** {as_plain(value)}" for name, value in _lines(record)))
        for notice in understood.notices:
            st.warning(as_plain(notice))
        if correct is not None and not is_stay(record):
            with st.popover("Correct", icon=":material/edit:", width="stretch"):
                _ask_for_correction(record, stated, correct)


def _lines(record: Record) -> list[tuple[str, str]]:
    understood = record.understanding
    lines = [("Format", understood.format or "not stated")]
    if is_stay(record):
        lines.append(("Times", understood.rate_from))
    else:
        lines += [
            ("Sampling rate", f"{record.sampling_rate:g} Hz{_from(understood.rate_from)}"),
            ("Unit", f"{_units(record)}{_from(understood.unit_from)}"),
            ("ECG leads", f"{_listed(ecg_leads(record))}{_from(understood.leads_from)}"),
        ]
        others = [channel.name for channel in record.channels if not channel.is_lead]
        lines += [("Other signals", _listed(others))] if others else []
    if understood.gaps:
        lines.append(("Gaps", _listed([f"{start:.1f}\u2013{end:.1f} s" for start, end in understood.gaps])))
    if understood.ignored:
        lines.append(("Left out", _listed([f"{name} ({reason})" for name, reason in understood.ignored])))
    return lines


def _from(source: str) -> str:
    return f" ({source})" if source else ""


def _units(record: Record) -> str:
    units = dict.fromkeys(channel.unit for channel in record.channels if channel.is_lead)
    return ", ".join(unit or "not stated" for unit in units)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
    return ", ".join(names[:_MOST_LISTED]) + more


def _ask_for_correction(record: Record, stated: Stated, correct: Callable[[Stated], None]) -> None:
    with st.form("correction", border=False):
        rate = st.number_input(
            "Correct rate (Hz)", 50.0, 5000.0, stated.sampling_rate, placeholder=sidebar_text.AS_STATED
        )
        unit = ask_unit("Correct unit", stated.unit)
        n_exams = record.understanding.n_exams
        exam = st.number_input("Exam", 1, n_exams, stated.exam or 1) if n_exams > 1 else None
        leads = list(ecg_leads(record))
        names = [channel.name for channel in record.channels]
        names += [name for name, _ in record.understanding.ignored if name not in names]
        chosen = st.multiselect("Correct ECG leads", names, leads)
        if st.form_submit_button("Open again", width="stretch"):
            own = stated.leads if chosen == leads else tuple(chosen) or None
            correct(Stated(rate, unit, own, exam))


def ask_unit(label: str, stated: str | None) -> str | None:
    """Draw a choice of the unit of the ECG, and return it; None is as in the file."""
    unit = st.selectbox(label, _UNITS, _UNITS.index(stated) if stated in _UNITS else 0)
    return None if unit == sidebar_text.AS_STATED else unit
