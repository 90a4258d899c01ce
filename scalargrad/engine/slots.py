"""What a node holds: six fields that you see, and a mark.

    >>> from .value import Value
    >>> y = Value(3.0) * Value(4.0)
    >>> y.data, y.grad, y.op, len(y.inputs), y.partials, y.label
    (12.0, 0, Op('*'), 2, (4.0, 3.0), '')

Compiled, `slots.pyx` stands in place of this file: the same fields, packed so that a node of floats has its partials
and its adjoint in itself, and not in objects of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .numbers import Number
from .op import Op


class Slots:
    """The fields of a node; they are described in `Value`."""

    __slots__ = ("__weakref__", "_data", "_grad", "inputs", "label", "op", "partials", "position")

    _data: Number
    _grad: Number
    op: Op | None
    inputs: tuple[Any, ...]
    partials: Sequence[Number]
    label: str
    position: int  # a mark of `sweep.topological_order`


def hold(node: Slots, data: Number, op: Op | None, inputs: tuple[Any, ...], partials: Sequence[Number]) -> None:
    """Fill a new node, whose grad is 0 and which has no label."""
    node._data, node.op, node.inputs, node.partials = data, op, inputs, partials
    node._grad, node.label, node.position = 0, "", 0
