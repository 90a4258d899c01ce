"""Operations of your own: what is not said in their rows, found out by running their `apply` on nodes.

    >>> from .ops import Op
    >>> from .value import Value
    >>> cube = Op("own cube", lambda x: x * x * x, lambda out, x: (3 * x * x,))
    >>> degree(cube(Value(2)), [1]), expansion(cube(Value(2)))[1].inputs[0].op
    (3, Op('*'))

`apply` is written with + - * / and functions that pass through nodes, so on nodes it makes a graph of built-in rows,
whose degrees and bends are known. An `apply` that needs plain numbers, such as `math.erf`, says nothing: it is opaque.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import OpaqueOperationError
from .node import Node
from .sweep import topological_order


def expansion(node: Any) -> tuple[list[Any], Any]:
    """The graph that an operation's `apply` makes: fresh leaves with the numbers of the inputs, and the output.

    Raises
    ------
    OpaqueOperationError
        If `apply` fails on nodes, or returns something else.
    """
    leaves = [type(x)(x.data, x.label) for x in node.inputs]
    symbol = node.op.symbol
    remedy = "write it with + - * / and functions that Values have"
    try:
        output = node.op.apply(*leaves)
    except Exception as error:
        raise OpaqueOperationError(f"the function of {symbol!r} fails on Values ({error}): {remedy}") from error
    if not isinstance(output, Node):
        kind = type(output).__name__
        raise OpaqueOperationError(f"the function of {symbol!r} returns a {kind} on Values: {remedy}")
    return leaves, output


def bends(node: Any) -> bool:
    """Whether a node's operation has no derivative at its inputs, and its partials are those of one side."""
    op = node.op
    if op is None:
        return False
    if op.built_in or op.bends is not None:
        return bool(op.bends and op.bends(*[x.data for x in node.inputs]))
    try:
        _, output = expansion(node)
    except OpaqueOperationError:
        return False
    return any(bends(part) for part in topological_order(output))


def degree(node: Any, degrees: Sequence[int]) -> int | None:
    """The degree of a node as a polynomial, given those of its inputs; None if it is not known to be one."""
    op = node.op
    if op.built_in or op.degree is not None:
        return op.degree(*degrees) if op.degree else None
    try:
        leaves, output = expansion(node)
    except OpaqueOperationError:
        return None
    found: dict[Any, int | None] = dict(zip(leaves, degrees, strict=True))
    for part in topological_order(output):
        if part not in found:
            below = [found[x] for x in part.inputs]
            known = [d for d in below if d is not None]
            found[part] = 0 if not part.inputs else degree(part, known) if len(known) == len(below) else None
    return found[output]
