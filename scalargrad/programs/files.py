"""Files of programs, in NumPy's .npz format and without pickles; and what the parts of a program must be.

    >>> signature, constants = Signature((), (), ((),), (), True, ()), np.array([7.0])
    >>> tapes = [Tape(np.zeros((0, 4), np.int32), 1, np.array(at, np.int32)) for at in ([9], [], [-1])]
    >>> why_unsafe(signature, constants, *tapes)
    'the results of its sample tape do not fit'

A tape is run without a look at each of its registers, so all of them are looked at once, when a program is made.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from ..arrays import Array
from ..errors import ProgramError
from .loops import ARITIES, INSTRUCTION_SET, NONE, Tape
from .signature import Signature

VERSION = 3
"""Of the format. A file has a header in JSON, with the signature and the sizes, and an array for each other part."""

Parts: TypeAlias = tuple[Signature, Array, Tape, Tape, Tape]
"""The signature, the constants, and the tapes for one sample, for what a batch shares, and for its rows."""

_TAPES = ("sample", "shared", "rows")
_SHAPES = ("inputs", "parameters", "outputs", "summed")


def save(path: str | Path, signature: Signature, constants: Array, *tapes: Tape) -> None:
    """Write the parts of a program."""
    header = {
        "version": VERSION,
        "operations": _operations(),
        "signature": asdict(signature),
        "registers": {name: tape.registers for name, tape in zip(_TAPES, tapes, strict=True)},
    }
    arrays = {"constants": constants, "header": np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)}
    for name, tape in zip(_TAPES, tapes, strict=True):
        arrays |= {f"{name}_instructions": tape.instructions, f"{name}_results": tape.results}
    with Path(path).open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]


def load(path: str | Path) -> Parts:
    """Read the parts of a program; whether they fit each other is for `why_unsafe` to say.

    Raises
    ------
    ProgramError
        If there is no such file, or it is not a program, of another version, or damaged.
    """
    names = [f"{name}_{part}" for name in _TAPES for part in ("instructions", "results")]
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: np.ascontiguousarray(file[name]) for name in ("constants", *names)}
            header = json.loads(bytes(file["header"]))
    except OSError as error:
        raise ProgramError(f"{path}: cannot be read: {error.strerror or error}") from None
    except Exception as error:  # whatever zip, NumPy's headers and JSON may say of bytes that are not theirs
        raise ProgramError(f"{path}: this is not a program: {type(error).__name__}: {error}") from None
    try:
        if header["version"] != VERSION or header["operations"] != _operations():
            raise ProgramError(f"{path}: this release reads programs of version {VERSION}: record it again")
        form = header["signature"]
        shapes = {what: tuple(tuple(map(_natural, shape)) for shape in form[what]) for what in _SHAPES}
        signature = Signature(**shapes, single=form["single"] is True, names=tuple(map(str, form["names"])))
        sample, shared, rows = (
            Tape(arrays[f"{name}_instructions"], _natural(header["registers"][name]), arrays[f"{name}_results"])
            for name in _TAPES
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ProgramError(f"{path}: this is not a program: its header is damaged ({error})") from None
    return signature, arrays["constants"], sample, shared, rows


def _operations() -> list[str]:
    """What the opcodes mean in this release."""
    return [row.symbol for row in INSTRUCTION_SET]


def _natural(x: Any) -> int:
    """A size from a header.

    Raises
    ------
    ProgramError
        If it is none.
    """
    if type(x) is not int or not 0 <= x < 2**31:
        raise ProgramError(f"this is not a program: {x!r} in its header is not a size")
    return x


def why_unsafe(signature: Signature, constants: Array, sample: Tape, shared: Tape, rows: Tape) -> str:
    """What is wrong with a program's parts; "" if it can't read or write where it must not, whatever the numbers."""
    if constants.dtype != np.float64 or constants.ndim != 1:
        return "its constants are not a vector of float64"
    if signature.single and len(signature.outputs) != 1:
        return "its shapes contradict each other"
    if len(signature.names) != len(signature.inputs) + len(signature.parameters):
        return "its shapes contradict each other"
    sizes = signature.sizes
    ends, first_input = sizes["outputs"] + sizes["summed"], len(constants) + sizes["parameters"]
    for name, tape, given, lowest, results in (
        ("sample", sample, first_input + sizes["inputs"], 0, ends),
        ("shared", shared, first_input, 0, 0),
        ("rows", rows, sizes["inputs"], -shared.registers, ends + sizes["summed"]),
    ):
        if tape.registers < given:
            return f"its {name} tape has too few registers for what is given"
        code = tape.instructions
        if code.dtype != np.int32 or code.ndim != 2 or code.shape[1] != 4:
            return f"its {name} tape is not an array of n×4 integers"
        opcodes, operands, written = code[:, 0], code[:, 1:3], code[:, 3]
        if _outside(opcodes, 0, len(INSTRUCTION_SET)):
            return f"its {name} tape has an unknown operation"
        if _outside(operands, lowest, tape.registers) or _outside(written, 0, tape.registers):
            return f"its {name} tape points out of its registers"
        of_shared = operands < 0
        if of_shared.all(axis=1).any() or (of_shared[:, 0] & (ARITIES[opcodes] == 1)).any():
            return f"its {name} tape computes with shared numbers alone"
        if tape.results.dtype != np.int32 or tape.results.shape != (results,):
            return f"the results of its {name} tape do not fit"
        if _outside(tape.results[:ends], lowest, tape.registers):
            return f"the results of its {name} tape do not fit"
    sums, factors = rows.results[sizes["outputs"] : ends], rows.results[ends:]
    if _outside(factors, NONE, rows.registers):
        return "its factors do not fit"
    return "its factors belong to no rows" if (factors[sums < 0] != NONE).any() else ""


def _outside(registers: Array, low: int, high: int) -> bool:
    """Whether any is not in the range."""
    return bool(registers.size and (registers.min() < low or registers.max() >= high))
