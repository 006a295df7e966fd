import numpy as np
import pytest

from backend.records.formats.clinical.xli import decode_xli
from backend.records.opening import open_record
from backend.records.record import RecordRefused
from tests.records.formats.clinical.written_files import (
    sierra_text,
    twelve_leads,
    twelve_steps,
    write_sierra,
    xli_chunk,
)


@pytest.mark.parametrize("compression", ["XLI", "Uncompressed"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("version", ["1.03", "1.04", "1.04.01"])
def test_every_variant_gives_the_twelve_leads(tmp_path, compression, encoding, version):
    path = write_sierra(tmp_path / "ecg.xml", encoding, version=version, compression=compression)
    np.testing.assert_allclose(open_record(path).signals, twelve_leads(), atol=1e-5)


def test_large_steps_survive_the_compression():
    random = np.random.default_rng(3)
    samples = random.integers(-9000, 9000, 3000).astype(np.int16)
    np.testing.assert_array_equal(decode_xli(xli_chunk(samples), 1, 3000)[:, 0], samples)


def test_a_chunk_cannot_unpack_to_more_than_stated():
    """A constant lead compresses to codes of ever longer strings."""
    chunk = xli_chunk(np.zeros(100_000, dtype=np.int16))
    with pytest.raises(ValueError, match="more samples than stated"):
        decode_xli(chunk, 1, 3000)


@pytest.mark.parametrize("content", [b"", b"\x05\0\0\0", b"\xff\xff\xff\xff\0\0\0\0", b"\xff\0\0\0\0\0\0\0abc"])
def test_a_cut_chunk_is_noticed(content):
    with pytest.raises(ValueError, match="cut"):
        decode_xli(content, 1, 10)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("1.04", "2.00", r"type 'PhilipsECG', version '2.00'"),
        ("<resolution>5<", "<resolution><", "resolution"),
        ('compression="XLI"', 'compression="zip"', "unknown way"),
        ('dataencoding="Base64"', 'dataencoding="Plain"', "Base64"),
        ('numberofleads="12"', 'numberofleads="99"', "claims '99' leads"),
        ('durationperchannel="10000"', 'durationperchannel=""', "how long"),
        ('durationperchannel="10000"', 'durationperchannel="20000"', "damaged or incomplete"),
        ("parsedwaveforms", "otherwaveforms", "no parsedwaveforms"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, old, new, reason):
    path = tmp_path / "ecg.xml"
    path.write_text(sierra_text(twelve_steps(), encoding="utf-8").replace(old, new))
    with pytest.raises(RecordRefused, match=reason):
        open_record(path)
