"""A page on which a matrix looks like a matrix: why ∂L/∂X = G·Wᵀ, entry by entry, in numbers.

    >>> from ...affine import build
    >>> page = explore(build([[1, 2]], [[3, 4], [5, 6]], G=[[26, 32]]))
    >>> page.html.startswith("<!doctype html>"), page.title
    (True, 'Explore X·W, a layer of 1×2 and 2×2')

X, W, Y, G and the gradients stand as in the product: the left factor to the left, the right one above, and where they
meet is what they make. Choose an entry, and its row and column light up; beside them are its paths through the graph of
scalars, the terms of the chain rule (3), and the terms of row · column, in the same colours. All numbers are computed
here, in the layer's own arithmetic; when a reader changes an entry, the page runs the same program (`live`) again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from ...display import full, legible
from ...engine.node import number
from ...errors import ArgumentError, ArgumentTypeError
from ..as_python import layer_as_python
from ..diagram import draw
from ..document import Document, brief, filled, script_data
from ..live import Registers
from .views import LayerNumbers, ShownTerm, View, views

if TYPE_CHECKING:
    from ...affine import Layer

SIDE = 12
"""Rows and columns of a matrix up to which it is shown: of more, nobody sees a row and a column at once."""


@dataclass(frozen=True, repr=False)
class Explorer(Document):
    """The page, which is one HTML file: `save` writes it, and a notebook shows it."""


def explore(layer: Layer, title: str = "") -> Explorer:
    """A page that shows a layer's matrices, and how each entry of a gradient is row · column.

    Parameters
    ----------
    layer
        From `sg.affine.build`: X is N×D, W is D×M, G = ∂L/∂Y and Y are N×M, b has M entries if there is a bias. N, D
        and M are from 1 to 12.
    title
        The heading; "Explore X·W, a layer of N×D and D×M" if not given.

    Raises
    ------
    ArgumentTypeError
        If it is not such a layer.
    ArgumentError
        If a matrix is empty or too large.
    MissingExtraError
        If jinja2 is not installed.
    """
    from ...affine import Layer  # loads NumPy, which a page of the stepper can do without

    if not isinstance(layer, Layer):
        raise ArgumentTypeError(f"explore needs a layer of sg.affine.build, and got a {type(layer).__name__}")
    return explorer_page(layer, title)


def explorer_page(layer: Any, title: str = "") -> Explorer:
    """The page of a layer, or of anything else that has a layer's attributes; errors as of `explore`."""
    N, D, M = layer.shape
    if not all(1 <= size <= SIDE for size in (N, D, M)):
        raise ArgumentError(
            f"X is {N}×{D} and W is {D}×{M}: a page can show 1 to {SIDE} rows and columns of each; take a part of them"
        )
    plus = " + b" if layer.b is not None else ""
    heading = legible(title or f"Explore X·W{plus}, a layer of {N}×{D} and {D}×{M}", 120)
    numbers = LayerNumbers(layer, on_page=True)
    found = views(numbers)
    registers = cast(Registers, numbers.registers)
    data = [_as_data(view, registers) for view in found]
    inputs = [[registers.add(leaf), leaf.label] for leaf in numbers.inputs]
    html = filled(
        __package__,
        title=heading,
        program=layer_as_python(layer),
        views=found,
        brief=lambda x: brief(number(x)),
        full=lambda x: legible(full(number(x)), 1000),
        data=script_data({"shape": [N, D, M], "views": data, "program": registers.program(), "inputs": inputs}),
    )
    output = layer.Y if layer.L is None else layer.L
    start, end = layer.X[0, 0], layer.Y[0, 0] if layer.L is None else layer.L
    return Explorer(html, heading, still=partial(draw, output, (start, end)))


def _as_data(view: View, registers: Registers) -> dict[str, Any]:
    """A view as the script reads it: numbers are those of registers."""
    add = registers.add

    def rows(matrix: Sequence[Sequence[Any]]) -> list[list[int]]:
        return [[add(x) for x in row] for row in matrix]

    def term(found: ShownTerm) -> list[Any]:
        return [
            [legible(name) for name in found.path],
            [add(partial) for partial in found.partials],
            add(found.partial),
            add(found.product),
            add(found.formula),
            found.at,
        ]

    grids = {"left": view.left, "top": view.top, "result": view.result}
    if view.under is not None:
        grids["under"] = view.under
    return {
        "key": view.key,
        "stages": view.stages,
        "names": {place: grid.names for place, grid in grids.items()},
        "numbers": {place: rows(grid.numbers) for place, grid in grids.items()},
        "terms": [[[term(found) for found in entry] for entry in row] for row in view.terms],
        "g": rows((view.top if view.key in ("w", "b") else view.left).numbers),
    }
