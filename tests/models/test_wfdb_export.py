from dataclasses import replace

import numpy as np
import wfdb

from backend.models.wfdb_export import UNCLASSIFIED, annotate_beats
from backend.records.formats.wfdb.writer import encode_annotations
from tests.models.made_classified import R_PEAKS, RATE, made_classified, without_beats


def test_each_beat_has_the_symbol_of_its_class_and_a_note_of_doubt():
    _, classified = made_classified()
    annotations = annotate_beats(classified, "ecg-beat", 2)
    beats = list(zip(annotations.samples.tolist(), annotations.symbols, annotations.notes, strict=True))[1:]
    assert beats == [
        (10, UNCLASSIFIED, "not classified"),
        (100, "N", ""),
        (200, "N", "uncertain"),
        (250, "V", ""),
        (400, "N", "uncertain"),
        (800, UNCLASSIFIED, "out of distribution"),
    ]


def test_a_note_at_the_start_states_the_origin_of_the_beats():
    _, classified = made_classified()
    annotations = annotate_beats(classified, "ecg-beat", 1)
    assert (annotations.samples[0], annotations.symbols[0]) == (1, '"')
    for words in ("research use", "ecg-beat", classified.beats.detector, "1 manual correction", "lead II"):
        assert words in annotations.notes[0]


def test_other_software_reads_the_beats_as_they_are(tmp_path):
    _, classified = made_classified()
    annotations = annotate_beats(classified, "ecg-beat", 12)
    (tmp_path / "made.qrs").write_bytes(encode_annotations(annotations, RATE))
    read = wfdb.rdann(str(tmp_path / "made"), "qrs")
    assert read.sample.tolist() == [1, *R_PEAKS]
    assert tuple(read.symbol) == annotations.symbols
    assert tuple(note.rstrip("\0") for note in read.aux_note) == annotations.notes
    assert read.fs == RATE


def test_a_beat_at_the_very_start_and_a_lead_of_any_name_can_be_written():
    _, classified = made_classified()
    beats = replace(classified.beats, lead="Ableitung\n→ II", r_peaks=np.array([0, *R_PEAKS]))
    annotations = annotate_beats(replace(classified, beats=beats), "ecg-beat", 0)
    assert annotations.samples[:2].tolist() == [0, 1]
    assert encode_annotations(annotations, RATE)


def test_without_a_beat_only_the_note_of_origin_is_written():
    _, classified = made_classified()
    assert annotate_beats(without_beats(classified), "ecg-beat", 0).symbols == ('"',)
