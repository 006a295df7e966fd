import numpy as np
import pyedflib
import pytest

from backend.records.channels.leads import ecg_leads
from backend.records.formats.edf.edf_reader import read_edf
from backend.records.record import LeadsInDoubt, RecordRefused
from backend.records.understanding import Stated
from tests.records.edf_files import Edf, Own, time_list
from tests.records.well_formed import synthetic_ecg, write_edf


@pytest.fixture
def ecg():
    """Ten seconds of one lead at 250 Hz in mV."""
    return synthetic_ecg()[:, 0]


@pytest.fixture
def edf(tmp_path):
    return write_edf(tmp_path / "night.edf")


@pytest.mark.parametrize("unit", ["uV", "mV"])
def test_leads_are_in_millivolts_whatever_the_unit_of_the_file(tmp_path, unit):
    record = read_edf(write_edf(tmp_path / "night.edf", unit=unit))
    np.testing.assert_allclose(record.signals[:, :2], synthetic_ecg(), atol=2e-4)
    assert [(channel.name, channel.unit) for channel in record.channels] == [
        ("ECG II", "mV"),
        ("ECG V1", "mV"),
        ("Resp", ""),
    ]
    assert record.sampling_rate == 250
    assert record.name == "night"


@pytest.mark.parametrize("kind", [pyedflib.FILETYPE_EDF, pyedflib.FILETYPE_BDF, pyedflib.FILETYPE_BDFPLUS])
def test_all_variants_of_the_format_are_read(tmp_path, kind):
    record = read_edf(write_edf(tmp_path / "night.bdf", kind=kind))
    np.testing.assert_allclose(record.signals[:, :2], synthetic_ecg(), atol=2e-4)


def test_a_slower_signal_holds_each_sample_until_its_next(edf):
    breath = read_edf(edf).signals[:, 2]
    np.testing.assert_array_equal(breath, np.repeat(breath[::10], 10))
    np.testing.assert_allclose(breath[::10], np.sin(np.arange(250) / 25), atol=2e-4)


def test_a_signal_faster_than_the_ecg_is_omitted(tmp_path):
    path = tmp_path / "night.edf"
    with pyedflib.EdfWriter(str(path), 2) as writer:
        for index, (label, rate) in enumerate([("ECG", 250), ("EMG chin", 500)]):
            limits = {"physical_max": 3, "physical_min": -3, "digital_max": 32767, "digital_min": -32768}
            header = {"label": label, "dimension": "mV", "sample_frequency": rate, "prefilter": "", "transducer": ""}
            writer.setSignalHeader(index, header | limits)
        writer.writeSamples([np.ascontiguousarray(synthetic_ecg()[:, 0]), np.zeros(5000)])
    record = read_edf(path)
    assert [channel.name for channel in record.channels] == ["ECG"]
    assert record.sampling_rate == 250


def test_annotations_become_notes_of_the_annotator_edf(edf):
    annotations = read_edf(edf).annotations["edf"]
    assert annotations.samples.tolist() == [625]
    assert annotations.symbols == ('"',)
    assert annotations.notes == ("sits up",)


def test_a_cut_file_is_read_to_its_last_whole_data_record_with_a_notice(edf):
    whole = read_edf(edf)
    edf.write_bytes(edf.read_bytes()[:-100])
    cut = read_edf(edf)
    np.testing.assert_array_equal(cut.signals, whole.signals[:-250])
    assert cut.understanding.notices == ("The file is cut; it was read to its last whole data record, at 9 s.",)


@pytest.mark.parametrize("stated", ["99999999", "-1", "11"])
def test_the_size_of_the_file_decides_when_the_header_claims_another_number_of_data_records(ecg, tmp_path, stated):
    record = read_edf(Edf([Own("ECG", ecg)], 10, n_stated=stated).write(tmp_path / "a.edf"))
    np.testing.assert_allclose(record.signals[:, 0], ecg, atol=2e-4)
    assert len(record.understanding.notices) == 1


def test_a_file_that_is_cut_in_its_first_data_record_is_refused(edf):
    edf.write_bytes(edf.read_bytes()[:1400])
    with pytest.raises(RecordRefused, match=r"cut before the end of its first data record\. Get the complete file"):
        read_edf(edf)


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"", "empty"), (b"\x89PNG\r\n\x1a\n" + bytes(500), "PNG picture"), (b"some text", "something else")],
)
def test_something_else_with_the_ending_is_refused(tmp_path, content, kind):
    path = tmp_path / "night.edf"
    path.write_bytes(content)
    with pytest.raises(RecordRefused, match=kind):
        read_edf(path)


def test_an_interrupted_recording_has_its_gaps_at_the_right_times(ecg, tmp_path):
    starts = [0, 1, 2, 5.5, 6.5, 7.5, 8.5, 9.5, 20, 21]
    texts = [time_list(start, *(["turns"] if start == 6.5 else []), at=6.7) for start in starts]
    signals = [Own("ECG", ecg), Own("EDF Annotations", texts=texts)]
    record = read_edf(Edf(signals, 10, {"reserved": b"EDF+D"}).write(tmp_path / "a.edf"))
    assert record.duration_s == 22
    expected = np.full(22 * 250, np.nan)
    for number, start in enumerate(starts):
        first = round(start * 250)
        expected[first : first + 250] = ecg[number * 250 : (number + 1) * 250]
    np.testing.assert_allclose(record.signals[:, 0], expected, atol=2e-4)
    assert record.understanding.gaps == ((3.0, 5.5), (10.5, 20.0))
    assert record.annotations["edf"].samples.tolist() == [round(6.7 * 250)]


def test_times_of_an_interrupted_recording_that_are_rounded_are_not_gaps(ecg, tmp_path):
    texts = [time_list(number + 0.003 * (number % 2)) for number in range(10)]
    signals = [Own("ECG", ecg), Own("EDF Annotations", texts=texts)]
    record = read_edf(Edf(signals, 10, {"reserved": b"EDF+D"}).write(tmp_path / "a.edf"))
    np.testing.assert_allclose(record.signals[:, 0], ecg, atol=2e-4)
    assert record.understanding.gaps == ()


def test_data_records_that_go_back_in_time_are_refused(ecg, tmp_path):
    texts = [time_list(start) for start in (0, 1, 2, 3, 1, 5, 6, 7, 8, 9)]
    signals = [Own("ECG", ecg), Own("EDF Annotations", texts=texts)]
    with pytest.raises(RecordRefused, match="go back in time"):
        read_edf(Edf(signals, 10, {"reserved": b"EDF+D"}).write(tmp_path / "a.edf"))


def test_a_gap_of_years_is_refused_before_memory_is_taken(ecg, tmp_path):
    texts = [time_list(start) for start in (0, 1, 2, 3, 4, 5, 6, 7, 8, 1e9)]
    signals = [Own("ECG", ecg), Own("EDF Annotations", texts=texts)]
    with pytest.raises(RecordRefused, match="claims"):
        read_edf(Edf(signals, 10, {"reserved": b"EDF+D"}).write(tmp_path / "a.edf"))


def test_notes_count_from_the_start_of_a_recording_that_began_between_two_seconds(ecg, tmp_path):
    texts = [time_list(number + 0.5, *(["cough"] if number == 2 else []), at=4.5) for number in range(10)]
    signals = [Own("ECG", ecg), Own("EDF Annotations", texts=texts)]
    record = read_edf(Edf(signals, 10, {"reserved": b"EDF+C"}).write(tmp_path / "a.edf"))
    assert record.annotations["edf"].samples.tolist() == [1000]


@pytest.mark.parametrize(
    "fields",
    [
        {"date": b"05/03/24"},
        {"date": b""},
        {"date": b"2024-03-"},
        {"time": b"25.61.00"},
        {"patient": "M\u00fcller".encode("latin-1")},
        {"patient": "\u5c71\u7530".encode()},
        {"reserved": b"\xff\xfe odd"},
        {"header_bytes": b"0"},
        {"header_bytes": b""},
        {"frame_s": b"1,0"},
        {"frame_s": b"1.000000"},
        {"frame_s": b"1\0\0\0\0\0\0\0"},
        {"version": b"0\0\0\0\0\0\0\0"},
        {"n_frames": b""},
        {"reserved": b"EDF+C"},
        {"reserved": b"EDF+D"},
    ],
    ids=str,
)
def test_oddities_of_the_header_that_do_not_touch_the_samples_are_tolerated(ecg, tmp_path, fields):
    record = read_edf(Edf([Own("ECG", ecg)], 10, fields).write(tmp_path / "a.edf"))
    np.testing.assert_allclose(record.signals[:, 0], ecg, atol=2e-4)


@pytest.mark.parametrize(
    "limits",
    [("-5,0", "5,0", "-32768", "32767"), ("5", "-5", "-32768", "32767"), ("-5.0E0", "5", "-2048", "2047")],
)
def test_limits_with_decimal_commas_and_of_inverted_amplifiers_scale_the_signal(ecg, tmp_path, limits):
    record = read_edf(Edf([Own("ECG", ecg, limits=limits)], 10).write(tmp_path / "a.edf"))
    np.testing.assert_allclose(record.signals[:, 0], ecg, atol=3e-3)


@pytest.mark.parametrize(
    "limits", [("0", "0", "-1", "1"), ("-1", "1", "0", "0"), ("", "", "", ""), ("a", "b", "c", "d")]
)
def test_an_unused_channel_without_a_range_is_left_out_by_name(ecg, tmp_path, limits):
    signals = [Own("ECG", ecg), Own("-", np.zeros(10), "", limits)]
    record = read_edf(Edf(signals, 10).write(tmp_path / "a.edf"))
    assert [channel.name for channel in record.channels] == ["ECG"]
    assert record.understanding.ignored == (("-", "no range of values in the header"),)


def test_a_channel_without_samples_is_left_out_by_name(ecg, tmp_path):
    record = read_edf(Edf([Own("ECG", ecg), Own("Pleth", np.zeros(0))], 10).write(tmp_path / "a.edf"))
    assert record.understanding.ignored == (("Pleth", "no samples"),)


@pytest.mark.parametrize("unit", ["uV", "UV", "\xb5V", "\xc2\xb5V", "\xecV", "\xe6V", "?V", "microV", "uVolt", "[uV]"])
def test_microvolts_are_known_in_every_encoding(ecg, tmp_path, unit):
    own = Own("ECG", ecg * 1000, unit, ("-5000", "5000", "-32768", "32767"))
    record = read_edf(Edf([own], 10).write(tmp_path / "a.edf"))
    np.testing.assert_allclose(record.signals[:, 0], ecg, atol=2e-4)


def test_a_lead_without_a_unit_is_read_with_a_notice_or_as_stated(ecg, tmp_path):
    path = Edf([Own("ECG", ecg * 1000, "", ("-5000", "5000", "-32768", "32767"))], 10).write(tmp_path / "a.edf")
    assert read_edf(path).understanding.notices == ("The unit of ECG is not stated; its amplitudes may be wrong.",)
    stated = read_edf(path, Stated(unit="uV"))
    np.testing.assert_allclose(stated.signals[:, 0], ecg, atol=2e-4)
    assert stated.understanding.notices == ()


def test_what_is_stated_takes_precedence_over_the_header(ecg, tmp_path):
    path = Edf([Own("ECG", ecg), Own("X1", ecg * 1000)], 10).write(tmp_path / "a.edf")
    record = read_edf(path, Stated(500, "uV", ("x1",)))
    assert record.sampling_rate == 500
    assert ecg_leads(record) == ("X1",)
    assert record.digest != read_edf(path, Stated(500, "uV", ("ECG",))).digest


def test_a_channel_whose_name_says_nothing_is_a_lead_if_it_shows_heartbeats(ecg, tmp_path):
    noise = np.random.default_rng(3).normal(0, 0.3, len(ecg))
    signals = [Own("C3-A2", ecg), Own("X1", noise), Own("X2", ecg), Own("DC3", noise, "")]
    record = read_edf(Edf(signals, 10).write(tmp_path / "a.edf"))
    assert ecg_leads(record) == ("X2",)
    assert record.understanding.notices == ("No channel is named as an ECG; X2 shows heartbeats and is read as one.",)


def test_a_person_is_asked_where_no_channel_is_named_and_none_shows_heartbeats(ecg, tmp_path):
    noise = np.random.default_rng(3).normal(0, 0.3, len(ecg))
    path = Edf([Own("X1", noise), Own("X2", 2 * noise), Own("EEG C3", ecg)], 10).write(tmp_path / "a.edf")
    with pytest.raises(
        LeadsInDoubt, match=r"which of its channels is an ECG \(X1, X2\)\. Name it with --lead-channel"
    ) as doubt:
        read_edf(path)
    assert [(own.name, own.unit, own.sampling_rate, len(own.preview)) for own in doubt.value.candidates] == [
        ("X1", "mV", 250.0, 2500),
        ("X2", "mV", 250.0, 2500),
    ]
    assert ecg_leads(read_edf(path, Stated(leads=("X2",)))) == ("X2",)


def test_thousands_of_channels_of_one_name_are_refused_at_once(tmp_path):
    path = Edf([Own("ECG", np.zeros(10))] * 5000, 10).write(tmp_path / "a.edf")
    with pytest.raises(RecordRefused, match="claims '5000' signals"):
        read_edf(path)


def test_a_sleep_recording_without_an_ecg_is_refused(edf):
    content = edf.read_bytes().replace(b"ECG II ", b"EEG C3 ").replace(b"ECG V1 ", b"EOG L  ")
    edf.write_bytes(content)
    with pytest.raises(RecordRefused, match="no ECG lead, only EEG C3, EOG L, Resp"):
        read_edf(edf)


def test_a_refused_file_is_not_held_open(edf):
    content = edf.read_bytes()
    edf.write_bytes(content.replace(b"ECG ", b"EEG "))
    with pytest.raises(RecordRefused):
        read_edf(edf)
    edf.write_bytes(content)
    assert read_edf(edf).name == "night"
