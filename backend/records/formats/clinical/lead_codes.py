"""The ECG leads that clinical standards number and name: SCP-ECG, and with it the MDC codes of DICOM and HL7 aECG."""

import re

__all__ = ["lead_of_mdc_name", "lead_of_number", "number_of_mdc_code", "standard_spelling"]

# EN 1064:2005, annex A of section 3, and the same numbers in ISO/IEEE 11073-10102 (MDC_ECG_LEAD_...).
_FIRST_NUMBERS = {
    1: "I II V1 V2 V3 V4 V5 V6 V7 V2R V3R V4R V5R V6R V7R X Y Z CC5 CM5 LA RA LL fI fE fC fA fM fF fH",
    61: "III aVR aVL aVF -aVR V8 V9 V8R V9R D A J Defib Extern A1 A2 A3 A4",
    86: "Chest V VR VL VF MCL MCL1 MCL2 MCL3 MCL4 MCL5 MCL6 CC CC1 CC2 CC3 CC4 CC6 CC7 CM CM1 CM2 CM3 CM4 CM6",
    121: "CM7 CH5 CS5 CB5 CR5 ML AB1 AB2 AB3 AB4 ES AS AI S",
    147: "RL CV5RL CV6LL CV6LU V10",
}
_NAMES = {first + place: name for first, names in _FIRST_NUMBERS.items() for place, name in enumerate(names.split())}
# Leads that the recorder computed from other leads have numbers of their own.
_DERIVED = {number + 30: name for number, name in _NAMES.items() if number <= 30} | {
    111 + place: name for place, name in enumerate(("III", "aVR", "aVL", "aVF"))
}
_SPELLINGS = {name.casefold(): name for name in _NAMES.values()}
_MDC_PREFIX = "MDC_ECG_LEAD_"
# Numeric codes of MDC are partition:number, or both in one number; leads are in partition 2.
_LEAD_PARTITION, _PARTITION_SIZE = 2, 2**16
_LONG_NAME = re.compile(r"(?:ecg |ekg )?(?:lead )?([a-z0-9+-]{1,6})(?: \(.{0,40}\))?", re.IGNORECASE)


def lead_of_number(number: int) -> str | None:
    """Return the name of a lead from its number in SCP-ECG (1 is I, 61 is III); None if the number names no lead."""
    if number in _DERIVED:
        return f"{_DERIVED[number]} derived"
    return _NAMES.get(number)


def lead_of_mdc_name(code: str) -> str | None:
    """Return the lead of a reference identifier: ``aVR`` for ``MDC_ECG_LEAD_AVR``; None if it names no lead."""
    if not code.upper().startswith(_MDC_PREFIX):
        return None
    bare = code[len(_MDC_PREFIX) :]
    return _SPELLINGS.get(bare.casefold()) or (bare[:16] if bare.isalnum() else None)


def number_of_mdc_code(code: str) -> int | None:
    """Return the number of a lead in a numeric MDC code: 61 for ``2:61`` and ``131133``; None for other codes."""
    partition, colon, number = code.strip().partition(":")
    if colon:
        is_lead = (
            partition.strip() == str(_LEAD_PARTITION) and number.isascii() and number.isdigit() and len(number) < 4
        )
        return _known(int(number)) if is_lead else None
    if not (partition.isascii() and partition.isdigit() and len(partition) < 8):
        return None
    whole = int(partition)
    return _known(whole % _PARTITION_SIZE) if whole // _PARTITION_SIZE == _LEAD_PARTITION else None


def _known(number: int) -> int | None:
    """Return the number if it is that of a lead, or 0, which stands for any lead."""
    return number if number == 0 or lead_of_number(number) else None


def standard_spelling(name: str) -> str:
    """Return a lead name as the standards write it: ``aVR`` for ``AVR`` and ``Lead aVR``; others are unchanged."""
    name = " ".join(name.split())
    match = _LONG_NAME.fullmatch(name[:60])
    return _SPELLINGS.get(match[1].casefold(), name) if match else name
