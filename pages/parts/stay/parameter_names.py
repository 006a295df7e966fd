"""What charted parameters are called on a screen, and which organ system each belongs to."""

from collections.abc import Mapping

from backend.records.stays import PARAMETERS

__all__ = ["LABELS", "SYSTEMS"]

_SHORT = {
    "SysABP": "Systolic, arterial line",
    "DiasABP": "Diastolic, arterial line",
    "MAP": "Mean pressure, art. line",
    "NISysABP": "Systolic, cuff",
    "NIDiasABP": "Diastolic, cuff",
    "NIMAP": "Mean pressure, cuff",
    "MechVent": "Ventilated",
    "FiO2": "Inspired oxygen (FiO2)",
    "PaO2": "Oxygen in blood (PaO2)",
    "PaCO2": "CO2 in blood (PaCO2)",
    "ALP": "Alkaline phosphatase",
    "ALT": "ALT (liver enzyme)",
    "AST": "AST (liver enzyme)",
}

LABELS: Mapping[str, str] = {name: _SHORT.get(name, parameter.label) for name, parameter in PARAMETERS.items()}
"""Short enough for a row of the grid; the parameters' own labels are told on hovering."""

SYSTEMS: Mapping[str, tuple[str, ...]] = {
    "On admission": ("Age", "Gender", "Height", "Weight", "ICUType"),
    "Brain": ("GCS",),
    "Heart and circulation": (
        "HR", "SysABP", "DiasABP", "MAP", "NISysABP", "NIDiasABP", "NIMAP", "TroponinI", "TroponinT", "Lactate",
    ),
    "Lungs and acid-base": ("RespRate", "SaO2", "MechVent", "FiO2", "PaO2", "PaCO2", "pH", "HCO3"),
    "Kidneys and salts": ("Urine", "BUN", "Creatinine", "Na", "K", "Mg"),
    "Liver and metabolism": ("Bilirubin", "ALP", "ALT", "AST", "Albumin", "Cholesterol", "Glucose"),
    "Blood and infection": ("HCT", "Platelets", "WBC", "Temp"),
}  # fmt: skip
"""Each parameter once, in the order in which a round goes through them."""
