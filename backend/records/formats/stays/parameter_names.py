"""Which parameter of a stay a name or a code of another database means."""

import unicodedata

from backend.records.stay_units import unit_of_parameter
from backend.records.stays import PARAMETERS

__all__ = [
    "GCS_PARTS",
    "KNOWN_UNITS",
    "PRESSURE_NAMES",
    "UREA_NAMES",
    "coma_part_named",
    "fold_name",
    "is_other_fluid",
    "parameter_and_unit",
    "parameter_named",
]

_NAMES = {
    "Age": "age patientage ageinyears ageyears alter anchorage admissionage ageatadmission",
    "Gender": "gender sex geschlecht sexe sexo patientsex patientgender sexatbirth",
    "Height": "height patientheight bodyheight heightcm admissionheight grosse korpergrosse taille",
    "ICUType": "icutype unittype icutypecode",
    "Weight": "weight weightkg admissionweight admissionweightkg dailyweight gewicht bodyweight poids wt patientweight",
    "GCS": "gcs glasgowcomascale glasgowcomascore gcstotal totalgcs gcsscore",
    "HR": "hr heartrate puls pulse herzschlag hartfrequentie heartratebpm pulserate herzfrequenz hrbpm hfreq hf "
    "frequencecardiaque heartfrequency",
    "SysABP": "sysabp sbp sysbp systolic systolicbp systolicbloodpressure systolicpressure bpsystolic bpsys "
    "sap abps abpsys artbps artbpsystolic arterialbloodpressuresystolic systemicsystolic ibpsystolic "
    "abpsystolic sysbpinvasive invasivesystolicbp blutdrucksystolisch systolischerblutdruck rrsys "
    "systolicabp arterialsystolicpressure rrsyst systolisch sapinvasive",
    "DiasABP": "diasabp dbp diasbp diastolic diastolicbp diastolicbloodpressure diastolicpressure bpdiastolic "
    "bpdia dap abpd abpdias artbpd artbpdiastolic arterialbloodpressurediastolic systemicdiastolic "
    "ibpdiastolic abpdiastolic diabp invasivediastolicbp blutdruckdiastolisch diastolischerblutdruck "
    "rrdia diastolicabp arterialdiastolicpressure",
    "MAP": "map mbp meanbp meanabp abpmean abpm meanarterialpressure meanarterialbloodpressure "
    "meanbloodpressure meanpressure bpmean artbpm artbpmean arterialbloodpressuremean systemicmean "
    "ibpmean invasivemeanbp mittlererblutdruck mad meanarterialbp arterialmeanpressure",
    "NISysABP": "nisysabp nibpsystolic nibpsys nibps nbps nbpsystolic nbpsys nisbp sbpni noninvasivesystolic "
    "nisystolic noninvasivebloodpressuresystolic noninvasivesystolicbp "
    "noninvasivesystolicbloodpressure cuffsystolic nibpsyst",
    "NIDiasABP": "nidiasabp nibpdiastolic nibpdia nibpdias nibpd nbpd nbpdiastolic nbpdias nidbp dbpni "
    "noninvasivediastolic noninvasivebloodpressurediastolic noninvasivediastolicbp "
    "noninvasivediastolicbloodpressure nidiastolic cuffdiastolic",
    "NIMAP": "nimap nibpmean nibpm nbpm nbpmean nimbp mbpni noninvasivemean noninvasivebloodpressuremean "
    "nibpmap nimean noninvasivemeanbp noninvasivemeanbloodpressure noninvasivemeanarterialpressure "
    "cuffmean",
    "RespRate": "resprate breathsperminute ademfrequentie rr resp respiration respiratoryrate respirationrate "
    "respirations breathingrate "
    "atemfrequenz af respiratoryratetotal frequencerespiratoire respratebpm",
    "Temp": "temp t temperature bodytemperature temperaturec tempc temperaturef tempf temperaturecelsius "
    "temperatur corebodytemp temperaturefahrenheit korpertemperatur bodytemp coretemp "
    "coretemperature tempcelsius tempfahrenheit",
    "SaO2": "sao2 spo2 sp02 sattigung o2sattigung o2sat o2saturation oxygensaturation saturation sat "
    "o2saturationpulseoxymetry "
    "sauerstoffsattigung o2saturationpulseoximetry arterialo2saturation spo2pct pulseox "
    "pulseoximetry so2 o2sats",
    "MechVent": "mechvent mechanicalventilation ventilated ventilation mechanicallyventilated beatmung vent",
    "FiO2": "fio2 inspiredo2fraction inspiredoxygen fractionofinspiredoxygen fractioninspiredoxygen "
    "fio2percent fio2pct inspiredoxygenfraction inspiredo2fractionfio2 fio2frac fio2set inspiredo2 inspiredoxygenfio2",
    "PaO2": "pao2 po2 arterialo2pressure arterialpo2 arterialoxygenpressure partialpressureofoxygen "
    "po2arterial po2art arterialoxygentension arterialpao2",
    "PaCO2": "paco2 pco2 arterialco2pressure arterialpco2 arterialpaco2 partialpressureofcarbondioxide "
    "pco2arterial arterialcarbondioxidetension pco2art",
    "pH": "ph phart pharterial arterialph bloodph phblood",
    "HCO3": "hco3 bicarbonate bicarb hco3serum serumbicarbonate serumhco3 bikarbonat hco3minus",
    "Lactate": "lactate lacticacid serumlactate laktat lactatearterial lac bloodlactate arteriallactate",
    "Urine": "urine urineout urineoutputvolume urinausscheidung urinmenge ausscheidung urineoutput uo diuresis urin "
    "urineml urinevolume urinevol foley diurese urineoutputml ausfuhr",
    "BUN": "bun bloodureanitrogen ureanitrogen serumbun urea harnstoffn serumurea harnstoff",
    "Creatinine": "creatinine creat crea serumcreatinine creatinineserum kreatinin cr screat scr",
    "Na": "na sodium natriumserum serumsodium natrium sodiumserum naserum",
    "K": "k potassium serumpotassium kalium potassiumserum kserum",
    "Mg": "mg magnesium serummagnesium mgserum",
    "Glucose": "glucose bloodglucose serumglucose glucoseserum bloodsugar glukose blutzucker bz gluc glu "
    "glucosewholeblood fingerstickglucose glucosefingerstick glucosefingerstickrange70100 "
    "bedsideglucose plasmaglucose glycemia glycaemia",
    "HCT": "hct hematocrit haematocrit hamatokrit hkt hematocritserum ht",
    "WBC": "wbc leuko leucos wbccounts whitebloodcells whitebloodcellcount leukocytes leucocytes leukozyten "
    "whitecellcount wcc "
    "wbccount wbcx1000 whitebloodcell leukos",
    "Platelets": "platelets thrombos thrombo thromboz plateletcount plt thrombocytes thrombozyten plts plateletsx1000 "
    "platelet",
    "Albumin": "albumin alb serumalbumin",
    "Bilirubin": "bilirubin gesamtbilirubin totalbilirubin bilirubintotal bili tbili bilitotal tbil serumbilirubin "
    "bilirubingesamt",
    "ALP": "alp alkalinephosphatase alkalinephos alkphos alkalinephosphate alkalischephosphatase alkp",
    "ALT": "alt alanineaminotransferase alaninetransaminase sgpt altsgpt gpt alat",
    "AST": "ast aspartateaminotransferase aspartatetransaminase sgot astsgot got asat",
    "Cholesterol": "cholesterol totalcholesterol cholesterin chol cholesteroltotal",
    "TroponinI": "troponini hstni hsctni troponinicardiac tropi tni ctni hstroponini troponini1",
    "TroponinT": "troponint hstnt hsctnt troponintcardiac tropt tnt ctnt hstroponint",
}

# Item numbers of MIMIC-IV (chartevents, then labevents) with the unit of their values, from its d_items and d_labitems.
_CODES = {
    "HR": "220045",
    "SysABP": "220050 225309",
    "DiasABP": "220051 225310",
    "MAP": "220052 225312",
    "NISysABP": "220179",
    "NIDiasABP": "220180",
    "NIMAP": "220181",
    "RespRate": "220210 224690",
    "Temp": "223761 223762",
    "SaO2": "220277 220227 50817",
    "FiO2": "223835 50816",
    "PaO2": "220224 50821",
    "PaCO2": "220235 50818",
    "pH": "223830 50820",
    "HCO3": "227443 50882",
    "Lactate": "225668 50813",
    "BUN": "225624 51006",
    "Creatinine": "220615 50912",
    "Na": "220645 50983",
    "K": "227442 50971",
    "Mg": "220635 50960",
    "Glucose": "220621 225664 226537 50931 50809",
    "HCT": "220545 51221",
    "WBC": "220546 51300 51301",
    "Platelets": "227457 51265",
    "Albumin": "227456 50862",
    "Bilirubin": "225690 50885",
    "ALP": "225612 50863",
    "ALT": "220644 50861",
    "AST": "220587 50878",
    "Cholesterol": "220603 50907",
    "TroponinT": "227429 51003",
    "TroponinI": "51002",
    "Urine": "226559 226560 226561 226563 226584",
    "Weight": "226512 224639 226531",
    "Height": "226730 226707",
}
KNOWN_UNITS = {"223761": "°F", "223835": "%", "50816": "%", "226531": "lb", "226707": "in", "temperaturef": "°F"}
"""Units that a code or a folded name tells by itself."""
KNOWN_UNITS |= {"tempf": "°F", "temperaturefahrenheit": "°F", "tempfahrenheit": "°F"}
KNOWN_UNITS |= dict.fromkeys(("hstni", "hsctni", "hstroponini", "hstnt", "hsctnt", "hstroponint"), "ng/L")
UREA_NAMES = ("urea", "serumurea", "harnstoff", "bloodurea")
"""Folded names of urea, which weighs 2.14 times as much as its nitrogen (BUN)."""

GCS_PARTS = ("GCS eye", "GCS verbal", "GCS motor")
"""The three responses whose sum is the GCS."""
_GCS_NAMES = {
    "GCS eye": "gcseyeopening gcseye gcseyes eyeopening eyes eye gcse 220739 gcseyesopen gcseyeresponse augenoffnen",
    "GCS verbal": "gcsverbalresponse gcsverbal verbalresponse verbal gcsv 223900 bestverbalresponse",
    "GCS motor": "gcsmotorresponse gcsmotor motorresponse motor gcsm 223901 bestmotorresponse",
}
_PARTS_BY_NAME = {word: part for part, words in _GCS_NAMES.items() for word in words.split()}
PRESSURE_NAMES = {
    **dict.fromkeys(
        ("bp", "abp", "ibp", "bloodpressure", "artbp", "arterialbloodpressure"), ("SysABP", "DiasABP", "MAP")
    ),
    **dict.fromkeys(("blutdruck", "rr", "arterialbp", "invasivebp"), ("SysABP", "DiasABP", "MAP")),
    **dict.fromkeys(("nibp", "nbp", "noninvasivebp", "noninvasivebloodpressure"), ("NISysABP", "NIDiasABP", "NIMAP")),
}
"""Folded names under which a blood pressure is charted as 120/80, and its systolic, diastolic and mean parameters."""

# Names of pressures are put together from where and which.
_ARTERIAL = "arterial art abp ibp invasive invasivebp systemic bp bloodpressure arterialbp artbp arterialbloodpressure"
_CUFF = "ni nibp nbp noninvasive noninvasivebp noninvasivebloodpressure nichtinvasiv cuff nonivasivebp nibloodpressure"
_WHICH = (
    ("SysABP", "NISysABP", "systolic sys syst systolisch systolisches systole"),
    ("DiasABP", "NIDiasABP", "diastolic dia dias diast diastolisch diastole"),
    ("MAP", "NIMAP", "mean map mittel mittelwert"),
)


def _pressures() -> dict[str, str]:
    named = {}
    for arterial, cuff, endings in _WHICH:
        for parameter, places in ((arterial, _ARTERIAL), (cuff, _CUFF)):
            for place in places.split():
                for ending in endings.split():
                    named[place + ending] = named[ending + place] = parameter
    return named


_BY_NAME = _pressures()
_BY_NAME |= {word: parameter for parameter, words in _NAMES.items() for word in words.split()}
_BY_NAME |= {word: parameter for parameter, words in _CODES.items() for word in words.split()}
_LONGEST_NAME = 80


def fold_name(name: str) -> str:
    """Return a name in lower case without accents, blanks and punctuation, and without a unit in brackets."""
    text = name[:_LONGEST_NAME].strip(" \"'")
    for opening, closing in ("()", "[]"):
        before, found, _ = text.partition(opening)
        if found and before.strip() and text.endswith(closing):
            text = before
    folded = text.casefold()
    decomposed = folded if folded.isascii() else unicodedata.normalize("NFKD", folded)
    return decomposed if decomposed.isalnum() else "".join(filter(str.isalnum, decomposed))


def _add_labels() -> None:
    for name, parameter in PARAMETERS.items():
        _BY_NAME.setdefault(fold_name(name), name)
        plain = "".join(letter for letter in parameter.label.casefold() if letter.isalnum())
        _BY_NAME.setdefault(plain, name)


_add_labels()


# In brackets behind a name: what it was measured in, where that is not the patient's arterial blood.
_OTHER_FLUIDS = (
    "urin csf cerebrospinal liquor ascit pleura stool fluid dialys drain joint periton amnio sweat saliva bal"
)
_VENOUS = "ven mixed mix cv"
_BLOOD_GASES = ("PaO2", "PaCO2", "pH", "SaO2")
_FILLERS = ("serum", "plasma", "whole", "blood", "level", "conc", "concentration", "arterial")
_SUMMARIES = ("value", "mean", "avg", "average", "median", "last", "result")
_BREAKS = " _-/,;:|([{"


def is_other_fluid(parameter: str, fluid: str) -> bool:
    """Return whether a value was measured in something else than the blood (of an artery) that the parameter means."""
    folded = fold_name(fluid)
    if parameter == "Urine":
        return False
    is_venous = parameter in _BLOOD_GASES and folded.startswith(tuple(_VENOUS.split()))
    return is_venous or any(word in folded for word in _OTHER_FLUIDS.split())


def _in_brackets(name: str) -> str:
    text = name[:_LONGEST_NAME].strip(" \"'")
    for opening, closing in ("()", "[]", "{}"):
        before, found, inside = text.partition(opening)
        if found and before.strip() and text.endswith(closing):
            return inside[:-1].strip()
    return ""


def parameter_named(name: str) -> str | None:
    """Return the parameter of `PARAMETERS` that a name, a label or a code means; None if there is none.

    Examples
    --------
    >>> parameter_named("Heart Rate"), parameter_named("SBP"), parameter_named("220045"), parameter_named("CRP")
    ('HR', 'SysABP', 'HR', None)
    """
    folded = fold_name(name)
    parameter = _BY_NAME.get(folded)
    if parameter is None:
        summary = next((own for own in _SUMMARIES if folded.endswith(own)), "")
        parameter = _BY_NAME.get(folded.removesuffix(summary)) if summary else None
    if parameter is None:
        words = "".join(letter if letter.isalnum() else " " for letter in name[:_LONGEST_NAME].casefold()).split()
        kept = [word for word in words if word not in _FILLERS]
        parameter = _BY_NAME.get("".join(kept)) if 0 < len(kept) < len(words) else None
    inside = _in_brackets(name)
    return None if parameter and inside and is_other_fluid(parameter, inside) else parameter


def parameter_and_unit(name: str) -> tuple[str | None, str]:
    """Return the parameter that a name means, and the unit that it tells (empty without one).

    Examples
    --------
    >>> parameter_and_unit("Glucose (mmol/L)"), parameter_and_unit("creatinine_umol_l"), parameter_and_unit("Temp °F")
    (('Glucose', 'mmol/L'), ('Creatinine', 'µmol/L'), ('Temp', '°F'))
    """
    text = name[:_LONGEST_NAME].strip(" \"'")
    parameter = parameter_named(text)
    if parameter is not None:
        inside = _in_brackets(text)
        known = unit_of_parameter(parameter, inside)
        return parameter, known or (inside if "/" in inside or inside in ("%", "kPa", "mmHg") else "")
    for place, letter in enumerate(text):
        if place and letter in _BREAKS:
            parameter = parameter_named(text[:place])
            unit = unit_of_parameter(parameter, text[place + 1 :]) if parameter else ""
            if unit:
                return parameter, unit
    return None, ""


def coma_part_named(name: str) -> str | None:
    """Return which of `GCS_PARTS` a name or a code means; None if it is none."""
    return _PARTS_BY_NAME.get(fold_name(name))
