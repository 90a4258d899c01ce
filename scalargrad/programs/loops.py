"""Tapes, and the loops that run them: instruction by instruction over registers.

    >>> registers = np.array([2.0, 3.0, 0.0])
    >>> run_once(*in_runs(np.array([[ops.MUL.opcode, 0, 1, 2]])), registers)
    >>> registers.tolist()
    [2.0, 3.0, 6.0]

An instruction is four integers: an opcode, two operands and a result, the last three being registers. (A function of
one number has it as both operands.) Here the loops are NumPy's; a register is a number, or a row with a column for each
sample. Where the project was compiled, the same loops run in C (`_loops.pyx`), many times faster, and give the same
floats in every bit: what NumPy rounds differently on some machines, such as exp, is taken from the rows of `ops`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np

from .._build import REASON
from ..arrays import Array
from ..engine import ops
from ..engine.ops import Op

# ---------------------------------------------------------------------------------------------------------------------
# Instructions

INSTRUCTION_SET: tuple[Op, ...] = tuple(row for row in ops.TABLE.values() if row.opcode is not None)
"""The rows that an instruction can apply, in the order of their opcodes."""

ARITIES = np.array([row.arity for row in INSTRUCTION_SET])
"""How many numbers each takes, one or two."""

NONE = -1
"""In place of a factor: what is summed is a row, and not a product of two."""


@dataclass(frozen=True, eq=False)
class Tape:
    """Straight-line code.

    Attributes
    ----------
    instructions
        An array of n×4 integers: opcode, two operands, result. An operand k < 0 is the register ~k that all samples
        of a batch share.
    registers
        How many there are. The first hold what is given at the start.
    results
        The registers of the outputs and then of the sums; for a batch, then a factor for each sum, or `NONE`.
    """

    instructions: Array
    registers: int
    results: Array

    def __len__(self) -> int:
        return len(self.instructions)

    @cached_property
    def runs(self) -> tuple[Array, Array]:
        """The instructions as `run_once` takes them."""
        return in_runs(self.instructions)

    @cached_property
    def code(self) -> Any:
        """The instructions as the loop in C takes them: integers."""
        return compiled.fused(self.instructions, read_once(self.instructions, self.results))


def in_runs(instructions: Array) -> tuple[Array, Array]:
    """Instructions as runs of equal operations, rows of (opcode, length), and the registers of each, n×3.

    Registers are integers of 16 bits where that is enough: a program is read from memory each time that it runs.
    """
    opcodes = instructions[:, 0]
    starts = np.flatnonzero(np.concatenate([[True], opcodes[1:] != opcodes[:-1]])) if len(opcodes) else np.zeros(0, int)
    lengths = np.diff(np.concatenate([starts, [len(opcodes)]]))
    runs = np.ascontiguousarray(np.stack([opcodes[starts], lengths], axis=1).astype(np.int64))
    registers = instructions[:, 1:]
    few = not registers.size or registers.max() < 2**16
    return runs, np.ascontiguousarray(registers.astype(np.uint16 if few else np.uint32))


def read_once(instructions: Array, results: Array) -> Array:
    """Of each instruction, whether its number is an operand just once and not a result: it need not be written down.

    Reads and writes of a register, in order of time, follow each other in a stable sort by register; an instruction
    reads before it writes, and the results are read after all.
    """
    n, (opcodes, left, right, written) = len(instructions), instructions.T
    reads = np.flatnonzero(np.concatenate([left >= 0, (right >= 0) & (ARITIES[opcodes] == 2)]))
    ends = np.tile(results[results >= 0], 2)  # twice: not just once
    registers = np.concatenate([np.concatenate([left, right])[reads], written, ends])
    times = np.concatenate([2 * (reads % max(n, 1)), 2 * np.arange(n) + 1, np.full(len(ends), 2 * n)])
    order = np.lexsort((times, registers))
    register, time = np.append(registers[order], [-1, -1]), np.append(times[order], [1, 1])
    here = np.flatnonzero(time[:-2] % 2)
    is_read = [(register[here + k] == register[here]) & (time[here + k] % 2 == 0) for k in (1, 2)]
    once = np.zeros(n, np.uint8)
    once[time[here] // 2] = is_read[0] & ~is_read[1]
    return once


# ---------------------------------------------------------------------------------------------------------------------
# The loops in NumPy


def _unary(ufunc: Callable[..., Any]) -> Callable[..., None]:
    """A ufunc of one number, called as one of two."""
    return lambda a, b, out: ufunc(a, out=out)


def _chosen(function: Callable[[Any, Any], Any]) -> Callable[..., None]:
    """A function of comparisons and choices, of which NumPy has nothing to round."""
    return lambda a, b, out: np.copyto(out, function(a, b))


KERNELS: dict[Op, Callable[..., Any]] = {
    ops.ADD: np.add,
    ops.SUB: np.subtract,
    ops.MUL: np.multiply,
    ops.DIV: np.divide,
    ops.NEG: _unary(np.negative),
    ops.ABS: _unary(np.abs),
    ops.SQRT: _unary(np.sqrt),
    ops.FLOOR: _unary(np.floor),
    ops.CEIL: _unary(np.ceil),
    ops.RINT: _unary(np.rint),
    ops.DIFFERENCE: _chosen(lambda a, b: np.where(a == b, 0, a - b)),
    ops.RELU: _chosen(lambda a, b: np.where(0 >= a, 0, a)),  # noqa: SIM300 - as in maximum(0, a)
    ops.MAX: _chosen(lambda a, b: np.where((a != a) | (a >= b), a, b)),
    ops.MIN: _chosen(lambda a, b: np.where((a != a) | (a <= b), a, b)),
    ops.FMAX: _chosen(lambda a, b: np.where((b != b) | (a >= b), a, b)),
    ops.FMIN: _chosen(lambda a, b: np.where((b != b) | (a <= b), a, b)),
    ops.GATE: _chosen(lambda a, b: np.where(a != 0, b, -0.0)),
    ops.STEP: _chosen(lambda a, b: np.where(a != a, a, a > 0)),
    ops.SIGN: _chosen(lambda a, b: np.where(a != a, a, np.subtract(a > 0, a < 0, dtype=np.int8))),
    ops.GREATER: _chosen(lambda a, b: np.where(a != a, a, np.where(b != b, b, a > b))),
    ops.LESS: _chosen(lambda a, b: a < b),
    ops.LESS_EQUAL: _chosen(lambda a, b: a <= b),
    ops.EQUAL: _chosen(lambda a, b: a == b),
    ops.BOTH_ZERO: _chosen(lambda a, b: (a == 0) & (b == 0)),
}
"""The operations that NumPy rounds as Python does: `kernel(a, b, out=…)`. All others go entry by entry."""


def by_entry(row: Op) -> Callable[..., None]:
    """An operation on Python's floats as a kernel."""

    def kernel(a: Any, b: Any, out: Array) -> None:
        operands = [np.broadcast_to(np.asarray(x, dtype=float), out.shape) for x in (a, b)[: row.arity]]
        entries = zip(*[x.ravel().tolist() for x in operands], strict=True)
        out[...] = np.reshape([row.apply(*numbers) for numbers in entries], out.shape)

    return kernel


kernels = [KERNELS.get(row) or by_entry(row) for row in INSTRUCTION_SET]
"""What each opcode does."""


def run_once_in_numpy(runs: Array, operands: Array, registers: Array) -> None:
    """Run instructions, `in_runs`, over registers that are numbers: a vector that is read and written in place."""
    instructions = iter(operands.tolist())
    with np.errstate(all="ignore"):
        for opcode, length in runs.tolist():
            kernel = kernels[opcode]
            for a, b, out in islice(instructions, length):
                kernel(registers[a], registers[b], out=registers[out : out + 1].reshape(()))


def run_rows_in_numpy(instructions: Array, rows: Array, shared: Array) -> None:
    """Run instructions over rows, a column for each sample. An operand k < 0 is the number `shared[~k]` for all."""
    with np.errstate(all="ignore"):
        for opcode, a, b, out in instructions.tolist():
            kernels[opcode](rows[a] if a >= 0 else shared[~a], rows[b] if b >= 0 else shared[~b], out=rows[out])


LANES = 8
"""Sums over a batch are kept in eight parts, sample k in part k mod 8, which are added at the end: fast, and fixed."""


def sum_rows_in_numpy(rows: Array, samples: int, chosen: Array, factors: Array, sums: Array) -> None:
    """Add the samples in the row `chosen[k]` to the eight parts `sums[:, k]`.

    Where `factors[k]` is not NONE, each is multiplied by its number in the row `factors[k]` before.
    """
    terms, products = rows[chosen, :samples], factors != NONE
    with np.errstate(all="ignore"):
        terms[products] *= rows[factors[products], :samples]
        for start in range(0, samples, LANES):
            part = terms[:, start : start + LANES].T
            sums[: len(part)] += part


def run_batch_in_numpy(
    tape: Tape,
    inputs: list[Array],
    rows: Array,
    shared: Array,
    chosen: Array,
    columns: Array,
    found: Array,
    terms: Array,
    factors: Array,
    sums: Array,
) -> None:
    """Run a tape for all samples of a batch, in blocks of as many as a row is long.

    Parameters
    ----------
    tape
        Of rows. (The loop in C has sums of products as one instruction, and keeps them in the processor: `Tape.code`.)
    inputs
        Each with a row for each sample, or with one row for all.
    rows
        To work in. They begin with the inputs, a row for each number, a column for each sample.
    shared
        The numbers that all samples share.
    chosen, columns, found
        The rows that are returned, and in which columns of `found`, which has a row for each sample.
    terms, factors, sums
        The rows that are added up, as for `sum_rows_in_numpy`.
    """
    samples, size = len(found), rows.shape[1]
    for start in range(0, samples, size):
        count, row = min(size, samples - start), 0
        for x in inputs:
            rows[row : row + x.shape[1], :count] = (x if len(x) == 1 else x[start : start + count]).T
            row += x.shape[1]
        run_rows_in_numpy(tape.instructions, rows, shared)
        found[start : start + count, columns] = rows[chosen, :count].T
        sum_rows_in_numpy(rows, count, terms, factors, sums)


# ---------------------------------------------------------------------------------------------------------------------
# The loops that run

IN_C = not REASON
if IN_C:
    from . import _loops as compiled  # type: ignore[attr-defined]

    run_once, run_batch, run_sample, Plan = compiled.run_once, compiled.run_batch, compiled.run_sample, compiled.Plan
else:
    run_once, run_batch, run_sample, Plan = run_once_in_numpy, run_batch_in_numpy, None, None


def parts_in_order(sums: Array) -> Array:
    """The eight parts of each sum, added from first to last; a column by itself NumPy would add by pairs."""
    with np.errstate(all="ignore"):
        result: Array = np.add.reduce(sums, axis=0) if sums.shape[1] > 1 else np.add.accumulate(sums)[-1]
        return result


def block_size(rows: int, samples: int, itemsize: int) -> int:
    """How many samples to run at a time, a multiple of 8: enough to be worth it, and few enough for a cache."""
    most = max(CACHE // max(rows * itemsize, 1), FEWEST)
    blocks = max(1, -(-samples // most))
    return max(1, -(-samples // (blocks * LANES))) * LANES


def rows_to_work_in(registers: int, size: int, dtype: np.dtype[Any]) -> Array:
    """Rows of zeros that begin where a line of the cache does, so that no vector lies in two."""
    line = 64
    raw = np.zeros(registers * size * dtype.itemsize + line, np.uint8)
    start = -raw.ctypes.data % line
    return raw[start : len(raw) - line + start].view(dtype).reshape(registers, size)


CACHE = 96 * 1024 if IN_C else 384 * 1024
"""Bytes: a part of a common level-2 cache."""

FEWEST = 16 if IN_C else 128
"""Samples at a time that spread the cost of reading an instruction, even where they do not fit into the cache."""
