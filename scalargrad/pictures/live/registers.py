"""The numbers of a page as a program: how each of them is computed, so that the page can do so again.

    >>> from ...engine.value import Value
    >>> x = Value(3, "x"); y = x * x + x
    >>> registers = Registers(y, [x])
    >>> first, second = registers.partials(y.inputs[0])
    >>> registers.add(first * 2), registers.program()["symbols"], registers.program()["rows"]
    (2, ['*'], ['3', '2', [0, 0, 1]])

A register is a number that the page holds: one that is given, or an operation of the table and the registers that it is
made of. Nothing is said of derivatives here: local partials on Values are nodes themselves, by the rows of the table,
and the engine's sweep over them is the backward pass as operations. Where this can't be, the numbers are as they are,
and `reason` says why in a sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from ...display import legible
from ...engine import ops
from ...engine.node import Node, number
from ...engine.numbers import Number
from ...engine.ops import ConstantPower
from ...engine.sweep import partials_as_nodes, topological_order
from ...engine.value import Value
from ...errors import Error
from ..document import brief_and_full

KINDS = (int, float, Fraction)
"""The kinds of number that a page can compute with."""

DIGITS = 1000
"""Binary digits of a whole number up to which a page computes with it."""

ROUNDED_ALIKE = {op.symbol for op in (ops.ADD, ops.SUB, ops.MUL, ops.DIV, ops.NEG, ops.SUM)}
"""Operations of floats that have the same bits everywhere. Of others the page is told what they gave here."""


class Registers:
    """The numbers of a page, each in a register.

    Attributes
    ----------
    reason
        Why the page can't compute its numbers again, as a sentence; "" if it can.
    """

    def __init__(self, outputs: Any, inputs: Sequence[Any] = ()) -> None:
        """The registers of a graph that a page shows.

        Parameters
        ----------
        outputs
            The Values that the graph leads to.
        inputs
            The leaves that a reader may change.
        """
        self.inputs = dict.fromkeys(inputs)
        self.rows: list[Any] = []
        self.symbols: dict[str, int] = {}
        self.known: dict[Any, int] = {}  # registers of nodes
        self.same: dict[tuple[Any, ...], int] = {}  # registers by what stands in them
        self.heads: dict[Any, Any] = {}  # of groups of nodes that are shown as one
        self.lifted: dict[Any, Sequence[Any]] = {}
        self.reason = self._lift(topological_order(outputs))

    def _lift(self, order: Sequence[Any]) -> str:
        """Make nodes of all local partials; return why not, if that can't be."""
        for node in order:
            if node.op is None:
                if not _can_compute(node.data):
                    kind = type(node.data).__name__
                    return f"The inputs can't be edited: a page computes with int, float and Fraction, not with {kind}."
            elif not node.op.built_in:
                return f"The inputs can't be edited: the operation {legible(node.op.symbol)} is not of the table."
            elif isinstance(node.op, ConstantPower) and not _can_compute(node.op.exponent):
                return "The inputs can't be edited: an exponent is not an int, a float or a Fraction."
        try:
            lifted = {node: partials_as_nodes(node) for node in order}
        except Error as error:
            return f"The inputs can't be edited: {legible(str(error), 300)}."
        self.lifted = lifted
        return ""

    # -----------------------------------------------------------------------------------------------------------------
    # What pages are made of: numbers, or nodes in their place

    def data(self, node: Any) -> Any:
        """The number of a node, as a node if the page can compute it."""
        return number(node) if self.reason else self.heads.get(node, node)

    def partials(self, node: Any) -> Sequence[Any]:
        """The local partials of a node, as nodes if the page can compute them."""
        found: Sequence[Any] = self.lifted.get(node, node.partials)
        return found

    def given(self, x: Number) -> Any:
        """A number that is given, such as the seed, as a leaf of its own if the page can compute with it."""
        return x if self.reason else Value(x)

    # -----------------------------------------------------------------------------------------------------------------
    # The program

    def add(self, x: Any) -> int:
        """The register of a number, or of a node and of all that it is made of."""
        if self.reason or not isinstance(x, Node):
            return self._constant(number(x))
        stack = [x]
        while stack:
            node = stack[-1]
            waiting = [below for below in node.inputs if below not in self.known]
            if waiting and node not in self.known:
                stack += reversed(waiting)
                continue
            stack.pop()
            if node not in self.known:
                self.known[node] = self._row(node)
        return self.known[x]

    def _row(self, node: Any) -> int:
        """The register of a node whose inputs have theirs."""
        if node.op is None:
            return self._new(_written(node.data)) if node in self.inputs else self._constant(node.data)
        symbol, operands = node.op.symbol, [self.known[x] for x in node.inputs]
        if isinstance(node.op, ConstantPower):
            symbol = ops.POW.symbol
            operands.append(self._constant(node.op.exponent))
        if node.op is ops.MUL:
            for one, x, register in zip(node.inputs, reversed(node.inputs), reversed(operands), strict=True):
                if (
                    one.op is None
                    and one not in self.inputs
                    and one.data == 1
                    and type(one.data) in (int, type(x.data))
                ):
                    return register  # 1·x is x in every bit
        if node.op in (ops.ADD, ops.MUL):
            operands.sort()  # a·b is b·a, and is found again as such
        key = (symbol, *operands)
        if key not in self.same:
            row: list[Any] = [self.symbols.setdefault(symbol, len(self.symbols)), *operands]
            if type(node.data) is float and symbol not in ROUNDED_ALIKE:
                row.append(_written(node.data))
            self.same[key] = self._new(row)
        return self.same[key]

    def _constant(self, x: Number) -> int:
        written = _written(x)
        key = (str(written),)
        if key not in self.same:
            self.same[key] = self._new(written)
        return self.same[key]

    def _new(self, row: Any) -> int:
        self.rows.append(row)
        return len(self.rows) - 1

    def program(self) -> dict[str, Any]:
        """What `arithmetic.js` runs.

        A number is a text: 3 an int, 3/1 a Fraction, 3.0 a float; of other kinds a list of the text that is shown and
        the full one. An operation is the position of its symbol, then its operands, then, of floats that another
        library may round otherwise, its result.
        """
        return {"rows": self.rows, "symbols": list(self.symbols), "reason": self.reason}

    def mark(self, x: Any, in_formula: bool = False) -> str:
        """What stands in a text for a number, where the page writes it: in parentheses in a formula, if it needs them.

        The marks are private characters, which no text of a user's has: `legible` writes them by name.
        """
        return f"\ue000{self.add(x)}{'o' * in_formula}\ue001"


def _can_compute(x: Number) -> bool:
    return type(x) is float or (
        type(x) in KINDS and x.numerator.bit_length() <= DIGITS and x.denominator.bit_length() <= DIGITS
    )


def _written(x: Number) -> str | list[str]:
    if type(x) is Fraction and _can_compute(x):
        return f"{x.numerator}/{x.denominator}"
    return str(x) if type(x) in KINDS and _can_compute(x) else brief_and_full(x)
