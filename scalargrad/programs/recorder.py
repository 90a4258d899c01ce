"""The recorder: every node becomes an instruction, which is known by its number.

    >>> recorder = Recorder()
    >>> x = recorder.add(INPUT, 0, 0, True)
    >>> recorder.instruction(ops.MUL.opcode, x, x), recorder.instruction(ops.MUL.opcode, x, x)
    (1, 1)

Constants are folded and duplicates found on the way (value numbering, as compilers call it). A sum of many terms is a
chain of additions here, a square is a product, a choice by `where` is a sum of which one term is -0.0, and an operation
of the user's own is what its function makes of nodes.
"""

from __future__ import annotations

import math
from array import array
from typing import Any

import numpy as np

from ..engine import ops
from ..engine.numbers import Number
from ..engine.ops import ConstantPower
from ..engine.own import expansion
from ..engine.sweep import topological_order
from ..engine.value import Value
from ..errors import OpaqueOperationError, ProgramError
from .loops import INSTRUCTION_SET

CONSTANT, PARAMETER, INPUT = -1, -2, -3
"""In place of an opcode: where a number comes from that no operation makes. The left operand is its place there."""

DUPLICATES = 1_000_000
"""Instructions of a kind that are remembered to find duplicates; a longer recording forgets them and goes on."""

_ADD, _MUL, _DIV, _POW, _GATE, _EQUAL = (
    INSTRUCTION_SET.index(row) for row in (ops.ADD, ops.MUL, ops.DIV, ops.POW, ops.GATE, ops.EQUAL)
)


class Recorder:
    """Instructions so far. Each has an opcode and two operands, which are the numbers of earlier ones."""

    def __init__(self) -> None:
        self.opcodes, self.lefts, self.rights = array("b"), array("i"), array("i")
        self.varies = bytearray()  # whether it depends on an input, and not on parameters alone
        self.constants: dict[bytes, int] = {}  # by their bits, since nan is not nan and 0.0 is -0.0
        self.floats: dict[int, float] = {}
        self.known: list[dict[int, int]] = [{} for _ in INSTRUCTION_SET]

    def add(self, opcode: int, left: int, right: int, varies: bool) -> int:
        self.opcodes.append(opcode)
        self.lefts.append(left)
        self.rights.append(right)
        self.varies.append(varies)
        return len(self.opcodes) - 1

    def constant(self, x: float) -> int:
        bits = np.float64(x).tobytes()
        if bits not in self.constants:
            self.constants[bits] = self.add(CONSTANT, len(self.constants), 0, False)
            self.floats[self.constants[bits]] = x
        return self.constants[bits]

    def instruction(self, opcode: int, left: int, right: int) -> int:
        """The number of an instruction: a new one, or an earlier one that is the same."""
        a = None if self.varies[left] else self.floats.get(left)
        b = None if self.varies[right] else self.floats.get(right)
        if a is not None and b is not None:
            return self.constant(folded(opcode, a, b))
        if b == 1.0 and opcode in (_MUL, _DIV, _POW):
            return left  # x·1, x/1 and x¹ are x in every bit. (x + 0 is not: -0.0 + 0.0 is 0.0.)
        if a == 1.0 and opcode == _MUL:
            return right
        if b == 2.0 and opcode == _POW:
            return self.instruction(_MUL, left, left)  # as `power` does
        if opcode == _ADD and (negative_zero(a) or negative_zero(b)):
            return right if negative_zero(a) else left  # x + (-0.0) is x in every bit
        if opcode == _GATE and a is not None:
            return right if a != 0 else self.constant(-0.0)
        if left > right and opcode in (_ADD, _MUL):
            left, right = right, left  # a + b is b + a, and is found again as such
        known, key = self.known[opcode], left << 31 | right  # 62 bits, where it is compiled
        found = known.get(key)
        if found is None:
            if len(known) >= DUPLICATES:
                known.clear()
            varies = bool(self.varies[left] or self.varies[right])
            found = known[key] = self.add(opcode, left, right, varies)
        return found

    def nodes(self, outputs: Any, numbers: dict[Value, int]) -> None:
        """Record every node that the outputs are made of. `numbers` holds the leaves that are known, and gets all."""
        for node in topological_order(outputs):
            if node not in numbers:
                numbers[node] = self.node(node, numbers)

    def node(self, node: Value, numbers: dict[Value, int]) -> int:
        op = node.op
        if op is None:
            return self.constant(as_double(node.data))
        operands = [numbers[x] for x in node.inputs]
        if op.opcode is not None:
            return self.instruction(op.opcode, operands[0], operands[len(operands) - 1])
        if isinstance(op, ConstantPower):
            return self.instruction(_POW, operands[0], self.constant(as_double(op.exponent)))
        if op is ops.SUM:
            total = operands[0]
            for term in operands[1:]:
                total = self.instruction(_ADD, total, term)
            return total
        if op is ops.WHERE:
            condition, a, b = operands
            otherwise = self.instruction(_EQUAL, condition, self.constant(0.0))
            return self.instruction(_ADD, self.instruction(_GATE, condition, a), self.instruction(_GATE, otherwise, b))
        try:
            leaves, output = expansion(node)
        except OpaqueOperationError as error:
            raise ProgramError(f"an operation can't be recorded: {error}") from error
        inner: dict[Value, int] = dict(zip(leaves, operands, strict=True))
        self.nodes(output, inner)
        return inner[output]


def folded(opcode: int, a: float, b: float) -> float:
    """An operation on constants, once and for all."""
    row = INSTRUCTION_SET[opcode]
    return float(row.apply(*(a, b)[: row.arity]))


def negative_zero(x: float | None) -> bool:
    """Whether a constant is -0.0."""
    return x == 0 and math.copysign(1.0, x) < 0


def as_double(number: Number) -> float:
    """A number of the graph as programs have it.

    Raises
    ------
    ProgramError
        If its kind does not become a float.
    """
    try:
        return float(number)
    except (TypeError, ValueError, OverflowError):
        kind = type(number).__name__
        raise ProgramError(f"{number} is a {kind}, and programs run on floats: record the graph with floats") from None
