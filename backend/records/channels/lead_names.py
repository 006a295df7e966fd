"""What the name of a channel says: an ECG lead, another signal, or neither."""

import re
import unicodedata
from collections.abc import Iterator

from backend.records.channels.units import millivolts_per

__all__ = ["bare_lead", "is_lead_by_name", "is_lead_name", "is_other_name", "name_words"]

_LONGEST_NAME = 120
_UNSTATED = {"", "adu", "au", "a.u.", "nu", "n/a", "none", "unknown", "?", "-"}

_ECG = {"ecg", "ekg", "eecg", "electrocardiogram", "elektrokardiogramm", "elektrokardiogram", "electrocardiogramme"}
_ECG |= {
    "elettrocardiogramma",
    "electrocardiograma",
    "eletrocardiograma",
    "экг",
    "心電図",
    "心電圖",
    "心电图",
    "심전도",
}
_LEAD_WORDS = {"lead", "ableitung", "abl", "derivation", "derivacion", "derivacao", "derivazione", "afleiding"}
_LEAD_WORDS |= {"odprowadzenie", "avledning", "svod", "elvezetes", "отведение", "導聯", "导联", "誘導", "유도"}
_LEAD = re.compile(
    r"(ml|mod)?(i|ii|iii)|a?v[rlf]|av[rlf]|d(i|ii|iii|[1-4])"
    r"|(mod)?v\d{0,2}r?|v[xyz]|mcl\d?|m[lv]\d|c[mcsbr]\d|mod(i|ii|iii|v\d)"
)
_GARBLED = {"d?rivation": "derivation", "derivaci?n": "derivacion", "deriva??o": "derivacao", "elvezet?s": "elvezetes"}
# The limb lead between two electrodes, in either direction.
_LIMB_PAIRS = {frozenset(("la", "ra")): "i", frozenset(("ll", "ra")): "ii", frozenset(("ll", "la")): "iii"}
_ELECTRODES = {"la", "ra", "ll", "rl"}

# Quantities that are derived from an ECG, or recorded through its electrodes: their names hold ECG, they do not.
_DERIVED = {"hr", "hrv", "bpm", "rr", "rri", "nn", "ibi", "pr", "pq", "qt", "qtc", "qrs", "qrsd", "st", "edr", "sqi"}
_DERIVED |= {
    "alarm",
    "z0",
    "id",
    "time",
    "zeit",
    "lod",
    "loff",
    "ok",
    "valid",
    "mode",
    "flag",
    "gain",
    "class",
    "label",
}
_DERIVED |= {"rpeak", "rpeaks", "rwave", "sdnn", "rmssd", "seq", "sync", "puls", "pulse", "state", "date"}
_DERIVED_STARTS = (
    *("off", "quali", "qualitat", "statu", "imped", "resp", "breath", "atem", "atmung", "rate", "freq", "herzfreq"),
    *("interval", "intervall", "peak", "beat", "event", "marker", "trig", "annot", "contact", "kontakt", "noise"),
    *("artifact", "artefact", "artefakt", "count", "batter", "temp", "conf", "score", "index", "timest", "pace"),
    *("pacing", "variab", "duration", "heartrate", "heart_rate", "leadoff", "saturat", "lost", "connect"),
    *("error", "check", "accel", "gyro", "envelope", "spike", "rauschen", "stoerung", "storung", "electrode", "impuls"),
)
# Other signals. Next to ECG in a name they say where the electrode is or what the amplifier was made for.
_OTHERS = {"eeg", "eog", "emg", "egg", "eda", "gsr", "ppg", "bvp", "pcg", "meg", "ecog", "seeg", "ieeg", "pol"}
_OTHERS |= {"abp", "nibp", "ibp", "bp", "art", "cvp", "pap", "icp", "rap", "lap", "uap", "fap", "pat", "pwa", "ptt"}
_OTHERS |= {"co2", "etco2", "o2", "spo2", "sao2", "tcco2", "osat", "rip", "sum", "xsum", "cpap", "ipap", "epap"}
_OTHERS |= {"acc", "accx", "accy", "accz", "gyr", "mag", "roc", "loc", "leog", "reog", "plm", "plml", "plmr", "plms"}
_OTHERS |= {"lat", "rat", "tib", "ltib", "rtib", "ap", "pa", "ref", "gnd", "mic", "pos", "lux", "db", "ph", "toco"}
_OTHERS |= {"therm", "ptaf", "pitch", "roll", "yaw", "x_acc", "y_acc", "z_acc", "bursts", "suppr", "uc", "fhr", "mhr"}
_OTHER_STARTS = (
    *("abd", "thor", "chest", "brust", "bauch", "effort", "flow", "fluss", "druck", "press", "nasal", "nas", "oral"),
    *("snor", "schnarch", "ronfl", "sound", "ton", "audio", "micro", "mikro", "voice", "noise", "chin", "kinn"),
    *("menton", "leg", "bein", "jamb", "arm", "tibial", "masset", "body", "korper", "position", "lage", "light"),
    *("licht", "lumi", "photic", "pleth", "puls", "satur", "sattig", "oxim", "skin", "haut", "gyro", "accel", "magn"),
    *("leak", "tidal", "volum", "ventil", "muscle", "muskel", "eye", "auge", "voltage_b", "airflow", "cannula"),
    *("capno", "co2", "activ", "aktiv", "move", "motion", "beweg", "step", "speed", "altit", "blood", "stim", "humid"),
)
_EEG_ELECTRODE = re.compile(r"(fp|af|fc|ft|cp|tp|po|[fctpoae])(z|\d{1,2})h?|[am][12]|nz|iz|fpz|oz|cz|[lr]?c?chin\d?")
_SIDED = re.compile(r"[lrc]{1,2}(chin|leg|arm|tib|eye|eog|emg|flow|abd|thor|pos)[lr]?\d?")


def is_lead_name(name: str) -> bool:
    """Return whether a name is that of an ECG lead: ``II``, ``ECG1-ECG2``, ``EEG EKG1-REF``, ``Ableitung II``.

    A quantity that is derived from the ECG or measured through its electrodes (``ECG HR``, ``EKG_Off``, ``ECG
    Impedance``) is not a lead.
    """
    return _verdict(name) == "lead"


def is_other_name(name: str) -> bool:
    """Return whether a name is that of another signal or number: ``EEG C3-A2``, ``ABP``, ``LOC``, ``EKG_Off``.

    False for lead names, and for names that do not say what they are: ``Kanal 1``, ``X2``, ``signal``.
    """
    return _verdict(name) == "other"


def is_lead_by_name(name: str, unit: str) -> bool:
    """Return whether a channel is an ECG lead by its name, with a unit that is a potential or not stated."""
    return is_lead_name(name) and (millivolts_per(unit) is not None or unit.strip().casefold() in _UNSTATED)


def bare_lead(name: str) -> str:
    """Return the lead in a longer name.

    ``ii`` for ``Lead II``, ``ECG-II``, ``II`` and ``ECG_LL-RA_24BIT``, but ``ecg1`` for ``ECG1``.
    """
    bare = re.sub(r"[\s._:()]+", "", name[:_LONGEST_NAME].casefold())
    while (stripped := _without_prefix(bare)) != bare:
        bare = stripped
    if _LEAD.fullmatch(bare):
        return bare
    words = [part for word in name_words(name) for part in _parts(word)]
    pair = frozenset(word for word in words if word in _ELECTRODES)
    if pair in _LIMB_PAIRS:
        return _LIMB_PAIRS[pair]
    leads = [word for word in words if _LEAD.fullmatch(word)]
    return leads[0] if len(leads) == 1 else bare


def _without_prefix(bare: str) -> str:
    """Return a name without one leading ECG, EKG or lead, if a letter follows."""
    for prefix in ("ecg", "ekg", "lead"):
        rest = bare.removeprefix(prefix).removeprefix("-")
        if rest != bare and rest[:1].isascii() and rest[:1].isalpha():
            return rest
    return bare


def name_words(name: str) -> list[str]:
    """Return the words of a name without case, accents and punctuation: ``derivation``, ``ii`` of ``Dérivation-II``.

    A character that an exporter lost (``D?rivation``) is restored in the words for a lead.
    """
    text = _unaccented(_decoded_twice(name[:_LONGEST_NAME]))
    return [part for run in _runs(text) for part in _split_by_case(run)]


def _decoded_twice(name: str) -> str:
    """Return a name whose UTF-8 was read as Latin-1 as it was meant."""
    try:
        return name.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return name


def _unaccented(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).replace("�", "?")


def _runs(text: str) -> Iterator[str]:
    """Return the runs of letters, digits and lost characters."""
    run = ""
    for letter in text + " ":
        if letter.isalnum() or letter == "?":
            run += letter
        elif run:
            yield run
            run = ""


def _split_by_case(run: str) -> list[str]:
    """Return ``heart`` and ``rate`` for ``HeartRate``, but ``avr`` for ``aVR``."""
    folded = run.casefold()
    folded = _GARBLED.get(folded, folded).strip("?")
    if _kind(folded) is not None:
        return [folded]
    for known in ("ecg", "ekg", "lead"):
        if folded.startswith(known):
            return [known, *_split_by_case(run[len(known) :])]
    parts = re.split(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", run)
    return [part for part in (own.casefold().strip("?") for own in parts) if part]


def _kind(word: str) -> str | None:
    """Return what one word says: ``ecg``, ``lead word``, ``lead``, ``derived``, ``other``; None if nothing."""
    if word in _ECG:
        return "ecg"
    if word in _LEAD_WORDS:
        return "lead word"
    unnumbered = word.rstrip("0123456789")
    if word in _DERIVED or unnumbered in _DERIVED or word.startswith(_DERIVED_STARTS):
        return "derived"
    if word.startswith("st") and _LEAD.fullmatch(word[2:]):
        return "derived"
    if _LEAD.fullmatch(word):
        return "lead"
    if (
        word in _OTHERS
        or unnumbered in _OTHERS
        or word.startswith(_OTHER_STARTS)
        or _EEG_ELECTRODE.fullmatch(word)
        or _SIDED.fullmatch(word)
    ):
        return "other"
    return None


def _parts(word: str) -> list[str]:
    """Return the parts of a word that is written together: ``ecg`` and ``ii`` for ``ecgii``, ``raw``, ``ecg``."""
    if _kind(word) is not None:
        return [word]
    for known in ("ecg", "ekg", "lead", "ableitung", "derivation"):
        if word.startswith(known):
            return [known, *([] if word == known else _parts(word.removeprefix(known)))]
        if word.endswith(known):
            return [word.removesuffix(known), known]
    for known in _ECG:
        if not known.isascii() and known in word:
            return [known]
    return [word]


def _verdict(name: str) -> str:
    """Return ``lead``, ``other`` or ``unknown``."""
    words = [part for word in name_words(name) for part in _parts(word)]
    kinds = {_kind(word) for word in words}
    if "derived" in kinds:
        return "other"
    if "ecg" in kinds:
        return "unknown" if {"emg", "eog"} & set(words) else "lead"
    if "other" in kinds:
        return "other"
    electrodes = frozenset(word for word in words if word in _ELECTRODES)
    if electrodes in _LIMB_PAIRS and len(words) <= 3:
        return "lead"
    return "lead" if kinds & {"lead", "lead word"} else "unknown"
