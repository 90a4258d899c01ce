"""Matrices in a graph: which entries are one matrix, and which matrices can be drawn as a grid of cells.

    >>> from ..engine.value import Value
    >>> w = [Value(k, f"w[0,{k}]") for k in range(2)]
    >>> set(entry_matrices([*w, Value(0, "c")]).values())
    {'W'}

An entry is a node with a label such as `w[0,1]`. The letter does not tell which matrix it is of: every layer of a
network may have its own W. So entries of one letter are one matrix if no index occurs twice; else they are told apart
by how early the forward pass uses them; and those that this does not tell apart stand alone, since a drawing must not
make one matrix of two.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from ..engine.node import Node

Place = tuple[int, ...]


def split_label(label: str) -> tuple[str, Place]:
    """`x[0,1]` as `x` and (0, 1); any other label as it is, with no index."""
    found = re.fullmatch(r"(.+)\[(\d+(?:,\d+)*)\]", label, re.DOTALL)
    return (found[1], tuple(map(int, found[2].split(",")))) if found else (label, ())


def matrix_name(name: str, index: Place) -> str:
    """The matrix with the entries x[i,j] is called X, that of w2[i,j] is W2, and the vector of b[j] is b."""
    return name.upper() if len(index) > 1 and re.fullmatch(r"[^\W\d_]\d*", name) else name


def entry_matrices(order: Sequence[Node]) -> dict[Node, str]:
    """{entry: the name of its matrix} for the nodes that are entries of one.

    Where a letter has several matrices they are W (1), W (2), …, in the order in which the forward pass uses them.

    Parameters
    ----------
    order
        The nodes of a graph in topological order.
    """
    entries: dict[str, dict[Node, Place]] = defaultdict(dict)
    for node in order:
        name, index = split_label(node.label)
        if index:
            entries[name][node] = index
    found: dict[Node, str] = {}
    uses: dict[Node, int] = {}
    for name, indices in entries.items():
        if len(set(indices.values())) == len(indices):
            found |= {node: matrix_name(name, index) for node, index in indices.items()}
            continue
        uses = uses or _first_uses(order)
        apart: dict[int, dict[Node, Place]] = defaultdict(dict)
        for node, index in indices.items():
            apart[uses[node]][node] = index
        if all(is_complete(some.values()) for some in apart.values()):
            for number, (_, some) in enumerate(sorted(apart.items()), start=1):
                found |= {node: f"{matrix_name(name, index)} ({number})" for node, index in some.items()}
    return found


def _first_uses(order: Sequence[Node]) -> dict[Node, int]:
    """How many operations lie below the lowest operation that uses each node; below itself if none does."""
    height: dict[Node, int] = {}
    first: dict[Node, int] = {}
    for node in order:
        height[node] = 1 + max((height[x] for x in node.inputs), default=-1)
        first[node] = height[node]
        for x in node.inputs:
            first[x] = height[node] if first[x] == height[x] else min(first[x], height[node])
    return first


def is_complete(indices: Iterable[Place]) -> bool:
    """Whether indices are those of a whole array, each of them once."""
    found = list(indices)
    if len({len(index) for index in found}) != 1:
        return False
    size = 1
    for positions in zip(*found, strict=True):
        size *= 1 + max(positions)
    return len(found) == len(set(found)) == size


def drawable(cells: dict[str, dict[str, Place]], arrows: Iterable[tuple[str, str]]) -> list[str]:
    """The matrices that can be drawn as a grid, which is one box: whole ones that no arrows lead back into.

    In a recurrence h[1] is made of h[0], so that as one box H would lead to itself.

    Parameters
    ----------
    cells
        {matrix: {the id of a box: its index}}
    arrows
        (tail, head) by the ids of boxes.
    """
    grids = {matrix for matrix, indices in cells.items() if is_2d(indices.values()) and is_complete(indices.values())}
    arrows = list(arrows)
    while grids:
        home = {box: matrix for matrix in grids for box in cells[matrix]}
        circling = _on_circles({(home.get(tail, tail), home.get(head, head)) for tail, head in arrows}) & grids
        if not circling:
            return [matrix for matrix in cells if matrix in grids]
        grids -= circling
    return []


def is_2d(indices: Iterable[Place]) -> bool:
    """Whether these are indices of a matrix or a vector."""
    return all(len(index) <= 2 for index in indices)


def _on_circles(arrows: set[tuple[str, str]]) -> set[str]:
    """Whatever lies on a circle or between two: what is left when all that has nothing before or after it has gone."""
    while True:
        tails, heads = {tail for tail, _ in arrows}, {head for _, head in arrows}
        left = {(tail, head) for tail, head in arrows if tail in heads and head in tails}
        if left == arrows:
            return tails | heads
        arrows = left
