"""Reading of stays: charted values in long or wide tables."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from backend.records.formats.sniffing import identify_foreign_file
from backend.records.formats.stays.charted_rows import chart_admission, chart_flow, chart_long, chart_wide
from backend.records.formats.stays.charting import Charting
from backend.records.formats.stays.parameter_names import fold_name
from backend.records.formats.stays.stay_columns import StayRows, split_rows
from backend.records.formats.stays.stay_layouts import FlowLayout, LongLayout, StayLayout, WideLayout, find_stay_layout
from backend.records.formats.tables.cells import is_missing
from backend.records.formats.tables.text_blocks import open_text, read_head
from backend.records.record import Annotations, Record, RecordRefused
from backend.records.stay_units import unit_doubts
from backend.records.stays import OUTCOMES, PARAMETERS, STATICS, annotate_outcome, make_stay
from backend.records.understanding import Understanding

__all__ = ["looks_like_stay", "read_stay"]

_CHART = {LongLayout: chart_long, WideLayout: chart_wide, FlowLayout: chart_flow}
_SHAPES = {
    LongLayout: "one row per value",
    WideLayout: "one column per parameter",
    FlowLayout: "one row per parameter",
}
_RECORD_ID = "recordid"
_MOST_BIRTHDAYS = 1.5
_OUTCOME = re.compile(r"#+ ?outcome ?[:=] ?(\w{1,20})", re.IGNORECASE)
_MAX_BYTES = 64 * 2**20
_MOST_LINES = 1_500_000
_LONGEST_LINE = 2**14
_MOST_HEAD_LINES = 2000
_FIRST_BYTES = 4096


def looks_like_stay(path: Path) -> bool:
    """Return whether a text is a stay: names of parameters in a column, or as the headings of a grid of times."""
    with path.open("rb") as file:
        start = file.read(_FIRST_BYTES)
    if not start.strip() or identify_foreign_file(start) is not None:
        return False
    try:
        lines, _ = read_head(path)
    except RecordRefused:
        return False
    return find_stay_layout(lines) is not None


def read_stay(path: Path) -> Record:
    """Return the stay in a text of charted values, one a row (time, parameter, value) or one column per parameter.

    The format of the PhysioNet challenge 2012 (``00:07,HR,73``) is one of them; columns may come in any order and under
    the names of MIMIC-IV, eICU and the challenge 2019. Lines that begin with ``#`` are comments; ``# Outcome: death``
    (or ``survival``) gives the outcome. The value -1 means missing. If a parameter has two values in one minute, the
    later line wins. Age, sex, height and ICU type count as charted at 00:00. Values in a stated or recognised other
    unit are converted. What cannot be used (unknown parameters, times outside 48 h, implausible values) is left out,
    counted and listed in the record's understanding. Identifiers are not kept.

    Returns
    -------
    Record
        One sample per minute from 00:00 to 48:00 and one channel for each of `PARAMETERS`, NaN where nothing was
        charted. The annotations ``impossible`` list the excluded values, ``outcome`` gives the outcome.

    Raises
    ------
    RecordRefused
        If the file is not such a text, contains only values recorded on admission, times that are not understood, or
        more than one stay.
    OSError
        If the file cannot be opened.

    References
    ----------
    Silva et al. 2012, "Predicting in-hospital mortality of ICU patients: the PhysioNet/Computing in Cardiology
    challenge 2012", Computing in Cardiology 39:245-248. Johnson et al. 2023, "MIMIC-IV", Sci Data 10:1. Pollard et al.
    2018, "The eICU Collaborative Research Database", Sci Data 5:180178. Reyna et al. 2020, "Early prediction of sepsis
    from clinical data: the PhysioNet/Computing in Cardiology challenge 2019", Crit Care Med 48:210-217.

    Examples
    --------
    >>> record = read_stay(Path("132539.txt"))  # doctest: +SKIP
    """
    name = path.name
    if path.stat().st_size > _MAX_BYTES:
        raise _too_long(name)
    lines = _read_lines(path)
    layout = find_stay_layout(lines[:_MOST_HEAD_LINES])
    if layout is None:
        raise RecordRefused(
            f"{name} is not a stay that can be read. Save it with the columns Time, Parameter and Value, or one column "
            "per parameter."
        )
    rows = split_rows(lines[layout.first_row :], layout.dialect, layout.n_columns)
    if not len(rows):
        raise RecordRefused(f"{name} contains no charted values. Add a line 'Time,Parameter,Value' for each value.")
    _check_single_stay(name, layout, rows)
    charting = Charting()
    chart_admission(lines[: layout.first_row], layout.dialect, charting)
    described = _CHART[type(layout)](name, layout, rows, charting)
    charting.finish()
    _check_single_patient(name, charting)
    _check_measured(name, charting)
    record = make_stay(path.stem, charting.signals, _annotations(charting, lines))
    understanding = Understanding(
        format=f"Stay ({_SHAPES[type(layout)]})",
        rate_from=described,
        unit_from="parameters",
        leads_from="",
        ignored=charting.ignored(),
        open_units=charting.open_units(),
    )
    record = replace(record, understanding=understanding)
    notices = (*charting.notices(), *(doubt.sentence() for doubt in unit_doubts(record)))
    return replace(record, understanding=replace(understanding, notices=notices))


def _too_long(name: str) -> RecordRefused:
    return RecordRefused(f"{name} holds more than 48 hours of one patient can. Save the first 48 hours of one stay.")


def _read_lines(path: Path) -> list[str]:
    with open_text(path) as file:
        text = file.read()
    if text.count("\0"):
        raise RecordRefused(f"{path.name} is not UTF-8 text. Save the stay as CSV in UTF-8.")
    if text.count("\n") > _MOST_LINES:
        raise _too_long(path.name)
    return [line[:_LONGEST_LINE] for line in text.split("\n")]


def _check_single_stay(name: str, layout: StayLayout, rows: StayRows) -> None:
    """Refuse several stays; their identifiers are not shown."""
    n_stays = 1
    for place in () if isinstance(layout, FlowLayout) else layout.stay_ids:
        n_stays = max(n_stays, len(_filled(rows.column(place).distinct)))
    if isinstance(layout, LongLayout):
        names, values = rows.column(layout.name), rows.column(layout.value)
        own = [code for code, written in enumerate(names.distinct) if fold_name(written) == _RECORD_ID]
        ids = np.unique(values.codes[np.isin(names.codes, own)])
        n_stays = max(n_stays, len(_filled([values.distinct[code] for code in ids])))
    if n_stays > 1:
        raise RecordRefused(f"{name} contains {n_stays} stays. Save each stay in a file of its own.")


def _check_single_patient(name: str, charting: Charting) -> None:
    """Refuse charted values of two sexes or ages: without identifiers, they tell several patients."""
    ages = charting.charted("Age")
    if len(charting.charted("Gender")) > 1 or (ages and max(ages) - min(ages) > _MOST_BIRTHDAYS):
        what = "sexes" if len(charting.charted("Gender")) > 1 else "ages"
        raise RecordRefused(f"{name} gives its patient different {what}. Save each stay in a file of its own.")


def _filled(cells: Sequence[str]) -> set[str]:
    return {cell for cell in cells if not is_missing(cell)}


def _check_measured(name: str, charting: Charting) -> None:
    measured = [column for column, parameter in enumerate(PARAMETERS) if parameter not in STATICS]
    if np.isfinite(charting.signals[:, measured]).any():
        return
    left_out = charting.ignored()
    reasons = "; ".join(f"{what}: {reason}" for what, reason in left_out[:3])
    raise RecordRefused(
        f"{name} contains values recorded on admission but no measurements"
        + (f" ({reasons})" if reasons else "")
        + ". Choose a stay with measured values."
    )


def _annotations(charting: Charting, lines: Sequence[str]) -> dict[str, Annotations]:
    annotations = {}
    excluded = charting.excluded()
    if excluded:
        minutes, notes = zip(*excluded, strict=True)
        annotations["impossible"] = Annotations(np.array(minutes, dtype=np.int64), ('"',) * len(notes), notes)
    comments = (" ".join(line.split()) for line in lines if line[:1] == "#")
    outcome = next((match[1].casefold() for match in map(_OUTCOME.match, comments) if match), None)
    if outcome in OUTCOMES:
        annotations["outcome"] = annotate_outcome(outcome)
    return annotations
