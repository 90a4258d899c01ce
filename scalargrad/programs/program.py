"""Programs: recorded graphs that are called with arrays of numbers, a sample at a time, or a batch.

    >>> from scalargrad import Value, record
    >>> x, w = Value(1.0, "x"), Value(2.0, "w")
    >>> program = record(x * w + 1, inputs=[x], parameters=[w])
    >>> float(program(3.0, 5.0)), program([3.0, 4.0], 5.0)
    (16.0, array([16., 21.]))

A `Program` is straight-line code on floats: constants are folded, what is computed twice or not needed is dropped, and
registers are used again as soon as their number is not live any more. Replayed on one sample, it gives the floats of
the graph in every bit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..arrays import Array
from ..engine.value import Value
from ..errors import ProgramError
from . import files, loops
from .loops import INSTRUCTION_SET, LANES, Tape
from .signature import Bound, Signature


class Results(NamedTuple):
    """Which results of a batch differ from sample to sample, and their rows; which are shared, and their registers."""

    varying: Array
    rows: Array
    shared: Array
    registers: Array

    @classmethod
    def at(cls, places: Array) -> Results:
        """From a row for each result, or ~k for the shared register k."""
        varying, shared = (np.flatnonzero(mask).astype(np.int32) for mask in (places >= 0, places < 0))
        return cls(varying, places[varying], shared, ~places[shared])


@dataclass(frozen=True, eq=False, repr=False)
class Program:
    """A recorded graph, to be called with arrays of numbers in place of its inputs and parameters.

    Attributes
    ----------
    signature
        The shapes of inputs, parameters and outputs.
    constants
        The numbers that are part of the program.
    sample
        The tape for one sample. Its registers begin with the constants, the parameters and the inputs.
    shared
        For a batch: the tape of what depends on constants and parameters alone, which its registers begin with.
    rows
        What depends on the inputs, with a row for each register, a column for each sample. It begins with the inputs.

    Raises
    ------
    ProgramError
        If the parts do not fit each other.
    """

    signature: Signature
    constants: Array
    sample: Tape
    shared: Tape
    rows: Tape

    def __post_init__(self) -> None:
        if problem := files.why_unsafe(*self.parts):
            raise ProgramError(f"this is not a program: {problem}")

    @property
    def parts(self) -> files.Parts:
        return self.signature, self.constants, self.sample, self.shared, self.rows

    def __len__(self) -> int:
        """How many operations a sample takes."""
        return len(self.sample)

    def __repr__(self) -> str:
        return (
            f"Program({len(self.signature.inputs)} inputs, {len(self.signature.parameters)} parameters, "
            f"{len(self.rows):,} operations for each sample, {len(self.shared):,} shared by all, "
            f"{self.rows.registers:,} rows)"
        )

    # Running

    def __call__(self, *arrays: Any) -> Any:
        """The outputs for one sample, or for a batch.

        Parameters
        ----------
        arrays
            Numbers for each input, of the recorded shape, or with an axis in front for the samples of a batch; then for
            each parameter, of the recorded shape. The arithmetic is float32 if all are float32, else float64.

        Returns
        -------
        The outputs, of the recorded shapes, with the axis of the samples in front if there is a batch. If the program
        has sums over the batch, `(outputs, [sums])`.

        Raises
        ------
        ProgramError
            If the number of arrays or a shape does not fit, or an entry is not a number.
        """
        if loops.run_sample and (found := loops.run_sample(self._plan, arrays)) is not None:
            return found
        bound = self.signature.bind(*arrays)
        shared = np.concatenate([self.constants, *[x.ravel() for x in bound.parameters]])
        if bound.samples is None:
            return self._one(np.concatenate([shared, *[x.ravel() for x in bound.inputs]]), bound.dtype)
        return self._batch(shared, bound, bound.samples)

    @cached_property
    def _plan(self) -> Any:
        """What `run_sample` takes."""
        return loops.Plan(self.signature, self.constants, self.sample)

    def _one(self, given: Array, dtype: np.dtype[Any]) -> Any:
        """One sample."""
        registers = np.empty(self.sample.registers, dtype)
        registers[: len(given)] = given
        loops.run_once(*self.sample.runs, registers)
        found, n = registers[self.sample.results], self.signature.sizes["outputs"]
        return self.signature.results(found[:n], found[n:], None)

    def _batch(self, given: Array, bound: Bound, samples: int) -> Any:
        """All samples, in blocks of as many as the cache can hold."""
        outputs, sums, factors = self._results
        shared = np.empty(self.shared.registers, bound.dtype)
        shared[: len(given)] = given
        if len(self.shared):
            loops.run_once(*self.shared.runs, shared)
        found = np.empty((samples, self.signature.sizes["outputs"]), bound.dtype)
        if len(outputs.shared):
            found[:, outputs.shared] = shared[outputs.registers]
        parts = np.zeros((LANES, len(sums.varying)), bound.dtype)
        inputs = [  # each with a row for each sample, or one row for all
            np.ascontiguousarray(x.reshape(samples if x.shape != shape else 1, math.prod(shape)), bound.dtype)
            for x, shape in zip(bound.inputs, self.signature.inputs, strict=True)
        ]
        rows = self._work_array(loops.block_size(self.rows.registers, samples, bound.dtype.itemsize), bound.dtype)
        varying = outputs.rows, outputs.varying, found, sums.rows, factors, parts
        loops.run_batch(self.rows, inputs, rows, shared, *varying)
        self._idle.append(rows)
        total = np.empty(self.signature.sizes["summed"], bound.dtype)
        total[sums.shared] = shared[sums.registers] * samples
        total[sums.varying] = loops.parts_in_order(parts)
        return self.signature.results(found, total, samples)

    @cached_property
    def _results(self) -> tuple[Results, Results, Array]:
        """Where a batch's outputs are, and its sums; and the factors of those sums that vary."""
        sizes = self.signature.sizes
        outputs, sums, factors = np.split(self.rows.results, [sizes["outputs"], sizes["outputs"] + sizes["summed"]])
        return Results.at(outputs), Results.at(sums), factors[sums >= 0]

    def _work_array(self, size: int, dtype: np.dtype[Any]) -> Array:
        """Rows to compute in: those of the call before, if they fit and no other thread is using them."""
        with suppress(IndexError):  # raised by pop
            rows = self._idle.pop()
            if rows.shape[1] == size and rows.dtype == dtype:
                return rows
        return loops.rows_to_work_in(self.rows.registers, size, dtype)

    @cached_property
    def _idle(self) -> list[Array]:
        """Work arrays of calls that are over."""
        return []

    # Reading, drawing, keeping

    def listing(self) -> Iterator[str]:
        """The instructions for one sample, a line each: `r5 = x[0,1] · w[2]`."""
        given = [f"{x:.17g}" for x in self.constants.tolist()] + self.signature.entries
        names = dict(enumerate(given))
        for opcode, left, right, result in self.sample.instructions.tolist():
            row = INSTRUCTION_SET[opcode]
            text = row.written(*(names[left], names[right])[: row.arity])
            names[result] = f"r{result - len(given)}"
            yield f"{names[result]} = {text}"
        ends, n = [names[k] for k in self.sample.results.tolist()], self.signature.sizes["outputs"]
        yield f"return {', '.join(ends[:n])}"
        if self.signature.summed:
            yield f"sum over the batch {', '.join(ends[n:])}"

    def __str__(self) -> str:
        lines = list(islice(self.listing(), LINES + 1))
        if len(lines) > LINES:
            lines = [*lines[:-1], f"… and {len(self) - LINES:,} more operations"]
        return "\n".join([f"{self!r}:", *(f"  {line}" for line in lines)])

    def graph(self, *arrays: Any) -> list[Value]:
        """The program as a graph again, for one sample: its outputs, and then what is summed, as Values.

        Raises
        ------
        ProgramError
            As for a call, and for a batch.
        """
        bound = self.signature.bind(*arrays)
        if bound.samples is not None:
            raise ProgramError("a graph is made for one sample, and a batch is given")
        numbers = [x for array in (*bound.parameters, *bound.inputs) for x in array.ravel().tolist()]
        leaves = [Value(x, name) for x, name in zip(numbers, self.signature.entries, strict=True)]
        nodes = dict(enumerate([*map(Value, self.constants.tolist()), *leaves]))
        for opcode, left, right, result in self.sample.instructions.tolist():
            row = INSTRUCTION_SET[opcode]
            nodes[result] = row(*(nodes[left], nodes[right])[: row.arity])
        return [nodes[k] for k in self.sample.results.tolist()]

    def draw(self, *arrays: Any, **options: Any) -> Any:
        """A diagram of the first output for given numbers of one sample. Options are those of `sg.draw`.

        Raises
        ------
        MissingExtraError
            Without the extra "diagrams".
        ProgramError
            As for `graph`.
        """
        from ..pictures import draw

        return draw(self.graph(*arrays)[0], **options)

    def save(self, path: str | Path) -> None:
        """Write the program to a file: arrays in NumPy's .npz format, without pickles."""
        files.save(path, *self.parts)

    @staticmethod
    def load(path: str | Path) -> Program:
        """A program from a file. Nothing in it is run before all of it is checked.

        Raises
        ------
        ProgramError
            If the file is not a program, is of another version, or is damaged.
        """
        return Program(*files.load(path))


LINES = 40
"""Instructions that `str` shows."""
