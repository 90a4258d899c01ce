"""A graph as an indented tree for a terminal, from the output down.

    >>> from rich import print; from ..engine.value import Value
    >>> x = Value(3, "x"); print(text_tree(x * x))
    *  data 9  grad 0
    ├── 3 · x  data 3  grad 0
    └── 3 · x  data 3  grad 0

Each line begins with the local partial on the edge that leads to it.
"""

from __future__ import annotations

from typing import Any

from ..display import literal, short
from ..engine.node import Node
from ..engine.sweep import topological_order
from .levels import title

TREE_LIMIT = 300
"""Lines of a tree, if not said otherwise."""


def text_tree(output: Node, limit: int | None = TREE_LIMIT) -> Any:
    """A `rich.tree.Tree` of at most `limit` lines; an operation that was there already is only named."""
    from rich.tree import Tree

    lines = 0
    root = Tree(literal(_describe(output)))
    seen = {output}
    stack = [(output, root)]
    while stack:
        node, branch = stack.pop()
        for x, partial in zip(node.inputs, node.partials, strict=True):
            lines += 1
            if limit is not None and lines > limit:
                root.add(literal(f"… and more: {len(topological_order(output)):,} nodes in all"))
                return root
            again = x in seen and bool(x.inputs)
            twig = branch.add(literal(f"{short(partial)} · {_describe(x)}{'  (as above)' if again else ''}"))
            if not again:
                seen.add(x)
                stack.append((x, twig))
    return root


def _describe(node: Node) -> str:
    """A node in one line: its label and operation, its number, its gradient."""
    return f"{title(node)}  data {short(node.data)}  grad {short(node.grad)}"
