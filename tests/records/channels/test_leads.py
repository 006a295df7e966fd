import numpy as np
import pytest

from backend.records.channels.lead_names import is_lead_by_name, is_lead_name, is_other_name
from backend.records.channels.leads import choose_lead, ecg_leads
from backend.records.record import Channel, Record, RecordRefused


def _record(*names: str, unit: str = "mV") -> Record:
    signals = np.tile(np.arange(1000, dtype=np.float32)[:, None], (1, len(names)))
    return Record("rec", signals, 250.0, tuple(Channel.named(name, unit) for name in names))


@pytest.mark.parametrize(
    "name",
    [
        "MLII",
        "II",
        "ii",
        "I",
        "III",
        "aVR",
        "aVF",
        "V",
        "V1",
        "V5",
        "V3R",
        "mod.V1",
        "V1-V2",
        "MCL",
        "MCL1",
        "ML5",
        "CM5",
        "CC5",
        "D3",
        "DII",
        "ECG",
        "ECG1",
        "ECG.2",
        "EKG",
        "ecg_lead_II",
        "vx",
        "Lead II",
        "ECG II",
        "ECG V1-ref",
        "EKG I",
    ],
)
@pytest.mark.parametrize("unit", ["mV", "uV", "", "adu"])
def test_usual_lead_names_are_leads_even_without_a_unit(name, unit):
    assert is_lead_by_name(name, unit)


@pytest.mark.parametrize(
    "name",
    [
        "ABP",
        "PLETH",
        "RESP",
        "CVP",
        "ART",
        "PAP",
        "ICP",
        "SpO2",
        "Fp1",
        "C3-A2",
        "O2-M1",
        "Cz",
        "Fpz-Cz",
        "EOG_left",
        "EMG",
        "Temp",
        "Status",
        "Marker",
        "Snore",
        "EEG C3",
        "EEG Fpz-Cz",
        "Resp oro-nasal",
        "EMG chin",
        "EDF Annotations",
        "Flow patient",
    ],
)
def test_other_signals_are_not_leads_even_in_volts(name):
    assert not is_lead_by_name(name, "mV")


@pytest.mark.parametrize("name", ["col_1", "signal 1", "channel A", "X", "Kanal 1", "DC1", "-", "", "?"])
def test_a_name_that_says_nothing_is_neither_a_lead_nor_another_signal(name):
    assert not is_lead_name(name)
    assert not is_other_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *("ECG1-ECG2", "ECG 2", "EKG II", "EEG EKG1-REF", "ECG_LL-RA_24BIT", "Ableitung II", "D?rivation II"),
        *("D\u00e9rivation II", "1: EKG", "ECG L-ECG R", "ECG-LA", "B64E_ECG_LL-RA", "POL EKG+", "rawECG"),
        *("ECGFiltered", "MDC_ECG_LEAD_II", "-aVR", "LL-RA", "\u042d\u041a\u0413 1", "\u5fc3\u96fb\u56f31", "ECGaVR"),
        *("ecgii", "Deriva\u00e7\u00e3o II", "ECG_uV", "ECG Channel 1", "ECG chest"),
    ],
)
def test_leads_are_known_in_the_spellings_of_devices_and_languages(name):
    assert is_lead_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *("EKG_Off", "ECG HR", "ECG_RR", "ECG Impedance", "ECG Quality", "ECG Status", "ECG_RESP_24BIT", "ecghr"),
        *("ECG Lead Off", "LeadOffDetect", "EKG Frequenz", "ECG-derived respiration", "ECG SQI", "ST II", "STII"),
        *("HeartRate", "PLM r", "Lleg1", "CHIN1-CHIN2", "LAT", "Druck Flow", "E1:M2", "C3_M2", "EEG V1", "Accel"),
    ],
)
def test_what_is_measured_beside_an_ecg_is_not_a_lead(name):
    assert is_other_name(name)


def test_a_lead_name_with_a_unit_of_pressure_is_not_a_lead():
    assert not is_lead_by_name("II", "mmHg")


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (("V5", "MLII"), "MLII"),
        (("V5", "V2"), "V5"),
        (("I", "II", "III"), "II"),
        (("V", "Lead II"), "Lead II"),
        (("ABP", "V1", "ii"), "ii"),
        (("V1", "ECG1"), "ECG1"),
        (("aVR", "aVF"), "aVR"),
    ],
)
def test_ii_has_precedence_at_any_position(names, chosen):
    assert choose_lead(_record(*names)) == chosen


@pytest.mark.parametrize(
    ("wanted", "chosen"), [("mlii", "MLII"), ("v5", "V5"), ("lead V5", "V5"), ("ECG-MLII", "MLII")]
)
def test_a_lead_is_found_in_any_case(wanted, chosen):
    assert choose_lead(_record("MLII", "V5"), wanted) == chosen


def test_an_unknown_lead_is_refused_with_the_leads_of_the_record():
    with pytest.raises(RecordRefused, match=r"no ECG lead 'V9'\. Choose one of MLII, V5"):
        choose_lead(_record("MLII", "V5"), "V9")


def test_a_pressure_cannot_be_chosen_as_a_lead():
    with pytest.raises(RecordRefused, match="Choose one of II"):
        choose_lead(_record("II", "ABP"), "ABP")


def test_a_lead_without_a_signal_is_not_the_default():
    record = _record("MLII", "V5")
    record.signals[:, 0] = 0.5
    assert choose_lead(record) == "V5"
    assert choose_lead(record, "MLII") == "MLII"


def test_only_ecg_leads_are_listed():
    assert ecg_leads(_record("V1", "ABP", "II")) == ("V1", "II")
