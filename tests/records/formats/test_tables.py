import numpy as np
import pytest

from backend.records.formats.tables.table_reader import read_table
from backend.records.record import RecordRefused
from backend.records.understanding import Stated
from tests.records.well_formed import csv_text, synthetic_ecg


@pytest.fixture
def written(tmp_path):
    def write(text: str, encoding: str = "utf-8"):
        path = tmp_path / "lead.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return write


@pytest.mark.parametrize(
    ("separator", "decimal"), [(",", "."), (";", "."), (";", ","), ("\t", "."), ("\t", ","), ("  ", ".")]
)
def test_separators_and_decimal_commas_are_recognised(written, separator, decimal):
    header = "time,MLII,V1" if separator == "  " else "time,MLII (mV),V1 (mV)"
    record = read_table(written(csv_text(separator, decimal, header)), Stated(unit="mV"))
    np.testing.assert_allclose(record.signals, synthetic_ecg(), atol=1e-6)
    assert [(channel.name, channel.unit) for channel in record.channels] == [("MLII", "mV"), ("V1", "mV")]
    assert record.sampling_rate == 250


@pytest.mark.parametrize(
    ("header", "factor"),
    [("time (ms),II [uV]", 1e-3), ("ms,II (uV)", 1e-3), ("time_ms,II (µV)", 1e-3), ("time_ms,II (mV)", 1)],
)
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-8-sig"])
def test_units_after_the_names_are_read(written, header, factor, encoding):
    rows = [f"{index * 4},{value}" for index, value in enumerate(synthetic_ecg()[:, 0])]
    record = read_table(written("\n".join([header, *rows]), encoding))
    assert record.sampling_rate == 250
    np.testing.assert_allclose(record.signals[:, 0], synthetic_ecg()[:, 0] * factor, atol=1e-6)
    assert record.channels[0].name == "II"


def _rows(n_columns=1):
    return "\n".join(",".join(str(value) for value in row[:n_columns]) for row in synthetic_ecg())


def test_columns_without_names_are_numbered_and_use_the_given_rate_and_unit(written):
    record = read_table(written(_rows(2)), Stated(sampling_rate=500, unit="uV"))
    assert [channel.name for channel in record.channels] == ["col_1", "col_2"]
    assert record.sampling_rate == 500
    np.testing.assert_allclose(record.signals, synthetic_ecg() / 1000, atol=1e-7)


def test_an_unnamed_first_column_that_rises_evenly_is_time_or_a_count(written):
    timed = read_table(written("\n".join(csv_text().splitlines()[1:])), Stated(unit="mV"))
    assert timed.sampling_rate == 250
    assert [channel.name for channel in timed.channels] == ["col_2", "col_3"]
    counted = "\n".join(f"{index},{value}" for index, value in enumerate(synthetic_ecg()[:, 0]))
    assert [channel.name for channel in read_table(written(counted), Stated(250, "mV")).channels] == ["col_2"]


def test_comments_state_the_rate_and_the_unit(written):
    record = read_table(written(f"# sampling_rate: 360\n# unit: mV\n# a remark\nMLII\n{_rows()}\n# the end\n"))
    assert record.sampling_rate == 360
    assert len(record.signals) == 2500


@pytest.mark.parametrize(
    ("above", "lead"),
    [
        ("Name,Test\nMessfrequenz,512 Hertz\n\nAbleitung,Ableitung I\nEinheit,µV\n\n\n", "Ableitung I"),
        ("Name,Test\nSample Rate,512 hertz\n\nLead,Lead I\nUnit,µV\n\n\n", "Lead I"),
        ("Unit: uV\nSampling rate: 512 Hz\nChannel: II\n", "II"),
    ],
)
def test_a_lone_column_has_the_name_and_unit_that_the_lines_above_state(written, above, lead):
    values = "\n".join(f"{1000 * value:.3f}" for value in synthetic_ecg()[:, 0])
    record = read_table(written(above + values), Stated())
    assert [(own.name, own.unit, own.is_lead) for own in record.channels] == [(lead, "mV", True)]
    assert record.sampling_rate == 512
    np.testing.assert_allclose(record.signals[:, 0], synthetic_ecg()[:, 0], atol=1e-5)


def test_a_table_without_a_rate_is_refused_with_a_request_for_it(written):
    with pytest.raises(RecordRefused, match=r"does not state its sampling rate\. Enter it in Hz"):
        read_table(written(f"II (mV)\n{_rows()}"))


def test_a_table_without_a_unit_is_refused_with_a_request_for_it(written):
    with pytest.raises(RecordRefused, match=r"does not state the unit of 'II'\. Enter mV"):
        read_table(written(f"II\n{_rows()}"), Stated(sampling_rate=250))


def test_given_values_override_the_file(written):
    assert read_table(written(csv_text()), Stated(sampling_rate=500)).sampling_rate == 500


def test_a_rate_with_a_fractional_period_is_estimated(written):
    rows = [f"{index / 360:.3f},{value}" for index, value in enumerate(synthetic_ecg(3600, 360)[:, 0])]
    assert read_table(written("\n".join(["seconds,II (mV)", *rows]))).sampling_rate == 360


def test_rows_missing_by_the_clock_are_a_gap(written):
    lines = csv_text().splitlines()
    record = read_table(written("\n".join(lines[:1000] + lines[1200:])), Stated(unit="mV"))
    assert record.sampling_rate == 250
    assert len(record.signals) == 2500
    assert np.isnan(record.signals[999:1199]).all()
    np.testing.assert_allclose(record.signals[1199:], synthetic_ecg()[1199:], atol=1e-6)
    assert record.understanding.gaps == ((999 / 250, 1199 / 250),)


def test_empty_cells_are_nan(written):
    lines = csv_text().splitlines()
    lines[10:20] = [line.rsplit(",", 1)[0] + "," for line in lines[10:20]]
    record = read_table(written("\n".join(lines)))
    assert np.isnan(record.signals[9:19, 1]).all()
    assert not np.isnan(record.signals[:, 0]).any()


def test_tables_exported_from_physionet_are_read(written):
    rows = [f"{index},{value},{value}" for index, value in enumerate(synthetic_ecg()[:, 0])]
    text = "\n".join(["'sample #','MLII','V5'", "'sample','mV','mV'", *rows])
    record = read_table(written(text), Stated(sampling_rate=360))
    assert [channel.name for channel in record.channels] == ["MLII", "V5"]


def test_clock_times_are_not_a_lead(written):
    rows = [
        f"'0:{index // 250:02d}.{index % 250 * 4:03d}',{value}" for index, value in enumerate(synthetic_ecg()[:, 0])
    ]
    text = "\n".join(["'Elapsed time','MLII'", "'hh:mm:ss.mmm','mV'", *rows])
    record = read_table(written(text), Stated(sampling_rate=250))
    assert [channel.name for channel in record.channels] == ["MLII"]


def test_other_signals_keep_their_unit(written):
    lines = csv_text(header="time,II (mV),ABP (mmHg)")
    assert read_table(written(lines)).channels[1].unit == "mmHg"


@pytest.mark.parametrize(
    "text",
    [
        "Dear colleague,\nplease find enclosed, as agreed,\nthe report.\nYours, K.",
        '{"signal": [1, 2, 3]}',
        "II,V1\n",
        "II,V1\n1,2\nthree,four\n",
        "1,2\n3,4,5\n",
        "II\n" + "a" * 70_000,
    ],
)
def test_text_that_is_not_a_table_of_numbers_is_refused(written, text):
    with pytest.raises(RecordRefused, match=r"not a table of numbers|has no column of a signal"):
        read_table(written(text), Stated(sampling_rate=250, unit="mV"))


@pytest.mark.parametrize(
    ("content", "kind"), [(b"", "empty"), (b"%PDF-1.4 ...", "PDF"), (b"1\0,2\0", "not UTF-8 text")]
)
def test_something_else_with_the_ending_is_refused(tmp_path, content, kind):
    path = tmp_path / "lead.csv"
    path.write_bytes(content)
    with pytest.raises(RecordRefused, match=kind):
        read_table(path, Stated(sampling_rate=250, unit="mV"))


def test_an_unknown_unit_is_refused_with_the_known_ones(written):
    with pytest.raises(RecordRefused, match="Use mV, uV, nV or V"):
        read_table(written(_rows()), Stated(sampling_rate=250, unit="adu"))
