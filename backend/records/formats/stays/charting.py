"""The collection of charted values into the grid of a stay, with a count of all that is left out or converted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from backend.records.formats.stays.coma_scale import ComaParts
from backend.records.formats.stays.stay_columns import CodedCells
from backend.records.formats.stays.value_cells import NO_VALUE, ReadValues, read_values
from backend.records.stays import LAST_MINUTE, PARAMETERS, STAY_CHANNELS, chart_cell

__all__ = ["Charting"]

_LONGEST_SHOWN = 40
_LONGEST_EXAMPLE = 20
_MOST_EXAMPLES = 3
_MOST_EXCLUDED = 20_000
_BEFORE_ALL = -(2**40)
_MOST_KINDS = 1000
_OTHERS = "others"
_FIRST_MINUTES = "only 00:00 to 48:00 is read"


@dataclass
class _LeftOut:
    """What is left out for one reason: how often, from which row on, and examples with their rows."""

    count: int = 0
    first: int = 2**62
    examples: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class _Usable:
    """Values of one parameter within the stay; ``order`` is their place in the file."""

    parameter: str
    order: np.ndarray
    minutes: np.ndarray
    values: np.ndarray


class Charting:
    """The values of one stay as they are read."""

    def __init__(self) -> None:
        self.signals = np.full((LAST_MINUTE + 1, len(STAY_CHANNELS)), np.nan, dtype=np.float32)
        self.impossible: list[tuple[int, str]] = []
        self._usable: list[_Usable] = []
        self._left_out: dict[tuple[str, str], _LeftOut] = {}
        self._converted: dict[tuple[str, str], tuple[int, int]] = {}
        self._unknown_units: list[tuple[int, str, str]] = []
        self._from_urea = False
        self._coma = ComaParts()
        self._n_sums = 0

    def leave_out(self, what: str, reason: str, order: np.ndarray, examples: Sequence[tuple[int, str]] = ()) -> None:
        """Count rows or values that are left out.

        Parameters
        ----------
        order : int64 array
            Their places in the file.
        examples : sequence of (int, str)
            Places and texts of some of them.
        """
        if len(order):
            self.count_left_out(what, reason, len(order), int(order.min()), examples)

    def count_left_out(
        self, what: str, reason: str, count: int, first: int, examples: Sequence[tuple[int, str]] = ()
    ) -> None:
        """Count rows or values that are left out, of which the first has a place in the file."""
        key = (what[:_LONGEST_SHOWN], reason)
        if key not in self._left_out and len(self._left_out) >= _MOST_KINDS:
            key = (_OTHERS, reason)
        noted = self._left_out.setdefault(key, _LeftOut())
        noted.count += count
        noted.first = min(noted.first, first)
        noted.examples += examples

    def chart(
        self, parameter: str, written_name: str, unit: str, order: np.ndarray, minutes: np.ndarray, cells: CodedCells
    ) -> None:
        """Collect the values of one parameter under one name and in one unit.

        Parameters
        ----------
        unit : str
            As written beside the values, empty if not stated.
        order : int64 array, shape = (n,)
            The place of each value in the file.
        minutes : float64 array, shape = (n,)
            NaN where the time was not understood.
        cells : CodedCells
        """
        if not len(order):
            return
        held, codes = np.unique(cells.codes, return_inverse=True)
        read = read_values(parameter, written_name, unit, [cells.distinct[code] for code in held.tolist()])
        self._note_units(parameter, read, int(order.min()))
        for reason in dict.fromkeys(read.reasons):
            if reason:
                own = np.array([other == reason for other in read.reasons])[codes]
                self.leave_out(parameter, reason, order[own], _examples(order[own], codes[own], read.cells, reason))
        values = read.values[codes]
        is_read = np.isfinite(values)
        # Age, sex, height and ICU type hold from admission on, whenever they were charted.
        with np.errstate(invalid="ignore"):
            if chart_cell(parameter, 1)[0] == 0:
                minutes = np.where((minutes >= 0) & (minutes <= LAST_MINUTE), minutes, 0)
            before, beyond = minutes < 0, minutes > LAST_MINUTE
        self.leave_out(parameter, "no time", order[is_read & np.isnan(minutes)])
        self.leave_out("rows before admission", _FIRST_MINUTES, order[is_read & before])
        self.leave_out("rows beyond 48:00", _FIRST_MINUTES, order[is_read & beyond])
        used = is_read & ~np.isnan(minutes) & ~before & ~beyond
        self._note_conversions(parameter, read, codes[used], order[used])
        self._usable.append(_Usable(parameter, order[used], minutes[used].astype(np.int64), values[used]))

    def chart_coma_part(self, part: str, order: np.ndarray, minutes: np.ndarray, cells: CodedCells) -> None:
        """Collect values of one of the three responses of the GCS."""
        is_read = self._coma.collect(part, order, minutes, cells)
        self.leave_out(part, "no response of the scale", order[~is_read])

    def _sum_coma_parts(self) -> None:
        minutes, sums, alone = self._coma.summed()
        for part in dict.fromkeys(part for part, _ in alone):
            places = np.array([order for own, order in alone if own == part], dtype=np.int64)
            self.leave_out(part, "charted without the other two responses", places)
        if sums:
            # Before all else in the file, so that a total charted in the same minute counts.
            own = CodedCells.one_each([str(value) for value in sums])
            self.chart("GCS", "GCS", "", np.full(len(sums), _BEFORE_ALL), np.array(minutes), own)
            self._n_sums = len(sums)

    def charted(self, parameter: str) -> set[float]:
        """Return the distinct plausible values collected for a parameter."""
        found = [own.values for own in self._usable if own.parameter == parameter]
        values = set(np.concatenate(found).tolist()) if found else set()
        return {value for value in values if PARAMETERS[parameter].is_possible(value)}

    def open_units(self) -> tuple[str, ...]:
        """Return the parameters whose unit neither the file nor the values tell."""
        return ("BUN",) if self._from_urea else ()

    def _note_units(self, parameter: str, read: ReadValues, first: int) -> None:
        if read.unknown_unit:
            self._unknown_units.append((first, parameter, read.unknown_unit))
        self._from_urea = self._from_urea or read.is_unitless_urea

    def _note_conversions(self, parameter: str, read: ReadValues, codes: np.ndarray, order: np.ndarray) -> None:
        for unit in dict.fromkeys(read.units):
            own = np.array([other == unit for other in read.units], dtype=bool)[codes]
            if unit and own.any():
                first, count = self._converted.get((parameter, unit), (2**62, 0))
                self._converted[(parameter, unit)] = (min(first, int(order[own].min())), count + int(own.sum()))

    def finish(self) -> None:
        """Enter the collected values into the grid in the order of the file, and count the implausible ones."""
        self._sum_coma_parts()
        implausible: list[tuple[int, str, int, float]] = []
        for parameter in dict.fromkeys(own.parameter for own in self._usable):
            parts = [own for own in self._usable if own.parameter == parameter]
            order = np.concatenate([own.order for own in parts])
            by_place = np.argsort(order, kind="stable")
            order = order[by_place]
            minutes = np.concatenate([own.minutes for own in parts])[by_place]
            values = np.concatenate([own.values for own in parts])[by_place]
            known, codes = np.unique(values, return_inverse=True)
            is_possible = np.array([PARAMETERS[parameter].is_possible(value) for value in known.tolist()], dtype=bool)
            possible = is_possible[codes]
            row, column = chart_cell(parameter, 1)
            rows = minutes if row else np.zeros_like(minutes)
            # Of two values in a minute, numpy keeps the later one.
            self.signals[rows[possible], column] = values[possible]
            others = np.flatnonzero(~possible)
            implausible += [(int(order[own]), parameter, int(minutes[own]), float(values[own])) for own in others]
        self._exclude(sorted(implausible))

    def _exclude(self, implausible: Sequence[tuple[int, str, int, float]]) -> None:
        shown = implausible[:_MOST_EXCLUDED]
        self.impossible = [(minute, f"{parameter} {value:g}") for _, parameter, minute, value in shown]
        for parameter in dict.fromkeys(own[1] for own in implausible):
            own = PARAMETERS[parameter]
            limits = "a known code" if own.choices else f"{own.least:g} to {own.greatest:g} {own.unit}".rstrip()
            noted = [(order, f"{value:g}") for order, name, _, value in shown if name == parameter]
            places = np.array([order for order, _ in noted], dtype=np.int64)
            self.leave_out(parameter, f"implausible, not {limits}", places, noted[: 20 * _MOST_EXAMPLES])
            rest = [order for order, name, _, _ in implausible[_MOST_EXCLUDED:] if name == parameter]
            self.leave_out(parameter, "implausible", np.array(rest, dtype=np.int64))

    def ignored(self) -> tuple[tuple[str, str], ...]:
        """Return what was left out and why, with its count and some examples."""
        listed = []
        for (what, reason), noted in sorted(self._left_out.items(), key=lambda item: item[1].first):
            texts = dict.fromkeys(text[:_LONGEST_EXAMPLE] for _, text in sorted(noted.examples))
            examples = ", ".join(list(texts)[:_MOST_EXAMPLES])
            values = f"{noted.count:,} values" if noted.count > 1 else "1 value"
            listed.append((what, f"{reason}: {values}" + (f" ({examples})" if examples else "")))
        return tuple(listed)

    def notices(self) -> list[str]:
        """Return sentences on what was left out and converted."""
        sentences = []
        kinds: Counter[str] = Counter()
        for (what, _), noted in sorted(self._left_out.items(), key=lambda item: item[1].first):
            kinds[what] += noted.count
        total = sum(kinds.values())
        if total:
            listed = ", ".join(f"{what} ({count:,})" for what, count in kinds.most_common(8))
            more = f" and {len(kinds) - 8} more" if len(kinds) > 8 else ""
            values = f"{total:,} values were" if total > 1 else "One value was"
            sentences.append(f"{values} left out: {listed}{more}.")
        for (parameter, unit), (_, count) in sorted(self._converted.items(), key=lambda item: item[1][0]):
            values = f"{count:,} values" if count > 1 else "1 value"
            own = PARAMETERS[parameter]
            to = f" to {own.unit}" if own.unit else ""
            sentences.append(f"{own.label}: {values} in {unit} converted{to}.")
        for parameter, unit in dict.fromkeys((parameter, unit) for _, parameter, unit in sorted(self._unknown_units)):
            own = PARAMETERS[parameter]
            if own.unit:
                sentences.append(f"{own.label}: the unit {unit!r} is unknown; its values were read in {own.unit}.")
        if self._n_sums:
            values = f"{self._n_sums:,} values are the sums" if self._n_sums > 1 else "1 value is the sum"
            sentences.append(f"{PARAMETERS['GCS'].label}: {values} of eye, verbal and motor response.")
        return sentences

    def excluded(self) -> Sequence[tuple[int, str]]:
        """Return the minutes and notes of implausible values, by time."""
        return sorted(self.impossible)


def _examples(order: np.ndarray, codes: np.ndarray, cells: Sequence[str], reason: str) -> list[tuple[int, str]]:
    """Return the first distinct cells with their places; none where the reason says all."""
    if reason == NO_VALUE:
        return []
    first = np.sort(np.unique(codes, return_index=True)[1])[: 20 * _MOST_EXAMPLES]
    return [(int(order[place]), cells[codes[place]]) for place in first if cells[codes[place]]]
