"""The names of charted parameters on the screens, and their organ systems."""

from collections.abc import Mapping

from backend.records.stays import PARAMETERS

__all__ = ["LABELS", "SYSTEMS"]

_SHORT = {"GCS": "GCS", "FiO2": "FiO2", "ALT": "ALT", "AST": "AST"}

LABELS: Mapping[str, str] = {name: _SHORT.get(name, parameter.label) for name, parameter in PARAMETERS.items()}
"""Short enough for a row of the grid; tooltips hold the full labels."""

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
"""Each parameter once, in the order of a ward round."""
