"""Units of the electric potential, as files write them."""

__all__ = ["millivolts_per"]

_MILLIVOLTS = {"v": 1e3, "volt": 1e3, "volts": 1e3, "mv": 1.0, "uv": 1e-3, "µv": 1e-3, "μv": 1e-3, "nv": 1e-6}


def millivolts_per(unit: str) -> float | None:
    """How many millivolts one ``unit`` is (``uV``, ``V``, ...); None when the unit is not an electric potential."""
    return _MILLIVOLTS.get(unit.strip().casefold())
