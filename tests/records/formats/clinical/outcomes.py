"""What opening a damaged file may end in: a record, or one sentence."""

import re
import tracemalloc
from pathlib import Path

import numpy as np

from backend.records.opening import open_record
from backend.records.record import Record, RecordRefused
from backend.records.understanding import Stated
from tests.records.formats.clinical.written_files import PERSON

SLACK_BYTES = 150 * 2**20


def outcome_of(path: Path, stated: Stated | None = None) -> Record | RecordRefused:
    """The record, or the refusal, within bounded memory."""
    tracemalloc.start()
    try:
        result: Record | RecordRefused = open_record(path, stated)
    except RecordRefused as refusal:
        result = refusal
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 30 * path.stat().st_size + SLACK_BYTES
    return result


def assert_a_record_or_a_sentence(outcome: Record | RecordRefused) -> None:
    if isinstance(outcome, Record):
        assert outcome.duration_s >= 3
        assert not np.isinf(outcome.signals).any()
        assert any(channel.is_lead for channel in outcome.channels)
    else:
        sentence = str(outcome)
        assert re.search(r"[.:] \S", sentence), sentence
        assert sentence.endswith(".")
        assert len(sentence) < 500
        assert PERSON not in sentence
