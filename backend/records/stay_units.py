"""The units of charted values: recognition, conversion, and values that are improbable in their unit."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from backend.records.record import Annotations, Record, RecordRefused
from backend.records.stays import LAST_MINUTE, PARAMETERS, Parameter, chart_cell, make_stay

__all__ = [
    "ALTERNATIVES",
    "UnitDoubt",
    "convert_unit",
    "fold_unit",
    "recognise_unit",
    "to_own_unit",
    "unit_doubts",
    "unit_of_parameter",
]


@dataclass(frozen=True)
class _Unit:
    """Another unit of a parameter: ours = factor * value + offset; values from low to high are usual in it."""

    name: str
    factor: float
    low: float
    high: float
    offset: float = 0.0


# Factors from the molar masses (glucose 180.16, creatinine 113.12, bilirubin 584.66, cholesterol 386.65, magnesium
# 24.305, lactate 90.08 g/mol; urea nitrogen 28.01 mg per mmol of urea) and 1 kPa = 7.50062 mmHg.
ALTERNATIVES: Mapping[str, tuple[_Unit, ...]] = MappingProxyType(
    {
        "Temp": (_Unit("°F", 1 / 1.8, 86, 113, -32 / 1.8), _Unit("K", 1.0, 295, 318, -273.15)),
        "FiO2": (_Unit("%", 0.01, 20, 100),),
        "HCT": (_Unit("fraction", 100.0, 0.04, 0.75),),
        "SaO2": (_Unit("fraction", 100.0, 0.2, 1.0),),
        "Glucose": (_Unit("mmol/L", 18.016, 1.5, 38), _Unit("g/L", 100.0, 0.3, 8)),
        "BUN": (_Unit("mmol/L", 2.801, 0.5, 80), _Unit("mg/dL urea", 0.467, 1, 640)),
        "Creatinine": (_Unit("µmol/L", 0.011312, 20, 1800),),
        "Bilirubin": (_Unit("µmol/L", 0.058466, 2, 900),),
        "Albumin": (_Unit("g/L", 0.1, 8, 65),),
        "PaO2": (_Unit("kPa", 7.50062, 3, 90),),
        "PaCO2": (_Unit("kPa", 7.50062, 1.3, 18),),
        "Lactate": (_Unit("mg/dL", 0.11101, 3, 300),),
        "Mg": (_Unit("mmol/L", 2.4305, 0.3, 3), _Unit("mEq/L", 1.21525, 0.6, 6)),
        "Cholesterol": (_Unit("mmol/L", 38.665, 1, 15),),
        "WBC": (_Unit("/µL", 0.001, 200, 300000),),
        "Platelets": (_Unit("/µL", 0.001, 3000, 2e6),),
        "TroponinI": (_Unit("ng/L", 0.001, 5, 500000),),
        "TroponinT": (_Unit("ng/L", 0.001, 5, 50000),),
        "Weight": (_Unit("lb", 0.45359237, 70, 700),),
        "Height": (_Unit("in", 2.54, 47, 91), _Unit("m", 100.0, 1.2, 2.3)),
    }
)
"""Other units in which parameters are charted, by parameter."""

# Converted by their values alone, as no value is plausible in both units.
_RECOGNISED = {"Temp": "°F", "FiO2": "%", "HCT": "fraction", "SaO2": "fraction"}

# What the median of a stay rarely leaves: limits by which a reader is warned; nothing is excluded by them.
_USUAL = {
    "Glucose": (40, 1000),
    "Creatinine": (0.2, 20),
    "Bilirubin": (0.1, 15),
    "Albumin": (0.8, 6.5),
    "PaO2": (32, 700),
    "PaCO2": (13, 150),
    "Lactate": (0.2, 14),
    "Mg": (1.15, 8),
    "Cholesterol": (25, 900),
    "WBC": (0.05, 200),
    "Platelets": (1, 2000),
    "TroponinI": (0.001, 200),
    "TroponinT": (0.001, 30),
    "Height": (120, 230),
    "Weight": (25, 350),
    "BUN": (0.5, 300),
    "HCT": (10, 70),
    "Temp": (25, 45),
    "FiO2": (0.2, 1.0),
    "SaO2": (40, 100),
}
_SAME_UNITS = {
    "mmol/L": ("mmoll", "millimol/l"),
    "mEq/L": ("meq/l", "mval/l"),
    "/nL": (
        *("10^9/l", "10e9/l", "x10^9/l", "10*9/l", "k/ul", "k/µl", "k/mcl", "10^3/ul", "x10^3/ul", "thou/ul"),
        *("10*3/ul", "1000/ul", "gpt/l", "k/mm3", "10^3/mm3", "x10e3/ul", "tsd/µl", "tsd./µl", "10³/µl", "x10³/µl"),
        *("10⁹/l", "x10⁹/l", "x10e9/l", "x10*9/l", "10³/ul", "10^3/µl", "10*3/µl", "giga/l", "k/cumm", "x1000", "t/µl"),
    ),
    "µg/L": ("ng/ml", "ug/l", "mcg/l"),
    "IU/L": ("u/l", "units/l", "iu/l"),
    "/min": (
        "bpm",
        "insp/min",
        "1/min",
        "beats/min",
        "breaths/min",
        "min-1",
        "/m",
        "perminute",
        "permin",
        "{beats}/min",
        "{breaths}/min",
    ),
    "°C": ("c", "degc", "celsius", "deg.c", "degreescelsius", "?c", "cel", "gradcelsius", "oc"),
    "°F": ("f", "degf", "fahrenheit", "deg.f", "degreesfahrenheit", "?f", "of"),
    "µmol/L": ("umol/l", "mcmol/l", "micromol/l"),
    "/µL": ("/ul", "cells/ul", "/mm3", "/cmm", "1/ul", "cells/mm3"),
    "ng/L": ("pg/ml",),
    "kg": ("kilogram", "kilograms", "kgs"),
    "lb": ("lbs", "pound", "pounds", "lb_av", "lbs."),
    "in": ("inch", "inches", '"', "in_i", "zoll"),
    "cm": ("centimeter", "centimeters"),
    "mmHg": ("mmhg", "torr", "mm[hg]", "mm hg"),
    "mL": ("ml", "cc"),
    "fraction": ("l/l", "ratio"),
    "%": ("percent", "pct", "prozent", "vol%"),
    "years": ("y", "yr", "yrs", "year", "jahre", "a"),
    "mg/dL": ("mg%", "mg/100ml"),
}
_BY_FOLDED = {
    "".join(spelling.casefold().replace("μ", "µ").split()): unit
    for unit, spellings in _SAME_UNITS.items()
    for spelling in (unit, *spellings)
}
_MOST_SHOWN = 3
_SI = ("mmol/L", "µmol/L", "g/L", "kPa")
_SI_LABS = ("Glucose", "BUN", "Creatinine", "Bilirubin", "Albumin", "Mg", "Cholesterol")
_FEWEST_IN_SI = 2
# Urea is rarely higher in mmol/L; in mg/dL, it is rarely lower in intensive care than half of this.
_HIGH_UREA_MMOL = 45


@dataclass(frozen=True)
class UnitDoubt:
    """A parameter whose unit is in doubt, mostly as its values are improbable in it.

    Attributes
    ----------
    parameter : str
    values : tuple of float
        As charted, up to three.
    alternatives : tuple of str
        Units in which they would be usual, the likeliest first.
    why : str
        Why the unit is in doubt although the values are usual in it; empty where they are improbable.
    """

    parameter: str
    values: tuple[float, ...]
    alternatives: tuple[str, ...]
    why: str = ""

    def sentence(self) -> str:
        """Return the doubt for a reader."""
        own = PARAMETERS[self.parameter]
        shown = ", ".join(f"{value:g}" for value in self.values)
        unit = f" in {own.unit}" if own.unit else ""
        if self.why:
            return f"{own.label}: {shown} is read{unit}, but {self.why}. Choose its unit."
        return (
            f"{own.label}: {shown} is improbable{unit}, but usual in {' or '.join(self.alternatives)}. Choose its unit."
        )


@lru_cache(maxsize=4096)
def fold_unit(unit: str) -> str:
    """Return a unit as Beatlight spells it (``umol/l`` is ``µmol/L``); as it was written if it is unknown."""
    folded = "".join(unit[:30].casefold().replace("μ", "µ").replace("â", "").split()).strip("()[]")
    known = {"".join(own.name.casefold().split()): own.name for units in ALTERNATIVES.values() for own in units}
    known |= {"".join(own.unit.casefold().split()): own.unit for own in PARAMETERS.values() if own.unit}
    return _BY_FOLDED.get(folded) or known.get(folded) or unit.strip()


def unit_of_parameter(parameter: str, text: str) -> str:
    """Return which unit of a parameter a text spells, whatever its punctuation; empty if none.

    Examples
    --------
    >>> unit_of_parameter("Creatinine", "umol_l"), unit_of_parameter("Temp", "C"), unit_of_parameter("Temp", "skin")
    ('µmol/L', '°C', '')
    """
    return _spellings(parameter).get(_loose(text.strip().removeprefix("in ")), "") if text else ""


def _loose(text: str) -> str:
    folded = text[:30].casefold().replace("\u03bc", "u").replace("\u00b5", "u")
    return "".join(letter for letter in folded if letter.isalnum() or letter == "%")


@lru_cache(maxsize=64)
def _spellings(parameter: str) -> Mapping[str, str]:
    own = PARAMETERS[parameter].unit
    units = [own, *(unit.name for unit in ALTERNATIVES.get(parameter, ()))]
    units += ["mEq/L"] if own == "mmol/L" else []
    known = {_loose(spelling): unit for unit in units if unit for spelling in (unit, *_SAME_UNITS.get(unit, ()))}
    if own == "/nL":
        known["gl"] = own
    known.pop("", None)
    return known


def to_own_unit(parameter: str, value: float, unit: str) -> float | None:
    """Return a value in the unit of its parameter; None if the unit is not one of the parameter's.

    Parameters
    ----------
    unit : str
        As `fold_unit` returns it.
    """
    own = PARAMETERS[parameter].unit
    if unit in ("", own) or (own == "mmol/L" and unit == "mEq/L"):
        return value
    found = next((other for other in ALTERNATIVES.get(parameter, ()) if other.name == unit), None)
    return None if found is None else _converted(value, found)


def recognise_unit(parameter: str, value: float) -> str | None:
    """Return the other unit that a value can only be in: 39% oxygen, 102 °F, a haematocrit of 0.31; else None."""
    name = _RECOGNISED.get(parameter)
    if name is None or PARAMETERS[parameter].is_possible(value):
        return None
    unit = next(other for other in ALTERNATIVES[parameter] if other.name == name)
    return name if unit.low <= value <= unit.high else None


def _converted(value: float, unit: _Unit) -> float:
    # Rounded, as charts are: 102 °F is 38.89 °C, not 38.888889.
    return float(f"{unit.factor * value + unit.offset:.4g}")


def unit_doubts(record: Record) -> tuple[UnitDoubt, ...]:
    """Return the parameters of a stay whose unit is in doubt.

    Their values, excluded ones among them, are improbable in it; or the file leaves it open (urea without a unit); or
    two other laboratory values are in SI units, and these may be too.
    """
    excluded = _excluded_values(record)
    doubts: dict[str, UnitDoubt] = {}
    unremarkable: dict[str, np.ndarray] = {}
    for index, (name, parameter) in enumerate(PARAMETERS.items()):
        column = record.signals[:, index]
        charted = column[np.isfinite(column)].astype(np.float64)
        left_out = [value for own, value in excluded.values() if own == name]
        values = np.concatenate([charted, np.array(left_out)]) if left_out else charted
        if parameter.choices or not len(values):
            continue
        low, high = _USUAL.get(name, (parameter.least, parameter.greatest))
        is_usual = low <= float(np.median(values)) <= high and len(left_out) < 0.5 * len(values)
        others = _usual_in(name, values)
        if name in record.understanding.open_units:
            doubts[name] = UnitDoubt(name, _shown(values), others or _names(name), "charted as urea without a unit")
        elif others and not is_usual:
            doubts[name] = UnitDoubt(name, _shown(values), others)
        elif others:
            unremarkable[name] = values
    in_si = [name for name, doubt in doubts.items() if name in _SI_LABS and doubt.alternatives[0] in _SI]
    if len(in_si) >= _FEWEST_IN_SI:
        because = f"{' and '.join(PARAMETERS[name].label.lower() for name in in_si[:2])} are in SI units"
        for name, values in unremarkable.items():
            others = tuple(unit for unit in _usual_in(name, values) if unit in _SI)
            if name in _SI_LABS and others:
                doubts[name] = UnitDoubt(name, _shown(values), others, because)
    return tuple(doubts[name] for name in PARAMETERS if name in doubts)


def _shown(values: np.ndarray) -> tuple[float, ...]:
    return tuple(float(f"{value:.4g}") for value in values[:_MOST_SHOWN])


def _names(parameter: str) -> tuple[str, ...]:
    return tuple(unit.name for unit in ALTERNATIVES.get(parameter, ()))


def _usual_in(parameter: str, values: np.ndarray) -> tuple[str, ...]:
    """Return the other units in which values would be usual, the likeliest first."""
    median = float(np.median(values))
    names = [unit.name for unit in ALTERNATIVES.get(parameter, ()) if unit.low <= median <= unit.high]
    if parameter == "BUN" and median > _HIGH_UREA_MMOL:
        names.reverse()
    return tuple(names)


def _excluded_values(record: Record) -> dict[int, tuple[str, float]]:
    """Return the parameter and value of each excluded value, by its place among the annotations."""
    marks = record.annotations.get("impossible")
    found = {}
    for place, note in enumerate(marks.notes if marks else ()):
        name, _, value = note.partition(" ")
        try:
            found[place] = (name, float(value))
        except ValueError:
            continue
    return found


def convert_unit(record: Record, parameter: str, unit: str) -> Record:
    """Return a stay with the values of a parameter read in another unit, those among them that were excluded.

    Raises
    ------
    RecordRefused
        If the unit is not known for the parameter.
    """
    own = _known_parameter(parameter)
    name = fold_unit(unit)
    if name == own.unit:
        return record
    other = next((found for found in ALTERNATIVES.get(own.name, ()) if found.name == name), None)
    if other is None:
        known = [own.unit, *(found.name for found in ALTERNATIVES.get(own.name, ()))]
        raise RecordRefused(f"{own.label} is not read in {unit[:20]!r}. Choose {' or '.join(known)}.")
    signals = record.signals.copy()
    _, column = chart_cell(own.name, 0)
    charted = np.flatnonzero(np.isfinite(signals[:, column]))
    values = {int(minute): float(signals[minute, column]) for minute in charted}
    marks, excluded = record.annotations.get("impossible"), _excluded_values(record)
    kept = np.ones(len(marks.samples) if marks else 0, dtype=bool)
    for place, (name_of, value) in excluded.items():
        if name_of == own.name and marks is not None:
            values[int(marks.samples[place])] = value
            kept[place] = False
    signals[:, column] = np.nan
    still: list[tuple[int, str]] = []
    for minute, value in values.items():
        converted = _converted(float(f"{value:.6g}"), other)
        if own.is_possible(converted):
            signals[minute, column] = converted
        else:
            still.append((min(minute, LAST_MINUTE), f"{own.name} {converted:g}"))
    annotations = dict(record.annotations)
    remaining = marks.where(kept) if marks is not None else None
    notes = [(int(s), n) for s, n in zip(remaining.samples, remaining.notes, strict=True)] if remaining else []
    annotations.pop("impossible", None)
    if notes + still:
        minutes, texts = zip(*sorted(notes + still), strict=True)
        annotations["impossible"] = Annotations(np.array(minutes, dtype=np.int64), ('"',) * len(texts), texts)
    still_open = tuple(name for name in record.understanding.open_units if name != own.name)
    understood = replace(record.understanding, open_units=still_open)
    stay = replace(make_stay(record.name, signals, annotations, record.source), understanding=understood)
    dispelled = {doubt.sentence() for doubt in unit_doubts(record)} - {doubt.sentence() for doubt in unit_doubts(stay)}
    notices = [notice for notice in record.understanding.notices if notice not in dispelled]
    chosen = f"{own.label}: read in {other.name} as chosen, and converted to {own.unit or 'its unit'}."
    return replace(stay, understanding=replace(understood, notices=(*notices, chosen)))


def _known_parameter(parameter: str) -> Parameter:
    folded = {name.casefold(): own for name, own in PARAMETERS.items()}
    if parameter.strip().casefold() not in folded:
        raise RecordRefused(f"{parameter[:40]!r} is not a parameter of a stay. Choose one of {', '.join(PARAMETERS)}.")
    return folded[parameter.strip().casefold()]
