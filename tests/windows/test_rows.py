"""Rows of dataclasses of arrays."""

from dataclasses import dataclass

import numpy as np

from backend.windows.rows import concatenate_rows, select_rows


@dataclass(frozen=True, eq=False)
class Edges:
    onset: np.ndarray
    end: np.ndarray


@dataclass(frozen=True, eq=False)
class Beats:
    peak: np.ndarray
    edges: Edges


def test_parts_are_concatenated_column_by_column():
    parts = [Edges(np.array([1.0, 2.0]), np.array([3.0, 4.0])), Edges(np.array([5.0]), np.array([6.0]))]
    together = concatenate_rows(parts)
    assert together.onset.tolist() == [1.0, 2.0, 5.0]
    assert select_rows(together, slice(1, 3)).end.tolist() == [4.0, 6.0]


def test_nested_dataclasses_keep_their_rows_together():
    beats = Beats(np.array([1, 2, 3]), Edges(np.array([0.1, 0.2, 0.3]), np.array([0.4, 0.5, 0.6])))
    selected = select_rows(beats, np.array([True, False, True]))
    assert (selected.peak.tolist(), selected.edges.end.tolist()) == ([1, 3], [0.4, 0.6])
    assert concatenate_rows([selected, selected]).edges.onset.tolist() == [0.1, 0.3, 0.1, 0.3]
