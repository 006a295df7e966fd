import warnings

import numpy as np
import pytest

from backend.records.formats.sniffing import foreign_kind, refusing_whatever_fails
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
def test_files_that_are_no_records_are_recognised(first_bytes, kind):
    assert foreign_kind(first_bytes + bytes(40)) == kind


def test_samples_of_a_signal_are_not_taken_for_anything_else():
    content = np.random.default_rng(1).normal(0, 200, 640_000).astype("<i2").tobytes()
    blocks = (content[start : start + 64] for start in range(0, len(content), 64))
    assert all(foreign_kind(block) is None for block in blocks)
    assert foreign_kind(b"100 2 360 650000\n") is None


def _warn_and_fail():
    warnings.warn("from the library", stacklevel=1)
    raise IndexError("from the library")


def test_what_a_library_raises_becomes_the_sentence_and_its_warnings_are_not_shown():
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        with pytest.raises(RecordRefused, match=r"^The sentence\.$"), refusing_whatever_fails("The sentence."):
            _warn_and_fail()
    assert shown == []


def test_a_refusal_keeps_its_own_sentence():
    with pytest.raises(RecordRefused, match="inner"), refusing_whatever_fails("outer"):
        raise RecordRefused("inner")
