"""Questions about a graph: what comes before what, which edges there are, which paths lead from one node to another.

    >>> from .value import Value
    >>> x = Value(3, "x"); y = x * x + x
    >>> size(y), depth(y), [product for path, product in paths(x, y)]
    (3, 2, [3, 3, 1])

Every function follows `inputs` with a stack of its own instead of recursion, so a chain of a million operations is as
good as any graph.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from .numbers import Number, unit
from .sweep import topological_order


class Edge(NamedTuple):
    """One use of a node: `output.inputs[position] is input`. In x·x there are two edges, at positions 0 and 1."""

    input: Any
    output: Any
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
    levels: dict[Any, int] = {}
    for node in topological_order(outputs):
        levels[node] = 1 + max((levels[x] for x in node.inputs), default=-1)
    return max(levels.values(), default=0)


def paths(start: Any, end: Any) -> Iterator[tuple[tuple[Edge, ...], Number]]:
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
    stack: list[tuple[Any, tuple[Edge, ...], Number]] = [(end, (), unit(end.data))]
    while stack:
        node, path, product = stack.pop()
        if node is start:
            yield path, product
            continue
        for position in reversed(range(len(node.inputs))):
            edge = Edge(node.inputs[position], node, position)
            if edge.input in leads_from_start:
                stack.append((edge.input, (edge, *path), edge.partial * product))
