"""Units of electric potential and pressure, in the spellings of files."""

__all__ = ["millivolts_per", "mmhg_per"]

_MILLIVOLTS = {"v": 1e3, "volt": 1e3, "volts": 1e3, "mv": 1.0, "uv": 1e-3, "nv": 1e-6}
_MILLIVOLTS |= {
    f"{prefix}volt{s}": factor
    for prefix, factor in (("milli", 1.0), ("micro", 1e-3), ("nano", 1e-6), ("m", 1.0), ("u", 1e-3), ("n", 1e-6))
    for s in ("", "s")
}
_MILLIVOLTS |= {"microv": 1e-3, "mcv": 1e-3, "milliv": 1.0, "nanov": 1e-6, "mikrovolt": 1e-3}
_LONGEST_UNIT = 20
_MMHG = {"mmhg": 1.0, "torr": 1.0, "kpa": 7.50062, "hpa": 0.750062, "mbar": 0.750062, "cmh2o": 0.735559}


def millivolts_per(unit: str) -> float | None:
    """Return the millivolts in one unit (``uV``, ``V``, ...); None if the unit is not an electric potential."""
    folded = "".join(unit[:_LONGEST_UNIT].casefold().strip(" []()").split())
    sign = folded.removesuffix("volts").removesuffix("volt").removesuffix("v")
    # The micro sign comes in many encodings, and lost; no other prefix of a volt is outside ASCII.
    if sign and sign != folded and all(letter == "?" or not letter.isascii() for letter in sign):
        return _MILLIVOLTS["uv"]
    return _MILLIVOLTS.get(folded)


def mmhg_per(unit: str) -> float | None:
    """Return the mmHg in one unit (``kPa``, ``cmH2O``, ...); None if the unit is not a pressure."""
    return _MMHG.get(unit.strip().casefold())
