"""Record a graph once, and replay it on new numbers.

    >>> from scalargrad import values
    >>> x, w = values([1.0, 2.0], "x"), values([3.0, 4.0], "w")
    >>> program = record_gradient((x @ w) ** 2, inputs=[x], parameters=[w])
    >>> program([[1.0, 0.0], [0.0, 2.0]], [3.0, 4.0])
    (array([ 9., 64.]), [array([ 6., 32.])])

Gradients are nothing special: the reverse sweep with `create_graph` makes nodes, and nodes are recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..arrays import Array, ValueArray, entry_name, fill, objects
from ..engine.collector import collector_paused
from ..engine.node import not_a_number
from ..engine.sweep import grad
from ..engine.value import Value
from ..errors import ProgramError
from .branches import Watched
from .program import Program
from .recorder import INPUT, PARAMETER, Recorder, as_double
from .schedule import tapes
from .signature import Shapes, Signature


@collector_paused()
def record(outputs: Any, inputs: Any = (), parameters: Any = (), summed: Any = ()) -> Program:
    """The program that computes outputs from inputs and parameters.

    Parameters
    ----------
    outputs
        A Value or an array of Values, or a list of them. Or a function of the inputs and parameters that returns such:
        then it is called on Values that notice a Python `if` on their data, which a recording can't follow, and warn.
        A graph that is built already doesn't know which way an `if` went: record the function if there may be one.
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
    inputs, parameters = _arrays(inputs, "inputs"), _arrays(parameters, "parameters")
    if callable(outputs):
        inputs, parameters, outputs = _called(outputs, inputs, parameters)
    single = isinstance(outputs, (Value, np.ndarray))
    results = _arrays([outputs] if single else outputs, "outputs", numbers=True)
    totals = _arrays(summed, "summed", numbers=True)
    recorder, numbers = Recorder(), dict[Value, int]()
    for arrays, kind, varies in ((inputs, INPUT, True), (parameters, PARAMETER, False)):
        for place, leaf in enumerate(_entries(arrays)):
            if leaf.inputs:
                raise ProgramError(
                    f"{leaf!r} is computed, and inputs and parameters are leaves: list what it is made of"
                )
            if leaf in numbers:
                raise ProgramError(f"{leaf!r} is listed twice among inputs and parameters: list each leaf once")
            numbers[leaf] = recorder.add(kind, place, 0, varies)
    outputs, sums = _entries(results), _entries(totals)
    recorder.nodes(outputs + sums, numbers)
    names = tuple(_name(x) for x in (*inputs, *parameters))
    signature = Signature(_shapes(inputs), _shapes(parameters), _shapes(results), _shapes(totals), single, names)
    constants = np.array(list(recorder.floats.values()), dtype=float)
    return Program(signature, constants, *tapes(recorder, [numbers[x] for x in outputs], [numbers[x] for x in sums]))


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

    Raises
    ------
    ProgramError
        As for `record`, and if the loss is not one Value.
    """
    inputs, parameters = _arrays(inputs, "inputs"), _arrays(parameters, "parameters")
    if callable(loss):
        inputs, parameters, loss = _called(loss, inputs, parameters)
    if not isinstance(loss, Value):
        raise ProgramError(f"the loss is a {type(loss).__name__}: it must be one Value")
    gradients = grad(loss, [array.view(np.ndarray) for array in parameters], create_graph=True)
    return record(loss, inputs, parameters, summed=gradients)


def _arrays(given: Any, what: str, numbers: bool = False) -> list[Array]:
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


def _entries(arrays: list[Array]) -> list[Value]:
    return [entry for array in arrays for entry in array.flat]


def _shapes(arrays: list[Array]) -> Shapes:
    return tuple(array.shape for array in arrays)


def _name(entries: Array) -> str:
    """What an array was called when its Values were made: x, if its first entry is x[0,0]."""
    return str(entries.flat[0].label).partition("[")[0] if entries.size else ""


def _called(
    function: Callable[..., Any], inputs: list[Array], parameters: list[Array]
) -> tuple[list[Array], list[Array], Any]:
    """The same leaves over numbers that notice a branch, and what a function makes of them."""

    def watched(array: Array) -> Array:
        return fill(array.shape, lambda *at: Value(Watched(as_double(array[at].data)), array[at].label))

    inputs, parameters = [watched(x) for x in inputs], [watched(x) for x in parameters]
    arguments = [x.view(ValueArray) if x.shape else x[()] for x in (*inputs, *parameters)]
    return inputs, parameters, function(*arguments)
