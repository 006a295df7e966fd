"""The arithmetic of an LSTM layer whose weights stay as they are, compiled by numba.

numba compiles plain loops well, but keeps no block of sums in registers: a product for a few windows then waits for
memory. The inner loop of the products is therefore written out as LLVM instructions, once for each of the shapes that
the kernels use; ``np.dot`` is slower for so few windows. It belongs in this file because numba keeps machine code on
disk by the stamp of the file whose functions it compiled: a change in another file would leave the old code running.

Units are padded with zeros to a multiple of PANEL, which changes nothing: a padded unit stays at 0. Gates lie as torch
has them, input, forget, cell, output, each as wide as the padded units. All arrays are float32 and C-contiguous, time
before windows. Nothing here holds Python's lock, and nothing shares work between cores: that is for the caller.
"""

from collections.abc import Callable
from typing import Any

import llvmlite.binding
import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

__all__ = [
    "LANES",
    "PANEL",
    "ROWS",
    "STRIP_ROWS",
    "add_product",
    "add_strip_product",
    "backward",
    "find_differences",
    "forward",
    "pack_panels",
    "read_variants",
]

_F = np.float32
_LOG2_E = _F(1.4426950408889634)
# ln 2 in two parts, the first short enough that its multiples are exact (Cody & Waite 1980).
_LN2_FIRST, _LN2_REST = _F(0.693359375), _F(-2.12194440e-4)
_MOST = _F(80.0)

_ROWS_AT_ONCE = 24
"""Variants whose gates are computed together, few enough for the nearest cache."""


def _compiled(function: Callable[..., Any]) -> Any:
    """Compile at the first call, and keep the machine code on disk where that is possible."""
    # A division that may raise ends a loop early, and such a loop never becomes vectors: hence the error model.
    settings: Any = {"nogil": True, "fastmath": {"contract"}, "error_model": "numpy"}
    try:
        return numba.njit(cache=True, **settings)(function)
    except RuntimeError:
        return numba.njit(**settings)(function)


@intrinsic
def _float_of_bits(typing, bits):  # type: ignore[no-untyped-def]
    def written(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return builder.bitcast(arguments[0], ir.FloatType())

    return types.float32(types.int32), written


@_compiled
def _expm1(x):  # type: ignore[no-untyped-def]
    """Return exp(x) - 1 with a relative error below 2e-7, near 0 as well: a Taylor series on half a power of two."""
    x = min(max(x, -_MOST), _MOST)
    nearest = x * _LOG2_E
    power = np.int32(nearest + (_F(0.5) if nearest > _F(0.0) else _F(-0.5)))
    rest = x - _F(power) * _LN2_FIRST
    rest = rest - _F(power) * _LN2_REST
    series = _F(1 / 720) + rest * _F(1 / 5040)
    series = _F(1 / 120) + rest * series
    series = _F(1 / 24) + rest * series
    series = _F(1 / 6) + rest * series
    series = _F(0.5) + rest * series
    series = rest + rest * rest * series
    scale = _float_of_bits(np.int32((power + np.int32(127)) << np.int32(23)))
    return scale * series + (scale - _F(1.0))


@_compiled
def _sigmoid(x):  # type: ignore[no-untyped-def]
    return _F(1.0) / (_F(2.0) + _expm1(-x))


@_compiled
def _tanh(x):  # type: ignore[no-untyped-def]
    raised = _expm1(_F(2.0) * x)
    return raised / (raised + _F(2.0))


def _has_wide_registers() -> bool:
    try:
        return bool(llvmlite.binding.get_host_cpu_features().get("avx512f", False))
    except RuntimeError:
        # LLVM does not know every processor.
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
    """Return an intrinsic that adds to ``rows`` rows and ``columns`` columns (a multiple of LANES) of a product."""

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
    """Write one loop over the terms of the sums, at least one; the sums of all rows and vectors stay in registers."""
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
        factor = _broadcast(builder, builder.load(element(left, left_width, row, term)), vector)
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


def _broadcast(builder: Any, number: Any, vector: Any) -> Any:
    """Return a vector that repeats one number."""
    nothing = ir.Constant(vector, ir.Undefined)
    first = builder.insert_element(nothing, number, ir.Constant(ir.IntType(32), 0))
    everywhere = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(first, nothing, everywhere)


_add_block = _block(PANEL, ROWS)
"""``_add_block(panel (K, PANEL), left (n, K), row, out (n, N), column)``: left @ panel for ROWS rows, PANEL columns."""

_add_row = _block(PANEL, 1)
"""The same for one row."""

_add_strips = _block(LANES, STRIP_ROWS)
"""The same for STRIP_ROWS rows and ``panel`` (K, LANES)."""

_add_strip = _block(LANES, 1)
"""The same for one row and ``panel`` (K, LANES)."""


def pack_panels(matrix: np.ndarray, width: int = PANEL) -> np.ndarray:
    """Return a matrix (K, N) as panels of ``width`` columns, the last padded with zeros, shape = (panels, K, width)."""
    terms, columns = matrix.shape
    panels = -(-columns // width)
    whole = np.zeros((terms, panels * width), dtype=np.float32)
    whole[:, :columns] = matrix
    return np.ascontiguousarray(whole.reshape(terms, panels, width).transpose(1, 0, 2))


@_compiled
def add_product(left, panels, out):  # type: ignore[no-untyped-def]
    """Add left (n, K) @ the matrix in ``panels`` to ``out`` (n, panels * PANEL), in place."""
    in_blocks = left.shape[0] // ROWS * ROWS
    for number in range(panels.shape[0]):
        panel = panels[number]
        for row in range(0, in_blocks, ROWS):
            _add_block(panel, left, row, out, number * PANEL)
        for row in range(in_blocks, left.shape[0]):
            _add_row(panel, left, row, out, number * PANEL)


@_compiled
def add_strip_product(left, strips, out):  # type: ignore[no-untyped-def]
    """Do the same with panels one register wide, for products of few columns; ``out`` is (n, panels * LANES)."""
    in_blocks = left.shape[0] // STRIP_ROWS * STRIP_ROWS
    for number in range(strips.shape[0]):
        strip = strips[number]
        for row in range(0, in_blocks, STRIP_ROWS):
            _add_strips(strip, left, row, out, number * LANES)
        for row in range(in_blocks, left.shape[0]):
            _add_strip(strip, left, row, out, number * LANES)


# In what follows loops run from 0 over one array or over views of the same length. An index that is a sum could be
# negative for all that the compiler knows, and would count from the end then: such a loop never becomes vectors.


@_compiled
def _apply_sigmoid(inputs):  # type: ignore[no-untyped-def]
    for unit in range(inputs.shape[0]):
        inputs[unit] = _sigmoid(inputs[unit])


@_compiled
def _activate_gates(gate, units):  # type: ignore[no-untyped-def]
    """Turn the inputs of one window's gates into their activations, in place."""
    _apply_sigmoid(gate[: 2 * units])
    cell_gate = gate[2 * units : 3 * units]
    for unit in range(cell_gate.shape[0]):
        cell_gate[unit] = _tanh(cell_gate[unit])
    _apply_sigmoid(gate[3 * units :])


@_compiled
def _update_state(gate, previous_cell, cell, tanh_cell, state, sums):  # type: ignore[no-untyped-def]
    """Compute one window's next cell, its tanh and hidden state from its gates; ``previous_cell`` may be ``cell``."""
    units = cell.shape[0]
    input_gate, forget_gate = gate[:units], gate[units : 2 * units]
    cell_gate, output_gate = gate[2 * units : 3 * units], gate[3 * units :]
    for unit in range(units):
        tanh_cell[unit] = forget_gate[unit] * previous_cell[unit]
    for unit in range(units):
        cell[unit] = input_gate[unit] * cell_gate[unit] + tanh_cell[unit]
    for unit in range(units):
        tanh_cell[unit] = _tanh(cell[unit])
    for unit in range(units):
        state[unit] = output_gate[unit] * tanh_cell[unit]
    for unit in range(units):
        sums[unit] += state[unit]


@_compiled
def forward(gates, recurrent, cells, tanh_cells, hidden, total):  # type: ignore[no-untyped-def]
    """Run all windows through the layer and keep what ``backward`` needs.

    Parameters
    ----------
    gates : shape = (R, n, 4 * units)
        In: bias and input times weights. Out: the activations of the gates.
    recurrent : shape = (panels, units, PANEL)
        W_hh transposed.
    cells, tanh_cells : shape = (R, n, units)
        Out: the cells and their tanh.
    hidden, total : shape = (n, units)
        Out: the last hidden state, and the sum of all.
    """
    reads, windows, units = cells.shape
    hidden[:] = _F(0.0)
    total[:] = _F(0.0)
    cells[0] = _F(0.0)
    for read in range(reads):
        gates_of_read = gates[read]
        if read:
            add_product(hidden, recurrent, gates_of_read)
        for window in range(windows):
            _activate_gates(gates_of_read[window], units)
            previous_cell = cells[max(read - 1, 0), window]
            cell, tanh_cell = cells[read, window], tanh_cells[read, window]
            _update_state(gates_of_read[window], previous_cell, cell, tanh_cell, hidden[window], total[window])


@_compiled
def _backpropagate(gate, tanh_cell, previous_cell, has_previous, gradient, cell_gradient):  # type: ignore[no-untyped-def]
    """Replace the activations of one window's gates by the gradients with respect to their inputs.

    ``cell_gradient`` becomes the gradient with respect to the previous cell.
    """
    units = tanh_cell.shape[0]
    input_gate, forget_gate = gate[:units], gate[units : 2 * units]
    cell_gate, output_gate = gate[2 * units : 3 * units], gate[3 * units :]
    for unit in range(units):
        cell_gradient[unit] += gradient[unit] * output_gate[unit] * (_F(1.0) - tanh_cell[unit] * tanh_cell[unit])
    for unit in range(units):
        output_gate[unit] = gradient[unit] * tanh_cell[unit] * output_gate[unit] * (_F(1.0) - output_gate[unit])
    for unit in range(units):
        input_gate_gradient = cell_gradient[unit] * cell_gate[unit] * input_gate[unit] * (_F(1.0) - input_gate[unit])
        cell_gate_gradient = cell_gradient[unit] * input_gate[unit] * (_F(1.0) - cell_gate[unit] * cell_gate[unit])
        input_gate[unit], cell_gate[unit] = input_gate_gradient, cell_gate_gradient
    for unit in range(units):
        by_forget_gate = cell_gradient[unit] * has_previous * previous_cell[unit]
        forget_gate_gradient = by_forget_gate * forget_gate[unit] * (_F(1.0) - forget_gate[unit])
        cell_gradient[unit] *= forget_gate[unit]
        forget_gate[unit] = forget_gate_gradient


@_compiled
def backward(gates, recurrent_back, cells, tanh_cells, last_gradient, each_gradient, hidden_gradient, cell_gradient):  # type: ignore[no-untyped-def]
    """Replace the activations of all gates by the gradients of an output with respect to their inputs.

    Parameters
    ----------
    gates, cells, tanh_cells
        As ``forward`` left them.
    recurrent_back : shape = (panels, 4 * units, PANEL)
        W_hh.
    last_gradient, each_gradient : shape = (n, units)
        Gradients with respect to the last hidden state and to every one, through the read-out.
    hidden_gradient, cell_gradient : shape = (n, units)
        Workspace.
    """
    reads, windows, units = cells.shape
    hidden_gradient[:] = last_gradient
    cell_gradient[:] = _F(0.0)
    for read in range(reads - 1, -1, -1):
        gates_of_read = gates[read]
        for window in range(windows):
            previous_cell = cells[max(read - 1, 0), window]
            has_previous = _F(1.0) if read else _F(0.0)
            gradient = hidden_gradient[window]
            for unit in range(units):
                gradient[unit] += each_gradient[window, unit]
            tanh_cell = tanh_cells[read, window]
            _backpropagate(
                gates_of_read[window], tanh_cell, previous_cell, has_previous, gradient, cell_gradient[window]
            )
        if read:
            hidden_gradient[:] = _F(0.0)
            add_product(gates_of_read, recurrent_back, hidden_gradient)


@_compiled
def find_differences(values, base):  # type: ignore[no-untyped-def]
    """Return in which reads each of ``values`` (n, R, K) differs from ``base`` (R, K), bool, shape = (n, R)."""
    windows, reads, _ = values.shape
    found = np.empty((windows, reads), dtype=np.bool_)
    for window in range(windows):
        for read in range(reads):
            own, base_values = values[window, read], base[read]
            unequal = np.int32(0)
            for column in range(own.shape[0]):
                unequal |= np.int32(own[column] != base_values[column])
            found[window, read] = unequal != 0
    return found


@_compiled
def _copy(numbers, into):  # type: ignore[no-untyped-def]
    for position in range(into.shape[0]):
        into[position] = numbers[position]


@_compiled
def _add_input_change(variant, base_values, weights, gate):  # type: ignore[no-untyped-def]
    """Add to a variant's gates what its inputs change, compared with the window itself."""
    for column in range(variant.shape[0]):
        change = variant[column] - base_values[column]
        if change != _F(0.0):
            own = weights[column]
            for unit in range(gate.shape[0]):
                gate[unit] += change * own[unit]


@_compiled
def read_variants(values, base, chosen, differs, projected, weights, recurrent, mean, features):  # type: ignore[no-untyped-def]
    """Run some variants of one window through the layer, each from its first difference on.

    Until then a variant shares the states of the window itself.

    Parameters
    ----------
    values : shape = (n, R, K)
        All variants.
    base : shape = (R, K)
        The window itself.
    chosen : int64, shape = (m,)
        The variants to read, in the order in which they begin to differ.
    differs : bool, shape = (n, R)
        As ``find_differences`` gives it.
    projected : shape = (R, 4 * units)
        Bias and ``base`` times weights.
    weights : shape = (K, 4 * units)
        W_ih transposed.
    recurrent : shape = (panels, units, PANEL)
    mean : bool
        Whether features are the mean over the reads, or the last hidden state.
    features : shape = (n, units)
        Out: the features of the chosen variants.
    """
    reads = base.shape[0]
    units = features.shape[1]
    rows = len(chosen) + 1
    hidden, cells = np.zeros((rows, units), _F), np.zeros((rows, units), _F)
    total, gates = np.zeros((rows, units), _F), np.empty((_ROWS_AT_ONCE, 4 * units), _F)
    tanh_cell = np.empty(units, _F)
    running = 1
    for read in range(reads):
        while running < rows and differs[chosen[running - 1], read]:
            hidden[running], cells[running], total[running] = hidden[0], cells[0], total[0]
            running += 1
        for first in range(0, running, _ROWS_AT_ONCE):
            end = min(first + _ROWS_AT_ONCE, running)
            for row in range(first, end):
                gate = gates[row - first]
                _copy(projected[read], gate)
                if row and differs[chosen[row - 1], read]:
                    _add_input_change(values[chosen[row - 1], read], base[read], weights, gate)
            add_product(hidden[first:end], recurrent, gates[: end - first])
            for row in range(first, end):
                gate = gates[row - first]
                _activate_gates(gate, units)
                _update_state(gate, cells[row], cells[row], tanh_cell, hidden[row], total[row])
    for row in range(1, rows):
        from_row = row if row < running else 0
        features[chosen[row - 1]] = total[from_row] / _F(reads) if mean else hidden[from_row]
