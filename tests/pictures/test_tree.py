"""A graph as text."""

from __future__ import annotations

from rich.console import Console

import scalargrad as sg
from scalargrad import Value
from scalargrad.display import as_text
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
    assert "1 · y = *  data 4  (as above)" in text
    assert "… and more: 2 nodes in all" in text


def test_grad_is_there_after_a_backward_pass_and_is_explained() -> None:
    x = Value(2, "x")
    y = x * x
    y.backward()
    assert as_text(text_tree(y)).splitlines() == [
        "*  data 4  grad 1",
        "├── 2 · x  data 2  grad 4",
        "└── 2 · x  data 2  grad 4",
        "grad is ∂*/∂v for each node v.",
    ]
