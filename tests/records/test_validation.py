import numpy as np
import pytest

from backend.records.record import Annotations, Channel, RecordRefused, compute_digest
from backend.records.validation import check_size, validate_record
from tests.records.well_formed import synthetic_ecg

LEADS = (Channel.named("II", "mV"), Channel.named("V1", "mV"))


def _signals() -> np.ndarray:
    return synthetic_ecg().astype(np.float32)


def test_a_valid_record_has_the_digest_of_its_content():
    marks = {"atr": Annotations(np.array([5]), ("N",), ("",))}
    record = validate_record("rec", _signals(), 250, LEADS, marks)
    assert record.digest == compute_digest(_signals(), 250.0, LEADS, marks)
    assert record.source == "file"


@pytest.mark.parametrize("rate", [49, 5001, 0, -250, np.nan, np.inf])
def test_a_rate_outside_50_to_5000_hz_is_refused(rate):
    with pytest.raises(RecordRefused, match="50 to 5000 Hz"):
        validate_record("rec", _signals(), rate, LEADS, {})


@pytest.mark.parametrize("rate", [50, 5000 / 6])
def test_the_limits_themselves_are_allowed(rate):
    assert validate_record("rec", _signals(), rate, LEADS, {}).sampling_rate == rate


def test_less_than_three_seconds_are_refused():
    assert validate_record("rec", _signals()[:750], 250, LEADS, {}).duration_s == 3
    with pytest.raises(RecordRefused, match="at least 3 s"):
        validate_record("rec", _signals()[:749], 250, LEADS, {})


def test_a_record_without_a_lead_is_refused():
    with pytest.raises(RecordRefused, match="no ECG lead, only ABP, EEG C3"):
        validate_record("rec", _signals(), 250, (Channel.named("ABP", "mmHg"), Channel.named("EEG C3", "mV")), {})


@pytest.mark.parametrize("value", [0.0, 1.5, np.nan])
def test_a_record_of_flat_leads_is_refused_but_one_lead_with_a_signal_is_enough(value):
    signals = _signals()
    signals[:, 0] = value
    assert validate_record("rec", signals, 250, LEADS, {})
    signals[:, 1] = value
    with pytest.raises(RecordRefused, match="only gaps and flat lines"):
        validate_record("rec", signals, 250, LEADS, {})


@pytest.mark.parametrize("channel", [Channel.named("ABP", "mmHg"), Channel.named("PLETH", "NU")])
def test_flat_leads_are_accepted_with_a_pulse(channel):
    signals = np.concatenate([np.zeros_like(_signals()), _signals()[:, :1]], axis=1)
    assert validate_record("rec", signals, 250, (*LEADS, channel), {})
    with pytest.raises(RecordRefused, match="only gaps and flat lines"):
        validate_record("rec", np.zeros_like(signals), 250, (*LEADS, channel), {})


def test_flat_leads_with_respiration_alone_are_refused():
    signals = np.concatenate([np.zeros_like(_signals()), _signals()[:, :1]], axis=1)
    with pytest.raises(RecordRefused, match="only gaps and flat lines"):
        validate_record("rec", signals, 250, (*LEADS, Channel.named("RESP", "NU")), {})


@pytest.mark.parametrize("value", [np.inf, -np.inf, 2e4])
def test_implausible_values_are_refused(value):
    signals = _signals()
    signals[7, 1] = value
    with pytest.raises(RecordRefused, match="gain or unit"):
        validate_record("rec", signals, 250, LEADS, {})


@pytest.mark.parametrize(("unit", "mmhg"), [("kPa", 90.00744), ("mmHg", 12.0), ("", 12.0)])
def test_an_arterial_pressure_is_converted_to_mmhg(unit, mmhg):
    signals = np.concatenate([_signals(), np.full_like(_signals(), 12.0)], axis=1)
    record = validate_record("rec", signals, 250, (*LEADS, Channel.named("ABP", unit), Channel.named("CVP", "kPa")), {})
    assert record.signals[0, 2:] == pytest.approx([mmhg, 12.0])
    assert [channel.unit for channel in record.channels[2:]] == ["mmHg" if unit else "", "kPa"]
    assert np.array_equal(record.signals[:, :2], _signals())


def test_channels_with_the_same_name_are_numbered():
    record = validate_record("rec", _signals(), 250, (Channel.named("II", "mV"), Channel.named("ii", "mV")), {})
    assert [channel.name for channel in record.channels] == ["II", "ii (2)"]


@pytest.mark.parametrize("shape", [(0, 2), (100, 0), (100, 257), (10**12, 2), (30_000_000, 2)])
def test_absurd_sizes_are_refused(shape):
    with pytest.raises(RecordRefused):
        check_size("rec", *shape, input_bytes=10_000)


def test_a_day_of_holter_fits():
    check_size("rec", 24 * 3600 * 250, 3, input_bytes=24 * 3600 * 250 * 3 * 2)


@pytest.mark.parametrize("extreme", [np.inf, -np.inf, 1e30])
def test_a_signal_beside_the_ecg_that_only_a_wrong_gain_explains_is_refused(extreme):
    signals = np.column_stack([_signals(), np.zeros(len(_signals()), dtype=np.float32)])
    signals[7, 2] = extreme
    with pytest.raises(RecordRefused, match=r"Channel ABP of rec reaches .*Correct its gain or unit"):
        validate_record("rec", signals, 250, (*LEADS, Channel.named("ABP", "mmHg")), {})
