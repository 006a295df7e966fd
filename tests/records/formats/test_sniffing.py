import warnings

import numpy as np
import pytest

from backend.records.formats.sniffing import identify_foreign_file, refuse_errors
from backend.records.record import RecordRefused


@pytest.mark.parametrize(
    ("first_bytes", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "a JPEG picture"),
        (b"%PDF-1.7", "a PDF document"),
        (b"PK\x03\x04", "a zip archive"),
        (b"\n<!DOCTYPE html><html>", "a web page"),
        (b"version https://git-lfs.github.com/spec/v1", "a Git LFS pointer, not the file itself"),
    ],
)
def test_files_that_are_not_records_are_recognised(first_bytes, kind):
    assert identify_foreign_file(first_bytes + bytes(40)) == kind


def test_samples_of_a_signal_match_no_foreign_file():
    content = np.random.default_rng(1).normal(0, 200, 640_000).astype("<i2").tobytes()
    blocks = (content[start : start + 64] for start in range(0, len(content), 64))
    assert all(identify_foreign_file(block) is None for block in blocks)
    assert identify_foreign_file(b"100 2 360 650000\n") is None


def _warn_and_fail():
    warnings.warn("from the library", stacklevel=1)
    raise IndexError("from the library")


def test_errors_of_a_library_become_a_refusal_and_warnings_are_suppressed():
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        with pytest.raises(RecordRefused, match=r"^The sentence\.$"), refuse_errors("The sentence."):
            _warn_and_fail()
    assert shown == []


def test_a_refusal_keeps_its_message():
    with pytest.raises(RecordRefused, match="inner"), refuse_errors("outer"):
        raise RecordRefused("inner")
