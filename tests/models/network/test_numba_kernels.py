import ast
from pathlib import Path

import numpy as np
import pytest

from backend.models.network import numba_kernels
from backend.models.network.numba_kernels import LANES, PANEL, ROWS, STRIP_ROWS


@pytest.mark.parametrize("rows", [1, ROWS - 1, ROWS, 3 * ROWS + 2])
@pytest.mark.parametrize(("terms", "columns"), [(1, PANEL), (7, 3 * PANEL), (200, 2 * PANEL)])
def test_a_product_by_panels_is_the_product(rows, terms, columns):
    rng = np.random.default_rng(rows + terms)
    left, matrix = rng.normal(size=(rows, terms)), rng.normal(size=(terms, columns))
    begun = rng.normal(size=(rows, columns))
    out = begun.astype(np.float32)
    numba_kernels.add_product(left.astype(np.float32), numba_kernels.pack_panels(matrix), out)
    np.testing.assert_allclose(out, begun + left @ matrix, atol=1e-4)


@pytest.mark.parametrize("rows", [1, STRIP_ROWS - 1, STRIP_ROWS, 2 * STRIP_ROWS + 3])
@pytest.mark.parametrize("columns", [1, LANES, LANES + 5])
def test_a_product_of_few_columns_is_the_product_and_what_is_padded_stays_0(rows, columns):
    rng = np.random.default_rng(rows + columns)
    left, matrix = rng.normal(size=(rows, 50)), rng.normal(size=(50, columns))
    strips = numba_kernels.pack_panels(matrix, LANES)
    out = np.zeros((rows, len(strips) * LANES), dtype=np.float32)
    numba_kernels.add_strip_product(left.astype(np.float32), strips, out)
    np.testing.assert_allclose(out[:, :columns], left @ matrix, atol=1e-4)
    assert not out[:, columns:].any()


def test_differences_are_found_read_by_read():
    base = np.zeros((3, 2), dtype=np.float32)
    values = np.repeat(base[np.newaxis], 2, axis=0)
    values[1, 2, 1] = 1e-7
    assert numba_kernels.find_differences(values, base).tolist() == [[False] * 3, [False, False, True]]


def test_all_compiled_code_is_in_one_file():
    """numba's cache looks at the stamp of that file alone, and would serve old code after a change elsewhere."""
    tree = ast.parse(Path(numba_kernels.__file__).read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert {name.partition(".")[0] for name in imported} <= {"collections", "typing", "llvmlite", "numba", "numpy"}
