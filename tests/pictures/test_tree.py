"""A graph as text."""

from __future__ import annotations

from rich.console import Console

import scalargrad as sg
from scalargrad import Value
from scalargrad.pictures import text_tree


def test_the_tree_names_shared_nodes_again_and_stops_in_time() -> None:
    x = Value(2, "x")
    y = x * x
    y.label = "y"
    console = Console(width=100)
    with console.capture() as capture:
        console.print(text_tree(y + y))
        console.print(text_tree(sg.sum([x] * 500), limit=10))
    text = capture.get()
    assert "1 · y = *  data 4  grad 0  (as above)" in text
    assert "… and more: 2 nodes in all" in text
