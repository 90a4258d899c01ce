"""Questions about a graph: what comes before what, which edges there are, which paths lead from one node to another.

    >>> from scalargrad import Value
    >>> x = Value(3, "x"); y = x * x + x
    >>> size(y), depth(y), [product for path, product in paths(x, y)]
    (3, 2, [3, 3, 1])

Every function follows `inputs` with a stack of its own instead of recursion, so a chain of a million operations is as
good as any graph.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from .elementary import Number, unit

if TYPE_CHECKING:
    from .value import Value


def flat(nested: Any) -> Iterator[Any]:
    """The entries of a list or an array of any depth, in row-major order; a single thing is its own entry."""
    if isinstance(nested, (str, bytes)) or not hasattr(nested, "__iter__"):
        yield nested
    elif hasattr(nested, "ravel"):  # an array, which may have no dimension at all
        yield from nested.ravel()
    else:
        for part in nested:
            yield from flat(part)


def topological_order(outputs: Any) -> list[Value]:
    """Every node that the outputs (a Value, a list or an array) are made of, once, each after all of its inputs.

    The order is fixed by the graph alone. It is the postorder of a depth-first walk that takes the outputs, and each
    node's inputs, from last to first; read backwards, as the reverse sweep does, it goes from first to last.
    """
    global walks
    ends = list(flat(outputs))
    if not all(hasattr(end, "position") for end in ends):
        return postorder_by_set(ends)
    with walking:
        while True:
            this = walks = walks + 1
            order = postorder(ends)
            if this == walks:  # else a signal handler or a finaliser went for a walk of its own in between
                return order


walking = threading.RLock()
"""Held during a walk, which leaves a mark in every node: one thread at a time."""

walks = 0
"""How many there have been."""


def postorder(outputs: list[Value]) -> list[Value]:
    """The walk. A node is marked with its place in the order, and known to be placed because it is found there.

    Marks of earlier walks do no harm and need no clearing: a node that is found elsewhere is not in this order.
    """
    order: list[Value] = []
    stack: list[Any] = outputs.copy()
    while stack:
        node = stack.pop()
        if node is None:  # all inputs of the node below are placed: now it may follow
            node = stack.pop()
        elif node.position < len(order) and order[node.position] is node:
            continue
        elif node.inputs:
            stack.append(node)
            stack.append(None)
            stack += node.inputs
            continue
        node.position = len(order)
        order.append(node)
    return order


def postorder_by_set(outputs: list[Any]) -> list[Any]:
    """The same walk over anything that has inputs and no room for a mark, such as the groups of nodes in a diagram."""
    order: list[Any] = []
    seen: set[Any] = set()
    stack: list[Any] = outputs.copy()
    while stack:
        node = stack.pop()
        if node is None:
            order.append(stack.pop())
        elif node not in seen:
            seen.add(node)
            stack += (node, None, *node.inputs)
    return order


def place(node: Value, order: list[Value], elsewhere: dict[int, int]) -> int:
    """Where a node stands in an order, by its mark; where a later walk changed that, by a dict made for the purpose."""
    k = node.position
    if k < len(order) and order[k] is node:
        return k
    if not elsewhere:
        elsewhere.update(zip(map(id, order), range(len(order)), strict=True))
    return elsewhere[id(node)]


class Edge(NamedTuple):
    """One use of a node: `output.inputs[position] is input`. In x·x there are two edges, at positions 0 and 1."""

    input: Value
    output: Value
    position: int

    @property
    def partial(self) -> Number:
        """∂output/∂input along this edge."""
        return self.output.partials[self.position]


def edges(outputs: Any) -> Iterator[Edge]:
    """Every edge, in topological order of its output, then in order of the inputs; repeated edges are repeated."""
    for node in topological_order(outputs):
        for position, input in enumerate(node.inputs):
            yield Edge(input, node, position)


def size(outputs: Any) -> int:
    """How many nodes there are."""
    return len(topological_order(outputs))


def depth(outputs: Any) -> int:
    """How many operations the longest path has; 0 for a leaf."""
    levels: dict[Value, int] = {}
    for node in topological_order(outputs):
        levels[node] = 1 + max((levels[x] for x in node.inputs), default=-1)
    return max(levels.values(), default=0)


def paths(start: Value, end: Value) -> Iterator[tuple[tuple[Edge, ...], Number]]:
    """Every path from `start` up to `end`, and the product of the local partials along it.

    The general chain rule says that ∂end/∂start is the sum of these products. There may be exponentially many paths,
    so they are made one at a time; only nodes that depend on `start` are walked.
    """
    leads_from_start = {start}
    for node in topological_order(end):
        if any(x in leads_from_start for x in node.inputs):
            leads_from_start.add(node)
    if end not in leads_from_start:
        return
    # Walk down from the end. An entry is a node, the edges from it up to the end, and the product of their partials.
    stack: list[tuple[Value, tuple[Edge, ...], Number]] = [(end, (), unit(end.data))]
    while stack:
        node, path, product = stack.pop()
        if node is start:
            yield path, product
            continue
        for position in reversed(range(len(node.inputs))):
            edge = Edge(node.inputs[position], node, position)
            if edge.input in leads_from_start:
                stack.append((edge.input, (edge, *path), edge.partial * product))


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the cyclic garbage collector while many nodes are built; a graph has no cycles for it to find.

    Otherwise it walks over all nodes again and again while their number grows, which costs as much as building them.
    Whatever happens inside, it is left as it was found. Many new nodes are handed to its oldest generation, which it
    visits least: freezing and unfreezing does that in no time. (Not where something else is frozen: that stays so.)
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if gc.get_count()[0] > MANY_OBJECTS and gc.get_freeze_count() < 1000:
            gc.freeze()
            gc.unfreeze()
        if was_enabled:
            gc.enable()


MANY_OBJECTS = 10_000
"""New objects from which on it pays to spare the collector's next visit."""
