import struct

import numpy as np
import pytest

from backend.records.formats.clinical.scp_codes import undo_differences
from backend.records.opening import open_record
from backend.records.record import RecordRefused
from tests.records.formats.clinical.written_files import (
    STEP_MV,
    TWELVE,
    scp_bytes,
    twelve_leads,
    twelve_steps,
    write_scp,
)


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("tables", [None, struct.pack("<H", 19_999)], ids=["uncoded", "coded"])
def test_samples_and_their_differences_are_read_coded_or_not(tmp_path, order, tables):
    record = open_record(write_scp(tmp_path / "ecg.scp", order=order, tables=tables))
    np.testing.assert_allclose(record.signals, twelve_leads(), atol=1e-5)
    assert [channel.name for channel in record.channels] == list(TWELVE)


def test_values_of_every_size_survive_the_standard_table(tmp_path):
    steps = twelve_steps()
    steps[::7, 0] = np.resize([0, 1, -1, 8, -8, 9, -9, 127, -128, 128, -129, 32767, -32768], len(steps[::7]))
    record = open_record(write_scp(tmp_path / "ecg.scp", steps=steps, order=0))
    np.testing.assert_allclose(record.signals, steps * STEP_MV, rtol=1e-5, atol=1e-5)


def test_tables_of_the_file_and_switches_between_them_are_followed(tmp_path):
    """The first table has one code for 0 and one that changes to the second, which has 16 bits for any value."""

    def code(prefix: str, n_bits: int, mode: int, value: int) -> bytes:
        return struct.pack("<BBBhI", len(prefix), n_bits, mode, value, int(prefix[::-1], 2))

    first = [code("0", 1, 1, 0), code("10", 2, 0, 2)]
    second = [code("1", 17, 1, 0), code("01", 2, 0, 1)]
    tables = struct.pack("<HH", 2, 2) + b"".join(first) + struct.pack("<H", 2) + b"".join(second)

    def bits_of(value: int) -> str:
        return "0" if value == 0 else f"10{'1'}{value % 2**16:016b}01"

    record = open_record(write_scp(tmp_path / "ecg.scp", tables=tables, bits_of=bits_of))
    np.testing.assert_allclose(record.signals, twelve_leads(), atol=1e-5)


def test_leads_that_begin_later_have_a_gap_before(tmp_path):
    steps = twelve_steps(1000)[:, :2]
    record = open_record(write_scp(tmp_path / "ecg.scp", steps=steps, names=("I", "II"), first_samples=(1, 1001)))
    assert record.signals.shape == (2000, 2)
    np.testing.assert_allclose(record.signals[1000:, 1], steps[:, 1] * STEP_MV, atol=1e-5)
    assert np.isnan(record.signals[:1000, 1]).all()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [({"bimodal": 1}, "thinned between its beats"), ({"flags": 0b1100101}, "reference beat was subtracted")],
)
def test_compression_with_loss_is_refused_by_name(tmp_path, fields, reason):
    with pytest.raises(RecordRefused, match=reason):
        open_record(write_scp(tmp_path / "ecg.scp", **fields))


def test_a_damaged_section_is_found_by_its_checksum(tmp_path):
    content = bytearray(scp_bytes(twelve_steps()))
    content[-100] ^= 1
    path = tmp_path / "ecg.scp"
    path.write_bytes(content)
    with pytest.raises(RecordRefused, match="checksum of section 6"):
        open_record(path)


@pytest.mark.parametrize("number", [3, 6])
def test_a_missing_section_is_refused(tmp_path, number):
    content = bytearray(scp_bytes(twelve_steps()))
    start = 22 + 10 * number
    content[start + 2 : start + 10] = bytes(8)
    path = tmp_path / "ecg.scp"
    path.write_bytes(content)
    with pytest.raises(RecordRefused, match="holds no rhythm"):
        open_record(path)


def test_a_table_that_only_switches_ends(tmp_path):
    """Switches without samples use up the bits, so that they cannot go on for ever."""
    tables = struct.pack("<HH", 1, 1) + struct.pack("<BBBhI", 1, 1, 0, 1, 0)
    path = tmp_path / "ecg.scp"
    path.write_bytes(scp_bytes(twelve_steps(), tables=tables, bits_of=lambda value: "0"))
    with pytest.raises(RecordRefused, match="damaged or incomplete"):
        open_record(path)


def test_differences_are_undone():
    values = np.array([3, 5, 2, -4, 10, 11])
    assert undo_differences(np.concatenate([values[:1], np.diff(values)]), 1).tolist() == values.tolist()
    assert undo_differences(np.concatenate([values[:2], np.diff(values, n=2)]), 2).tolist() == values.tolist()
    assert undo_differences(values[:1], 2).tolist() == [3]
