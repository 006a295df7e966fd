"""The inner loop of a small matrix product, in vector instructions that a plain loop does not become.

numba compiles plain loops well, but keeps no block of sums in registers: a product for a few windows then waits for
memory. Here the block is written out as LLVM instructions, once for each of the shapes that the kernels use.

numba keeps machine code on disk by the stamp of the file whose functions it compiled, ``lstm_kernels.py``: who changes
this file has to change that one too, or the old code runs on.
"""

from typing import Any

import llvmlite.binding
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

__all__ = ["LANES", "PANEL", "ROWS", "STRIP_ROWS", "add_block", "add_row", "add_strip", "add_strips"]


def _has_wide_registers() -> bool:
    try:
        return bool(llvmlite.binding.get_host_cpu_features().get("avx512f", False))
    except RuntimeError:
        # Of some processors LLVM cannot tell.
        return False


_IS_WIDE = _has_wide_registers()

LANES = 16 if _IS_WIDE else 8
"""Numbers of 32 bits in a vector register."""

PANEL = LANES * (4 if _IS_WIDE else 2)
"""Columns of a product that are computed at once: four registers of 32, or two of 16, for each row."""

ROWS = 4
"""Rows that share each load of a panel."""

STRIP_ROWS = 8
"""Rows that share each load of a panel one register wide."""

_CONTRACTED = ("contract",)
_INDEX = ir.IntType(64)


def _block(columns: int, rows: int) -> Any:
    """An intrinsic that adds to ``rows`` rows of a product, over ``columns`` columns (a multiple of LANES)."""

    @intrinsic
    def add(typing, panel, left, first_row, out, first_column):  # type: ignore[no-untyped-def]
        signature = types.void(panel, left, types.intp, out, types.intp)

        def written(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            kinds = signature.args
            weights, own, whole = (context.make_array(kinds[at])(context, builder, arguments[at]) for at in (0, 1, 3))
            _write(builder, weights, own, arguments[2], whole, arguments[4], columns // LANES, rows)
            return context.get_dummy_value()

        return signature, written

    return add


def _write(
    builder: Any, panel: Any, left: Any, first_row: Any, out: Any, first_column: Any, vectors: int, rows: int
) -> None:
    """One loop over the terms of the sums, at least one; the sums of all rows and vectors stay in registers."""
    vector = ir.VectorType(ir.FloatType(), LANES)
    terms = cgutils.unpack_tuple(builder, panel.shape)[0]
    left_width = cgutils.unpack_tuple(builder, left.shape)[1]
    out_width = cgutils.unpack_tuple(builder, out.shape)[1]

    def element(array: Any, width: Any, row: Any, column: Any) -> Any:
        return builder.gep(array.data, [builder.add(builder.mul(row, width), column)])

    def as_vector(pointer: Any) -> Any:
        return builder.bitcast(pointer, vector.as_pointer())

    own_rows = [builder.add(first_row, _INDEX(row)) for row in range(rows)]
    own_columns = [builder.add(first_column, _INDEX(number * LANES)) for number in range(vectors)]
    places = [as_vector(element(out, out_width, row, column)) for row in own_rows for column in own_columns]
    begun = [builder.load(place, align=4) for place in places]
    before = builder.block
    loop, done = builder.append_basic_block("terms"), builder.append_basic_block("done")
    builder.branch(loop)

    builder.position_at_end(loop)
    term = builder.phi(_INDEX)
    term.add_incoming(_INDEX(0), before)
    sums = [builder.phi(vector) for _ in places]
    panel_width = _INDEX(vectors * LANES)
    weights = [
        builder.load(as_vector(element(panel, panel_width, term, _INDEX(number * LANES))), align=4)
        for number in range(vectors)
    ]
    grown = []
    for position, row in enumerate(own_rows):
        factor = _spread(builder, builder.load(element(left, left_width, row, term)), vector)
        for number, weight in enumerate(weights):
            product = builder.fmul(factor, weight, flags=_CONTRACTED)
            grown.append(builder.fadd(product, sums[position * vectors + number], flags=_CONTRACTED))
    following = builder.add(term, _INDEX(1))
    term.add_incoming(following, loop)
    for total, first, later in zip(sums, begun, grown, strict=True):
        total.add_incoming(first, before)
        total.add_incoming(later, loop)
    builder.cbranch(builder.icmp_signed("<", following, terms), loop, done)

    builder.position_at_end(done)
    for place, later in zip(places, grown, strict=True):
        builder.store(later, place, align=4)


def _spread(builder: Any, number: Any, vector: Any) -> Any:
    """A vector of one number throughout."""
    nothing = ir.Constant(vector, ir.Undefined)
    first = builder.insert_element(nothing, number, ir.Constant(ir.IntType(32), 0))
    everywhere = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(first, nothing, everywhere)


add_block = _block(PANEL, ROWS)
"""``add_block(panel (K, PANEL), left (n, K), row, out (n, N), column)``: left @ panel for ROWS rows, PANEL columns."""

add_row = _block(PANEL, 1)
"""The same for one row."""

add_strips = _block(LANES, STRIP_ROWS)
"""The same for STRIP_ROWS rows and ``panel`` (K, LANES)."""

add_strip = _block(LANES, 1)
"""The same for one row and ``panel`` (K, LANES)."""
