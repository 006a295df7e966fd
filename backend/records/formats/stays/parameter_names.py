"""Which parameter of a stay a name or a code of another database means."""

import unicodedata

from backend.records.stays import PARAMETERS

__all__ = ["KNOWN_UNITS", "UREA_NAMES", "fold_name", "parameter_named"]

_NAMES = {
    "Age": "age ageyears alter anchorage admissionage ageatadmission",
    "Gender": "gender sex geschlecht sexe sexo",
    "Height": "height heightcm admissionheight grosse korpergrosse taille",
    "ICUType": "icutype unittype icutypecode",
    "Weight": "weight weightkg admissionweight admissionweightkg dailyweight gewicht bodyweight poids wt patientweight",
    "GCS": "gcs glasgowcomascale glasgowcomascore gcstotal totalgcs gcsscore",
    "HR": "hr heartrate heartratebpm pulserate herzfrequenz hrbpm hfreq hf frequencecardiaque heartfrequency",
    "SysABP": "sysabp sbp sysbp systolic systolicbp systolicbloodpressure systolicpressure bpsystolic bpsys "
    "sap abps abpsys artbps artbpsystolic arterialbloodpressuresystolic systemicsystolic ibpsystolic "
    "abpsystolic sysbpinvasive invasivesystolicbp blutdrucksystolisch systolischerblutdruck rrsys "
    "systolicabp arterialsystolicpressure",
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
    "RespRate": "resprate rr resp respiration respiratoryrate respirationrate respirations breathingrate "
    "atemfrequenz af respiratoryratetotal frequencerespiratoire respratebpm",
    "Temp": "temp t temperature bodytemperature temperaturec tempc temperaturef tempf temperaturecelsius "
    "temperatur corebodytemp temperaturefahrenheit korpertemperatur bodytemp coretemp "
    "coretemperature tempcelsius tempfahrenheit",
    "SaO2": "sao2 spo2 o2sat o2saturation oxygensaturation saturation sat o2saturationpulseoxymetry "
    "sauerstoffsattigung o2saturationpulseoximetry arterialo2saturation spo2pct pulseox "
    "pulseoximetry so2 o2sats",
    "MechVent": "mechvent mechanicalventilation ventilated ventilation mechanicallyventilated beatmung vent",
    "FiO2": "fio2 inspiredo2fraction inspiredoxygen fractionofinspiredoxygen fractioninspiredoxygen "
    "fio2percent fio2pct inspiredoxygenfraction fio2set inspiredo2 inspiredoxygenfio2",
    "PaO2": "pao2 po2 arterialo2pressure arterialpo2 arterialoxygenpressure partialpressureofoxygen "
    "po2arterial po2art arterialoxygentension arterialpao2",
    "PaCO2": "paco2 pco2 arterialco2pressure arterialpco2 arterialpaco2 partialpressureofcarbondioxide "
    "pco2arterial arterialcarbondioxidetension pco2art",
    "pH": "ph phart pharterial arterialph bloodph phblood",
    "HCO3": "hco3 bicarbonate bicarb hco3serum serumbicarbonate serumhco3 bikarbonat hco3minus",
    "Lactate": "lactate lacticacid serumlactate laktat lactatearterial lac bloodlactate arteriallactate",
    "Urine": "urine urineoutput uo diuresis urin urineml urinevolume urinevol foley diurese urineoutputml ausfuhr",
    "BUN": "bun bloodureanitrogen ureanitrogen serumbun urea harnstoffn serumurea harnstoff",
    "Creatinine": "creatinine creat crea serumcreatinine creatinineserum kreatinin cr screat scr",
    "Na": "na sodium serumsodium natrium sodiumserum naserum",
    "K": "k potassium serumpotassium kalium potassiumserum kserum",
    "Mg": "mg magnesium serummagnesium mgserum",
    "Glucose": "glucose bloodglucose serumglucose glucoseserum bloodsugar glukose blutzucker bz gluc glu "
    "glucosewholeblood fingerstickglucose glucosefingerstick glucosefingerstickrange70100 "
    "bedsideglucose plasmaglucose glycemia glycaemia",
    "HCT": "hct hematocrit haematocrit hamatokrit hkt hematocritserum ht",
    "WBC": "wbc whitebloodcells whitebloodcellcount leukocytes leucocytes leukozyten whitecellcount wcc "
    "wbccount wbcx1000 whitebloodcell leukos",
    "Platelets": "platelets plateletcount plt thrombocytes thrombozyten plts plateletsx1000 platelet",
    "Albumin": "albumin alb serumalbumin",
    "Bilirubin": "bilirubin totalbilirubin bilirubintotal bili tbili bilitotal tbil serumbilirubin bilirubingesamt",
    "ALP": "alp alkalinephosphatase alkalinephos alkphos alkalinephosphate ap alkalischephosphatase alkp",
    "ALT": "alt alanineaminotransferase alaninetransaminase sgpt altsgpt gpt alat",
    "AST": "ast aspartateaminotransferase aspartatetransaminase sgot astsgot got asat",
    "Cholesterol": "cholesterol totalcholesterol cholesterin chol cholesteroltotal",
    "TroponinI": "troponini troponinicardiac tropi tni ctni hstroponini troponini1",
    "TroponinT": "troponint troponintcardiac tropt tnt ctnt hstroponint",
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
    "WBC": "220546 51301",
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
UREA_NAMES = ("urea", "serumurea", "harnstoff")
"""Folded names of urea, which weighs 2.14 times as much as its nitrogen (BUN)."""

_BY_NAME = {word: parameter for parameter, words in _NAMES.items() for word in words.split()}
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


def parameter_named(name: str) -> str | None:
    """Return the parameter of `PARAMETERS` that a name, a label or a code means; None if there is none.

    Examples
    --------
    >>> parameter_named("Heart Rate"), parameter_named("SBP"), parameter_named("220045"), parameter_named("CRP")
    ('HR', 'SysABP', 'HR', None)
    """
    folded = fold_name(name)
    return _BY_NAME.get(folded) or _BY_NAME.get(folded.removesuffix("value"))
