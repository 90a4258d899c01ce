"""A graph as the text of a program that builds it again: what a page's link to the playground carries.

    >>> from ..engine.value import Value
    >>> x, y = Value(3, "x"), Value(4, "y"); L = (x * y + 2) ** 2; L.label = "L"
    >>> print(as_python(L))
    x = Value(3)
    y = Value(4)
    L = (x * y + 2)**2

Nodes with a label, and nodes used more than once, get a line of their own; matrices of leaves get one line each.
"""

from __future__ import annotations

import keyword
import math
import re
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ..engine.node import Node
from ..engine.ops import ConstantPower
from ..engine.sweep import topological_order
from .grid import is_2d, is_complete, matrix_name, split_label

LONGEST_PROGRAM = 6000
"""Characters beyond which there is no text: a link is to be mailed."""

BY_SIGN = {"+": ("+", 1), "-": ("-", 1), "*": ("*", 2), "/": ("/", 2), "**": ("**", 4)}
"""How Python writes an operation, and how tightly that binds."""

NEGATION, POWER, CALL = 3, 4, 5

NAMES_IN_USE = {"Value", "Fraction", "Decimal", "sg", *keyword.kwlist, *keyword.softkwlist}


def as_python(output: Node) -> str:
    """The text of a program with the same graph: the same operations on the same numbers, in the same order.

    It takes `Value`, `Fraction`, `Decimal` and `sg` as given. "" if there is none: an operation of your own, a number
    that isn't an int, a float, a Fraction, a Decimal or complex, or a graph whose text would be long.
    """
    order = topological_order(output)
    if len(order) > LONGEST_PROGRAM // 4 or not all(is_writable(node) for node in order):
        return ""
    writer = Writer(order, output)
    text = "\n".join(writer.lines)
    return text if len(text) <= LONGEST_PROGRAM else ""


def is_writable(node: Node) -> bool:
    """Whether Python has a way to write the node's operation, or a leaf's number."""
    if node.op is None:
        return written_number(node.data) is not None
    if isinstance(node.op, ConstantPower):
        return written_number(node.op.exponent) is not None
    return node.op.built_in


def written_number(x: Any) -> str | None:
    """A number as Python reads it, or None."""
    if type(x) in (int, complex) or (type(x) is float and math.isfinite(x)):
        return repr(x)
    if type(x) is float:
        return f"float({str(x)!r})"
    if type(x) is Fraction:
        return f"Fraction({x.numerator}, {x.denominator})"
    return f"Decimal({str(x)!r})" if type(x) is Decimal else None


class Writer:
    """Writes the lines, from the leaves up. Each node is then a piece of text, and how tightly that binds."""

    def __init__(self, order: Sequence[Node], output: Node) -> None:
        self.lines: list[str] = []
        self.pieces: dict[Node, tuple[str, int]] = {}
        self.taken: set[str] = set()
        self.constants: set[Node] = set()
        self.uses = Counter(x for node in order for x in node.inputs)
        self.matrices(order)
        for node in [*(x for x in reversed(order) if not x.inputs), *(x for x in order if x.inputs)]:
            if node in self.pieces:
                continue
            piece, binds = self.operation(node) if node.inputs else (f"Value({written_number(node.data)})", CALL)
            if node is output and not node.label:
                self.lines.append(piece)
            elif node.label or self.uses[node] > 1:
                self.assign(node, piece)
            else:
                self.pieces[node] = piece, binds
                if not node.inputs:
                    self.constants.add(node)

    def assign(self, node: Node, piece: str) -> None:
        """A line of its own; the label is said where the variable can't say it."""
        name = self.free_name(node.label or "t")
        self.lines.append(f"{name} = {piece}")
        if node.label and node.label != name:
            if node.inputs:
                self.lines.append(f"{name}.label = {node.label!r}")
            else:
                self.lines[-1] = f"{name} = {piece[:-1]}, {node.label!r})"
        self.pieces[node] = name, CALL

    def matrices(self, order: Sequence[Node]) -> None:
        """Leaves x[0,0], x[0,1], … that fill a matrix or a vector, in one line."""
        groups: dict[str, dict[tuple[int, ...], Node]] = {}
        for node in reversed(order):
            matrix, index = split_label(node.label)
            if not node.inputs and index and matrix.isidentifier():
                groups.setdefault(matrix, {})[index] = node
        factor = {x: i for node in order for i, x in enumerate(node.inputs[:2])}  # X before W in X·W
        for matrix, entries in sorted(
            groups.items(), key=lambda group: min(factor.get(x, 2) for x in group[1].values())
        ):
            labelled = sum(not node.inputs and split_label(node.label)[0] == matrix for node in order)
            if labelled != len(entries) or not is_2d(entries) or not is_complete(entries):
                continue
            rows: dict[Any, list[str | None]] = {}
            for index in sorted(entries):
                rows.setdefault(index[:-1], []).append(written_number(entries[index].data))
            numbers = in_list(rows[()]) if () in rows else in_list(list(map(in_list, rows.values())))
            name = self.free_name(matrix_name(matrix, next(iter(entries))))
            self.lines.append(f"{name} = sg.values({numbers}, {matrix!r})")
            for index, node in entries.items():
                self.pieces[node] = f"{name}[{', '.join(map(str, index))}]", CALL

    def operation(self, node: Any) -> tuple[str, int]:
        """An operation on pieces."""
        op, inputs = node.op, node.inputs
        if isinstance(op, ConstantPower):
            return f"{self.operand(inputs[0], POWER + 1)}**{in_brackets(str(written_number(op.exponent)))}", POWER
        if op.symbol == "neg":
            return f"-{self.operand(inputs[0], NEGATION)}", NEGATION
        if op.symbol == "Σ":
            return f"sg.sum([{', '.join(self.operand(x, 0) for x in inputs)}])", CALL
        if op.symbol in BY_SIGN:
            sign, binds = BY_SIGN[op.symbol]
            a, b = inputs
            if sign == "**":  # with a plain number it would be another operation
                return f"{self.operand(a, binds + 1)}**{self.operand(b, binds + 1)}", binds
            return f"{self.operand(a, binds, beside=b)} {sign} {self.operand(b, binds + 1, beside=a)}", binds
        name, rest = op.symbol, ", ".join(self.operand(x, 0) for x in inputs[1:])
        if len(inputs) <= 2 and callable(getattr(type(node), name, None)):
            return f"{self.operand(inputs[0], CALL)}.{name}({rest})", CALL
        everything = ", ".join(self.operand(x, 0) for x in inputs)
        return f"sg.ops.named({name!r})({everything})", CALL

    def operand(self, node: Node, least: int, beside: Node | None = None) -> str:
        """An input as an operand; a constant beside a Value is the number alone, which becomes the same leaf."""
        text, binds = self.pieces[node]
        if beside is not None and node in self.constants and beside not in self.constants:
            text = str(written_number(node.data))
            binds = NEGATION if text.startswith("-") else CALL
        return f"({text})" if binds < least else text

    def free_name(self, label: str) -> str:
        """The label as a variable, or something like it that nobody else has."""
        name = re.sub(r"\W+", "_", label).strip("_") or "t"
        name = name if name.isidentifier() else f"t_{name}"
        names = (name if k == 0 else f"{name}{k}" for k in range(len(self.taken) + 2))
        found = next(found for found in names if found not in self.taken | NAMES_IN_USE)
        self.taken.add(found)
        return found


def in_brackets(text: str) -> str:
    """An exponent, in brackets if it is not one token."""
    return text if re.fullmatch(r"\w+(\.\w+)?", text) else f"({text})"


def layer_as_python(layer: Any) -> str:
    """The text of a program with a layer's product and its upstream gradient G; "" as of `as_python`."""
    bias = [] if layer.b is None else [[b.data for b in layer.b]]
    tables = [[list(map(written_number, row)) for row in numbers] for numbers in (layer.x, layer.w, layer.G, bias)]
    if any(x is None for rows in tables for row in rows for x in row):
        return ""
    X, W, G, b = (f"[{', '.join(in_list(row) for row in rows)}]" for rows in tables)
    product = [f"b = sg.values({b[1:-1]}, 'b')", "Y = X @ W + b"] if bias else ["Y = X @ W"]
    lines = [f"X = sg.values({X}, 'x')", f"W = sg.values({W}, 'w')", *product, f"G = {G}", "L = (G * Y).sum()"]
    text = "\n".join(lines)
    return text if len(text) <= LONGEST_PROGRAM else ""


def in_list(items: Sequence[str | None]) -> str:
    """Pieces of text as a list of Python's."""
    return f"[{', '.join(map(str, items))}]"
