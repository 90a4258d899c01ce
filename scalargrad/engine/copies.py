"""Copies and pickles of graphs, without recursion: every node comes after its inputs, which then are there already."""

from __future__ import annotations

import copy
import threading
import weakref
from collections.abc import Sequence
from typing import Any

from .collector import collector_paused
from .node import PLAIN_NUMBERS, Node
from .numbers import Number
from .ops import Op
from .sweep import topological_order


def restored(
    kind: Any,
    data: Number,
    grad: Number,
    op: Op | None,
    inputs: tuple[Any, ...],
    partials: Sequence[Number],
    label: str,
    attributes: dict[str, Any] | None = None,
) -> Any:
    """A node of a class from its six fields, and what a subclass of yours has set on it besides."""
    node = kind.__new__(kind)
    node.data, node.grad, node.op, node.inputs, node.partials, node.label = data, grad, op, inputs, partials, label
    node.position = 0
    if attributes:
        vars(node).update(attributes)
    return node


def attributes_of(node: Node) -> dict[str, Any] | None:
    """What has been set on a node of a subclass; a Value itself has no room for it."""
    return getattr(node, "__dict__", None)


def shallow_copy(node: Node) -> Any:
    """What `copy.copy` makes of a node."""
    fields = node.data, node.grad, node.op, node.inputs, node.partials, node.label
    return restored(type(node), *fields, attributes_of(node))


def deep_copy(node: Node, memo: dict[int, Any]) -> Any:
    """What `copy.deepcopy` makes of a node and all that it is made of."""
    with collector_paused():
        for one in topological_order(node):
            if id(one) not in memo:
                data, grad, partials = one.data, one.grad, one.partials
                if type(data) not in PLAIN_NUMBERS:  # which can't be changed in place and may be shared
                    data, grad, partials = copy.deepcopy((data, grad, partials), memo)
                inputs = tuple([memo[id(x)] for x in one.inputs])
                again = memo[id(one)] = restored(type(one), data, grad, one.op, inputs, partials, one.label)
                if attributes := attributes_of(one):
                    vars(again).update(copy.deepcopy(attributes, memo))
    return memo[id(node)]


def reduced(node: Node) -> tuple[Any, ...]:
    """How pickle writes a node: its fields, or, at the outermost, the list of all that it is made of."""
    if not node.inputs or Mark.is_set():
        fields = node.data, node.grad, node.op, node.inputs, node.partials, node.label
        return restored, (type(node), *fields, attributes_of(node))
    return last, (Mark(True), topological_order(node), Mark(False))


class Mark:
    """Written before and after a list of nodes that have their inputs before them: between the two, none recurses.

    The opening mark counts only while it exists, so one that an error leaves behind does no harm. (The limit: a pickler
    that failed and is kept, or whose error is still being handled, keeps its mark alive. Until it is gone, a deep graph
    is pickled node by node, and may be too deep for that.)
    """

    open = threading.local()

    def __init__(self, opening: bool) -> None:
        self.opening = opening

    @classmethod
    def is_set(cls) -> bool:
        mark = getattr(cls.open, "mark", None)
        return mark is not None and mark() is not None

    def __reduce__(self) -> tuple[Any, ...]:
        Mark.open.mark = weakref.ref(self) if self.opening else None
        return Mark, (self.opening,)


def last(_begin: Mark, nodes: list[Any], _end: Mark) -> Any:
    """The output, from a pickled list of all nodes."""
    return nodes[-1]
