"""Record a graph once, and replay it on new numbers: a sample at a time, or a batch.

    >>> from scalargrad import values
    >>> x, w = values([1.0, 2.0], "x"), values([3.0, 4.0], "w")
    >>> program = record_gradient((x @ w) ** 2, inputs=[x], parameters=[w])
    >>> program([[1.0, 0.0], [0.0, 2.0]], [3.0, 4.0])
    (array([ 9., 64.]), [array([ 6., 32.])])

A `Program` is a list of primitive operations on floats, in topological order: constants are folded, nodes that are
duplicates or not needed are dropped, and places in the work array are used again as soon as their number is not needed
any more. Gradients are nothing special: the reverse sweep with `create_graph` makes nodes, and nodes are recorded.
Replayed on one sample, a program gives the floats of the graph in every bit.
"""

from __future__ import annotations

import json
import math
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..arrays import Array, ValueArray, entry_name, fill, objects
from ..engine.collector import collector_paused
from ..engine.node import not_a_number
from ..engine.ops import TABLE
from ..engine.sweep import grad
from ..engine.value import Value
from ..errors import ProgramError
from . import loops as replay
from .branches import Watched
from .loops import BINARY, CODES, LANES, NONE, SYMBOLS
from .recorder import INPUT, PARAMETER, Recorder, as_float, laid_out, needed, products_last, scheduled

VERSION = 2
"""Of the file format."""


@collector_paused()
def record(outputs: Any, inputs: Any = (), parameters: Any = (), summed: Any = ()) -> Program:
    """The program that computes outputs from inputs and parameters.

    Parameters
    ----------
    outputs
        A Value or an array of Values, or a list of them. Or a function of the inputs and parameters that returns such:
        then it is called on Values that notice a Python `if` on their data, which a recording can't follow, and warn.
    inputs
        What differs from sample to sample: a list of Values and arrays of Values. Of each the shape is recorded.
    parameters
        What all samples of a batch share. Leaves that are neither are constants.
    summed
        Outputs beside `outputs` that are added up over the batch: gradients by parameters.

    Returns
    -------
    A `Program`, to be called with arrays of numbers in place of inputs and parameters.

    Raises
    ------
    ProgramError
        If inputs are no leaves, are listed twice, or an operation can't be recorded.
    """
    inputs, parameters = as_arrays(inputs, "inputs"), as_arrays(parameters, "parameters")
    if callable(outputs):
        inputs, parameters = watched_leaves(inputs), watched_leaves(parameters)
        outputs = outputs(*[plain(x) for x in (*inputs, *parameters)])
    single = isinstance(outputs, (Value, np.ndarray))
    results = as_arrays([outputs] if single else outputs, "outputs", numbers=True)
    totals = as_arrays(summed, "summed", numbers=True)
    recorder, numbers = Recorder(), dict[Value, int]()
    for arrays, kind, varies in ((inputs, INPUT, True), (parameters, PARAMETER, False)):
        for place, entry in enumerate(entry for one in arrays for entry in one.flat):
            if entry.inputs:
                raise ProgramError(
                    f"{entry!r} is computed, and inputs and parameters are leaves: list what it is made of"
                )
            if entry in numbers:
                raise ProgramError(f"{entry!r} is listed twice among inputs and parameters: list each leaf once")
            numbers[entry] = recorder.add(kind, place, 0, varies)
    ends = [entry for one in (*results, *totals) for entry in one.flat]
    recorder.nodes(ends, numbers)
    return assembled(
        recorder,
        [numbers[entry] for entry in ends],
        Form(
            tuple(x.shape for x in inputs),
            tuple(x.shape for x in parameters),
            tuple(x.shape for x in results),
            tuple(x.shape for x in totals),
            single,
            tuple(array_name(x) for x in (*inputs, *parameters)),
        ),
    )


def record_gradient(loss: Any, inputs: Any, parameters: Any) -> Program:
    """The program of a loss and of its gradient by each parameter: `(losses, [gradients])`.

    Parameters
    ----------
    loss
        A Value, the loss of one sample; or a function of inputs and parameters that returns it, as for `record`.
    inputs, parameters
        As for `record`.

    Returns
    -------
    A program whose outputs are the loss, of shape (B,) for a batch of B samples, and a list of the gradients of its sum
    over the batch, each of its parameter's shape.
    """
    inputs, parameters = as_arrays(inputs, "inputs"), as_arrays(parameters, "parameters")
    if callable(loss):
        inputs, parameters = watched_leaves(inputs), watched_leaves(parameters)
        loss = loss(*[plain(x) for x in (*inputs, *parameters)])
    if not isinstance(loss, Value):
        raise ProgramError(f"the loss is a {type(loss).__name__}: it must be one Value")
    gradients = grad(loss, [array.view(np.ndarray) for array in parameters], create_graph=True)
    return record(loss, inputs, parameters, summed=gradients)


def as_arrays(given: Any, what: str, numbers: bool = False) -> list[Array]:
    """Arrays of Values; of `numbers` too, which become leaves, as in an empty sum, if those are fine."""
    arrays = []
    for position, one in enumerate([given] if isinstance(given, (Value, np.ndarray)) else given):
        entries = np.array(one, dtype=object) if isinstance(one, Value) else objects(one)
        for index, entry in np.ndenumerate(entries):
            if not isinstance(entry, Value):
                if not numbers or not_a_number(entry):
                    where = entry_name(f"{what}[{position}]", index)
                    raise ProgramError(f"{where} is a {type(entry).__name__}: give Values, or arrays of them")
                entries[index] = Value(entry)
        arrays.append(entries)
    return arrays


def watched_leaves(arrays: list[Array]) -> list[Array]:
    """The same leaves over numbers that notice a branch."""
    return [fill(one.shape, lambda *at, one=one: Value(Watched(as_float(one[at])), one[at].label)) for one in arrays]


def array_name(entries: Array) -> str:
    """What an array was called when its Values were made: x, if its first entry is x[0,0]."""
    return str(entries.flat[0].label).partition("[")[0] if entries.size else ""


def plain(entries: Array) -> Any:
    """An array of Values as users have it; of no dimension, the Value."""
    return entries.view(ValueArray) if entries.shape else entries[()]


# ---------------------------------------------------------------------------------------------------------------------
# Programs


@dataclass(frozen=True)
class Form:
    """The shapes of what goes in and out, each sample's for inputs and outputs."""

    inputs: tuple[tuple[int, ...], ...]
    parameters: tuple[tuple[int, ...], ...]
    outputs: tuple[tuple[int, ...], ...]
    summed: tuple[tuple[int, ...], ...]
    single: bool
    """Whether there is one output, and no list of them."""
    names: tuple[str, ...]
    """Of the inputs and parameters, as far as they have names."""

    @cached_property
    def sizes(self) -> dict[str, int]:
        """How many numbers all inputs have, and all parameters, outputs, and sums."""
        return {what: sum(map(math.prod, getattr(self, what))) for what in SHAPES}


SHAPES = ("inputs", "parameters", "outputs", "summed")


def assembled(recorder: Recorder, ends: list[int], form: Form) -> Program:
    """The program of what the ends need."""
    codes, varies = np.frombuffer(recorder.codes, dtype=np.int8), np.frombuffer(recorder.varies, dtype=np.uint8)
    lefts, rights = np.frombuffer(recorder.lefts, dtype=np.int32), np.frombuffer(recorder.rights, dtype=np.int32)
    constants = np.array(list(recorder.floats.values()), dtype=float)
    n_shared = len(constants) + form.sizes["parameters"]
    n_inputs = form.sizes["inputs"]
    kept = needed(recorder, ends)
    operations = np.frombuffer(kept, dtype=np.uint8).astype(bool) & (codes >= 0)
    kept = bytearray(len(codes))
    for end in ends:
        kept[end] = 1

    def ids(chosen: Array) -> array[int]:
        return array("i", np.flatnonzero(chosen).astype(np.int32).tobytes())

    def starts(inputs_from: int) -> Array:
        """Where constants, parameters and inputs are at the start."""
        places = np.where(codes == PARAMETER, lefts + len(constants), lefts)
        return np.where(codes == INPUT, lefts + inputs_from, places).astype(np.int32)

    # One sample at a time: a vector of constants, parameters, inputs, and results
    places = array("i", starts(n_shared).tobytes())
    once_tape, once_size = laid_out(scheduled(ids(operations), recorder), recorder, kept, places, n_shared + n_inputs)
    once_ends = np.array([places[k] for k in ends], dtype=np.int32)

    # A batch: what is shared first, then a row for each of the other numbers. What rows need of it is kept
    shared, varying = operations & (varies == 0), operations & (varies == 1)
    uses = np.bincount(np.concatenate([lefts[operations], rights[operations], np.array(ends, dtype=np.int32)]))
    of_rows = varying & (codes == CODES["*"]) & (varies[lefts] == 1) & (varies[rights] == 1)
    # A product that is needed for its sum alone, as in Σ h·δ, has no row: its factors are multiplied as they are summed
    summed = ends[form.sizes["outputs"] :]
    pairs = {end: (int(lefts[end]), int(rights[end])) for end in summed if of_rows[end] and uses[end] == 1}
    varying[list(pairs)] = False
    for pair in pairs.values():
        kept[pair[0]] = kept[pair[1]] = 1
    used = np.zeros(len(codes), dtype=np.uint8)
    for operands in (lefts[varying], rights[varying]):
        used[operands] = 1
    kept_for_rows = bytearray((used | np.frombuffer(kept, dtype=np.uint8)).tobytes())
    places = array("i", starts(0).tobytes())
    shared_tape, shared_size = laid_out(ids(shared), recorder, kept_for_rows, places, n_shared)
    at = np.frombuffer(places, dtype=np.int32)
    places = array("i", np.where(varies == 1, at, ~at).astype(np.int32).tobytes())
    order = products_last(ids(varying), recorder, kept)
    sample_tape, rows = laid_out(order, recorder, kept, places, n_inputs)
    batch_ends = np.array([places[pairs[k][0] if k in pairs else k] for k in ends], dtype=np.int32)
    factors = np.array([places[pairs[k][1]] if k in pairs else NONE for k in summed], dtype=np.int32)
    return Program(
        form,
        constants,
        once_tape,
        once_ends,
        once_size,
        shared_tape,
        shared_size,
        sample_tape,
        batch_ends,
        factors,
        rows,
    )


class SplitEnds(NamedTuple):
    """Positions among a program's outputs, and among its sums; and the places where their numbers are found."""

    varying_outputs: Array
    varying_outputs_at: Array
    shared_outputs: Array
    shared_outputs_at: Array
    varying_sums: Array
    varying_sums_at: Array
    shared_sums: Array
    shared_sums_at: Array
    varying_factors_at: Array


@dataclass(frozen=True, eq=False, repr=False)
class Program:
    """A recorded graph, to be called with arrays of numbers in place of its inputs and parameters.

    A tape is an array of n×4 integers, an instruction in each row: opcode, two operands, result. The last three are
    places in a work array. There is a tape for one sample at a time, and there are two for a batch.

    Attributes
    ----------
    form
        The shapes of inputs, parameters and outputs.
    constants
        The numbers that are part of the program.
    once_tape, once_ends, once_size
        For one sample: the tape, the places of the outputs and then of what is summed, and the length of the work
        array, which begins with the constants, the parameters and the inputs.
    shared_tape, shared_size
        For a batch: what depends on constants and parameters only, which are the first in an array of that length.
    sample_tape, batch_ends, factors, rows
        What depends on the inputs, which are the first of so many rows, with a column for each sample. A place k < 0 is
        the shared number ~k. For each sum, `factors` has the row by which its row is multiplied, or NONE.
    """

    form: Form
    constants: Array
    once_tape: Array
    once_ends: Array
    once_size: int
    shared_tape: Array
    shared_size: int
    sample_tape: Array
    batch_ends: Array
    factors: Array
    rows: int

    def __post_init__(self) -> None:
        if problem := invalid(self):
            raise ProgramError(f"this is no program: {problem}")

    def __len__(self) -> int:
        """How many operations a sample takes."""
        return len(self.once_tape)

    def __repr__(self) -> str:
        shared, sample = len(self.shared_tape), len(self.sample_tape)
        return (
            f"Program({len(self.form.inputs)} inputs, {len(self.form.parameters)} parameters, "
            f"{sample:,} operations for each sample, {shared:,} shared by all, {self.rows:,} rows)"
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
            If the number of arrays or a shape does not fit, or an entry is no number.
        """
        form = self.form
        if len(arrays) != len(form.inputs) + len(form.parameters):
            raise ProgramError(
                f"{len(arrays)} arrays are given: this program takes {len(form.inputs)} inputs and "
                f"{len(form.parameters)} parameters"
            )
        given = [numbers(x, name) for x, name in zip(arrays, self.names, strict=True)]
        dtype = np.dtype(np.float32 if given and all(x.dtype == np.float32 for x in given) else np.float64)
        inputs, parameters = given[: len(form.inputs)], given[len(form.inputs) :]
        samples = self.samples(inputs, parameters)
        shared = np.concatenate([self.constants, *[x.ravel() for x in parameters]])
        if samples is None:
            return self.once(shared, [x.ravel() for x in inputs], dtype)
        batches = [
            x.reshape(samples if x.shape != shape else 1, math.prod(shape))
            for x, shape in zip(inputs, form.inputs, strict=True)
        ]
        return self.batch(shared, batches, samples, dtype)

    @cached_property
    def names(self) -> list[str]:
        """What inputs and parameters are called."""
        n = len(self.form.inputs)
        places = [f"inputs[{k}]" for k in range(n)] + [f"parameters[{k}]" for k in range(len(self.form.parameters))]
        return [name or place for name, place in zip(self.form.names, places, strict=True)]

    def samples(self, inputs: list[Array], parameters: list[Array]) -> int | None:
        """The size of the batch; None for one sample."""
        sizes = {}
        for k, (x, shape) in enumerate(zip(inputs, self.form.inputs, strict=True)):
            if x.shape != shape:
                if x.shape[1:] != shape or x.ndim != len(shape) + 1:
                    batch = f"({', '.join(['B', *map(str, shape)])}{',' if not shape else ''})"
                    right = f"give {shape} for one sample, or {batch} for B of them"
                    raise ProgramError(f"{self.names[k]} has the shape {x.shape}: {right}")
                sizes[self.names[k]] = len(x)
        for k, (x, shape) in enumerate(zip(parameters, self.form.parameters, strict=True), len(inputs)):
            if x.shape != shape:
                raise ProgramError(f"{self.names[k]} has the shape {x.shape}: it was recorded with {shape}")
        if len(set(sizes.values())) > 1:
            text = ", ".join(f"{size} in {name}" for name, size in sizes.items())
            raise ProgramError(f"the inputs have different numbers of samples, {text}: give each the same number")
        return next(iter(sizes.values()), None)

    def once(self, shared: Array, inputs: list[Array], dtype: Any) -> Any:
        """One sample."""
        work = np.empty(self.once_size, dtype)
        given = np.concatenate([shared, *inputs])
        work[: len(given)] = given
        replay.run_once(*self.once_runs, work)
        found, n = work[self.once_ends], self.form.sizes["outputs"]
        return self.results(found[:n], found[n:], None)

    def batch(self, shared: Array, inputs: list[Array], samples: int, dtype: Any) -> Any:
        """All samples, in blocks of as many as the cache can hold. Each input has a row for each sample, or one row."""
        ends = self.split_ends
        numbers = np.empty(self.shared_size, dtype)
        numbers[: len(shared)] = shared
        replay.run_once(*self.shared_runs, numbers)
        found = np.empty((samples, self.form.sizes["outputs"]), dtype)
        found[:, ends.shared_outputs] = numbers[ends.shared_outputs_at]
        sums = np.zeros((LANES, len(ends.varying_sums)), dtype)
        size = replay.block_size(self.rows, samples, dtype.itemsize)
        work = self.work_array(size, dtype)
        for start in range(0, samples, size):
            count, row = min(size, samples - start), 0
            for x in inputs:
                work[row : row + x.shape[1], :count] = (x if len(x) == 1 else x[start : start + count]).T
                row += x.shape[1]
            replay.run_rows(self.sample_tape, self.read_once, work, numbers)
            found[start : start + count, ends.varying_outputs] = work[ends.varying_outputs_at, :count].T
            replay.sum_rows(work, count, ends.varying_sums_at, ends.varying_factors_at, sums)
        self.idle.append(work)
        total = np.empty(self.form.sizes["summed"], dtype)
        total[ends.shared_sums] = numbers[ends.shared_sums_at] * samples
        total[ends.varying_sums] = replay.parts_in_order(sums)
        return self.results(found, total, samples)

    def work_array(self, size: int, dtype: Any) -> Array:
        """An array to compute in: that of the call before, if it fits and no other thread is using it."""
        try:
            work = self.idle.pop()
        except IndexError:
            work = np.empty((0, 0))
        return work if work.shape == (self.rows, size) and work.dtype == dtype else np.zeros((self.rows, size), dtype)

    @cached_property
    def once_runs(self) -> tuple[Array, Array]:
        """The tape for one sample as the loop takes it."""
        return replay.in_runs(self.once_tape)

    @cached_property
    def shared_runs(self) -> tuple[Array, Array]:
        """The tape of what a batch shares as the loop takes it."""
        return replay.in_runs(self.shared_tape)

    @cached_property
    def read_once(self) -> Array:
        """Which results of the tape of samples are read just once."""
        return replay.read_once(self.sample_tape, np.concatenate([self.batch_ends, self.factors]))

    @cached_property
    def idle(self) -> list[Array]:
        """Work arrays of calls that are over."""
        return []

    @cached_property
    def split_ends(self) -> SplitEnds:
        """Which outputs and sums differ from sample to sample, and where they are."""
        n = self.form.sizes["outputs"]
        outputs, sums = self.batch_ends[:n], self.batch_ends[n:]
        parts = []
        for ends in (outputs, sums):
            varying, shared = np.flatnonzero(ends >= 0), np.flatnonzero(ends < 0)
            parts += [varying, ends[varying], shared, ~ends[shared]]
        parts.append(self.factors[sums >= 0])
        return SplitEnds(*parts)

    def results(self, found: Array, totals: Array, samples: int | None) -> Any:
        """Numbers in the shapes of the outputs."""
        front = () if samples is None else (samples,)
        outputs = list(cut(found, self.form.outputs, front))
        result = outputs[0] if self.form.single else outputs
        return (result, list(cut(totals, self.form.summed, ()))) if self.form.summed else result

    # Reading, drawing, keeping

    def listing(self) -> Iterator[str]:
        """The instructions for one sample, a line each: `r5 = x[0,1] * w[2]`."""
        names = dict(enumerate([f"{x:.17g}" for x in self.constants.tolist()] + self.entries()))
        first = len(names)
        for code, left, right, result in self.once_tape.tolist():
            a, b, symbol = names[left], names[right], SYMBOLS[code]
            names[result] = f"r{result - first}"
            if code not in BINARY:
                yield f"{names[result]} = {symbol}({a})"
            else:
                yield (
                    f"{names[result]} = {a} {symbol} {b}"
                    if symbol in INFIX
                    else f"{names[result]} = {symbol}({a}, {b})"
                )
        ends, n = [names[k] for k in self.once_ends.tolist()], self.form.sizes["outputs"]
        yield f"return {', '.join(ends[:n])}"
        if self.form.summed:
            yield f"sum over the batch {', '.join(ends[n:])}"

    def entries(self) -> list[str]:
        """The names of all numbers of the parameters and then of the inputs, which is their order in the work array."""
        n = len(self.form.inputs)
        shapes = list(enumerate((*self.form.inputs, *self.form.parameters)))
        return [entry_name(self.names[k], index) for k, shape in shapes[n:] + shapes[:n] for index in np.ndindex(shape)]

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
            As for a call.
        """
        self(*arrays)  # refuses what does not fit
        n = len(self.form.inputs)
        flat = [float(x) for one in (*arrays[n:], *arrays[:n]) for x in np.ravel(one)]
        if len(flat) != self.form.sizes["inputs"] + self.form.sizes["parameters"]:
            raise ProgramError("a graph is made for one sample, and a batch is given")
        leaves = [Value(x, name) for x, name in zip(flat, self.entries(), strict=True)]
        work = dict(enumerate([*map(Value, self.constants.tolist()), *leaves]))
        for code, left, right, result in self.once_tape.tolist():
            op = TABLE[SYMBOLS[code]]
            work[result] = op(work[left], work[right]) if code in BINARY else op(work[left])
        return [work[k] for k in self.once_ends.tolist()]

    def draw(self, *arrays: Any, **options: Any) -> Any:
        """A diagram of the first output for given numbers of one sample. Options are those of `diagram.draw`.

        Raises
        ------
        ModuleNotFoundError
            Without the extra "diagrams".
        ProgramError
            As for a call.
        """
        from ..pictures import draw

        return draw(self.graph(*arrays)[0], **options)

    def save(self, path: str | Path) -> None:
        """Write the program to a file: arrays in NumPy's .npz format, without pickles."""
        header = {"version": VERSION, "symbols": SYMBOLS, "form": asdict(self.form)}
        header |= {name: getattr(self, name) for name in SIZES}
        arrays = {name: getattr(self, name) for name in ARRAYS}
        with Path(path).open("wb") as file:
            np.savez_compressed(file, header=np.frombuffer(json.dumps(header).encode(), dtype=np.uint8), **arrays)

    @staticmethod
    def load(path: str | Path) -> Program:
        """A program from a file. Nothing in it is run before all of it is checked.

        Raises
        ------
        ProgramError
            If the file is no program, is of another version, or is damaged.
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = {name: np.ascontiguousarray(file[name]) for name in ARRAYS}
                header = json.loads(bytes(file["header"]))
        except OSError as error:
            raise ProgramError(f"{path}: cannot be read: {error.strerror or error}") from None
        except Exception as error:  # whatever zip, NumPy's headers and JSON may say of bytes that are not theirs
            raise ProgramError(f"{path}: this is no program: {type(error).__name__}: {error}") from None
        try:
            if header["version"] != VERSION or header["symbols"] != list(SYMBOLS):
                raise ProgramError(f"{path}: this release reads programs of version {VERSION}: record it again")
            shapes = {what: tuple(tuple(map(natural, shape)) for shape in header["form"][what]) for what in SHAPES}
            names = tuple(map(str, header["form"]["names"]))
            form = Form(**shapes, single=header["form"]["single"] is True, names=names)
            sizes = {name: natural(header[name]) for name in SIZES}
        except (KeyError, TypeError, AttributeError) as error:
            raise ProgramError(f"{path}: this is no program: its header is damaged ({error})") from None
        return Program(form, **arrays, **sizes)  # type: ignore[arg-type]


ARRAYS = ("constants", "once_tape", "once_ends", "shared_tape", "sample_tape", "batch_ends", "factors")
SIZES = ("once_size", "shared_size", "rows")
"""What a program's file holds beside its form."""

INFIX = ("+", "-", "*", "/", "**")
LINES = 40
"""Instructions that `str` shows."""


def natural(x: Any) -> int:
    """A size from a header.

    Raises
    ------
    ProgramError
        If it is none.
    """
    if type(x) is not int or not 0 <= x < 2**31:
        raise ProgramError(f"this is no program: {x!r} in its header is no size")
    return x


def cut(found: Array, shapes: Sequence[tuple[int, ...]], front: tuple[int, ...]) -> Iterator[Any]:
    """Numbers as arrays of these shapes; a single number for the shape ()."""
    start = 0
    for shape in shapes:
        size = math.prod(shape)
        yield found[..., start : start + size].reshape(front + shape)[()]
        start += size


def numbers(x: Any, name: str) -> Array:
    """An array of float64, or of float32 if it is that."""
    try:
        array = np.asarray(x)
        return array if array.dtype == np.float32 else array.astype(np.float64, copy=False)
    except (TypeError, ValueError):
        raise ProgramError(f"{name} is no array of numbers: give floats, in nested lists or an array") from None


def invalid(program: Program) -> str:
    """What is wrong with a program's parts; empty if it can't read or write where it must not, whatever the numbers."""
    form, constants = program.form, program.constants
    if constants.dtype != np.float64 or constants.ndim != 1:
        return "its constants are no vector of float64"
    n_shared = len(constants) + form.sizes["parameters"]
    if (form.single and len(form.outputs) != 1) or len(form.names) != len(form.inputs) + len(form.parameters):
        return "its shapes contradict each other"
    if program.once_size < n_shared + form.sizes["inputs"] or program.shared_size < n_shared:
        return "its work array is too small for what is put into it"
    if program.rows < form.sizes["inputs"]:
        return "its work array is too small for its inputs"
    n_ends = form.sizes["outputs"] + form.sizes["summed"]
    for name, low, high in (
        ("once", 0, program.once_size),
        ("shared", 0, program.shared_size),
        ("sample", -program.shared_size, program.rows),
    ):
        tape = getattr(program, f"{name}_tape")
        if tape.dtype != np.int32 or tape.ndim != 2 or tape.shape[1] != 4:
            return f"its {name} tape is no array of n×4 integers"
        codes, operands, results = tape[:, 0], tape[:, 1:3], tape[:, 3]
        if outside(codes, 0, len(SYMBOLS)):
            return f"its {name} tape has an unknown operation"
        if outside(operands, low, high) or outside(results, 0, high):
            return f"its {name} tape points out of the work array"
        shared = operands < 0
        if shared.all(axis=1).any() or (shared[:, 0] & ~np.isin(codes, list(BINARY))).any():
            return f"its {name} tape computes with shared numbers alone"
    for name, low, high in (("once", 0, program.once_size), ("batch", -program.shared_size, program.rows)):
        ends = getattr(program, f"{name}_ends")
        if ends.dtype != np.int32 or ends.shape != (n_ends,) or outside(ends, low, high):
            return "its outputs do not fit"
    sums, factors = program.batch_ends[form.sizes["outputs"] :], program.factors
    if factors.dtype != np.int32 or factors.shape != sums.shape or outside(factors, NONE, program.rows):
        return "its factors do not fit"
    if (factors[sums < 0] != NONE).any():
        return "its factors belong to no rows"
    return ""


def outside(places: Array, low: int, high: int) -> bool:
    """Whether any is not in the range."""
    return bool(places.size and (places.min() < low or places.max() >= high))
