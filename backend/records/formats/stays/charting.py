"""The collection of charted values into the grid of a stay, with a count of all that is left out or converted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.records.formats.stays.parameter_names import KNOWN_UNITS, UREA_NAMES, fold_name
from backend.records.formats.tables.cells import is_missing, parse_number
from backend.records.stay_units import fold_unit, recognise_unit, to_own_unit
from backend.records.stays import LAST_MINUTE, PARAMETERS, STAY_CHANNELS, chart_cell

__all__ = ["Charting"]

_MISSING = -1.0
_LONGEST_SHOWN = 40
_MOST_EXAMPLES = 3
_MOST_EXCLUDED = 20_000
_SEXES = {"m": 1.0, "male": 1.0, "mannlich": 1.0, "man": 1.0, "homme": 1.0, "hombre": 1.0, "maschio": 1.0}
_SEXES |= {"f": 0.0, "w": 0.0, "female": 0.0, "weiblich": 0.0, "woman": 0.0, "femme": 0.0, "mujer": 0.0, "femmina": 0.0}
_UNITS_OF_CARE = {"ccu": 1.0, "coronarycareunit": 1.0, "csru": 2.0, "cvicu": 2.0, "cardiacsurgeryrecoveryunit": 2.0}
_UNITS_OF_CARE |= {"micu": 3.0, "medicalicu": 3.0, "medical": 3.0, "sicu": 4.0, "surgicalicu": 4.0, "surgical": 4.0}
_ANSWERS = {"yes": 1.0, "y": 1.0, "true": 1.0, "ja": 1.0, "no": 0.0, "n": 0.0, "false": 0.0, "nein": 0.0}
_WORDS = {"Gender": _SEXES, "ICUType": _UNITS_OF_CARE, "MechVent": _ANSWERS}


@dataclass(frozen=True)
class _Read:
    """A cell as read: its value in the parameter's unit (NaN if missing), the unit it was in if another, or why not."""

    value: float = np.nan
    unit: str = ""
    reason: str = ""
    example: str = ""


class Charting:
    """The values of one stay as they are read."""

    def __init__(self) -> None:
        self.signals = np.full((LAST_MINUTE + 1, len(STAY_CHANNELS)), np.nan, dtype=np.float32)
        self.impossible: list[tuple[int, str]] = []
        self.n_charted = 0
        self._left_out: Counter[tuple[str, str]] = Counter()
        self._examples: dict[tuple[str, str], list[str]] = {}
        self._converted: Counter[tuple[str, str]] = Counter()
        self._unknown_units: Counter[tuple[str, str]] = Counter()
        self._read: dict[tuple[str, str, str], _Read] = {}
        self._from_urea = False

    def leave_out(self, what: str, reason: str, example: str = "") -> None:
        """Count a row or a value that is left out."""
        key = (what[:_LONGEST_SHOWN], reason)
        self._left_out[key] += 1
        shown = self._examples.setdefault(key, [])
        if example and len(shown) < _MOST_EXAMPLES and example[:20] not in shown:
            shown.append(example[:20])

    def chart(self, parameter: str, written_name: str, minute: float, cell: str, unit: str = "") -> None:
        """Chart a value, or count why it is left out.

        Parameters
        ----------
        minute : float
            NaN if the time was not understood.
        unit : str
            As written beside the value, empty if not stated.
        """
        key = (written_name, cell, unit)
        read = self._read.get(key)
        if read is None:
            read = self._read[key] = self._read_cell(parameter, written_name, cell, unit)
        if read.reason:
            self.leave_out(parameter, read.reason, read.example)
        elif np.isnan(read.value):
            return
        elif minute != minute:
            self.leave_out(parameter, "no time")
        elif minute < 0:
            self.leave_out("rows before admission", "only 00:00 to 48:00 is read")
        elif minute > LAST_MINUTE:
            self.leave_out("rows beyond 48:00", "only 00:00 to 48:00 is read")
        else:
            if read.unit:
                self._converted[(parameter, read.unit)] += 1
            self._enter(parameter, int(minute), read.value)

    def _read_cell(self, parameter: str, written_name: str, cell: str, unit: str) -> _Read:
        """Return the value in a cell in the parameter's unit, or why there is none; -1 is missing by convention."""
        if is_missing(cell):
            return _Read(reason="no value")
        words = _WORDS.get(parameter)
        value = words.get(fold_name(cell)) if words else None
        value = parse_number(cell) if value is None else value
        if value is None:
            return _Read(reason="a limit, not a value" if cell[:1] in "<>≤≥" else "not a number", example=cell)
        if value == _MISSING:
            return _Read()
        folded = fold_name(written_name)
        known = fold_unit(unit) if unit else KNOWN_UNITS.get(folded, "")
        if folded in UREA_NAMES:
            self._from_urea = self._from_urea or not unit
            known = "mg/dL urea" if known == "mg/dL" else known
        is_plausible = PARAMETERS[parameter].is_possible
        if known and known != PARAMETERS[parameter].unit:
            converted = to_own_unit(parameter, value, known)
            # A column can be headed °F and hold °C: a value that is plausible only as it is stays as it is.
            if converted is not None and (is_plausible(converted) or not is_plausible(value)):
                return _Read(converted, known)
            if converted is None:
                self._unknown_units[(parameter, known[:20])] += 1
        recognised = recognise_unit(parameter, value)
        if recognised is not None:
            return _Read(to_own_unit(parameter, value, recognised) or value, recognised)
        return _Read(value)

    def _enter(self, parameter: str, minute: int, value: float) -> None:
        if PARAMETERS[parameter].is_possible(value):
            self.signals[chart_cell(parameter, minute)] = value
            self.n_charted += 1
            return
        own = PARAMETERS[parameter]
        if len(self.impossible) >= _MOST_EXCLUDED:
            self.leave_out(parameter, "implausible")
            return
        limits = "a known code" if own.choices else f"{own.least:g} to {own.greatest:g} {own.unit}".rstrip()
        self.impossible.append((minute, f"{parameter} {value:g}"))
        self.leave_out(parameter, f"implausible, not {limits}", f"{value:g}")

    def ignored(self) -> tuple[tuple[str, str], ...]:
        """Return what was left out and why, with its count and some examples."""
        listed = []
        for (what, reason), count in self._left_out.items():
            examples = ", ".join(self._examples[(what, reason)])
            values = f"{count:,} values" if count > 1 else "1 value"
            listed.append((what, f"{reason}: {values}" + (f" ({examples})" if examples else "")))
        return tuple(listed)

    def notices(self) -> list[str]:
        """Return sentences on what was left out and converted."""
        sentences = []
        total = sum(self._left_out.values())
        if total:
            kinds = Counter(what for what, _ in self._left_out.elements())
            listed = ", ".join(f"{what} ({count:,})" for what, count in kinds.most_common(8))
            more = f" and {len(kinds) - 8} more" if len(kinds) > 8 else ""
            values = f"{total:,} values were" if total > 1 else "One value was"
            sentences.append(f"{values} left out: {listed}{more}.")
        for (parameter, unit), count in self._converted.items():
            values = f"{count:,} values" if count > 1 else "1 value"
            own = PARAMETERS[parameter]
            to = f" to {own.unit}" if own.unit else ""
            sentences.append(f"{own.label}: {values} in {unit} converted{to}.")
        for parameter, unit in self._unknown_units:
            own = PARAMETERS[parameter]
            if own.unit:
                sentences.append(f"{own.label}: the unit {unit!r} is unknown; its values were read in {own.unit}.")
        if self._from_urea:
            sentences.append("Urea is read as BUN in mg/dL. If it is in mmol/L or mg/dL of urea, choose its unit.")
        return sentences

    def excluded(self) -> Sequence[tuple[int, str]]:
        """Return the minutes and notes of implausible values, by time."""
        return sorted(self.impossible)
