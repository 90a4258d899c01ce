"""A graph as an indented tree for a terminal, from the output down.

    >>> from rich import print; from ..engine.value import Value
    >>> x = Value(3, "x"); print(text_tree(x * x))
    *  data 9
    ├── 3 · x  data 3
    └── 3 · x  data 3

Each line begins with the local partial on the edge that leads to it.
"""

from __future__ import annotations

from typing import Any

from ..display import literal, short
from ..engine.node import Node
from ..engine.sweep import topological_order
from .captions import said_of_grad
from .levels import title

TREE_LIMIT = 300
"""Lines of a tree, if not said otherwise."""


def text_tree(output: Node, limit: int | None = TREE_LIMIT) -> Any:
    """A tree for Rich to print, of at most `limit` lines; an operation that was there already is only named."""
    from rich.tree import Tree

    order = topological_order(output)
    swept = any(node.grad != 0 for node in order)
    lines = 0
    root = Tree(literal(_describe(output, swept)))
    seen = {output}
    stack = [(output, root)]
    while stack:
        node, branch = stack.pop()
        for x, partial in zip(node.inputs, node.partials, strict=True):
            lines += 1
            if limit is not None and lines > limit:
                root.add(literal(f"… and more: {len(order):,} nodes in all"))
                return _with_remark(root, output, order, swept)
            again = x in seen and bool(x.inputs)
            twig = branch.add(literal(f"{short(partial)} · {_describe(x, swept)}{'  (as above)' if again else ''}"))
            if not again:
                seen.add(x)
                stack.append((x, twig))
    return _with_remark(root, output, order, swept)


def _with_remark(root: Any, output: Node, order: list[Any], swept: bool) -> Any:
    """The tree, and below it what its grad is."""
    from rich.console import Group

    return Group(root, literal(said_of_grad([output], order, "node"))) if swept else root


def _describe(node: Node, swept: bool) -> str:
    """A node in one line: its label and operation, its number, and after a backward pass its gradient."""
    return f"{title(node)}  data {short(node.data)}" + (f"  grad {short(node.grad)}" if swept else "")
