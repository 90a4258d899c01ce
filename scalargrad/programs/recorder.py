"""From a graph to instructions: which operations are needed, in what order, and where each number is kept.

    >>> recorder = Recorder()
    >>> x = recorder.add(INPUT, 0, 0, True)
    >>> recorder.operation(CODES["*"], x, x), recorder.operation(CODES["*"], x, x)
    (1, 1)

Everything here is a walk over arrays of integers, forward or backward, and is compiled where the project is.
"""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np

from ..arrays import Array
from ..engine.numbers import Number
from ..engine.ops import ConstantPower, Op
from ..engine.sweep import topological_order
from ..engine.value import Value
from ..errors import ProgramError
from . import loops as replay
from .loops import CODES

# ---------------------------------------------------------------------------------------------------------------------
# Recording: every node is a number in a list of operations


CONSTANT, PARAMETER, INPUT = -1, -2, -3
"""In place of an opcode: where a number comes from that no operation makes. The left operand is its place there."""

IDENTITY = {(CODES["*"], 1.0), (CODES["/"], 1.0), (CODES["**"], 1.0)}
"""x·1, x/1 and x¹ are x in every bit. (x + 0 is not: -0.0 + 0.0 is 0.0.)"""

DUPLICATES = 1_000_000
"""Operations of a kind that are remembered to find duplicates; a longer recording forgets them and goes on."""


class Recorder:
    """Operations so far. Each has an opcode and two operands, which are the numbers of earlier ones."""

    def __init__(self) -> None:
        self.codes, self.lefts, self.rights = array("b"), array("i"), array("i")
        self.varies = bytearray()  # whether it depends on an input, and not on parameters alone
        self.constants: dict[bytes, int] = {}  # by their bits, since nan is not nan and 0.0 is -0.0
        self.floats: dict[int, float] = {}
        self.known: list[dict[int, int]] = [{} for _ in replay.SYMBOLS]

    def add(self, code: int, left: int, right: int, varies: bool) -> int:
        self.codes.append(code)
        self.lefts.append(left)
        self.rights.append(right)
        self.varies.append(varies)
        return len(self.codes) - 1

    def constant(self, x: float) -> int:
        bits = np.float64(x).tobytes()
        if bits not in self.constants:
            self.constants[bits] = self.add(CONSTANT, len(self.constants), 0, False)
            self.floats[self.constants[bits]] = x
        return self.constants[bits]

    def operation(self, code: int, left: int, right: int) -> int:
        """The number of an operation: a new one, or an earlier one that is the same."""
        a = None if self.varies[left] else self.floats.get(left)
        b = None if self.varies[right] else self.floats.get(right)
        if a is not None and b is not None:
            return self.constant(folded(code, a, b))
        if b is not None and (code, b) in IDENTITY:
            return left
        if a == 1.0 and code == CODES["*"]:
            return right
        if code in COMMUTATIVE and left > right:
            left, right = right, left
        known, key = self.known[code], left << 31 | right  # 62 bits, where it is compiled
        found = known.get(key)
        if found is None:
            if len(known) >= DUPLICATES:
                known.clear()
            varies = bool(self.varies[left] or self.varies[right])
            found = known[key] = self.add(code, left, right, varies)
        return found

    def nodes(self, outputs: Any, numbers: dict[Value, int]) -> None:
        """Record every node that the outputs are made of. `numbers` holds the leaves that are known, and gets all."""
        for node in topological_order(outputs):
            if node not in numbers:
                numbers[node] = self.node(node, numbers)

    def node(self, node: Value, numbers: dict[Value, int]) -> int:
        op = node.op
        if op is None:
            return self.constant(as_float(node))
        operands = [numbers[x] for x in node.inputs]
        if isinstance(op, ConstantPower):
            if type(op.exponent) is int and op.exponent == 2:  # as `power` does
                return self.operation(CODES["*"], operands[0], operands[0])
            return self.operation(CODES["**"], operands[0], self.constant(as_float(op.exponent)))
        code = CODES.get(op.symbol)
        if code is not None:
            if op.symbol == "**" and node.inputs[1].data == 0 and operands[1] not in self.floats:
                raise ProgramError(
                    "a power with the exponent 0 was recorded: its derivative is a special case, so record the graph "
                    "at another exponent"
                )
            return self.operation(code, operands[0], operands[len(operands) - 1])
        if op.symbol == "Σ":
            total = operands[0]
            for term in operands[1:]:
                total = self.operation(CODES["+"], total, term)
            return total
        return self.inlined(op, node, operands)

    def inlined(self, op: Op, node: Value, operands: list[int]) -> int:
        """An operation of the user's, as the primitive ones that it is made of."""
        leaves = [Value(x.data) for x in node.inputs]
        try:
            output = op.apply(*leaves)
        except Exception as error:
            raise ProgramError(
                f"the operation {op.symbol!r} can't be recorded: on Values its function fails ({error}); write it with "
                "+ - * / and functions that Values have"
            ) from error
        if not isinstance(output, Value):
            raise ProgramError(
                f"the operation {op.symbol!r} can't be recorded: on Values its function returns a "
                f"{type(output).__name__}; write it with + - * / and functions that Values have"
            )
        numbers = dict(zip(leaves, operands, strict=True))
        self.nodes(output, numbers)
        return numbers[output]


COMMUTATIVE = frozenset(CODES[symbol] for symbol in ("+", "*"))


def folded(code: int, a: float, b: float) -> float:
    """An operation on constants, once and for all."""
    work = np.array([a, b, 0.0])
    replay.run_once(*replay.in_runs(np.array([[code, 0, 1, 2]])), work)
    return float(work[2])


def as_float(x: Value | Number) -> float:
    """A recorded number; programs have floats only."""
    number = x.data if isinstance(x, Value) else x
    try:
        return float(number)
    except (TypeError, ValueError, OverflowError):
        kind = type(number).__name__
        raise ProgramError(f"{number} is a {kind}, and programs run on floats: record the graph with floats") from None


# ---------------------------------------------------------------------------------------------------------------------
# From the list of operations to tapes


def needed(recorder: Recorder, ends: list[int]) -> bytearray:
    """Which numbers the ends are made of."""
    codes, lefts, rights = recorder.codes, recorder.lefts, recorder.rights
    marks = bytearray(len(codes))
    for end in ends:
        marks[end] = 1
    for k in range(len(codes) - 1, -1, -1):
        if marks[k] and codes[k] >= 0:
            marks[lefts[k]] = 1
            marks[rights[k]] = 1
    return marks


WINDOW = 4096
"""Operations that are sorted at a time."""


def scheduled(order: array[int], recorder: Recorder) -> array[int]:
    """The operations in another order, in which equal ones that don't depend on each other stand together.

    Then the loop need not ask at each what it is, and the processor need not wait for the one before. Sorting is by
    depth, within windows, so that not many more numbers are alive at a time.
    """
    codes, lefts, rights = recorder.codes, recorder.lefts, recorder.rights
    depths = array("i", bytes(4 * len(codes)))
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
            keys[position] = 32 * depth + codes[k]
        by_key = np.argsort(np.frombuffer(keys, dtype=np.int64), kind="stable")
        result.frombytes(np.frombuffer(window, dtype=np.int32)[by_key].tobytes())
    return result


def products_last(order: array[int], recorder: Recorder, kept: bytearray) -> array[int]:
    """The operations in another order, in which a product that is used once, in a sum, stands just before that sum.

    So a sum of products needs one place and not one for each product, and the loop over rows runs it as one operation.
    """
    codes, lefts, rights = recorder.codes, recorder.lefts, recorder.rights
    product, plus = CODES["*"], CODES["+"]
    uses, waiting = bytearray(len(codes)), bytearray(len(codes))
    for position in range(len(order)):
        k = order[position]
        for operand in (lefts[k], rights[k]):
            uses[operand] = min(2, uses[operand] + (1 if codes[k] == plus else 2))  # other uses count as two
    result, count = array("i", bytes(4 * len(order))), 0
    for position in range(len(order)):
        k = order[position]
        if codes[k] == product and uses[k] == 1 and not kept[k]:
            waiting[k] = 1
            continue
        if codes[k] == plus:
            for operand in (lefts[k], rights[k]):
                if waiting[operand]:
                    result[count] = operand
                    count += 1
        result[count] = k
        count += 1
    return result


def laid_out(
    order: array[int], recorder: Recorder, kept: bytearray, places: array[int], size: int
) -> tuple[Array, int]:
    """The instructions for operations in this order, and the size of the work array that they take.

    `places` has the place of every number that is there at the start, and gets those of results: one that is free, or
    else a new one, from `size` on. It is free again after the last operation that needs its number, unless it is kept.
    """
    codes, lefts, rights = recorder.codes, recorder.lefts, recorder.rights
    last = array("i", bytes(4 * len(codes)))
    tape = array("i", bytes(16 * len(order)))
    ours = bytearray(len(codes))
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
            places[k] = free[count]
        else:
            places[k] = size
            size += 1
        tape[4 * position] = codes[k]
        tape[4 * position + 1] = places[left]
        tape[4 * position + 2] = places[right]
        tape[4 * position + 3] = places[k]
        if last[left] == k and ours[left] and not kept[left]:
            free[count] = places[left]
            count += 1
        if right != left and last[right] == k and ours[right] and not kept[right]:
            free[count] = places[right]
            count += 1
    return np.frombuffer(tape, dtype=np.int32).reshape(-1, 4), size
