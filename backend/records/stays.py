"""ICU stays: the parameters charted in the first 48 hours, and edits to their values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from types import MappingProxyType

import numpy as np

from backend.records.record import Annotations, Channel, Record, RecordRefused, compute_digest

__all__ = [
    "LAST_MINUTE",
    "OUTCOMES",
    "PARAMETERS",
    "STATICS",
    "STAY_CHANNELS",
    "Edit",
    "Parameter",
    "annotate_outcome",
    "apply_edits",
    "canonical_name",
    "chart_cell",
    "check_parameter_names",
    "is_stay",
    "make_stay",
    "with_outcome",
]

LAST_MINUTE = 48 * 60
"""The last minute of a stay that can be charted: 48:00."""

OUTCOMES = ("death", "survival")
"""The outcome of the hospital stay, not of the ICU stay alone."""

STATICS = ("Age", "Gender", "Height", "ICUType", "Weight")
"""Parameters recorded on admission; all others are measured."""

_CHARTED_ONCE = STATICS[:-1]
"""Parameters with a single value, at 00:00; the weight can be charted repeatedly."""


@dataclass(frozen=True)
class Parameter:
    """A parameter that can be charted.

    Attributes
    ----------
    name : str
        The name in the files of the PhysioNet challenge 2012.
    label : str
        The name for a reader.
    unit : str
        Empty for a dimensionless value.
    least, greatest : float
        Limits of plausible values; a value outside them is an entry or sensor error and counts as not measured.
    normal_low, normal_high : float or None
        Reference range in healthy adults; None without a limit.
    choices : mapping of int to str
        The meaning of each code of a categorical parameter; empty for a measured value. Other codes are implausible.
    """

    name: str
    label: str
    unit: str
    least: float
    greatest: float
    normal_low: float | None = None
    normal_high: float | None = None
    choices: Mapping[int, str] = field(default_factory=dict, hash=False)

    def is_possible(self, value: float) -> bool:
        """Return whether a value is plausible in a living adult."""
        return value in self.choices if self.choices else self.least <= value <= self.greatest


# Limits of plausible values: wider than the extremes reported for adults in intensive care, and narrow enough to
# exclude known entry errors: a pH of 735, a temperature of 0 or in Fahrenheit, a pressure of 0 from a closed or zeroed
# line, heights in inches or metres, FiO2 in per cent, misscaled cell counts (leukocytes 12,500).
# Reference ranges: laboratory values after Kratz et al. 2004, N Engl J Med 351(15):1548-63, rounded to a range shared
# by both sexes; vital signs after clinical textbooks. The challenge's page gives magnesium in mmol/L, but its median of
# 2.0 implies mg/dL.
PARAMETERS: Mapping[str, Parameter] = MappingProxyType(
    {
        parameter.name: parameter
        for parameter in (
            Parameter("Age", "Age", "years", 15, 120),
            Parameter("Gender", "Sex", "", 0, 1, choices={0: "female", 1: "male"}),
            Parameter("Height", "Height", "cm", 120, 230),
            Parameter(
                "ICUType",
                "ICU type",
                "",
                1,
                4,
                choices={1: "coronary care", 2: "cardiac surgery recovery", 3: "medical", 4: "surgical"},
            ),
            Parameter("Weight", "Weight", "kg", 25, 350),
            Parameter("GCS", "Glasgow Coma Scale", "", 3, 15, 15, 15),
            Parameter("HR", "Heart rate", "/min", 10, 300, 60, 100),
            Parameter("SysABP", "ABP (systolic)", "mmHg", 20, 300, 90, 140),
            Parameter("DiasABP", "ABP (diastolic)", "mmHg", 8, 250, 60, 90),
            Parameter("MAP", "ABP (mean)", "mmHg", 10, 275, 70, 105),
            Parameter("NISysABP", "NIBP (systolic)", "mmHg", 20, 300, 90, 140),
            Parameter("NIDiasABP", "NIBP (diastolic)", "mmHg", 8, 250, 60, 90),
            Parameter("NIMAP", "NIBP (mean)", "mmHg", 10, 275, 70, 105),
            Parameter("RespRate", "Respiratory rate", "/min", 1, 100, 12, 20),
            Parameter("Temp", "Temperature", "°C", 22, 45, 36.0, 37.8),
            Parameter("SaO2", "Oxygen saturation", "%", 20, 100, 95, 100),
            Parameter("MechVent", "Mechanical ventilation", "", 0, 1, choices={0: "no", 1: "yes"}),
            Parameter("FiO2", "Inspired oxygen (FiO2)", "", 0.2, 1.0),
            Parameter("PaO2", "PaO2", "mmHg", 10, 700, 75, 105),
            Parameter("PaCO2", "PaCO2", "mmHg", 5, 250, 35, 45),
            Parameter("pH", "Arterial pH", "", 6.3, 8.0, 7.35, 7.45),
            Parameter("HCO3", "Bicarbonate", "mmol/L", 1, 70, 22, 28),
            Parameter("Lactate", "Lactate", "mmol/L", 0.05, 50, 0.5, 2.0),
            Parameter("Urine", "Urine output", "mL", 0, 5000),
            Parameter("BUN", "BUN", "mg/dL", 0.5, 300, 8, 23),
            Parameter("Creatinine", "Creatinine", "mg/dL", 0.05, 45, 0.6, 1.3),
            Parameter("Na", "Sodium", "mmol/L", 90, 200, 136, 145),
            Parameter("K", "Potassium", "mmol/L", 1, 15, 3.5, 5.0),
            Parameter("Mg", "Magnesium", "mg/dL", 0.2, 15, 1.7, 2.4),
            Parameter("Glucose", "Glucose", "mg/dL", 5, 2500, 70, 140),
            Parameter("HCT", "Haematocrit", "%", 4, 75, 36, 52),
            Parameter("WBC", "Leukocytes", "/nL", 0.05, 600, 4.0, 11.0),
            Parameter("Platelets", "Platelets", "/nL", 1, 3000, 150, 400),
            Parameter("Albumin", "Albumin", "g/dL", 0.3, 8, 3.4, 5.0),
            Parameter("Bilirubin", "Bilirubin", "mg/dL", 0.05, 90, None, 1.2),
            Parameter("ALP", "Alkaline phosphatase", "IU/L", 1, 10000, 30, 120),
            Parameter("ALT", "Alanine aminotransferase", "IU/L", 0.5, 50000, None, 41),
            Parameter("AST", "Aspartate aminotransferase", "IU/L", 0.5, 50000, None, 38),
            Parameter("Cholesterol", "Cholesterol", "mg/dL", 10, 1500, None, 200),
            Parameter("TroponinI", "Troponin I", "µg/L", 0.001, 1000, None, 0.4),
            Parameter("TroponinT", "Troponin T", "µg/L", 0.001, 200, None, 0.03),
        )
    }
)

STAY_CHANNELS = tuple(Channel(parameter.name, parameter.unit, is_lead=False) for parameter in PARAMETERS.values())
"""The channels of every stay, one for each of `PARAMETERS`."""

_COLUMN = {name: index for index, name in enumerate(PARAMETERS)}
_BY_FOLDED_NAME = {name.casefold(): name for name in PARAMETERS}
_SAMPLING_RATE = 1 / 60
_MAX_LISTED_NAMES = 5


@dataclass(frozen=True)
class Edit:
    """A change to one charted value: the new value, or None to delete it, at a minute after admission."""

    parameter: str
    minute: int
    value: float | None


def is_stay(record: Record) -> bool:
    """Return whether a record is an ICU stay rather than a recording of signals."""
    return record.channels == STAY_CHANNELS


def make_stay(name: str, signals: np.ndarray, annotations: Mapping[str, Annotations], source: str = "file") -> Record:
    """Return the record of a stay.

    Parameters
    ----------
    signals : float32 array, shape = (LAST_MINUTE + 1, len(STAY_CHANNELS))
        One row per minute from 00:00 to 48:00, NaN where nothing was charted.
    """
    return Record(
        name=name,
        signals=signals,
        sampling_rate=_SAMPLING_RATE,
        channels=STAY_CHANNELS,
        annotations=dict(annotations),
        digest=compute_digest(signals, _SAMPLING_RATE, STAY_CHANNELS, annotations),
        source=source,
    )


def chart_cell(parameter: str, minute: int) -> tuple[int, int]:
    """Return the row and column of a stay's signals that hold a parameter's value at a minute.

    Age, sex, height and ICU type have a single value, at 00:00.
    """
    return 0 if parameter in _CHARTED_ONCE else minute, _COLUMN[parameter]


def annotate_outcome(outcome: str) -> Annotations:
    """Return one of `OUTCOMES` as annotations of a stay."""
    if outcome not in OUTCOMES:
        raise ValueError(f"the outcome must be {' or '.join(OUTCOMES)}, got {outcome!r}")
    return Annotations(np.array([LAST_MINUTE], dtype=np.int64), ('"',), (outcome,))


def with_outcome(record: Record, outcome: str) -> Record:
    """Return the stay with its outcome, one of `OUTCOMES`, as an annotation."""
    annotations = {**record.annotations, "outcome": annotate_outcome(outcome)}
    return make_stay(record.name, record.signals, annotations, record.source)


def apply_edits(record: Record, edits: Sequence[Edit]) -> Record:
    """Return the stay with its charted values apply_edits, in the order given; its digest changes with them.

    Raises
    ------
    RecordRefused
        If the record is not a stay, or an edit names an unknown parameter, a minute outside 0 to 2880 or an implausible
        value.
    """
    if not is_stay(record):
        raise RecordRefused(f"{record.name} is not an ICU stay, so its values cannot be apply_edits. Choose a stay.")
    if not edits:
        return record
    signals = record.signals.copy()
    for edit in edits:
        _check_edit(edit)
        signals[chart_cell(edit.parameter, edit.minute)] = np.nan if edit.value is None else edit.value
    return make_stay(record.name, signals, record.annotations, record.source)


def _check_edit(edit: Edit) -> None:
    check_parameter_names("The edit", [edit.parameter])
    parameter = PARAMETERS.get(edit.parameter)
    if parameter is None:
        raise RecordRefused(
            f"{edit.parameter!r} is not spelled as a parameter. Write {canonical_name(edit.parameter)}."
        )
    if not 0 <= edit.minute <= LAST_MINUTE:
        raise RecordRefused(f"Minute {edit.minute} lies outside the stay. Choose one from 0 to {LAST_MINUTE}.")
    if edit.value is not None and not parameter.is_possible(edit.value):
        raise RecordRefused(
            f"{parameter.label} cannot be {edit.value:g}{_spaced(parameter.unit)}. Enter {_possible_values(parameter)}."
        )


def _possible_values(parameter: Parameter) -> str:
    if parameter.choices:
        return " or ".join(f"{value} ({meaning})" for value, meaning in parameter.choices.items())
    return f"a value from {parameter.least:g} to {parameter.greatest:g}{_spaced(parameter.unit)}"


def _spaced(unit: str) -> str:
    return f" {unit}" if unit else ""


def canonical_name(parameter: str) -> str:
    """Return the name of a parameter as `PARAMETERS` spells it, from a name in any case."""
    return _BY_FOLDED_NAME[parameter.casefold()]


def check_parameter_names(source: str, parameters: Sequence[str]) -> None:
    """Refuse names that are not in `PARAMETERS`, whatever their case; the message suggests the closest ones.

    Parameters
    ----------
    source : str
        What contains the names: the subject of the message.

    Raises
    ------
    RecordRefused
    """
    unknown = [parameter for parameter in parameters if parameter.casefold() not in _BY_FOLDED_NAME]
    if unknown:
        n_more = len(unknown) - _MAX_LISTED_NAMES
        names = ", ".join(map(_with_suggestion, unknown[:_MAX_LISTED_NAMES])) + (f" and {n_more} more" * (n_more > 0))
        raise RecordRefused(
            f"{source} contains unknown parameters: {names}. "
            f"Rename or remove them; the known parameters are {', '.join(PARAMETERS)}."
        )


def _with_suggestion(unknown: str) -> str:
    """Return the name as it was written, with the known parameter whose name or label is closest."""
    names = {parameter.label.casefold(): parameter.name for parameter in PARAMETERS.values()} | _BY_FOLDED_NAME
    closest = get_close_matches(unknown.casefold()[:60], names, n=1, cutoff=0.7)
    return repr(unknown[:40]) + (f" (perhaps {names[closest[0]]})" if closest else "")
