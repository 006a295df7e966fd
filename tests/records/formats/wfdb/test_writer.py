"""Files are read back by wfdb, by our own reader, and by a decoder written here from the format's description."""

import numpy as np
import pytest
import wfdb
from hypothesis import given, settings
from hypothesis import strategies as st
from wfdb.io.annotation import ann_labels

from backend.records.formats.wfdb.annotations import read_annotations
from backend.records.formats.wfdb.writer import encode_annotations
from backend.records.record import Annotations, RecordRefused
from backend.records.samples.library import open_sample

SYMBOLS = [label.symbol for label in ann_labels if label.label_store]
LATIN_1 = "".join(chr(code) for code in [*range(32, 127), *range(160, 256)])


def marks(samples, symbols, notes=None):
    return Annotations(np.asarray(samples, dtype=np.int64), tuple(symbols), tuple(notes or ("",) * len(symbols)))


def assert_reads_back(written, sampling_rate, folder, extension="qrs"):
    (folder / f"rec.{extension}").write_bytes(encode_annotations(written, sampling_rate, extension))
    theirs = wfdb.rdann(str(folder / "rec"), extension)
    assert theirs.fs == sampling_rate
    length = int(written.samples[-1]) + 1
    ours = read_annotations(folder / "rec.hea", extension, length, sampling_rate, tick_rate=1.0)
    assert np.array_equal(theirs.sample, written.samples)
    assert np.array_equal(ours.samples, written.samples)
    assert tuple(theirs.symbol) == ours.symbols == written.symbols
    assert tuple(theirs.aux_note) == ours.notes == written.notes


def decoded(content):
    """Time, code and note of each mark: 16-bit words, low byte first, six bits of code over ten of time."""
    words = [low | high << 8 for low, high in zip(content[::2], content[1::2], strict=True)]
    found, time, position = [], 0, 0
    while words[position] != 0:
        code, value = words[position] >> 10, words[position] & 0x3FF
        position += 1
        if code == 59:
            step = words[position] << 16 | words[position + 1]
            time += step - 2**32 if step >= 2**31 else step
            position += 2
        elif code == 63:
            length = position + (value + 1) // 2
            note = b"".join(word.to_bytes(2, "little") for word in words[position:length])[:value]
            found[-1] = (*found[-1][:2], note.decode("latin-1"))
            position = length
        else:
            time += value
            found.append((time, code, ""))
    assert position == len(words) - 1
    return found


def test_the_bytes_are_those_of_the_mit_format():
    content = encode_annotations(marks([7, 1030, 1030, 90_000], 'N"V/', ["", "odd", "", "four"]), 360.0)
    about_file, end_of_it, *found = decoded(content)
    assert about_file == (0, 22, "## time resolution: 360")
    assert end_of_it[1] == 0
    assert found == [(7, 1, ""), (1030, 22, "odd"), (1030, 5, ""), (90_000, 12, "four")]


@pytest.mark.parametrize("rate", [50.0, 128.0, 257.0, 360.0, 999.9, 1000 / 3, 5000.0])
def test_annotations_are_restored_at_every_sampling_rate(tmp_path, rate):
    written = marks([0, 5, 5, 900, 9000], 'NL"V/', ["", "(AFIB", "added by hand", "", "odd"])
    assert_reads_back(written, rate, tmp_path)


def test_every_wfdb_symbol_is_restored(tmp_path):
    assert_reads_back(marks(range(1, 1 + len(SYMBOLS)), SYMBOLS), 360.0, tmp_path)


@pytest.mark.parametrize("gap", [1023, 1024, 2**16 - 1, 2**16, 2**31 - 1, 2**31, 2**31 + 1, 2**33])
def test_distant_annotations_are_restored(tmp_path, gap):
    assert_reads_back(marks([3, 3 + gap, 4 + gap], "NVN", ["", "late", ""]), 360.0, tmp_path)


def test_the_first_annotation_may_lie_anywhere(tmp_path):
    for sample in (0, 1, 2**20):
        assert_reads_back(marks([sample], "N"), 360.0, tmp_path)


def test_the_beats_of_a_day_are_restored(tmp_path):
    rng = np.random.default_rng(5)
    samples = np.cumsum(rng.integers(100, 700, size=110_000))
    symbols = [SYMBOLS[index] for index in rng.integers(len(SYMBOLS), size=len(samples))]
    notes = [("", "", "", "moved")[index] for index in rng.integers(4, size=len(samples))]
    assert samples[-1] > 24 * 3600 * 360
    assert_reads_back(marks(samples, symbols, notes), 360.0, tmp_path)


def test_annotations_of_a_sample_are_restored(tmp_path):
    record = open_sample("sim_atrial_fibrillation")
    assert_reads_back(record.annotations["atr"], record.sampling_rate, tmp_path, extension="atr")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 2**20), st.sampled_from(SYMBOLS), st.text(LATIN_1, max_size=255)),
        min_size=1,
        max_size=20,
    )
)
def test_any_annotations_are_restored(tmp_path_factory, drawn):
    steps, symbols, notes = zip(*drawn, strict=True)
    assert_reads_back(marks(np.cumsum(steps), symbols, notes), 250.0, tmp_path_factory.mktemp("marks"))


def test_empty_annotations_are_refused():
    with pytest.raises(RecordRefused, match="list of annotations is empty"):
        encode_annotations(marks([], ""), 360.0)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (marks([9, 5], "NN"), "not in the order"),
        (marks([-1, 5], "NN"), "not in the order"),
        (marks([5], ["[43]"]), "no annotation symbol"),
        (marks([5], " "), "no annotation symbol"),
        (marks([5], "N", ["x" * 256]), "at most 255"),
        (marks([5], "N", ["Ω"]), "Latin-1"),
        (marks([5], "N", ["two\nlines"]), "in one line"),
        (marks([0, 5], '"N', ["## anything", ""]), "description of the file"),
    ],
)
def test_annotations_that_would_change_are_refused(written, said):
    with pytest.raises(RecordRefused, match=said):
        encode_annotations(written, 360.0)


@pytest.mark.parametrize("extension", ["", "q1c", "../qrs", "q.s", "x" * 17])
def test_an_invalid_ending_is_refused(extension):
    with pytest.raises(RecordRefused, match="cannot end in"):
        encode_annotations(marks([5], "N"), 360.0, extension)
