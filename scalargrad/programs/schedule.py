"""The schedule: which instructions are needed, in what order, and which register keeps each number.

    >>> from .recorder import INPUT, Recorder
    >>> recorder = Recorder()
    >>> x = recorder.add(INPUT, 0, 0, True)
    >>> sample, shared, rows = tapes(recorder, [recorder.instruction(ops.MUL.opcode, x, x)], [])
    >>> sample.instructions.tolist(), sample.registers, sample.results.tolist()
    ([[2, 0, 0, 1]], 2, [1])

`needed`, `scheduled`, `products_last` and `laid_out` walk over arrays of integers, forward or backward, and are
compiled where the project is.
"""

from __future__ import annotations

from array import array

import numpy as np

from ..arrays import Array
from ..engine import ops
from .loops import NONE, Tape
from .recorder import INPUT, PARAMETER, Recorder


def tapes(recorder: Recorder, outputs: list[int], sums: list[int]) -> tuple[Tape, Tape, Tape]:
    """The tape for one sample, that of what all samples of a batch share, and that of what differs between them.

    Parameters
    ----------
    recorder
        What was recorded: constants, parameters and inputs, in any order, and instructions.
    outputs, sums
        The numbers of instructions whose results are returned, or added up over the batch.
    """
    ends = outputs + sums
    opcodes, lefts, rights, varies = _as_arrays(recorder)
    live = np.frombuffer(needed(recorder, ends), dtype=np.uint8).astype(bool) & (opcodes >= 0)
    inputs = int(np.count_nonzero(opcodes == INPUT))
    first_input = len(recorder.floats) + int(np.count_nonzero(opcodes == PARAMETER))

    # One sample at a time: registers of constants, parameters, inputs, and results
    registers = _at_the_start(recorder, first_input)
    order = scheduled(_numbers_of(live), recorder)
    code, size = laid_out(order, recorder, _marks(recorder, ends), registers, first_input + inputs)
    sample = Tape(code, size, _chosen(registers, ends))

    # A product that is needed for its sum alone, as in Σ h·δ, has no row: its factors are multiplied as they are summed
    uses = np.bincount(np.concatenate([lefts[live], rights[live], np.array(ends, dtype=np.int32)]))
    of_rows = live & (varies == 1) & (opcodes == ops.MUL.opcode) & (varies[lefts] == 1) & (varies[rights] == 1)
    factors = {k: (int(lefts[k]), int(rights[k])) for k in sums if of_rows[k] and uses[k] == 1}
    row_ends = outputs + [factors[k][0] if k in factors else k for k in sums]
    live_out = _marks(recorder, [*row_ends, *[right for _, right in factors.values()]])

    # A batch: what is shared first, in registers of its own, of which those are kept that rows need
    varying = live & (varies == 1)
    varying[list(factors)] = False
    operands = np.frombuffer(live_out, dtype=np.uint8).copy()
    operands[lefts[varying]] = operands[rights[varying]] = 1
    registers = _at_the_start(recorder, 0)
    order = _numbers_of(live & (varies == 0))
    code, size = laid_out(order, recorder, bytearray(operands.tobytes()), registers, first_input)
    shared = Tape(code, size, _chosen(registers, []))

    # Then the rows, to which the shared register k is ~k
    of_shared = np.frombuffer(registers, dtype=np.int32)
    registers = array("i", np.where(varies == 1, of_shared, ~of_shared).astype(np.int32).tobytes())
    order = products_last(_numbers_of(varying), recorder, live_out)
    code, size = laid_out(order, recorder, live_out, registers, inputs)
    second = [registers[factors[k][1]] if k in factors else NONE for k in sums]
    rows = Tape(code, size, np.append(_chosen(registers, row_ends), np.array(second, dtype=np.int32)))
    return sample, shared, rows


def _as_arrays(recorder: Recorder) -> tuple[Array, Array, Array, Array]:
    """Opcodes, left and right operands, and whether each varies: what was recorded, not copied."""
    return (
        np.frombuffer(recorder.opcodes, dtype=np.int8),
        np.frombuffer(recorder.lefts, dtype=np.int32),
        np.frombuffer(recorder.rights, dtype=np.int32),
        np.frombuffer(recorder.varies, dtype=np.uint8),
    )


def _numbers_of(mask: Array) -> array[int]:
    """The numbers of the instructions that a mask has."""
    return array("i", np.flatnonzero(mask).astype(np.int32).tobytes())


def _marks(recorder: Recorder, numbers: list[int]) -> bytearray:
    """The mask that has these numbers."""
    result = bytearray(len(recorder.opcodes))
    for k in numbers:
        result[k] = 1
    return result


def _at_the_start(recorder: Recorder, first_input: int) -> array[int]:
    """The registers of constants, then parameters; and those of inputs, from `first_input` on."""
    opcodes, lefts, _, _ = _as_arrays(recorder)
    registers = np.where(opcodes == PARAMETER, lefts + len(recorder.floats), lefts)
    return array("i", np.where(opcodes == INPUT, lefts + first_input, registers).astype(np.int32).tobytes())


def _chosen(registers: array[int], numbers: list[int]) -> Array:
    """The registers of these numbers."""
    return np.array([registers[k] for k in numbers], dtype=np.int32)


# ---------------------------------------------------------------------------------------------------------------------
# Walks over all instructions


def needed(recorder: Recorder, ends: list[int]) -> bytearray:
    """Which numbers are live: those that the ends are made of."""
    opcodes, lefts, rights = recorder.opcodes, recorder.lefts, recorder.rights
    live = bytearray(len(opcodes))
    for end in ends:
        live[end] = 1
    for k in range(len(opcodes) - 1, -1, -1):
        if live[k] and opcodes[k] >= 0:
            live[lefts[k]] = 1
            live[rights[k]] = 1
    return live


WINDOW = 4096
"""Instructions that are sorted at a time."""


def scheduled(order: array[int], recorder: Recorder) -> array[int]:
    """The instructions in another order, in which equal ones that don't depend on each other stand together.

    Then the loop need not ask at each what it is, and the processor need not wait for the one before. Sorting is by
    depth, within windows, so that not many more numbers are live at a time.
    """
    opcodes, lefts, rights = recorder.opcodes, recorder.lefts, recorder.rights
    depths = array("i", bytes(4 * len(opcodes)))
    result = array("i")
    for start in range(0, len(order), WINDOW):
        window = order[start : start + WINDOW]
        first = window[0]
        keys = array("q", bytes(8 * len(window)))
        for position in range(len(window)):
            k = window[position]
            left, right = lefts[k], rights[k]
            depth = depths[left] if left >= first else 0
            if right >= first and depths[right] > depth:
                depth = depths[right]
            depths[k] = depth + 1
            keys[position] = depth << 7 | opcodes[k]
        by_key = np.argsort(np.frombuffer(keys, dtype=np.int64), kind="stable")
        result.frombytes(np.frombuffer(window, dtype=np.int32)[by_key].tobytes())
    return result


def products_last(order: array[int], recorder: Recorder, live: bytearray) -> array[int]:
    """The instructions in another order, in which a product that is used once, in a sum, stands just before that sum.

    So a sum of products needs one register and not one for each product, and the loop over rows runs it as one
    operation. Numbers that are `live` at the end stay where they are.
    """
    opcodes, lefts, rights = recorder.opcodes, recorder.lefts, recorder.rights
    product, plus = ops.MUL.opcode, ops.ADD.opcode
    uses, waiting = bytearray(len(opcodes)), bytearray(len(opcodes))
    for position in range(len(order)):
        k = order[position]
        for operand in (lefts[k], rights[k]):
            uses[operand] = min(2, uses[operand] + (1 if opcodes[k] == plus else 2))  # other uses count as two
    result, count = array("i", bytes(4 * len(order))), 0
    for position in range(len(order)):
        k = order[position]
        if opcodes[k] == product and uses[k] == 1 and not live[k]:
            waiting[k] = 1
            continue
        if opcodes[k] == plus:
            for operand in (lefts[k], rights[k]):
                if waiting[operand]:
                    result[count] = operand
                    count += 1
        result[count] = k
        count += 1
    return result


def laid_out(
    order: array[int], recorder: Recorder, live: bytearray, registers: array[int], size: int
) -> tuple[Array, int]:
    """The code of instructions in this order, and how many registers it takes.

    `registers` has the register of every number that is there at the start, and gets those of results: one that is
    free, or else a new one, from `size` on. It is free again after the last instruction that needs its number, unless
    that is `live` at the end.
    """
    opcodes, lefts, rights = recorder.opcodes, recorder.lefts, recorder.rights
    last = array("i", bytes(4 * len(opcodes)))
    tape = array("i", bytes(16 * len(order)))
    ours = bytearray(len(opcodes))
    for position in range(len(order) - 1, -1, -1):
        k = order[position]
        ours[k] = 1
        if not last[lefts[k]]:
            last[lefts[k]] = k
        if not last[rights[k]]:
            last[rights[k]] = k
    free, count = array("i", bytes(4 * len(order))), 0
    for position in range(len(order)):
        k = order[position]
        left, right = lefts[k], rights[k]
        if count:
            count -= 1
            registers[k] = free[count]
        else:
            registers[k] = size
            size += 1
        tape[4 * position] = opcodes[k]
        tape[4 * position + 1] = registers[left]
        tape[4 * position + 2] = registers[right]
        tape[4 * position + 3] = registers[k]
        if last[left] == k and ours[left] and not live[left]:
            free[count] = registers[left]
            count += 1
        if right != left and last[right] == k and ours[right] and not live[right]:
            free[count] = registers[right]
            count += 1
    return np.frombuffer(tape, dtype=np.int32).reshape(-1, 4), size
