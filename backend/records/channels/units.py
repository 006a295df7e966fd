"""Units of electric potential and pressure, in the spellings of files."""

__all__ = ["millivolts_per", "mmhg_per"]

_MILLIVOLTS = {"v": 1e3, "volt": 1e3, "volts": 1e3, "mv": 1.0, "uv": 1e-3, "µv": 1e-3, "μv": 1e-3, "nv": 1e-6}
_MMHG = {"mmhg": 1.0, "torr": 1.0, "kpa": 7.50062, "hpa": 0.750062, "mbar": 0.750062, "cmh2o": 0.735559}


def millivolts_per(unit: str) -> float | None:
    """Return the millivolts in one unit (``uV``, ``V``, ...); None if the unit is not an electric potential."""
    return _MILLIVOLTS.get(unit.strip().casefold())


def mmhg_per(unit: str) -> float | None:
    """Return the mmHg in one unit (``kPa``, ``cmH2O``, ...); None if the unit is not a pressure."""
    return _MMHG.get(unit.strip().casefold())
