"""The loop that runs a recorded program: instruction by instruction over a work array.

    >>> work = np.array([2.0, 3.0, 0.0])
    >>> run_once(*in_runs(np.array([[CODES["*"], 0, 1, 2]])), work)
    >>> work.tolist()
    [2.0, 3.0, 6.0]

An instruction is four integers: an opcode, two operands and a result, as places in the work array. (A function of one
number has it as both operands.) Here the loop is in NumPy, a row of the work array for each place and a column for each
sample. Where the project was compiled, the same loop runs in C (`_loops.pyx`), many times faster, and gives the same
floats in every bit: what NumPy's own exp, log, tanh… round differently on some machines is taken from Python's math.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

import numpy as np

from .._build import REASON
from ..arrays import Array
from ..engine import numbers as elementary

SYMBOLS = (
    "+", "-", "*", "/", "neg", "max", "min", "step", "relu", "abs",
    "exp", "log", "sqrt", "sin", "cos", "tanh", "sigmoid", "**", "xlogy",
)  # fmt: skip
"""The primitive operations, by the symbols of the table in `ops`. An opcode is a place in this list."""

CODES = {symbol: code for code, symbol in enumerate(SYMBOLS)}

BINARY = frozenset(CODES[symbol] for symbol in ("+", "-", "*", "/", "max", "min", "**", "xlogy"))

LANES = 8
"""Sums over a batch are kept in eight parts, sample k in part k mod 8, which are added at the end: fast, and fixed."""


NONE = -1
"""In place of a factor: what is summed is a row, and no product of two."""


def by_python(function: Callable[..., float]) -> Callable[..., None]:
    """A function of Python floats as a ufunc would be: entry by entry."""

    def ufunc(a: Any, b: Any, out: Array) -> None:
        a, b = (np.broadcast_to(np.asarray(x, dtype=float), out.shape).tolist() for x in (a, b))
        out[...] = [function(x, y) for x, y in zip(a, b, strict=True)] if out.ndim else function(a, b)

    return ufunc


def unary(ufunc: Callable[..., Any]) -> Callable[..., None]:
    """A ufunc of one number, called as one of two."""
    return lambda a, b, out: ufunc(a, out=out)


KERNELS: tuple[Callable[..., Any], ...] = (
    np.add,
    np.subtract,
    np.multiply,
    np.divide,
    unary(np.negative),
    lambda a, b, out: np.copyto(out, np.where((a != a) | (a >= b), a, b)),
    lambda a, b, out: np.copyto(out, np.where((a != a) | (a <= b), a, b)),
    lambda a, b, out: np.copyto(out, np.where(a != a, a, a > 0)),
    lambda a, b, out: np.copyto(out, np.where(0 >= a, 0, a)),  # noqa: SIM300 - as in maximum(0, a)
    unary(np.abs),
    by_python(lambda a, b: elementary.exp(a)),
    by_python(lambda a, b: elementary.log(a)),
    unary(np.sqrt),
    by_python(lambda a, b: elementary.sin(a)),
    by_python(lambda a, b: elementary.cos(a)),
    by_python(lambda a, b: elementary.tanh(a)),
    by_python(lambda a, b: elementary.sigmoid(a)),
    by_python(elementary.power),
    by_python(elementary.xlogy),
)
"""What each opcode does: `kernel(a, b, out=…)`."""


def in_runs(tape: Array) -> tuple[Array, Array]:
    """A tape as runs of equal operations, rows of (opcode, length), and the places of all instructions, n×3.

    Places are integers of 16 bits where that is enough: a program is read from memory each time that it runs.
    """
    codes = tape[:, 0]
    starts = np.flatnonzero(np.concatenate([[True], codes[1:] != codes[:-1]])) if len(tape) else np.zeros(0, int)
    lengths = np.diff(np.concatenate([starts, [len(tape)]]))
    runs = np.ascontiguousarray(np.stack([codes[starts], lengths], axis=1).astype(np.int64))
    places = tape[:, 1:]
    few = not places.size or places.max() < 2**16
    return runs, np.ascontiguousarray(places.astype(np.uint16 if few else np.uint32))


def read_once(tape: Array, ends: Array) -> Array:
    """Of each instruction, whether its result is an operand just once and no end: then a loop need not write it down.

    Reads and writes of a place, in order of time, follow each other in a stable sort by place; an instruction reads
    before it writes, and the ends are read after all.
    """
    n = len(tape)
    reads = np.flatnonzero(np.concatenate([tape[:, 1] >= 0, (tape[:, 2] >= 0) & np.isin(tape[:, 0], list(BINARY))]))
    ends = np.tile(ends[ends >= 0], 2)  # twice: not just once
    places = np.concatenate([tape[:, 1:3].T.ravel()[reads], tape[:, 3], ends])
    times = np.concatenate([2 * (reads % max(n, 1)), 2 * np.arange(n) + 1, np.full(len(ends), 2 * n)])
    order = np.lexsort((times, places))
    place, time = np.append(places[order], [-1, -1]), np.append(times[order], [1, 1])
    here = np.flatnonzero(time[:-2] % 2)
    is_read = [(place[here + k] == place[here]) & (time[here + k] % 2 == 0) for k in (1, 2)]
    result = np.zeros(n, np.uint8)
    result[time[here] // 2] = is_read[0] & ~is_read[1]
    return result


def run_once_in_numpy(runs: Array, places: Array, work: Array) -> None:
    """Run a tape, `in_runs`, over numbers: `work` is a vector of floats that is read and written in place."""
    instructions = iter(places.tolist())
    with np.errstate(all="ignore"):
        for code, length in runs.tolist():
            kernel = KERNELS[code]
            for a, b, out in islice(instructions, length):
                kernel(work[a], work[b], out=work[out : out + 1].reshape(()))


def run_rows_in_numpy(tape: Array, single: Array, work: Array, shared: Array) -> None:
    """Run a tape over rows, a column for each sample. An operand k < 0 is the number `shared[~k]`, for all samples.

    `single` is `read_once(tape, …)`: the loop in C keeps sums of products in a register, and their terms out of memory.
    """
    with np.errstate(all="ignore"):
        for code, a, b, out in tape.tolist():
            KERNELS[code](work[a] if a >= 0 else shared[~a], work[b] if b >= 0 else shared[~b], out=work[out])


def sum_rows_in_numpy(work: Array, samples: int, rows: Array, factors: Array, sums: Array) -> None:
    """Add the samples in row `rows[k]` of the work array to the eight parts `sums[:, k]`.

    Where `factors[k]` is not NONE, each is multiplied by its number in the row `factors[k]` before.
    """
    chosen, products = work[rows, :samples], factors != NONE
    with np.errstate(all="ignore"):
        chosen[products] *= work[factors[products], :samples]
        for start in range(0, samples, LANES):
            part = chosen[:, start : start + LANES].T
            sums[: len(part)] += part


COMPILED = not REASON
if COMPILED:
    from . import _loops as compiled  # type: ignore[attr-defined]

    run_once, run_rows, sum_rows = compiled.run_once, compiled.run_rows, compiled.sum_rows
else:
    run_once, run_rows, sum_rows = run_once_in_numpy, run_rows_in_numpy, sum_rows_in_numpy


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


CACHE = 384 * 1024
"""Bytes: most of a common level-2 cache."""

FEWEST = 128
"""Samples at a time that spread the cost of reading an instruction, even where they do not fit into the cache."""
