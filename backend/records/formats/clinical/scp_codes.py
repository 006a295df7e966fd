"""Entropy codes of SCP-ECG: the standard's own table or tables of the file, and differences of samples."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["STANDARD_TABLE", "STANDARD_TABLE_NUMBER", "Code", "decode_lead", "parse_tables", "undo_differences"]

STANDARD_TABLE_NUMBER = 19_999
"""Stands for the table of the standard in the place of the number of tables."""

_CODE_BYTES = 9
_MOST_PREFIX_BITS = 32
_MOST_EXTRA_BITS = 32

Table = Mapping[str, "Code"]


@dataclass(frozen=True)
class Code:
    """What follows a prefix.

    Attributes
    ----------
    value : int
        The sample, or the number of the next table.
    n_extra_bits : int
        Bits after the prefix, a signed number that is added to the value.
    is_switch : bool
        Whether the next table is chosen instead of a sample.
    """

    value: int
    n_extra_bits: int = 0
    is_switch: bool = False


def _standard_table() -> dict[str, Code]:
    """Return the table of EN 1064, annex C: as many ones as the sample has units, a zero, the sign."""
    table = {"0": Code(0)}
    for size in range(1, 9):
        table["1" * size + "00"] = Code(size)
        table["1" * size + "01"] = Code(-size)
    return table | {"1111111110": Code(0, 8), "1111111111": Code(0, 16)}


STANDARD_TABLE: Table = _standard_table()


def parse_tables(content: bytes) -> list[Table]:
    """Return the tables in the data of section 2; empty if the samples are not coded.

    Raises
    ------
    ValueError
        If they are cut or impossible.
    """
    n_tables = _integer(content, 0, 2)
    if n_tables == STANDARD_TABLE_NUMBER:
        return [STANDARD_TABLE]
    tables: list[Table] = []
    position = 2
    for _ in range(n_tables):
        n_codes = _integer(content, position, 2)
        position += 2
        table = {}
        for _ in range(n_codes):
            prefix, code = _parse_code(content, position)
            table[prefix] = code
            position += _CODE_BYTES
        tables.append(table)
    return tables


def _parse_code(content: bytes, position: int) -> tuple[str, Code]:
    n_prefix_bits, n_bits, mode = (_integer(content, position + place, 1) for place in range(3))
    value = int.from_bytes(content[position + 3 : position + 5], "little", signed=True)
    # The first bit of the prefix is the lowest of the stored number.
    prefix = f"{_integer(content, position + 5, 4):032b}"[::-1][:n_prefix_bits]
    n_extra_bits = n_bits - n_prefix_bits
    if not (1 <= n_prefix_bits <= _MOST_PREFIX_BITS and 0 <= n_extra_bits <= _MOST_EXTRA_BITS):
        raise ValueError("a code of impossible length")
    return prefix, Code(value, n_extra_bits, is_switch=mode == 0)


def _integer(content: bytes, position: int, n_bytes: int) -> int:
    if position + n_bytes > len(content):
        raise ValueError("the section is cut")
    return int.from_bytes(content[position : position + n_bytes], "little")


def decode_lead(content: bytes, n_samples: int, tables: Sequence[Table]) -> np.ndarray:
    """Return the coded values of one lead; int64, shape = (n_samples,).

    Raises
    ------
    ValueError
        If the bits end too early, or a prefix is unknown.
    """
    bits = f"{int.from_bytes(content, 'big'):0{8 * len(content)}b}" if content else ""
    lengths = [sorted({len(prefix) for prefix in table}) for table in tables]
    values: list[int] = []
    position, chosen = 0, 0
    while len(values) < n_samples:
        prefix, code = _next_code(bits, position, tables[chosen], lengths[chosen])
        position += len(prefix)
        if code.is_switch:
            chosen = code.value - 1
            if not 0 <= chosen < len(tables):
                raise ValueError("a switch to an unknown table")
            continue
        extra = bits[position : position + code.n_extra_bits]
        if len(extra) < code.n_extra_bits:
            raise ValueError("the bits end too early")
        position += code.n_extra_bits
        values.append(code.value + _signed(extra))
    return np.array(values, dtype=np.int64)


def _next_code(bits: str, position: int, table: Table, lengths: Sequence[int]) -> tuple[str, Code]:
    for length in lengths:
        prefix = bits[position : position + length]
        code = table.get(prefix)
        if code is not None:
            return prefix, code
    raise ValueError("an unknown prefix, or the end of the bits")


def _signed(bits: str) -> int:
    if not bits:
        return 0
    return int(bits, 2) - ((1 << len(bits)) if bits[0] == "1" else 0)


def undo_differences(values: np.ndarray, order: int) -> np.ndarray:
    """Return the samples of their first or second differences (``order``); the first ``order`` values are samples."""
    if order == 0 or len(values) < 2:
        return values
    if order == 1:
        return np.cumsum(values)
    slopes = np.cumsum(np.concatenate([[values[1] - values[0]], values[2:]]))
    return np.concatenate([values[:1], values[0] + np.cumsum(slopes)])
